//! What ought to be: from what truly happened, in its order, what was owed, until when, and how it ended.
//!
//! Written from `docs/semantics.md` alone, without a line of Usher's. It walks time quarter by quarter of an hour and looks
//! at each conversation by itself.

use super::book::{Book, DAY, Level, Ms, Party, Promise, Who};
use super::office::Office;
use super::script::{Deed, Emoji, Happening, Id, Meaning, Words};

/// How what was owed ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// It was answered, taken where that is enough, or settled.
    Met,
    /// Nothing is owed any more.
    Cancelled,
}

/// What happened in a channel in this time, its end in it, and was not heard, is never heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    pub channel: usize,
    pub from: Ms,
    pub to: Ms,
}

/// One answer that was owed.
#[derive(Clone, Debug)]
pub struct Duty {
    /// The message that is to be answered.
    pub message: Id,
    pub channel: usize,
    pub asker: Who,
    /// Who owes it; what they are is looked up at each instant.
    pub parties: Vec<Party>,
    pub level: usize,
    /// The level as it was at the start.
    pub frozen: Level,
    pub since: Ms,
    /// Who took it first, and when.
    pub taken: Option<(Who, Ms)>,
    pauses: Vec<(Ms, Option<Ms>)>,
    pub end: Option<(Ms, Ending)>,
    /// Since when it is not known what happened, if it ended in such a time.
    lost_from: Option<Ms>,
    /// When it is due; `None` while it is paused or where nobody is ever in.
    pub due: Option<Ms>,
    /// Whether the rules leave no room for another `due`.
    pub exact: bool,
    /// Whether they leave room for another end of it, or of one before it.
    pub in_doubt: bool,
}

impl Duty {
    /// Whether it was not answered in time, seen at an instant.
    pub fn is_breached(&self, now: Ms) -> bool {
        let end = self.end.map_or(Ms::MAX, |(at, _)| at);
        self.due.is_some_and(|due| due <= now && end > due && self.lost_from.is_none_or(|from| due < from))
    }
}

/// What is owed in one conversation, from its happenings in order. A happening that is not known yet is not
/// among them, nor one that is lost.
pub fn duties(office: &Office, happenings: &[&Happening], lost: &[Lost], now: Ms) -> Vec<Duty> {
    let mut fold = Fold {
        office,
        duties: Vec::new(),
        asker: None,
        others_wrote: false,
        others_told: false,
        unanswered: None,
        in_doubt: false,
    };
    let channel = happenings.first().and_then(|first| first.channel());
    let mut lost = lost.iter().filter(|lost| Some(lost.channel) == channel && lost.to <= now).peekable();
    for happening in happenings {
        while let Some(lost) = lost.next_if(|lost| lost.to < happening.at) {
            fold.lose(*lost);
        }
        fold.pass(happening.at);
        fold.hear(happening);
    }
    lost.for_each(|lost| fold.lose(*lost));
    fold.pass(now);
    let mut duties = fold.duties;
    for duty in &mut duties {
        (duty.due, duty.exact) = due(office, duty);
    }
    duties
}

/// After so many of the asker's working days a pause ends what is owed.
const PAUSE_WORKDAYS: usize = 5;

struct Fold<'a> {
    office: &'a Office,
    duties: Vec<Duty>,
    asker: Option<Who>,
    /// Whether somebody other than the asker said something that counts since the clock began.
    others_wrote: bool,
    /// Whether they told more than that they look, or what they ask.
    others_told: bool,
    /// The asker's oldest message since the last end.
    unanswered: Option<(Id, Ms)>,
    in_doubt: bool,
}

fn counts(words: &Words) -> bool {
    !matches!(words.meaning, Meaning::Thanks | Meaning::Greets)
}

