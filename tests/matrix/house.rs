//! An installation of Usher with an account of its own on the shared homeserver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

#[path = "../installed/mod.rs"]
mod installed;

pub use installed::{Installed, command, out, told};

use crate::BOUND;
use crate::homeserver::Homeserver;
use crate::people::{Account, Keys, Person};

/// The installation, and somebody who has rooms.
pub struct House {
    pub usher: Account,
    pub ana: Person,
    pub installed: Installed,
    pub suffix: String,
}

impl House {
    /// As the page about Matrix says. `more` goes into the settings.
    pub async fn new(more: &str) -> House {
        let (server, suffix) = (Homeserver::shared(), Homeserver::suffix());
        let usher = Account::make(server, &format!("usher-{suffix}"), "Usher").await;
        let ana = Person::arrive(server, "ana", &suffix, Keys::None).await;
        let house = House { usher, ana, installed: Installed::empty(), suffix };
        house.installed.set(&house.settings(more));
        house
    }

    /// The settings that are usual, and more of `[matrix]`.
    pub fn settings(&self, more: &str) -> String {
        format!(
            "listen = \"127.0.0.1:0\"\ndatabase_url = \"sqlite:usher.db\"\n[matrix]\nhomeserver = \"{}\"\nuser = \"{}\"\n\
             password = \"{}\"\n{more}",
            Homeserver::shared().url,
            self.usher.user,
            self.usher.password
        )
    }

    /// Somebody else on the homeserver.
    pub async fn person(&self, name: &str) -> Person {
        Person::arrive(Homeserver::shared(), name, &self.suffix, Keys::None).await
    }

    /// Runs the bot until it has said each of `words`.
    pub async fn run(&self, words: &'static [&'static str]) -> Running {
        let mut run =
            command(self.installed.folder.path(), "run --settings usher.toml --runbook runbook.toml");
        let process = begin(&mut run, words);
        tokio::task::spawn_blocking(process).await.unwrap()
    }
}

/// A bot that runs, until this is dropped.
pub struct Running(Child);

impl Running {
    /// Ends it as a crash does.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn begin(run: &mut Command, words: &'static [&'static str]) -> impl FnOnce() -> Running + Send + 'static {
    let mut child = run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (said, hears) = mpsc::channel();
    let log = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || log.lines().map_while(Result::ok).try_for_each(|line| said.send(line)));
    move || {
        let running = Running(child);
        let mut log = String::new();
        while !words.iter().all(|words| log.contains(words)) {
            let line = hears.recv_timeout(BOUND).unwrap_or_else(|_| panic!("{words:?} is not said: {log}"));
            log.push_str(&line);
            log.push('\n');
        }
        // What it says after that is for nobody, and must not fill the pipe.
        std::thread::spawn(move || hears.into_iter().for_each(drop));
        running
    }
}
