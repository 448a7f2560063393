//! `usher replay`: what Usher would have said in a scenario, or in a recorded history.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::chat::slack_export::{Export, Naming, OnBroken};
use crate::cli::{ReplayArgs, ReplayFormat};
use crate::core::event::Platform;
use crate::play::figures::Figures;
use crate::play::history::{HistoryError, Listener, replay};
use crate::play::hours::Hours;
use crate::play::scenario::Scenario;
use crate::play::scene::{self, SceneError};
use crate::play::session::Delivery;
use crate::play::summary::Summary;
use crate::play::telling::{Manner, Telling};
use crate::play::veil::Veil;
use crate::runbook_file;
use crate::store::{Opening, Store};

/// The team under whose name a replay is kept in a database.
const TEAM: &str = "replay";

/// Plays the input and prints what was asked for.
///
/// # Errors
/// When the runbook or the input cannot be read, or the database fails.
pub fn run(args: &ReplayArgs) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = if is_scenario(&args.input) {
        runtime.block_on(play_scenario(args))
    } else {
        runtime.block_on(play_history(args))
    };
    match outcome {
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

fn is_scenario(input: &Path) -> bool {
    input.extension().is_some_and(|extension| extension == "scenario")
}

/// A reader who has seen enough, as `head` does, is no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let of_io = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(of_io)
            || matches!(cause.downcast_ref::<HistoryError>(), Some(HistoryError::Write(error)) if of_io(error))
    })
}

async fn store(args: &ReplayArgs) -> Result<Store> {
    match &args.database {
        None => Ok(Store::memory()),
        Some(url) => {
            let opening = Opening::new(url.clone(), TEAM, &super::holder("usher replay"));
            Ok(Store::open(&opening).await?)
        }
    }
}

async fn play_scenario(args: &ReplayArgs) -> Result<()> {
    let name = args.input.display();
    let text = fs::read_to_string(&args.input).with_context(|| format!("cannot read {name}"))?;
    let scenario = Scenario::parse(&args.input.to_string_lossy(), &text)?;
    let revision = if args.runbook == Path::new("-") {
        scene::runbook_of(&scenario)?
    } else {
        runbook_file::revision(&args.runbook)?
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut figures = Figures::new(Hours::new(&revision.0, Platform::Console));
    let ends = super::ends()?;
    let store = store(args).await?;
    let played = scene::play(&scenario, revision, store, Delivery::Once, ends, &mut figures).await;
    let (transcript, error) = match played {
        Ok(scene) => (scene, None),
        Err(SceneError { scene, error }) => (scene, Some(error)),
    };
    match manner(args) {
        Manner::Silent => {}
        Manner::Transcript => out.write_all(transcript.text.as_bytes())?,
        Manner::JsonLines => {
            for turn in &transcript.turns {
                writeln!(out, "{}", serde_json::to_string(turn)?)?;
            }
        }
    }
    if let Some(error) = error {
        out.flush()?;
        bail!(error);
    }
    if transcript.stopped {
        eprintln!("usher: stopped before the scenario was over");
    }
    summary(args, figures.finish(), &mut out)
}

async fn play_history(args: &ReplayArgs) -> Result<()> {
    let (runbook, text) = runbook_file::revision(&args.runbook)?;
    let naming = if args.names { Naming::Names } else { Naming::Pseudonyms };
    let on_broken = if args.skip_broken { OnBroken::Skip } else { OnBroken::Stop };
    let export = Export::open(&args.input, naming, on_broken)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let veil = (!args.names).then(|| Veil::new(&runbook));
    let mut listener = Listener {
        figures: Figures::new(Hours::new(&runbook, Platform::Slack)),
        telling: Telling::new(manner(args), &mut out, runbook.team.zone, veil),
    };
    let bar = progress_bar();
    let progress = |read, total| {
        bar.set_length(total);
        bar.set_position(read);
    };
    let ends = super::ends()?;
    let played = replay(export, store(args).await?, text, ends, &mut listener, progress).await?;
    bar.finish_and_clear();
    let mut figures = listener.figures.finish();
    figures.skipped = played.tally.skipped();
    figures.mended = played.tally.mended();
    figures.resumed_after = (played.before > 0).then_some(played.before);
    for (reason, count) in &figures.skipped {
        eprintln!("usher: skipped {count} × {reason}");
    }
    for (reason, count) in &figures.mended {
        eprintln!("usher: mended {count} × {reason}");
    }
    if played.stopped {
        let goes_on = if args.database.is_some() { "; run again, it goes on there" } else { "" };
        eprintln!("usher: stopped after {} events of the history{goes_on}", played.events);
    }
    summary(args, figures, &mut out)
}

/// Figures alone need no transcript.
fn manner(args: &ReplayArgs) -> Manner {
    match (args.format, args.summary) {
        (Some(ReplayFormat::Transcript), _) | (None, false) => Manner::Transcript,
        (Some(ReplayFormat::Jsonl), _) => Manner::JsonLines,
        (None, true) | (Some(ReplayFormat::Json | ReplayFormat::Text), _) => Manner::Silent,
    }
}

fn summary(args: &ReplayArgs, figures: Summary, out: &mut impl Write) -> Result<()> {
    let wanted = args.summary || matches!(args.format, Some(ReplayFormat::Json | ReplayFormat::Text));
    if wanted && args.format == Some(ReplayFormat::Text) {
        write!(out, "{}", figures.text())?;
    } else if wanted && args.format == Some(ReplayFormat::Jsonl) {
        writeln!(out, "{}", serde_json::to_string(&figures)?)?;
    } else if wanted {
        writeln!(out, "{}", serde_json::to_string_pretty(&figures)?)?;
    }
    out.flush()?;
    Ok(())
}

fn progress_bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}, {eta} left");
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    bar.with_style(style.expect("the template names fields that indicatif has"))
}
