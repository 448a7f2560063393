//! Makes weeks of chat: stories of one question each, told by people who do what people do.
//!
//! What happens is random; what it means is not. A move that two readers of the rules could take
//! differently is not made: nobody asks back after the answer, no two questions stand within one
//! stretch of a main line.

use std::collections::BTreeSet;

use super::book::{Book, DAY, HOUR, MINUTE, Ms, Party, Who};
use super::chance::Chance;
use super::office::{Leave, Moved, Office, Rules};
use super::plan::{LONG_OUTAGE, Plan};
use super::script::{Deed, Emoji, Happening, Id, Meaning, Words};
use super::team::{BLOCKING, EMERGENCY, FYI, NORMAL, PLAIN, ZONES, drop_one, revise, team};

/// All that is true of one simulated time.
pub struct Script {
    /// The first instant, a midnight of UTC.
    pub from: Ms,
    /// The instant after which nothing happens.
    pub to: Ms,
    /// In the order of time.
    pub happenings: Vec<Happening>,
    /// Everybody's office hours, revisions and leaves included.
    pub office: Office,
    /// What goes wrong.
    pub plan: Plan,
}

/// Messages in a main line stand further apart than this, or belong together.
const APART: Ms = 40 * MINUTE;

/// Of so many seeds one has an outage of 40 days.
const LONG_OUTAGE_EACH: u64 = 40;

/// Makes the script of a seed.
pub fn script(seed: u64) -> Script {
    let mut chance = Chance::new(seed, 1);
    let (book, change) = team(seed, &mut chance);
    let midnight = change.and_hms_opt(0, 0, 0).expect("midnight exists").and_utc().timestamp_millis();
    let from = midnight - 4 * DAY;
    let to = from + chance.between(8, 16) * DAY;
    let to = if seed % LONG_OUTAGE_EACH == LONG_OUTAGE_EACH - 1 { to + LONG_OUTAGE } else { to };
    let plan = Plan::new(seed, from, to, book.channels.len());
    let mut rules = Rules { books: vec![(from - 60 * DAY, book)], leaves: Vec::new(), moves: Vec::new() };
    reload(seed, &mut chance, &mut rules, change, from, to);
    leaves(&mut chance, &mut rules, from, to);
    moves(seed, &mut rules, from, to);
    // What is told to Usher while it is down, or while its clock is wrong, counts from when it heard.
    rules.books.iter_mut().skip(1).for_each(|(at, _)| *at = plan.heard(*at));
    rules.moves.iter_mut().for_each(|moved| moved.at = plan.heard(moved.at));
    for leave in &mut rules.leaves {
        leave.told = plan.heard(leave.told - 30_000) + 30_000;
        leave.from = leave.from.max(leave.told + 30_000);
        leave.to = leave.to.max(leave.from + 20 * MINUTE);
    }
    let office = Office::new(rules, from - 3 * DAY, to + 30 * DAY);
    let mut teller = Teller {
        chance,
        office: &office,
        from,
        to,
        told: Vec::new(),
        instants: BTreeSet::new(),
        main_lines: Vec::new(),
    };
    teller.tell_all();
    let mut happenings = teller.told;
    for (number, (at, _)) in office.rules.books.iter().enumerate().skip(1) {
        happenings.push(Happening {
            id: 1_000_000 + number as Id,
            at: *at,
            story: None,
            deed: Deed::Reload(number),
        });
    }
    for (number, leave) in office.rules.leaves.iter().enumerate() {
        let deed = Deed::Away { who: leave.who, from: leave.from, to: leave.to };
        happenings.push(Happening { id: 2_000_000 + number as Id, at: leave.told, story: None, deed });
    }
    for (number, moved) in office.rules.moves.iter().enumerate() {
        let id = 3_000_000 + number as Id;
        happenings.push(Happening { id, at: moved.at, story: None, deed: Deed::Moved(number) });
    }
    happenings.sort_by_key(|happening| (happening.at, happening.id));
    Script { from, to, happenings, office, plan }
}

fn reload(seed: u64, chance: &mut Chance, rules: &mut Rules, change: chrono::NaiveDate, from: Ms, to: Ms) {
    let mut own = Chance::new(seed, 9);
    let mut at = from + DAY;
    for _ in 0..chance.between(0, 3) {
        at += chance.between(3, 90) * HOUR + chance.between(0, 59) * MINUTE;
        if at + DAY > to {
            return;
        }
        let mut next = revise(chance, &rules.books.last().expect("there is a first book").1, change);
        if own.percent(40) {
            drop_one(&mut own, &mut next);
        }
        rules.books.push((at, next));
    }
}