impl Fold<'_> {
    fn open(&mut self) -> Option<&mut Duty> {
        self.duties.last_mut().filter(|duty| duty.end.is_none())
    }

    fn end(&mut self, at: Ms, ending: Ending) {
        if let Some(duty) = self.open() {
            if let Some((_, to @ None)) = duty.pauses.last_mut() {
                *to = Some(at);
            }
            duty.end = Some((at, ending));
            self.unanswered = None;
        }
    }

    /// A pause of five working days ends it.
    fn pass(&mut self, at: Ms) {
        let office = self.office;
        let Some(duty) = self.open() else { return };
        if let Some((from, None)) = duty.pauses.last().copied() {
            let over = office.workdays_later(duty.asker, from, PAUSE_WORKDAYS);
            // Working days by a calendar that was changed while they were counted can be counted in two ways.
            let until = over.unwrap_or(at).max(at.min(from + 20 * DAY));
            let books = office.rules.books.iter().map(|(changed, _)| *changed);
            let mut changes = books.chain(office.rules.moves.iter().map(|moved| moved.at));
            if changes.any(|changed| from < changed && changed <= until) {
                duty.in_doubt = true;
                self.in_doubt = true;
            }
            if let Some(over) = over.filter(|over| *over <= at) {
                self.end(over, Ending::Cancelled);
            }
        }
    }

    /// What is owed is so no more, and nobody knows whether what ended meanwhile ended sooner.
    fn lose(&mut self, lost: Lost) {
        self.pass(lost.to);
        // What is said later was meant to go on where nothing had ended.
        self.in_doubt |= self.open().is_some();
        self.end(lost.to, Ending::Cancelled);
        for duty in &mut self.duties {
            if duty.end.is_some_and(|(at, _)| lost.from <= at && at <= lost.to) {
                duty.lost_from.get_or_insert(lost.from);
            }
        }
    }

    fn hear(&mut self, happening: &Happening) {
        let (id, at) = (happening.id, happening.at);
        match &happening.deed {
            Deed::Said { channel, by, words, .. } => match self.asker {
                Some(asker) if asker != *by => self.hear_other(*by, at, words),
                Some(_) | None => self.hear_asker(id, *channel, *by, at, words),
            },
            Deed::Edited { of, channel, by, words, .. } => self.hear_edit(*of, *channel, *by, at, words),
            Deed::Deleted { of, .. } => {
                if self.open().is_some_and(|duty| duty.message == *of) {
                    self.end(at, Ending::Cancelled);
                }
            }
            Deed::Reacted { of, by, emoji, .. } => self.hear_reaction(*of, *by, *emoji, at),
            Deed::BotSaid { .. } | Deed::Away { .. } | Deed::Moved(_) | Deed::Reload(_) => {}
        }
    }

    /// Whether somebody's answer counts.
    fn may_answer(&self, who: Who, at: Ms) -> bool {
        let Some(duty) = self.duties.last() else { return false };
        let book = self.office.rules.at(duty.since);
        let channel = &book.channels[duty.channel];
        let anyone = !channel.responders.is_empty() && !channel.only_responders;
        // Whoever is on leave and answers all the same has answered.
        let named = || listed(self.office, &duty.parties, at).contains(&who);
        who != duty.asker && (anyone || named() || self.owes(duty, who, at))
    }

    /// Whether somebody is one of those who owe it, or stands in for one of them.
    fn owes(&self, duty: &Duty, who: Who, at: Ms) -> bool {
        let named = listed(self.office, &duty.parties, at);
        named.into_iter().any(|named| self.office.stand_in(named, at).unwrap_or(named) == who)
    }

    fn hear_other(&mut self, by: Who, at: Ms, words: &Words) {
        self.others_wrote |= counts(words);
        self.others_told |= counts(words) && !matches!(words.meaning, Meaning::Takes | Meaning::AsksBack);
        if !counts(words) || !self.may_answer(by, at) {
            return;
        }
        let Some(duty) = self.open() else {
            self.unanswered = None;
            return;
        };
        match words.meaning {
            Meaning::Takes => self.take(by, at),
            Meaning::AsksBack => {
                let (alarm, took) = (duty.frozen.interrupts, duty.taken.is_some_and(|(who, _)| who == by));
                let duty = duty.clone();
                let owes =
                    || listed(self.office, &duty.parties, at).contains(&by) || self.owes(&duty, by, at);
                if alarm && !took && !owes() {
                    return;
                }
                let Some(duty) = self.open() else { return };
                if !matches!(duty.pauses.last(), Some((_, None))) {
                    duty.pauses.push((at, None));
                }
            }
            _ => self.end(at, Ending::Met),
        }
    }

    fn take(&mut self, by: Who, at: Ms) {
        let Some(duty) = self.open() else { return };
        if duty.frozen.met_by_acknowledge {
            self.end(at, Ending::Met);
        } else {
            duty.taken.get_or_insert((by, at));
        }
    }

    fn hear_asker(&mut self, id: Id, channel: usize, by: Who, at: Ms, words: &Words) {
        self.asker = Some(by);
        let others_told = self.others_told;
        if let Some(duty) = self.open() {
            if let Some((_, to @ None)) = duty.pauses.last_mut()
                && counts(words)
                && words.meaning != Meaning::Chases
            {
                *to = Some(at);
            }
            match words.meaning {
                Meaning::Thanks if others_told => self.end(at, Ending::Met),
                Meaning::Resolves => self.settle(at),
                _ => {}
            }
            return;
        }
        if words.meaning == Meaning::Resolves || !counts(words) {
            return;
        }
        match self.duties.last() {
            None => self.start(id, channel, by, at, words),
            Some(last) => {
                let (message, since) = *self.unanswered.get_or_insert((id, at));
                if matches!(words.meaning, Meaning::Asks | Meaning::Chases) {
                    let (level, parties) =
                        (follow_up_level(self.office, last, channel, at), last.parties.clone());
                    self.unanswered = None;
                    self.begin(message, channel, by, since, level, parties);
                }
            }
        }
    }

    fn settle(&mut self, at: Ms) {
        let ending = if self.others_wrote { Ending::Met } else { Ending::Cancelled };
        self.end(at, ending);
    }

    /// A message that may start the first clock of its conversation.
    fn start(&mut self, id: Id, channel: usize, by: Who, at: Ms, words: &Words) {
        let book = self.office.rules.at(at);
        let level = level_of(book, channel, by, words);
        let marked = is_marked(book, level, words);
        if words.meaning != Meaning::Asks && !marked {
            return;
        }
        let parties = owing(book, channel, words, if marked { level } else { None });
        self.begin(id, channel, by, at, level, parties);
    }

    fn begin(
        &mut self,
        message: Id,
        channel: usize,
        asker: Who,
        since: Ms,
        level: Option<usize>,
        parties: Vec<Party>,
    ) {
        let book = self.office.rules.at(since);
        let Some(level) = level.filter(|level| book.levels[*level].promise.is_some()) else { return };
        if parties.is_empty() {
            return;
        }
        (self.others_wrote, self.others_told) = (false, false);
        let frozen = book.levels[level].clone();
        let (taken, pauses, end, lost_from) = (None, Vec::new(), None, None);
        self.duties.push(Duty {
            message,
            channel,
            asker,
            parties,
            level,
            frozen,
            since,
            taken,
            pauses,
            end,
            lost_from,
            due: None,
            exact: true,
            in_doubt: self.in_doubt,
        });
    }

    fn hear_edit(&mut self, of: Id, channel: usize, by: Who, at: Ms, words: &Words) {
        let book = self.office.rules.at(at);
        let level = level_of(book, channel, by, words);
        let marked = is_marked(book, level, words);
        let asks = words.meaning == Meaning::Asks || marked;
        let asked = self.duties.iter().any(|duty| duty.message == of);
        // Read anew, it names what the runbook has no more.
        let office = self.office;
        if let Some(duty) = self.open() {
            let listed = office.rules.at(duty.since).channels[channel].listed;
            let dropped = listed && !book.channels[channel].listed
                || words.mentions.iter().any(|party| book.has_dropped(*party))
                || book.levels[duty.level].mark != duty.frozen.mark;
            duty.in_doubt |= dropped;
            self.in_doubt |= dropped;
        }
        match self.open() {
            Some(duty) if duty.message == of && !asks => self.end(at, Ending::Cancelled),
            // Another level stands on it now, and it is a tighter one: no other edit of a mark is made here.
            Some(duty) if duty.message == of && level.is_some_and(|level| level != duty.level) => {
                let level = level.expect("just looked at");
                (duty.level, duty.frozen, duty.since) = (level, book.levels[level].clone(), at);
                // Whoever took the old promise has not taken this one.
                duty.taken = None;
                duty.pauses.clear();
            }
            // Whoever says more in the question has replied.
            Some(duty) if duty.message == of => {
                if let Some((_, to @ None)) = duty.pauses.last_mut() {
                    *to = Some(at);
                }
            }
            Some(_) => {}
            None if asks && !asked => self.start(of, channel, by, at, words),
            None => {}
        }
    }

    fn hear_reaction(&mut self, of: Id, by: Who, emoji: Emoji, at: Ms) {
        let Some(duty) = self.duties.last().cloned() else { return };
        let about_it = duty.message == of;
        let admins = &self.office.rules.at(at).admins;
        match emoji {
            Emoji::Eyes if about_it && self.may_answer(by, at) => self.take(by, at),
            Emoji::NoEntry if about_it => {
                if by == duty.asker || admins.contains(&by) || self.owes(&duty, by, at) {
                    self.end(at, Ending::Cancelled);
                }
            }
            Emoji::Check => self.settle(at),
            Emoji::Eyes | Emoji::NoEntry | Emoji::Tada => {}
        }
    }
}

