//! A scenario file: a short header, then lines of the [grammar](crate::chat::console::script).
//!
//! ```text
//! runbook: runbooks/support-desk.toml
//! start: 2026-11-23T09:00 Europe/Berlin
//!
//! ana #support: Can somebody look at the import?
//! /until 13:00
//! ```
//!
//! Instead of a path the runbook may stand in the file, between two lines of three backticks.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;

use crate::calendar::{Instant, parse_zone};
use crate::chat::console::script::{Direction, Line, ScriptError};
use crate::chat::console::when::When;

/// A scenario that could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The file, as errors name it.
    pub file: String,
    /// Its runbook.
    pub runbook: RunbookSource,
    /// When it starts.
    pub start: Instant,
    /// The zone in which its times are meant and shown.
    pub zone: Tz,
    /// Its lines, each with its number in the file, from 1.
    pub lines: Vec<(usize, Line)>,
}

/// Where the runbook of a scenario is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunbookSource {
    /// In a file.
    File(PathBuf),
    /// In the scenario, from this line on.
    Inline {
        /// Its first line in the scenario, from 1.
        line: usize,
        /// Its text.
        text: String,
    },
    /// Nowhere: whoever plays the scenario brings one.
    None,
}

/// A scenario that cannot be read, or played on: `file:line: why`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {why}")]
pub struct ScenarioError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

impl Scenario {
    /// Reads a scenario. A path in it starts from the folder of the file, or from where the program runs
    /// if there is no such file beside it.
    ///
    /// # Errors
    /// With the first line that is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Scenario, ScenarioError> {
        let mut reader = Reader::new(file, text.strip_prefix('\u{feff}').unwrap_or(text));
        reader.header()?;
        let Some((start, zone)) = reader.start else {
            return Err(reader.wrong("the header has no `start: 2026-11-23T09:00 Europe/Berlin`"));
        };
        let lines = reader.body()?;
        Ok(Scenario { file: file.to_owned(), runbook: reader.runbook, start, zone, lines })
    }

    /// An error at a line of this scenario.
    pub fn error(&self, line: usize, why: impl Into<String>) -> ScenarioError {
        ScenarioError { file: self.file.clone(), line, why: why.into() }
    }
}

struct Reader<'t> {
    file: &'t str,
    lines: std::iter::Peekable<std::iter::Enumerate<std::str::Lines<'t>>>,
    /// The line that is being read, from 1.
    line: usize,
    runbook: RunbookSource,
    start: Option<(Instant, Tz)>,
}

