//! What was typed becomes the plain text and the mentions that the engine reads.
//!
//! Whom a message mentions its sender says apart (`m.mentions`); where an older client does not, the text says it.

use serde_json::value::RawValue;
use smol_str::SmolStr;

use crate::chat::matrix::directory::Directory;
use crate::chat::matrix::wire::{Mentions, local, part, user_id};
use crate::chat::prose::Place;
use crate::chat::word::{Word, storable};
use crate::core::event::{Mention, Text, UserId};

/// A message mentions no more than so many; more are a list and no talk.
const MOST_MENTIONS: usize = 100;

/// Whom a message is meant to reach, as its sender says.
pub(super) struct Meant {
    users: Vec<UserId>,
    everyone: bool,
}

impl Meant {
    /// What `m.mentions` says; nothing if it is not there.
    pub fn of(raw: Option<&RawValue>) -> Option<Meant> {
        let mentions: Mentions<'_> = part(raw)?;
        let users = mentions.user_ids.iter().flatten().map(Word::as_str).filter_map(user_id);
        Some(Meant { users: users.take(MOST_MENTIONS).collect(), everyone: mentions.room == Some(true) })
    }
}

/// A text that was read.
pub(super) struct Typed {
    pub text: Text,
    /// Where the words begin, in a text that begins by naming Usher.
    pub addressed: Option<usize>,
}

/// Writes a text as the engine reads it.
pub(super) struct Writer<'a> {
    directory: &'a Directory,
    room: &'a str,
    meant: Option<Meant>,
    plain: String,
    mentions: Vec<Mention>,
    /// Who is named in code and quotes: they are not mentioned there.
    quoted: Vec<UserId>,
    addressed: Option<usize>,
    /// Whether names mention here.
    pub pings: bool,
}

impl<'a> Writer<'a> {
    pub fn new(directory: &'a Directory, room: &'a str, meant: Option<Meant>) -> Writer<'a> {
        Writer {
            directory,
            room,
            meant,
            plain: String::new(),
            mentions: Vec::new(),
            quoted: Vec::new(),
            addressed: None,
            pings: true,
        }
    }

    /// Takes over a text as people type it: code between backticks, quotes in lines that begin with `>`.
    pub fn typed(&mut self, body: &str) {
        let mut place = Place::default();
        let mut rest = body;
        while let Some(at) = rest.find('@') {
            let (before, sign) = rest.split_at(at);
            let at_line_start = self.is_at_line_start();
            self.push(before);
            place.step_over(before, at_line_start);
            self.pings = place.pings();
            rest = &sign[self.at_sign(sign)..];
        }
        self.push(rest);
    }

    /// Takes over words that are neither code nor markup.
    pub fn words(&mut self, words: &str) {
        let mut rest = words;
        while let Some(at) = rest.find('@') {
            let (before, sign) = rest.split_at(at);
            self.push(before);
            rest = &sign[self.at_sign(sign)..];
        }
        self.push(rest);
    }

    /// Takes over what stands for itself.
    pub fn push(&mut self, text: &str) {
        self.plain.push_str(text);
    }

    pub fn is_at_line_start(&self) -> bool {
        self.plain.is_empty() || self.plain.ends_with('\n')
    }

    pub fn length(&self) -> usize {
        self.plain.len()
    }

    pub fn ends_with(&self, last: char) -> bool {
        self.plain.ends_with(last)
    }

    /// Takes a space from the end of a line.
    pub fn trim_line(&mut self) {
        self.plain.truncate(self.plain.trim_end_matches(' ').len());
    }

    /// Takes the empty lines from the end.
    pub fn trim_end(&mut self) {
        self.plain.truncate(self.plain.trim_end().len());
    }

    /// Names a user by their name.
    pub fn name(&mut self, user: &str) {
        let starts = self.plain.trim().is_empty();
        self.push("@");
        self.push(&self.directory.shown(user));
        if !self.pings {
            return self.quote(user);
        }
        if starts && self.directory.own() == user {
            self.addressed = Some(self.plain.len());
        }
        if self.meant.as_ref().is_none_or(|meant| meant.users.iter().any(|meant| meant == user)) {
            self.mention(user);
        }
    }

    fn quote(&mut self, user: &str) {
        if self.quoted.len() < MOST_MENTIONS && !self.quoted.iter().any(|quoted| quoted == user) {
            self.quoted.push(user.into());
        }
    }

    fn mention(&mut self, user: &str) {
        let is_usher = self.directory.own() == user;
        self.add(if is_usher { Mention::Usher } else { Mention::User(user.into()) });
    }

    fn add(&mut self, mention: Mention) {
        if self.mentions.len() < MOST_MENTIONS && !self.mentions.contains(&mention) {
            self.mentions.push(mention);
        }
    }

    /// Reads what begins with `@`; how many bytes it took.
    fn at_sign(&mut self, sign: &str) -> usize {
        let in_word = self.plain.chars().next_back().is_some_and(char::is_alphanumeric);
        let read = if in_word { None } else { self.id(sign).or_else(|| self.named(&sign[1..])) };
        read.unwrap_or_else(|| {
            self.push("@");
            1
        })
    }

    /// A whole id: `@ana:example.org`.
    fn id(&mut self, sign: &str) -> Option<usize> {
        let id = id_at(sign)?;
        self.name(id);
        Some(id.len())
    }

    /// A person by what they are called, everyone, or a group by its handle.
    fn named(&mut self, text: &str) -> Option<usize> {
        let found = self.directory.named(self.room, text);
        // A client that says whom it means has said so of this one as well; but Usher may be addressed by hand.
        let found = found.filter(|(user, _)| self.meant.is_none() || self.directory.own() == *user);
        if let Some((user, length)) = found {
            let user = user.clone();
            self.name(&user);
            return Some(1 + length);
        }
        let handle = handle_at(text)?;
        if self.pings {
            let everyone = self.meant.as_ref().is_none_or(|meant| meant.everyone);
            match handle {
                "room" if everyone => self.add(Mention::Everyone),
                "room" => {}
                handle => self.add(Mention::Group(handle.to_lowercase().into())),
            }
        }
        self.plain.push('@');
        self.push(handle);
        Some(1 + handle.len())
    }

    /// The text, with those added whom the sender means and the words do not name.
    pub fn finish(mut self, answered: Option<&UserId>) -> Typed {
        let meant = self.meant.take();
        let of_name = self.addressed_by_name(meant.as_ref());
        for user in meant.iter().flat_map(|meant| &meant.users).chain(answered) {
            if !self.quoted.contains(user) {
                self.mention(user);
            }
        }
        if meant.is_some_and(|meant| meant.everyone) {
            self.add(Mention::Everyone);
        }
        let plain = if self.plain.contains('\0') { storable(&self.plain) } else { self.plain };
        Typed { text: Text::new(plain, self.mentions), addressed: self.addressed.or(of_name) }
    }

    /// Older clients put the name and a colon in the place of a mention; newer ones say beside it that it is one.
    fn addressed_by_name(&self, meant: Option<&Meant>) -> Option<usize> {
        let start = self.plain.len() - self.plain.trim_start().len();
        let own = self.directory.own();
        let is_meant = meant.is_some_and(|meant| meant.users.contains(own));
        let text = &self.plain[start..];
        self.directory.own_names().into_iter().find_map(|name| {
            let begins = text.get(..name.len()).is_some_and(|begin| begin.to_lowercase() == name);
            let end = start + name.len();
            let next = self.plain.get(end..).unwrap_or_default().chars().next();
            let ends = match next {
                Some(':' | ',') => true,
                Some(c) => is_meant && c.is_whitespace(),
                None => is_meant,
            };
            (begins && ends).then_some(end)
        })
    }
}

