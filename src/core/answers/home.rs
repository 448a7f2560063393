//! The home: what one sees who opens Usher, made from the answers to the commands.
//!
//! It is asked for, so manners do not hold it back. It answers every press on its own buttons by being shown anew.

use smol_str::format_smolstr;

use super::owe::Matter;
use super::presence::{Because, Presence};
use super::{Asked, LISTED, Reader};
use crate::calendar::{HOUR_MS, Instant, day_start_or_next, local_date};
use crate::core::action::{Action, ActionId, Choice, IfUnknown, Kind, Priority, Target};
use crate::core::command::Mistake;
use crate::core::engine::Engine;
use crate::core::event::{ChannelId, Event, UserId};
use crate::core::line::{Line, button};
use crate::core::message::{Button, Message, TimeStyle};
use crate::core::terms::{city, day_or_clock};
use crate::core::turn::{Noted, Turn};
use crate::runbook::{Name, Runbook};

/// The ids of what has its buttons in a home begin so.
const HOME: &str = "home/";
/// So many matters of a kind have buttons; the others are listed.
const WITH_BUTTONS: usize = 5;
/// So many groups of somebody are looked at for who is in.
const GROUPS: usize = 3;
/// The days whose hours are shown, from today on.
const DAYS: usize = 7;

/// Whether the buttons of an action stand in a home.
pub(in crate::core) fn is_home(action: &ActionId) -> bool {
    action.0.starts_with(HOME)
}

impl Engine {
    /// Shows somebody their home; `news` is what came of what they just did there.
    pub(in crate::core) fn show_home(
        &mut self,
        event: &Event,
        user: &UserId,
        news: Option<Message>,
        now: Instant,
        turn: &mut Turn,
    ) {
        if self.is_bot(event.platform, user) {
            return;
        }
        let nowhere = ChannelId::default();
        let asked = self.asked(event, user, &nowhere, None, now);
        let message = self.home(&asked, news).unwrap_or_else(|mistake| mistake.sentence());
        self.note(turn, now, None, Noted::Spoke(Kind::Home));
        turn.actions.push(Action {
            id: ActionId(format_smolstr!("{HOME}{}", event.key)),
            kind: Kind::Home,
            to: Target::Home { platform: event.platform, user: user.clone() },
            message,
            priority: Priority::Prompt,
            not_after: Some(now.plus(HOUR_MS)),
            if_unknown: IfUnknown::Leave,
        });
    }

    /// A button of a home gives a command. The home shows what came of it; a mistake is said.
    pub(in crate::core) fn say_at_home(
        &mut self,
        event: &Event,
        user: &UserId,
        words: &str,
        now: Instant,
        turn: &mut Turn,
    ) {
        let nowhere = ChannelId::default();
        let asked = self.asked(event, user, &nowhere, None, now);
        let mistake = self.answer_to(&asked, words, turn).err();
        self.show_home(event, user, mistake.map(|mistake| mistake.sentence()), now, turn);
    }

    fn home(&mut self, asked: &Asked<'_>, news: Option<Message>) -> Result<Message, Mistake> {
        let runbook = self.runbook().ok_or(Mistake::NoRunbook)?;
        let reader = self.reader(&asked.by, asked.now);
        let (owes, is_owed) = (self.owed_by(asked), self.owed_to(asked));
        let line = match news {
            Some(news) => Line::default().parts(news.parts).newline().newline(),
            None => Line::default(),
        };
        let line = self.now_for(line, asked, reader).words(&summary(owes.len(), is_owed.len()));
        let line = if owes.is_empty() { line } else { line.heading("You owe") };
        let line = self
            .matters_with_buttons(line, asked, &owes, |engine, line, matter| engine.of_whom(line, matter));
        let line = if is_owed.is_empty() { line } else { line.heading("You are owed") };
        let line = self.matters_with_buttons(line, asked, &is_owed, |engine, line, matter| {
            engine.with_whom(line, matter, reader)
        });
        let line = self.own_hours(line.heading("Your hours"), asked, DAYS);
        let line = self.quiet(line.heading("Quiet"), asked, reader);
        let line = self.all_duties(line, &runbook, reader);
        let line = self.own_groups(line, &runbook, asked, reader);
        Ok(line.heading("The runbook").parts(self.cheat_sheet(asked).parts).done())
    }

    /// `It's Fri 16:55 in Berlin. You are in the office until 17:30.`
    fn now_for(&mut self, line: Line, asked: &Asked<'_>, reader: Reader) -> Line {
        let now = TimeStyle::Day.format(reader.now, reader.zone);
        let line = line.words(&format!("It's {now} in {}. ", city(reader.zone)));
        let (line, until) = match self.presence(&asked.by, reader.now) {
            Presence::In { focus_until: Some(until), .. } => {
                (line.words("You are in focus: what does not interrupt waits"), Some((" until ", until)))
            }
            Presence::In { until, focus_until: None } => {
                (line.words("You are in the office"), until.map(|until| (" until ", until)))
            }
            Presence::Out { back, because } => {
                let line = line.words(match because {
                    Because::Away => "You are away",
                    Because::Holiday => "It's a holiday for you",
                    Because::Hours => "You are off",
                });
                (line, back.map(|back| (", back ", back)))
            }
        };
        match until {
            Some((joint, at)) => reader.time(line.words(joint), at).words(". "),
            None => line.words(". "),
        }
    }

