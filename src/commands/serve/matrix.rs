//! The bot in its account on Matrix.
