//! Usher's messages as Block Kit, with the plain text that stands in for them.