/// Whether a level is that of the message's mark; a mark that the runbook has dropped is a word like others.
fn is_marked(book: &Book, level: Option<usize>, words: &Words) -> bool {
    words.mark.is_some_and(|mark| level == Some(mark) && book.levels[mark].mark.is_some())
}

/// The level of a message: that of its mark if its author may raise it, else the channel's.
pub fn level_of(book: &Book, channel: usize, by: Who, words: &Words) -> Option<usize> {
    let own = book.channels[channel].level;
    let Some(mark) = words.mark.filter(|mark| book.levels[*mark].mark.is_some()) else { return own };
    let may = match book.levels[mark].raised_by {
        Some(Party::Group(group)) => book.groups[group].1.contains(&by),
        Some(Party::Person(_) | Party::Rotation(_) | Party::Responders) | None => true,
    };
    if may { Some(mark) } else { own }
}

fn follow_up_level(office: &Office, _last: &Duty, channel: usize, at: Ms) -> Option<usize> {
    office.rules.at(at).channels[channel].level
}

/// Who owes the answer to a message.
fn owing(book: &Book, channel: usize, words: &Words, raised: Option<usize>) -> Vec<Party> {
    let responders = &book.channels[channel].responders;
    if !responders.is_empty() {
        return responders.clone();
    }
    if !words.mentions.is_empty() {
        return words.mentions.clone();
    }
    let first = raised.and_then(|level| book.levels[level].ladder.first());
    let tell = first.map_or(Vec::new(), |step| step.tell.clone());
    tell.into_iter().filter(|party| *party != Party::Responders).collect()
}

