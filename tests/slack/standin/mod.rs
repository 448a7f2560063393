//! A stand-in for Slack: a real server on a real socket, with a workspace in memory.
//!
//! It refuses what Slack refuses, tells the app what Slack tells it, and goes wrong when it is told to.
//! `control` is what tests hold it by; `control_http` is the same for people and other programs. It knows
//! nothing of Usher but its clock. That it is Slack enough, Slack's own SDK says: see `../bolt.rs`.

pub mod acts;
pub mod arguments;
pub mod blocks;
pub mod chat_methods;
pub mod control;
pub mod control_http;
pub mod conversation_methods;
pub mod deliveries;
pub mod faults;
pub mod http_events;
pub mod interactions;
pub mod people_methods;
pub mod refusals;
pub mod response_urls;
pub mod server;
pub mod socket_mode;
pub mod state;
pub mod submissions;
pub mod view_methods;
pub mod web_api;
pub mod workspace;

pub use control::Standin;
pub use faults::Fault;
pub use state::Settings;
pub use workspace::{Channel, Kind, User};