/// The id of a user that `text` begins with. In a sentence a colon may follow a name: a server has a dot in it.
fn id_at(text: &str) -> Option<&str> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || "._=-/+".contains(c);
    let is_server = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    let (name, rest) = text[1..].split_once(':')?;
    if name.is_empty() || name.len() > 255 || !name.chars().all(is_local) {
        return None;
    }
    let server = rest.split(|c: char| !is_server(c)).next()?.trim_end_matches(['.', '-', ':']);
    let is_one = server.contains('.')
        || server == "localhost"
        || server.starts_with("localhost:")
        || server.starts_with('[');
    let id = text.get(..1 + name.len() + 1 + server.len()).filter(|_| is_one)?;
    user_id(id).map(|_| id).filter(|id| !local(id).is_empty())
}

/// The handle that `text` begins with.
fn handle_at(text: &str) -> Option<&str> {
    let length = text.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len());
    let handle = text[..length].trim_end_matches(['-', '_', '.']);
    (!handle.is_empty() && handle.len() <= 100).then_some(handle)
}

/// The words after the name by which a command begins anywhere.
pub(super) fn after_sign(plain: &str) -> Option<&str> {
    const SIGN: &str = "!usher";
    let start = plain.trim_start();
    let rest = start.get(SIGN.len()..).filter(|_| start[..SIGN.len()].eq_ignore_ascii_case(SIGN))?;
    let is_whole = rest.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, ':' | ','));
    is_whole.then(|| after_name(rest))
}

/// The words after a name, which a colon or a comma may follow.
pub(super) fn after_name(rest: &str) -> &str {
    rest.strip_prefix([':', ',']).unwrap_or(rest).trim()
}

/// A body without the lines that quote what it answers, and whose those were.
pub(super) fn without_fallback(body: &str) -> (&str, Option<SmolStr>) {
    let quoted = body.strip_prefix("> <@").or_else(|| body.strip_prefix("> * <@"));
    let Some(quoted) = quoted else { return (body, None) };
    let Some(author) = quoted.split_once('>').and_then(|(id, _)| user_id(&format!("@{id}"))) else {
        return (body, None);
    };
    let mut rest = body;
    while rest.starts_with('>') {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    (rest.strip_prefix('\n').unwrap_or(rest), Some(author))
}