/// The people behind parties at an instant, leave not looked at.
pub fn listed(office: &Office, parties: &[Party], at: Ms) -> Vec<Who> {
    let mut people = Vec::new();
    for party in parties {
        match party {
            Party::Person(who) => people.push(*who),
            Party::Group(group) => people.extend(&office.rules.at(at).groups[*group].1),
            Party::Rotation(rotation) => people.push(office.on_duty(*rotation, at)),
            Party::Responders => {}
        }
    }
    people
}

/// Whether the clock of a duty runs at an instant.
fn runs(office: &Office, duty: &Duty, at: Ms) -> bool {
    duty.frozen.always
        || listed(office, &duty.parties, at).into_iter().any(|who| {
            office.is_open(who, at)
                || office.stand_in(who, at).is_some_and(|deputy| office.is_open(deputy, at))
        })
}

/// Open time of a stretch, pauses not looked at.
fn open_time(office: &Office, duty: &Duty, from: Ms, to: Ms) -> Ms {
    let mut sum = 0;
    let mut at = from;
    while at < to {
        let next = office.next_change(at).min(to);
        if runs(office, duty, at) {
            sum += next - at;
        }
        at = next;
    }
    sum
}

/// The instant at which so much open time has passed outside pauses.
fn reach(office: &Office, duty: &Duty, amount: Ms) -> Option<Ms> {
    let mut left = amount;
    let mut at = duty.since;
    while at < office.end() {
        if let Some((_, to)) =
            duty.pauses.iter().find(|(from, to)| *from <= at && to.is_none_or(|to| at < to))
        {
            at = (*to)?;
            continue;
        }
        let pause =
            duty.pauses.iter().map(|(from, _)| *from).filter(|from| *from > at).min().unwrap_or(Ms::MAX);
        let next = office.next_change(at).min(pause);
        if runs(office, duty, at) {
            // A pause that begins at the very instant comes before it.
            if left < next - at || (left == next - at && next != pause) {
                return Some(at + left);
            }
            left -= next - at;
        }
        at = next;
    }
    None
}

fn due(office: &Office, duty: &Duty) -> (Option<Ms>, bool) {
    match duty.frozen.promise {
        None => (None, true),
        Some(Promise::Ms(ms)) => (reach(office, duty, ms), true),
        Some(Promise::Workdays(days)) => {
            let owing = listed(office, &duty.parties, duty.since);
            let present = owing.iter().map(|who| office.stand_in(*who, duty.since).unwrap_or(*who));
            let first = present.filter_map(|who| office.workdays_later(who, duty.since, days)).min();
            let changes = office.rules.books.iter().skip(1).map(|(at, _)| *at);
            let leaves = office.rules.leaves.iter().flat_map(|leave| [leave.told, leave.from, leave.to]);
            let until = first.unwrap_or(Ms::MAX).max(duty.end.map_or(0, |(at, _)| at));
            let moves = office.rules.moves.iter().map(|moved| moved.at);
            let exact = !changes.chain(leaves).chain(moves).any(|at| duty.since <= at && at <= until)
                && duty.pauses.is_empty();
            match first {
                None => (None, exact),
                Some(first) if duty.pauses.is_empty() => (Some(first), exact),
                Some(first) => (reach(office, duty, open_time(office, duty, duty.since, first)), exact),
            }
        }
    }
}
