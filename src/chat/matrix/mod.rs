//! Matrix: what happens in its rooms becomes events, what was decided becomes messages there.
//!
//! `inbound`, `render`, `legend` and `forms` are pure and tested on recorded events. Nothing in here knows a rule of the runbook.

pub mod directory;
mod directs;
mod doors;
mod error;
mod folder;
pub mod forms;
pub mod inbound;
pub mod legend;
pub mod live;
pub mod look;
mod outbound;
pub mod render;
mod sent;
pub mod session;
pub mod survey;
mod wire;

pub use directs::Directs;
pub use doors::Doors;
pub use error::CallError;
pub use folder::{Folder, FolderError};
pub use outbound::Matrix;
pub use sent::Sent;

/// How one says a command to Usher in a room of several.
const ADDRESSED: &str = "!usher";