    fn matters_with_buttons(
        &mut self,
        line: Line,
        asked: &Asked<'_>,
        matters: &[Matter],
        whose: impl Fn(&Engine, Line, &Matter) -> Line,
    ) -> Line {
        let reader = self.reader(&asked.by, asked.now);
        let (first, others) = matters.split_at(matters.len().min(WITH_BUTTONS));
        let mut line = line;
        for matter in first {
            line = self.matter(line.on_new_line(), "A question", matter, reader, |line, matter| {
                whose(self, line, matter)
            });
            let id = self.buttons_about(matter, asked.now);
            line = line.row(&id, ways_out(matter, &asked.by));
        }
        self.list(line, others, reader, |line, matter| whose(self, line, matter))
    }

    /// The buttons about a matter are the same in every home.
    fn buttons_about(&mut self, matter: &Matter, now: Instant) -> ActionId {
        let about = &matter.owed.message;
        let id = ActionId(format_smolstr!("{HOME}{}/{about}", matter.key.channel));
        if self.notices.get(&id).is_none() {
            self.remember_as(id.clone(), Kind::Home, &matter.key, about, None, now);
        }
        id
    }

    /// Whether Usher speaks to the reader, and the buttons that change it.
    fn quiet(&mut self, line: Line, asked: &Asked<'_>, reader: Reader) -> Line {
        let of = ActionId(format_smolstr!("{HOME}{}", asked.by));
        let say = |label: &str, words: &str| button(label, Choice::Say(words.to_owned()));
        let muted_until = self.desks.get(&asked.by).and_then(|desk| desk.muted_until);
        if let Some(until) = muted_until.filter(|until| *until > reader.now) {
            let line = self.muted(line, asked, until);
            return line.row(&of, vec![say("Speak to me again", "unmute")]);
        }
        let line = line.words("I speak to you while you are in.");
        let mut buttons = vec![say("Mute for 2 h", "mute 2h")];
        let tomorrow = local_date(reader.zone, reader.now).succ_opt();
        let office = self.calendars.office(&self.people, &asked.by, reader.now);
        let opening = tomorrow.and_then(|date| office.next_open(day_start_or_next(reader.zone, date)));
        if let Some(opening) = opening {
            let shown = day_or_clock(opening, reader.now, reader.zone).format(opening, reader.zone);
            let exact = opening.utc().with_timezone(&reader.zone).format("%Y-%m-%d %H:%M");
            buttons.push(say(&format!("Mute until {shown}"), &format!("mute until {exact}")));
        }
        line.row(&of, buttons)
    }

    fn all_duties(&self, line: Line, runbook: &Runbook, reader: Reader) -> Line {
        let line = if runbook.rotations.is_empty() { line } else { line.heading("On duty") };
        let rotations = runbook.rotations.keys().take(LISTED);
        rotations.fold(line, |line, rotation| self.duty(line.on_new_line(), runbook, rotation, reader))
    }

    /// Who is in of the groups of which the reader is one, the large ones left out.
    fn own_groups(&mut self, line: Line, runbook: &Runbook, asked: &Asked<'_>, reader: Reader) -> Line {
        let is_own = |members: &&Vec<Name>| members.len() <= LISTED && members.contains(&asked.by);
        let own = runbook.groups.iter().filter(|(_, members)| is_own(members)).take(GROUPS);
        own.fold(line, |line, (group, members)| {
            let others: Vec<Name> = members.iter().filter(|name| **name != asked.by).cloned().collect();
            if others.is_empty() {
                return line;
            }
            self.in_and_out(line.heading(&format!("With you in {group}")), &others, reader)
        })
    }
}

/// `You owe 2 answers and are owed one.`
fn summary(owes: usize, is_owed: usize) -> String {
    let count = |count: usize| if count == 1 { "one".to_owned() } else { count.to_string() };
    let owed = count(is_owed);
    match (owes, is_owed) {
        (0, 0) => "You owe no answers, and nobody owes you one.".to_owned(),
        (0, _) => format!("You owe no answers, and are owed {owed}."),
        (1, 0) => "You owe one answer, and nobody owes you one.".to_owned(),
        (1, _) => format!("You owe one answer, and are owed {owed}."),
        (owes, 0) => format!("You owe {owes} answers, and nobody owes you one."),
        (owes, _) => format!("You owe {owes} answers, and are owed {owed}."),
    }
}

/// What somebody can do about an answer that they owe, have taken or are owed.
fn ways_out(matter: &Matter, by: &Name) -> Vec<Button> {
    let why = button("Why", Choice::Why);
    let resolved = button("Resolved", Choice::Resolved);
    if matter.case.asker == *by {
        return vec![resolved, why];
    }
    match &matter.owed.taken {
        Some(_) => vec![resolved, button("Give it back", Choice::GiveBack), why],
        None if matter.owed.level.interrupts => vec![button("I take it", Choice::Take), why],
        None => vec![button("I take it", Choice::Take), button("In an hour", Choice::Snooze), why],
    }
}
