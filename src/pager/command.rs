//! A pager that is a program: it gets the page as JSON on its standard input, and the main words of it
//! in its environment. No shell ever sees a word that somebody typed.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{NO_PAGE, Page};
use crate::chat::{Answer, Chat, Outcome, ReadBack};
use crate::core::action::{Action, PageSignal};
use crate::core::event::MessageRef;
use crate::settings::CommandSettings;

/// How much of what a program says about its failure is kept, in bytes.
const COMPLAINT: u64 = 2_000;
/// The statuses of `sysexits.h` that say that trying again is pointless; 75 says that it is not.
const HOPELESS: std::ops::RangeInclusive<i32> = 64..=78;
/// Trying again may help.
const TEMPORARY: i32 = 75;
/// What a program keeps of Usher's environment, in which secrets may stand.
const KEPT: [&str; 4] = ["PATH", "HOME", "LANG", "TZ"];

/// A pager that is a program.
#[derive(Debug)]
pub struct CommandPager {
    settings: CommandSettings,
}

impl CommandPager {
    /// The pager that the settings name.
    pub fn new(settings: CommandSettings) -> CommandPager {
        CommandPager { settings }
    }

    fn command(&self, page: &Page<'_>) -> Command {
        let signal = match page.signal {
            PageSignal::Trigger => "trigger",
            PageSignal::Acknowledge => "acknowledge",
            PageSignal::Resolve => "resolve",
        };
        let mut command = Command::new(&self.settings.program);
        command.args(&self.settings.args).env_clear();
        command.envs(KEPT.iter().filter_map(|name| std::env::var_os(name).map(|value| (name, value))));
        command
            .env("USHER_ID", page.id)
            .env("USHER_INCIDENT", page.incident.as_str())
            .env("USHER_SIGNAL", signal)
            .env("USHER_PERSON", page.person)
            .env("USHER_LEVEL", page.level)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn page(&self, action: &Action) -> Outcome {
        let Some(page) = Page::of(action) else { return Outcome::Refused(NO_PAGE.to_owned()) };
        let child = match self.command(&page).spawn() {
            Ok(child) => child,
            Err(error) => {
                let program = self.settings.program.display();
                return Outcome::Refused(format!("{program} cannot be started: {error}"));
            }
        };
        let input = serde_json::to_vec(&page).expect("a page has string keys and no failing parts");
        let limit = Duration::from_millis(self.settings.timeout_ms().unsigned_abs());
        match timeout(limit, run(child, &input)).await {
            Ok(Ok((status, complaint))) => outcome(status, &complaint),
            Ok(Err(error)) => Outcome::Unknown(format!("the pager's program was lost: {error}")),
            Err(_) => Outcome::Unknown(format!(
                "the pager's program ran for {} s and was ended",
                self.settings.timeout_s
            )),
        }
    }
}

impl Chat for CommandPager {
    fn deliver<'a>(&'a self, action: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, Outcome> {
        Box::pin(self.page(action))
    }

    fn read_back<'a>(&'a self, _: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, ReadBack> {
        Box::pin(async { ReadBack::CannotTell })
    }
}

/// Feeds the program and waits for its end. Dropped before, it kills the program.
async fn run(mut child: Child, input: &[u8]) -> std::io::Result<(ExitStatus, String)> {
    let mut stdin = child.stdin.take();
    let mut stderr = child.stderr.take();
    let feed = async {
        if let Some(stdin) = &mut stdin {
            // A program that does not read its input may have all it needs in its environment.
            let _ = stdin.write_all(input).await;
            let _ = stdin.shutdown().await;
        }
        stdin = None;
    };
    let listen = async {
        let mut complaint = Vec::new();
        if let Some(stderr) = &mut stderr {
            stderr.take(COMPLAINT).read_to_end(&mut complaint).await?;
            tokio::io::copy(stderr, &mut tokio::io::sink()).await?;
        }
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&complaint).trim().to_owned())
    };
    let ((), complaint, status) = tokio::join!(feed, listen, child.wait());
    Ok((status?, complaint?))
}

fn outcome(status: ExitStatus, complaint: &str) -> Outcome {
    let why = || format!("the pager's program ended with {status}: {complaint}");
    match status.code() {
        Some(0) => Outcome::Accepted(None),
        Some(code) if HOPELESS.contains(&code) && code != TEMPORARY => Outcome::Refused(why()),
        Some(_) => Outcome::TryLater { after_ms: None, why: why() },
        None => Outcome::Unknown(why()),
    }
}
