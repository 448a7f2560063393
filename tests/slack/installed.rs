//! Commands of the program that are run beside the stand-in, with settings that name it.

#[path = "../installed/mod.rs"]
mod folder;

pub use folder::{Installed, out, told};

use crate::standin::Standin;
use crate::standin::state::{APP_TOKEN, BOT_TOKEN};

impl Installed {
    /// As the page about Slack says.
    pub fn new(standin: &Standin) -> Installed {
        let installed = Installed::empty();
        installed.set(&installed.settings(standin));
        installed
    }

    /// The settings that are usual.
    pub fn settings(&self, standin: &Standin) -> String {
        format!(
            "listen = \"127.0.0.1:0\"\ndatabase_url = \"sqlite:{}\"\n[slack]\nbot_token = \"{BOT_TOKEN}\"\napp_token = \"{APP_TOKEN}\"\n\
             api_url = \"{}\"\n",
            self.path("usher.db").display(),
            standin.api_url()
        )
    }
}
