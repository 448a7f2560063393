//! The runbook: a TOML document becomes a [`Runbook`] in which every name is resolved, or a list of
//! problems, each with its place in the file.
//!
//! Pure: the caller reads the files and hands in their text.

mod model;

pub use model::{
    After, AnsweredBy, By, Channel, Clock, Level, MetBy, Name, Notices, Person, Phone, Place, Promise,
    Runbook, Step, Suggest, Team, Threads, Use, Voice, Who,
};

impl Runbook {
    /// The level called `name`.
    pub fn level(&self, name: &str) -> Option<&std::sync::Arc<Level>> {
        self.levels.iter().find(|level| level.name == name)
    }
}
