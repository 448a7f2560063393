//! The console: a chat in the terminal with several people, a clock that one moves, and Usher.
//!
//! Lines are those of scenarios. On a terminal they are edited, completed and remembered; from a pipe
//! they are read as they are, and nothing is coloured.

mod completion;
mod tour;

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use rustyline::config::{CompletionType, Configurer};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};

use self::completion::Completion;
use self::tour::Tour;
use super::hours::Hours;
use super::session::{Session, SessionError, Wish};
use crate::calendar::to_local;
use crate::chat::console::script::Line;
use crate::chat::console::{INSTRUCTIONS, Room, Transcript};
use crate::core::message::harmless;

/// The runbook of the demo.
pub const DEMO: &str = include_str!("demo.toml");

/// Where lines come from.
pub enum Input {
    /// A terminal, with the file that remembers what was typed.
    Terminal(Box<Editor<Completion, FileHistory>>, Option<PathBuf>),
    /// Anything else.
    Pipe,
}

/// What was read.
enum Read {
    Line(String),
    End,
}

impl Input {
    /// A terminal whose history is kept in `history`.
    ///
    /// # Errors
    /// When the terminal cannot be used.
    pub fn terminal(history: Option<PathBuf>) -> rustyline::Result<Input> {
        let config = Config::builder().completion_type(CompletionType::List).build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Completion::default()));
        editor.set_auto_add_history(true);
        if let Some(history) = history.as_ref().filter(|history| history.exists()) {
            editor.load_history(history)?;
        }
        Ok(Input::Terminal(Box::new(editor), history))
    }

    fn read(&mut self, room: &Room) -> io::Result<Read> {
        match self {
            Input::Pipe => {
                let mut line = String::new();
                let read = io::stdin().lock().read_line(&mut line)?;
                Ok(if read == 0 { Read::End } else { Read::Line(line) })
            }
            Input::Terminal(editor, _) => {
                if let Some(completion) = editor.helper_mut() {
                    let (people, channels) = room.names();
                    completion.people = people.map(ToString::to_string).collect();
                    completion.channels = channels.map(ToString::to_string).collect();
                }
                let clock = to_local(room.zone(), room.now()).format("%a %H:%M");
                match editor.readline(&format!("{clock} {}", room.prompt())) {
                    Ok(line) => Ok(Read::Line(line)),
                    Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(Read::End),
                    Err(ReadlineError::Io(error)) => Err(error),
                    Err(error) => Err(io::Error::other(error)),
                }
            }
        }
    }

    /// The columns of the terminal.
    fn columns(&mut self) -> Option<usize> {
        match self {
            Input::Pipe => None,
            Input::Terminal(editor, _) => editor.dimensions().map(|(columns, _)| usize::from(columns)),
        }
    }

    /// Keeps what was typed.
    fn remember(&mut self) {
        if let Input::Terminal(editor, Some(history)) = self
            && let Err(error) = editor.save_history(history)
        {
            tracing::warn!(%error, "what was typed could not be remembered");
        }
    }
}

/// A console on a session.
pub struct Console<'o> {
    session: Session,
    input: Input,
    out: &'o mut dyn Write,
    transcript: Transcript,
    tour: Option<Tour>,
    /// What the people of the runbook are, for `/who`.
    hours: Hours,
}

