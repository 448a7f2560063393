//! The command line: what can be said, and which module of `commands` does it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use secrecy::SecretString;

use crate::calendar::Instant;
use crate::{commands, log};

/// Usher keeps a team's communication runbook.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Validate runbooks: every problem at once, with its place; exit 1 on errors
    Check(CheckArgs),
    /// Say when an answer is owed
    Due(DueArgs),
    /// Show who is in office when, and where all overlap
    Hours(HoursArgs),
    /// Write a first runbook: of your workspace, or one that is ready to adopt
    Init(InitArgs),
    /// Say what is wrong with an installation, and how it is mended; exit 1 on problems
    Doctor(DoctorArgs),
    /// Run Usher; with no platform configured, a chat in this terminal with a clock that can be moved
    Run(RunArgs),
    /// Play a scenario or a Slack export under a runbook, and show what Usher would have said
    Replay(ReplayArgs),
}

/// `usher check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The runbooks
    #[arg(required_unless_present = "explain")]
    pub runbooks: Vec<PathBuf>,
    /// How problems are printed
    #[arg(long, value_enum, default_value_t = ProblemFormat::Text)]
    pub format: ProblemFormat,
    /// The settings file, to see whether it names the pager that a runbook needs
    #[arg(long)]
    pub settings: Option<PathBuf>,
    /// Explain a code of a problem, and how it is mended
    #[arg(long, value_name = "CODE")]
    pub explain: Option<String>,
}

/// `usher due`.
#[derive(Debug, Args)]
pub struct DueArgs {
    /// The runbook
    pub runbook: PathBuf,
    /// The channel in which the question stands
    #[arg(long, required_unless_present = "to")]
    pub channel: Option<String>,
    /// Who is asked: people, groups or rotations
    #[arg(long)]
    pub to: Vec<String>,
    /// The urgency level; without it that of the channel
    #[arg(long, required_unless_present = "channel")]
    pub urgency: Option<String>,
    /// When the question was posted, in RFC 3339; without it now
    #[arg(long, value_parser = instant)]
    pub at: Option<Instant>,
    /// Show the open intervals from the question to the deadline
    #[arg(long)]
    pub explain: bool,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `usher hours`.
#[derive(Debug, Args)]
pub struct HoursArgs {
    /// The runbook
    pub runbook: PathBuf,
    /// People, groups or rotations; without it everybody whom the runbook names
    #[arg(long)]
    pub who: Vec<String>,
    /// From when, as a date or in RFC 3339; without it from today
    #[arg(long)]
    pub from: Option<String>,
    /// Until when, as a date or in RFC 3339; without it for a week
    #[arg(long)]
    pub to: Option<String>,
    /// The zone of the table; without it the team's
    #[arg(long)]
    pub zone: Option<String>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `usher init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Make it of the people, zones and channels of this platform
    #[arg(long, value_enum, conflicts_with = "starter")]
    pub from: Option<Source>,
    /// The settings with the platform's token
    #[arg(long, value_name = "FILE", env = "USHER_SETTINGS")]
    pub settings: Option<PathBuf>,
    /// Write one that is ready to adopt
    #[arg(long, value_enum)]
    pub starter: Option<StarterName>,
    /// Where it is written, and never over a file; without it to standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `usher doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The settings of the installation; without it those of the environment
    #[arg(long, value_name = "FILE", env = "USHER_SETTINGS")]
    pub settings: Option<PathBuf>,
    /// The runbook, to see whether its people and channels are there
    #[arg(long, value_name = "FILE")]
    pub runbook: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Of which platform a runbook is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// Slack.
    Slack,
    /// Matrix.
    Matrix,
}

/// The starter runbooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StarterName {
    /// A product team in two countries.
    ProductTeam,
    /// A support desk that follows the sun.
    SupportDesk,
    /// A project of volunteers: no clock runs on anybody.
    OpenSource,
    /// A trial, in which Usher says nothing.
    WatchOnly,
}

/// `usher run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The runbook; without it the demo's
    #[arg(long, value_name = "FILE")]
    pub runbook: Option<PathBuf>,
    /// The settings: tokens, the database, the pager. Where they name no platform, the console opens
    #[arg(long, value_name = "FILE", env = "USHER_SETTINGS")]
    pub settings: Option<PathBuf>,
    /// Where the console keeps its state; without it `usher/console.db` among your data
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}

/// `usher replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The runbook; `-` is the one that a scenario names or holds
    pub runbook: PathBuf,
    /// A scenario, or a Slack export: the zip or its folder
    pub input: PathBuf,
    /// How it is told; without it a transcript, and with --summary the figures alone, as JSON
    #[arg(long, value_enum)]
    pub format: Option<ReplayFormat>,
    /// Print the figures at the end
    #[arg(long)]
    pub summary: bool,
    /// Show people's names instead of pseudonyms
    #[arg(long)]
    pub names: bool,
    /// Leave out files of an export that are broken, instead of stopping there
    #[arg(long)]
    pub skip_broken: bool,
    /// Play into this database, `sqlite:FILE` or `postgres://…`; run again, it goes on where it stopped
    #[arg(long, value_name = "URL")]
    pub database: Option<SecretString>,
}

/// How a replay is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReplayFormat {
    /// What was said, as people read it.
    Transcript,
    /// Every turn as a line of JSON.
    Jsonl,
    /// The figures alone, as JSON.
    Json,
    /// The figures alone, as people read them.
    Text,
}

/// How problems are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProblemFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// As annotations of a GitHub workflow.
    Github,
}

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text)
        .map_err(|error| format!("`{text}` is not RFC 3339, as in 2026-11-20T17:05:00+01:00: {error}"))
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = log::start().and_then(|()| match &cli.command {
        Command::Check(args) => commands::check::run(args),
        Command::Due(args) => commands::due::run(args),
        Command::Hours(args) => commands::hours::run(args),
        Command::Doctor(args) => commands::doctor::run(args),
        Command::Init(args) => commands::init::run(args),
        Command::Run(args) => commands::run::run(args),
        Command::Replay(args) => commands::replay::run(args),
    });
    done.unwrap_or_else(|error| {
        eprintln!("usher: {error:#}");
        ExitCode::from(2)
    })
}