fn leaves(chance: &mut Chance, rules: &mut Rules, from: Ms, to: Ms) {
    let people = rules.books[0].1.people.len();
    // Those of the last third stand in for others and stay.
    let mut away: Vec<Who> = (0..people - people / 3).collect();
    chance.shuffle(&mut away);
    away.truncate(chance.between(0, 3) as usize);
    for who in away {
        let told = from + DAY + chance.between(0, (to - from - 2 * DAY) / MINUTE) * MINUTE + 30_000;
        let begins = told - 30_000 + chance.between(1, 1_000) * MINUTE;
        let long = chance.percent(60);
        let minutes = if long { chance.between(5 * 1440, 8 * 1440) } else { chance.between(20, 100) };
        rules.leaves.push(Leave { who, told, from: begins, to: begins + minutes * MINUTE, long });
    }
    rules.leaves.sort_by_key(|leave| leave.told);
}

/// Whoever roams moves once or twice.
fn moves(seed: u64, rules: &mut Rules, from: Ms, to: Ms) {
    let mut chance = Chance::new(seed, 8);
    let people = &rules.books[0].1.people;
    let Some(who) = people.iter().position(|person| person.roams) else { return };
    let mut at = from + DAY;
    for _ in 0..chance.between(1, 2) {
        at += chance.between(2, 90) * HOUR + chance.between(0, 59) * MINUTE;
        if at + DAY < to {
            rules.moves.push(Moved { who, at, to: *chance.pick(&ZONES) });
        }
    }
}

struct Teller<'a> {
    chance: Chance,
    office: &'a Office,
    from: Ms,
    to: Ms,
    told: Vec<Happening>,
    instants: BTreeSet<Ms>,
    /// Channel and stretch of what stands in a main line.
    main_lines: Vec<(usize, Ms, Ms)>,
}

/// What a story's teller keeps in mind.
struct Story {
    channel: usize,
    root: Id,
    thread: Option<Id>,
    asker: Who,
    parties: Vec<Party>,
    mentions: Vec<Party>,
    mark: Option<usize>,
    level: Option<usize>,
    way: usize,
    at: Ms,
    /// When a person last said something.
    said_at: Ms,
    /// Whether a clock runs, as far as nothing below ended it.
    runs: bool,
    /// Whether something happened that may have ended it.
    ended: bool,
    /// Whether the answerer asked back.
    asked_back: bool,
    /// Whether somebody other than the asker said something that counts.
    others_wrote: bool,
}

/// What may come next in a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Answer,
    Take,
    Eyes,
    AskBack,
    Chase,
    AskerTells,
    Thanks,
    FollowUp,
    Resolve,
    Check,
    Dismiss,
    BystanderTells,
    BystanderGreets,
    BystanderDismisses,
    Bot,
    EditWords,
    EditAway,
    EditMark,
    Delete,
    Tada,
}

const MOVES: [(Move, i64); 20] = [
    (Move::Answer, 30),
    (Move::Take, 9),
    (Move::Eyes, 6),
    (Move::AskBack, 12),
    (Move::Chase, 8),
    (Move::AskerTells, 9),
    (Move::Thanks, 9),
    (Move::FollowUp, 10),
    (Move::Resolve, 4),
    (Move::Check, 3),
    (Move::Dismiss, 3),
    (Move::BystanderTells, 6),
    (Move::BystanderGreets, 4),
    (Move::BystanderDismisses, 2),
    (Move::Bot, 4),
    (Move::EditWords, 4),
    (Move::EditAway, 3),
    (Move::EditMark, 3),
    (Move::Delete, 3),
    (Move::Tada, 3),
];

