//! The console: a chat in the terminal with several people, a clock that one moves, and Usher.
//!
//! Lines are those of scenarios. On a terminal they are edited, completed and remembered; from a pipe
//! they are read as they are, and nothing is coloured.

mod completion;
mod mode;
mod tour;

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use rustyline::config::{CompletionType, Configurer};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};

use self::completion::Completion;
use self::mode::Terminal;
use self::tour::Tour;
use super::hours::Hours;
use super::session::{Session, SessionError, Wish};
use crate::calendar::to_local;
use crate::chat::console::script::Line;
use crate::chat::console::{INSTRUCTIONS, Room, Transcript};
use crate::core::message::harmless;
use crate::stop::Stop;

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

/// What a line is asked for with.
struct Prompt {
    text: String,
    people: Vec<String>,
    channels: Vec<String>,
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

    /// Waits for a line on a thread of its own, so that something else can be waited for beside it. The
    /// input comes back with what was read.
    async fn read(mut self, prompt: Prompt) -> io::Result<(Input, Read)> {
        let reading = move || self.read_blocking(prompt).map(|read| (self, read));
        match tokio::task::spawn_blocking(reading).await {
            Ok(read) => read,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    fn read_blocking(&mut self, prompt: Prompt) -> io::Result<Read> {
        match self {
            Input::Pipe => {
                let mut line = String::new();
                let read = io::stdin().lock().read_line(&mut line)?;
                Ok(if read == 0 { Read::End } else { Read::Line(line) })
            }
            Input::Terminal(editor, _) => {
                if let Some(completion) = editor.helper_mut() {
                    completion.people = prompt.people;
                    completion.channels = prompt.channels;
                }
                match editor.readline(&prompt.text) {
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

impl Prompt {
    fn of(room: &Room) -> Prompt {
        let clock = to_local(room.zone(), room.now()).format("%a %H:%M");
        let (people, channels) = room.names();
        Prompt {
            text: format!("{clock} {}", room.prompt()),
            people: people.map(ToString::to_string).collect(),
            channels: channels.map(ToString::to_string).collect(),
        }
    }
}

/// A console on a session.
pub struct Console<'o> {
    session: Session,
    input: Option<Input>,
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
        let (input, transcript) = (Some(input), Transcript::new(colour));
        Console { session, input, out, transcript, tour: None, hours }
    }

    /// Plays what is typed until somebody leaves, or asks for an end from outside.
    ///
    /// # Errors
    /// When the terminal or the store fails.
    pub async fn run(mut self, with_tour: bool, stop: &Stop) -> anyhow::Result<()> {
        let terminal = Terminal::as_it_is();
        self.session.take();
        if with_tour {
            self.transcript.set_width(self.input.as_mut().and_then(Input::columns));
            self.begin_tour()?;
        }
        while let Some(line) = self.line(stop).await? {
            let line = self.in_tour(&line);
            if self.play(&line).await? == Wish::Quit {
                break;
            }
        }
        if self.input.is_none() {
            // Somebody still waits for a line there, and has changed what the keys do.
            terminal.restore();
        }
        self.session.close().await;
        self.out.flush()?;
        Ok(())
    }

    /// The next line; `None` when there is none, or when an end is wanted.
    async fn line(&mut self, stop: &Stop) -> io::Result<Option<String>> {
        self.out.flush()?;
        let Some(input) = self.input.take() else { return Ok(None) };
        let (mut input, read) = tokio::select! {
            biased;
            () = stop.wanted() => return Ok(None),
            read = input.read(Prompt::of(self.session.room())) => read?,
        };
        input.remember();
        self.input = Some(input);
        match read {
            Read::Line(line) => Ok(Some(line)),
            Read::End => Ok(None),
        }
    }

    /// An empty line plays the next step of the tour.
    fn in_tour(&self, typed: &str) -> String {
        match self.tour.and_then(|tour| tour.step()) {
            Some((_, line)) if typed.trim().is_empty() => line,
            Some(_) | None => typed.to_owned(),
        }
    }

    async fn play(&mut self, typed: &str) -> anyhow::Result<Wish> {
        self.transcript.set_width(self.input.as_mut().and_then(Input::columns));
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