impl<'t> Reader<'t> {
    fn new(file: &'t str, text: &'t str) -> Reader<'t> {
        let lines = text.lines().enumerate().peekable();
        Reader { file, lines, line: 1, runbook: RunbookSource::None, start: None }
    }

    fn wrong(&self, why: impl Into<String>) -> ScenarioError {
        ScenarioError { file: self.file.to_owned(), line: self.line, why: why.into() }
    }

    fn next(&mut self) -> Option<&'t str> {
        let (index, text) = self.lines.next()?;
        self.line = index + 1;
        Some(text)
    }

    /// Reads `key: value` up to an empty line, or to the first line that is none. Remarks may stand between.
    fn header(&mut self) -> Result<(), ScenarioError> {
        while let Some((_, text)) = self.lines.peek() {
            let text = text.trim();
            if text.is_empty() && self.start.is_some() {
                break;
            }
            if text.is_empty() || text == "#" || text.starts_with("# ") {
                self.next();
                continue;
            }
            let (key, value) = text.split_once(':').map_or((text, ""), |(key, value)| (key, value.trim()));
            match key {
                "runbook" => {
                    self.next();
                    self.runbook = self.runbook(value)?;
                }
                "start" => {
                    self.next();
                    self.start = Some(self.start(value)?);
                }
                _ => break,
            }
        }
        Ok(())
    }

    fn runbook(&mut self, value: &str) -> Result<RunbookSource, ScenarioError> {
        if !value.is_empty() {
            let beside = Path::new(self.file).parent().map(|folder| folder.join(value));
            let path = beside.filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from(value));
            return Ok(RunbookSource::File(path));
        }
        if !self.next().is_some_and(|fence| fence.trim_end().starts_with("```")) {
            return Err(self.wrong("after `runbook:` stands a path, or on the next line ``` and the runbook"));
        }
        let line = self.line + 1;
        let mut text = String::new();
        while let Some(next) = self.next() {
            if next.trim_end() == "```" {
                return Ok(RunbookSource::Inline { line, text });
            }
            text.push_str(next);
            text.push('\n');
        }
        Err(self.wrong("the runbook has no closing line of ```"))
    }

    fn start(&self, value: &str) -> Result<(Instant, Tz), ScenarioError> {
        let usage = "it goes `start: 2026-11-23T09:00 Europe/Berlin`";
        let (time, zone) = value.rsplit_once(' ').ok_or_else(|| self.wrong(usage))?;
        let zone = parse_zone(zone).map_err(|error| self.wrong(error.to_string()))?;
        match When::parse(time) {
            Ok(when @ (When::Local(_) | When::Exactly(_))) => Ok((when.resolve(Instant::MIN, zone), zone)),
            Ok(When::After(_) | When::Next(..)) | Err(_) => Err(self.wrong(usage)),
        }
    }

    fn body(&mut self) -> Result<Vec<(usize, Line)>, ScenarioError> {
        let mut lines = Vec::new();
        while let Some(text) = self.next() {
            // Whether the name in front is somebody's is known only when the line is played.
            let line =
                Line::parse(text, |_| true).map_err(|error: ScriptError| self.wrong(error.to_string()))?;
            match line {
                Line::Nothing => {}
                Line::Direction(Direction::Tour | Direction::Help(_) | Direction::Quit | Direction::Who) => {
                    return Err(self.wrong(format!("`{}` is for the console", text.trim())));
                }
                Line::Remark(_) | Line::Act(..) | Line::Direction(_) => lines.push((self.line, line)),
            }
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_a_header_and_lines() {
        let text = "# about\nrunbook:\n```toml\n[team]\nname = \"x\"\n```\nstart: 2026-11-23T09:00 Europe/Berlin\n\n\
                    # morning\nana #support: hi\n\n/until +3h\n";
        let scenario = Scenario::parse("a.scenario", text).unwrap();
        let inline = RunbookSource::Inline { line: 4, text: "[team]\nname = \"x\"\n".to_owned() };
        assert_eq!(scenario.runbook, inline);
        assert_eq!(scenario.start.to_string(), "2026-11-23T08:00:00Z");
        let numbers: Vec<usize> = scenario.lines.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [9, 10, 12]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, error) in [
            ("ana #support: hi", "x:1: the header has no `start: 2026-11-23T09:00 Europe/Berlin`"),
            ("start: soon Europe/Berlin", "x:1: it goes `start: 2026-11-23T09:00 Europe/Berlin`"),
            ("\nstart: 09:00", "x:2: it goes `start: 2026-11-23T09:00 Europe/Berlin`"),
            (
                "runbook:\nstart: 2026-11-23T09:00 UTC",
                "x:2: after `runbook:` stands a path, or on the next line ``` and the runbook",
            ),
            ("runbook:\n```\n[team]", "x:3: the runbook has no closing line of ```"),
            (
                "start: 2026-11-23T09:00 UTC\n\n/raect eyes 3",
                "x:3: there is no `/raect`; did you mean `/react`?",
            ),
            ("start: 2026-11-23T09:00 UTC\n/quit", "x:2: `/quit` is for the console"),
        ] {
            assert_eq!(Scenario::parse("x", text).unwrap_err().to_string(), error);
        }
    }
}