impl Teller<'_> {
    fn book(&self, at: Ms) -> &Book {
        self.office.rules.at(at)
    }

    fn tell_all(&mut self) {
        let days = (self.to - self.from) / DAY;
        for _ in 0..days * self.chance.between(1, 4) {
            if let Some(mut story) = self.open() {
                let moves = self.chance.between(0, 9);
                for _ in 0..moves {
                    self.step(&mut story);
                }
            }
        }
        self.told.sort_by_key(|happening| happening.at);
    }

    /// An instant of its own at or after `at`.
    fn instant(&mut self, at: Ms) -> Ms {
        let mut at = at;
        while !self.instants.insert(at) {
            at += 7;
        }
        at
    }

    fn happen(&mut self, story: Option<Id>, at: Ms, deed: Deed) -> Id {
        let id = self.told.len() as Id;
        self.told.push(Happening { id, at, story: Some(story.unwrap_or(id)), deed });
        id
    }

    /// Begins a story: who asks what, where, when. Nothing if the place is taken.
    fn open(&mut self) -> Option<Story> {
        let at = self.from + self.chance.between(0, (self.to - self.from - HOUR) / 1_000) * 1_000;
        let asker = self.chance.index(self.book(at).people.len());
        let at = match self.office.opening(asker, at) {
            Some(opening) if self.chance.percent(60) && opening + DAY < self.to => {
                opening + self.chance.between(0, 5 * 3_600) * 1_000
            }
            Some(_) | None => at,
        };
        let channel = self.chance.index(self.book(at).channels.len());
        let in_main_line = self.chance.percent(20);
        let until = if in_main_line { at + 3 * HOUR } else { at };
        let taken = |(other, from, to): &(usize, Ms, Ms)| {
            *other == channel && *from < until + APART && at < *to + APART
        };
        if at >= self.to || self.main_lines.iter().any(taken) {
            return None;
        }
        let mark = self.mark();
        let mentions = self.mentions(at, asker);
        let level = self.level(at, asker, channel, mark);
        let parties = self.parties(at, asker, channel, mark, &mentions)?;
        let at = self.instant(at);
        self.main_lines.push((channel, at, until));
        let way = self.chance.index(8);
        let promised = level.is_some_and(|level| self.book(at).levels[level].promise.is_some());
        let begins_as_talk = self.chance.percent(8);
        let meaning = if begins_as_talk { Meaning::Tells } else { Meaning::Asks };
        let marked = mark.is_some() && level == mark;
        let runs = promised && !parties.is_empty() && (marked || !begins_as_talk);
        let words = Words { meaning, mentions: mentions.clone(), mark, way };
        let root = self.happen(None, at, Deed::Said { channel, thread: None, by: asker, words });
        let thread = (!in_main_line).then_some(root);
        let mut story = Story {
            channel,
            root,
            thread,
            asker,
            parties,
            mentions,
            mark,
            level,
            way,
            at,
            said_at: at,
            runs,
            ended: false,
            asked_back: false,
            others_wrote: false,
        };
        if begins_as_talk && !marked && self.chance.percent(50) {
            story.at += self.chance.between(1, 10) * MINUTE;
            self.edit(&mut story, Meaning::Asks);
            story.runs = promised && !story.parties.is_empty();
        }
        Some(story)
    }

    fn mark(&mut self) -> Option<usize> {
        self.chance.weighted(&[
            (None, 75),
            (Some(BLOCKING), 8),
            (Some(EMERGENCY), 6),
            (Some(PLAIN), 6),
            (Some(FYI), 5),
        ])
    }

    /// Who is mentioned: mostly one, now and then a group, a rotation, or nobody.
    fn mentions(&mut self, at: Ms, asker: Who) -> Vec<Party> {
        let people = self.book(at).people.len();
        let somebody = (asker + 1 + self.chance.index(people - 1)) % people;
        let mut mentions = match self.chance.between(0, 9) {
            0..=4 => vec![Party::Person(somebody)],
            5 => vec![Party::Group(0)],
            6 => vec![Party::Rotation(0)],
            _ => Vec::new(),
        };
        mentions.retain(|party| !self.book(at).has_dropped(*party));
        mentions
    }

    /// The level of a message; nothing where nothing is promised.
    fn level(&self, at: Ms, asker: Who, channel: usize, mark: Option<usize>) -> Option<usize> {
        let book = self.book(at);
        let own = book.channels[channel].level;
        let Some(mark) = mark.filter(|mark| book.levels[*mark].mark.is_some()) else { return own };
        let may = match book.levels[mark].raised_by {
            Some(Party::Group(group)) => book.groups[group].1.contains(&asker),
            Some(Party::Person(_) | Party::Rotation(_) | Party::Responders) | None => true,
        };
        if may { Some(mark) } else { own }
    }

    /// Who owes the answer; nothing at all where the rules leave room and the story is not told.
    fn parties(
        &self,
        at: Ms,
        asker: Who,
        channel: usize,
        mark: Option<usize>,
        mentions: &[Party],
    ) -> Option<Vec<Party>> {
        let book = self.book(at);
        let responders = &book.channels[channel].responders;
        let raised = mark.filter(|mark| self.level(at, asker, channel, Some(*mark)) == Some(*mark));
        let parties = if !responders.is_empty() {
            responders.clone()
        } else if !mentions.is_empty() {
            mentions.to_vec()
        } else {
            let first = raised.and_then(|mark| book.levels[mark].ladder.first());
            let tell = first.map_or(Vec::new(), |step| step.tell.clone());
            tell.into_iter().filter(|party| *party != Party::Responders).collect()
        };
        let mut pool = BTreeSet::new();
        for party in &parties {
            match party {
                Party::Person(who) => pool.extend([*who]),
                Party::Group(group) => pool.extend(book.groups[*group].1.iter().copied()),
                Party::Rotation(rotation) => pool.extend(book.rotations[*rotation].members.iter().copied()),
                Party::Responders => {}
            }
        }
        let asker_may_owe =
            pool.contains(&asker) || pool.iter().any(|who| book.people[*who].deputy == Some(asker));
        (!asker_may_owe).then_some(parties)
    }

    /// Somebody who owes it at an instant.
    fn eligible(&mut self, story: &Story) -> Option<Who> {
        let party = *story.parties.get(self.chance.index(story.parties.len().max(1)))?;
        Some(match party {
            Party::Person(who) => who,
            Party::Group(group) => {
                let members = self.book(story.at).groups[group].1.clone();
                *self.chance.pick(&members)
            }
            Party::Rotation(rotation) => self.office.on_duty(rotation, story.at),
            Party::Responders => return None,
        })
    }

    /// Somebody else than the asker.
    fn bystander(&mut self, story: &Story) -> Who {
        let people = self.book(story.at).people.len();
        (story.asker + 1 + self.chance.index(people - 1)) % people
    }

    fn pass(&mut self, story: &mut Story) -> bool {
        let minutes = |low, high, weight| ((low, high), weight);
        let (low, high) = match story.thread {
            None => (1, 13),
            // What has ended is soon forgotten; what is asked days later is a question of its own.
            Some(_) if story.ended || !story.runs => {
                self.chance.weighted(&[minutes(1, 14, 35), minutes(15, 120, 30), minutes(120, 1_200, 35)])
            }
            Some(_) => self.chance.weighted(&[
                minutes(1, 14, 35),
                minutes(15, 120, 30),
                minutes(120, 600, 25),
                minutes(1_440, 4_320, 10),
            ]),
        };
        let at = story.at + self.chance.between(low * 60, high * 60) * 1_000;
        // A silence ends a conversation in the main line, and in a thread after the answer: what comes then belongs
        // to none. There it is a day and a half, of which a wrong clock may take a day.
        let silence = match story.thread {
            None => 14 * MINUTE,
            Some(_) if story.ended || !story.runs => 9 * HOUR,
            Some(_) => 30 * DAY,
        };
        let over = at >= self.to || at - story.said_at > silence;
        if !over {
            story.at = self.instant(at);
        }
        !over
    }

    fn step(&mut self, story: &mut Story) {
        if !self.pass(story) {
            return;
        }
        let next = self.chance.weighted(&MOVES);
        match next {
            Move::Answer | Move::Take | Move::Eyes | Move::AskBack => self.answerer_moves(story, next),
            Move::Chase if !story.runs || story.ended => {}
            Move::Thanks if !story.others_wrote => {}
            Move::Dismiss | Move::BystanderDismisses if story.ended => {}
            Move::Chase
            | Move::AskerTells
            | Move::Thanks
            | Move::FollowUp
            | Move::Resolve
            | Move::Check
            | Move::Dismiss => self.asker_moves(story, next),
            Move::BystanderTells
            | Move::BystanderGreets
            | Move::BystanderDismisses
            | Move::Bot
            | Move::Tada => {
                self.bystander_moves(story, next);
            }
            Move::EditWords | Move::EditAway | Move::EditMark | Move::Delete => {
                self.question_changes(story, next)
            }
        }
    }

    fn answerer_moves(&mut self, story: &mut Story, next: Move) {
        let Some(by) = self.eligible(story) else { return };
        match next {
            Move::Answer => {
                self.say(story, by, Meaning::Tells);
                (story.ended, story.others_wrote) = (true, true);
            }
            Move::Take if !story.ended => {
                self.say(story, by, Meaning::Takes);
                story.others_wrote = true;
                story.ended |= self.is_met_by_taking(story);
            }
            Move::Eyes if !story.ended => {
                self.react(story, by, Emoji::Eyes);
                story.ended |= self.is_met_by_taking(story);
            }
            Move::AskBack if story.runs && !story.ended => {
                self.say(story, by, Meaning::AsksBack);
                (story.asked_back, story.others_wrote) = (true, true);
            }
            _ => {}
        }
    }

    fn is_met_by_taking(&self, story: &Story) -> bool {
        story.level.is_some_and(|level| self.book(story.at).levels[level].met_by_acknowledge)
    }

    fn asker_moves(&mut self, story: &mut Story, next: Move) {
        let by = story.asker;
        match next {
            Move::Chase => self.say(story, by, Meaning::Chases),
            Move::AskerTells => self.say(story, by, Meaning::Tells),
            Move::Thanks => {
                self.say(story, by, Meaning::Thanks);
                story.ended = true;
            }
            Move::Resolve => {
                self.say(story, by, Meaning::Resolves);
                story.ended = true;
            }
            Move::FollowUp => {
                self.say(story, by, Meaning::Asks);
                // Whether it starts a clock depends on what ended the last; from here on nobody asks back.
                story.ended = true;
            }
            Move::Check => {
                self.react(story, by, Emoji::Check);
                story.ended = true;
            }
            _ => {
                let who = if self.chance.percent(50) { Some(by) } else { self.eligible(story) };
                self.react(story, who.unwrap_or(by), Emoji::NoEntry);
                story.ended = true;
            }
        }
    }

    fn bystander_moves(&mut self, story: &mut Story, next: Move) {
        let by = self.bystander(story);
        match next {
            Move::BystanderTells => {
                self.say(story, by, Meaning::Tells);
                (story.ended, story.others_wrote) = (true, true);
            }
            Move::BystanderGreets => self.say(story, by, Meaning::Greets),
            Move::BystanderDismisses => {
                self.react(story, by, Emoji::NoEntry);
                story.ended = true;
            }
            Move::Bot => {
                let (channel, thread) = (story.channel, story.thread);
                let words = Words::plain(Meaning::Tells);
                self.happen(Some(story.root), story.at, Deed::BotSaid { channel, thread, words });
            }
            _ => self.react(story, by, Emoji::Tada),
        }
    }

    fn question_changes(&mut self, story: &mut Story, next: Move) {
        if story.ended || story.asked_back || !story.runs {
            return;
        }
        match next {
            Move::EditWords => {
                story.way += 1;
                self.edit(story, Meaning::Asks);
            }
            Move::EditAway if story.mark.is_none() => {
                self.edit(story, Meaning::Tells);
                story.ended = true;
            }
            Move::EditMark if story.mark.is_none() && story.level == Some(NORMAL) => {
                story.mark = Some(BLOCKING);
                story.level = Some(BLOCKING);
                self.edit(story, Meaning::Asks);
            }
            Move::Delete => {
                let (channel, thread, of) = (story.channel, None, story.root);
                self.happen(Some(story.root), story.at, Deed::Deleted { of, channel, thread });
                story.ended = true;
            }
            _ => {}
        }
    }

    fn say(&mut self, story: &mut Story, by: Who, meaning: Meaning) {
        let mut words = Words { way: self.chance.index(8), ..Words::plain(meaning) };
        // In a main line a reply names whom it answers, or nobody knows what it belongs to.
        let named = story.thread.is_none() || self.chance.percent(30);
        if named && by != story.asker {
            words.mentions.push(Party::Person(story.asker));
        }
        let (channel, thread) = (story.channel, story.thread);
        story.said_at = story.at;
        self.happen(Some(story.root), story.at, Deed::Said { channel, thread, by, words });
    }

    fn react(&mut self, story: &Story, by: Who, emoji: Emoji) {
        let (channel, of) = (story.channel, story.root);
        self.happen(
            Some(story.root),
            story.at,
            Deed::Reacted { of, channel, thread: None, by, emoji, added: true },
        );
    }

    fn edit(&mut self, story: &mut Story, meaning: Meaning) {
        story.at = self.instant(story.at);
        let words = Words { meaning, mentions: story.mentions.clone(), mark: story.mark, way: story.way };
        let (channel, of, by) = (story.channel, story.root, story.asker);
        self.happen(Some(story.root), story.at, Deed::Edited { of, channel, thread: None, by, words });
    }
}
