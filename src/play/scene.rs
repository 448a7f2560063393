//! A scenario is played to its end: what comes out is its transcript.

use std::path::{Path, PathBuf};

use super::Ends;
use super::figures::Figures;
use super::scenario::{RunbookSource, Scenario, ScenarioError};
use super::session::{Delivery, Heard, Session, SessionError, Taken};
use crate::chat::console::{Room, Transcript};
use crate::core::event::RevisionText;
use crate::core::turn::Turn;
use crate::runbook::Runbook;
use crate::runbook_file::{self, Folder, RevisionError};
use crate::store::Store;

/// What came out of a scenario.
#[derive(Debug, Default)]
pub struct Scene {
    /// What was said and decided, as text.
    pub text: String,
    /// Every turn.
    pub turns: Vec<Turn>,
    /// Whether somebody asked for an end before there was no line left.
    pub stopped: bool,
}

/// A scenario that could not be played to its end.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct SceneError {
    /// What came out until then.
    pub scene: Scene,
    /// The line that failed, and why.
    pub error: ScenarioError,
}

/// Plays `scenario` into `store` under a runbook.
///
/// # Errors
/// With the first line that cannot be carried out.
pub async fn play(
    scenario: &Scenario,
    revision: (Runbook, RevisionText),
    store: Store,
    delivery: Delivery,
    ends: Ends,
    figures: &mut Figures,
) -> Result<Scene, SceneError> {
    let mut scene = Scene::default();
    match try_play(scenario, revision, store, delivery, ends, figures, &mut scene).await {
        Ok(()) => Ok(scene),
        Err(error) => Err(SceneError { scene, error }),
    }
}

async fn try_play(
    scenario: &Scenario,
    revision: (Runbook, RevisionText),
    store: Store,
    delivery: Delivery,
    ends: Ends,
    figures: &mut Figures,
    scene: &mut Scene,
) -> Result<(), ScenarioError> {
    let folder = Path::new(&scenario.file).parent().map(PathBuf::from).unwrap_or_default();
    let first_line = scenario.lines.first().map_or(1, |(number, _)| *number);
    let room = Room::new(scenario.start, scenario.zone);
    let failed = |line: usize| move |error: SessionError| scenario.error(line, error.to_string());
    let mut session = Session::open(store, room, revision, folder, delivery, ends.faults)
        .await
        .map_err(failed(first_line))?;
    // How it was set up is no part of what happens.
    figures.count(&session.take().heard);
    let mut transcript = Transcript::new(false);
    for (number, line) in &scenario.lines {
        if ends.stop.is_wanted() {
            scene.stopped = true;
            break;
        }
        let outcome = session.line(line).await.map_err(failed(*number));
        let Taken { entries, heard } = session.take();
        for entry in &entries {
            scene.text.push_str(&transcript.write(entry, scenario.zone));
            scene.text.push('\n');
        }
        figures.count(&heard);
        scene.turns.extend(heard.into_iter().filter_map(Heard::into_turn));
        outcome?;
    }
    session.close().await;
    Ok(())
}

/// The runbook that the scenario names or holds.
///
/// # Errors
/// When there is none, or it cannot be read or has errors.
pub fn runbook_of(scenario: &Scenario) -> Result<(Runbook, RevisionText), ScenarioError> {
    let failed = |error: RevisionError| scenario.error(1, error.to_string());
    match &scenario.runbook {
        RunbookSource::File(path) => runbook_file::revision(path).map_err(failed),
        RunbookSource::Inline { line, text } => {
            // Its errors are to name the lines of the scenario.
            let text = format!("{}{text}", "\n".repeat(line - 1));
            runbook_file::revision_of(&scenario.file, text, &Folder::of(Path::new(&scenario.file)))
                .map_err(failed)
        }
        RunbookSource::None => Err(scenario.error(1, "the header names no runbook")),
    }
}