impl<'o> Console<'o> {
    /// A console that prints to `out`, in colour or not.
    pub fn new(
        session: Session,
        hours: Hours,
        input: Input,
        out: &'o mut dyn Write,
        colour: bool,
    ) -> Console<'o> {
        Console { session, input, out, transcript: Transcript::new(colour), tour: None, hours }
    }

    /// Plays what is typed until somebody leaves.
    ///
    /// # Errors
    /// When the terminal or the store fails.
    pub async fn run(mut self, with_tour: bool) -> anyhow::Result<()> {
        self.session.take();
        if with_tour {
            self.transcript.set_width(self.input.columns());
            self.begin_tour()?;
        }
        loop {
            self.out.flush()?;
            match self.input.read(self.session.room())? {
                Read::End => break,
                Read::Line(line) => {
                    let line = self.in_tour(&line);
                    if self.play(&line).await? == Wish::Quit {
                        break;
                    }
                }
            }
        }
        self.input.remember();
        self.session.close().await;
        self.out.flush()?;
        Ok(())
    }

    /// An empty line plays the next step of the tour.
    fn in_tour(&self, typed: &str) -> String {
        match self.tour.and_then(|tour| tour.step()) {
            Some((_, line)) if typed.trim().is_empty() => line,
            Some(_) | None => typed.to_owned(),
        }
    }

    async fn play(&mut self, typed: &str) -> anyhow::Result<Wish> {
        self.transcript.set_width(self.input.columns());
        let room = self.session.room();
        let line = match Line::parse(typed, |name| room.has_person(name)) {
            Ok(line) => line,
            Err(error) => {
                self.complain(&error.to_string())?;
                return Ok(Wish::None);
            }
        };
        let wish = match self.session.line(&line).await {
            Ok(wish) => wish,
            Err(error @ (SessionError::Line(_) | SessionError::Runbook(_))) => {
                self.complain(&error.to_string())?;
                return Ok(Wish::None);
            }
            Err(error) => return Err(error.into()),
        };
        self.show()?;
        match &wish {
            Wish::None | Wish::Quit => {}
            Wish::Tour => self.begin_tour()?,
            Wish::Help(about) => self.help(about.as_deref())?,
            Wish::Who => self.who()?,
        }
        self.advance_tour(typed)?;
        Ok(wish)
    }

    fn show(&mut self) -> io::Result<()> {
        let zone = self.session.room().zone();
        for entry in self.session.take().entries {
            writeln!(self.out, "{}", self.transcript.write(&entry, zone))?;
        }
        Ok(())
    }

    fn complain(&mut self, what: &str) -> io::Result<()> {
        for line in what.lines() {
            writeln!(self.out, "  ! {}", harmless(line))?;
        }
        Ok(())
    }

    fn begin_tour(&mut self) -> io::Result<()> {
        self.tour = Some(Tour::default());
        self.show_step()
    }

    fn advance_tour(&mut self, typed: &str) -> io::Result<()> {
        let last_message = self.session.room().last_message();
        let Some(tour) = &mut self.tour else { return Ok(()) };
        if tour.step().is_none_or(|(_, line)| line != typed) {
            return Ok(());
        }
        tour.advance(last_message);
        self.show_step()
    }

    fn show_step(&mut self) -> io::Result<()> {
        match self.tour.and_then(|tour| tour.step()) {
            Some((says, line)) => {
                let says = self.transcript.fit(&says, 0);
                writeln!(self.out, "\n{says}\nEnter plays:  {line}\n")
            }
            None => {
                self.tour = None;
                writeln!(self.out, "\n{}\n", self.transcript.fit(Tour::farewell(), 0))
            }
        }
    }

    fn help(&mut self, about: Option<&str>) -> io::Result<()> {
        let about = about.map(|about| about.trim_start_matches('/'));
        let shown = INSTRUCTIONS.iter().filter(|known| about.is_none_or(|about| about == known.name));
        let lines: Vec<String> = shown.map(|known| help_line(known.usage, known.does)).collect();
        if about.is_none() {
            writeln!(
                self.out,
                "  A plain line is said by you, where you are; `ana #support/3: …` in front makes it"
            )?;
            writeln!(
                self.out,
                "  ana's, in #support, in the thread of message 3. `usher who` is a command to Usher."
            )?;
        }
        for line in &lines {
            writeln!(self.out, "{line}")?;
        }
        if lines.is_empty() {
            self.complain(&format!("there is no `/{}`; `/help` lists all", about.unwrap_or_default()))?;
        }
        Ok(())
    }

    fn who(&mut self) -> io::Result<()> {
        let room = self.session.room();
        let now = room.now();
        let lines: Vec<String> = room
            .people()
            .map(|(name, zone)| {
                let (_, open) = self.hours.at(name, now);
                let state = if open { "in office" } else { "off" };
                let clock = to_local(zone, now).format("%a %H:%M");
                format!("  {name:<10} {clock}  {state:<9}  {zone}")
            })
            .collect();
        for line in lines {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }
}

/// How an instruction goes and what it does, in two columns; a long one has a line of its own.
fn help_line(usage: &str, does: &str) -> String {
    const COLUMN: usize = 25;
    if usage.chars().count() <= COLUMN {
        format!("  {usage:<COLUMN$} {does}")
    } else {
        format!("  {usage}\n  {:<COLUMN$} {does}", "")
    }
}
