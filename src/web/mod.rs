//! What Usher answers over HTTP, and a server that nobody can fill up.

pub mod health;
pub mod server;
