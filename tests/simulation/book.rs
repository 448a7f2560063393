//! A team and its runbook, as the simulation knows them: the oracle reads these, Usher the text of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;

/// Milliseconds since the epoch, and durations in milliseconds.
pub type Ms = i64;
/// Milliseconds in a minute.
pub const MINUTE: Ms = 60_000;
/// Milliseconds in an hour.
pub const HOUR: Ms = 60 * MINUTE;
/// Milliseconds in a day.
pub const DAY: Ms = 24 * HOUR;

/// A person, by their place in [`Book::people`].
pub type Who = usize;

/// The weekdays, Monday first, as hours name them.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Spans of minutes by weekday, Monday first; one may run past 1440 into the next day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week(pub [Vec<(i64, i64)>; 7]);

impl Week {
    /// The same spans on the given days (0 is Monday).
    pub fn on(days: impl IntoIterator<Item = usize>, spans: &[(i64, i64)]) -> Week {
        let mut week = Week(Default::default());
        for day in days {
            week.0[day] = spans.to_vec();
        }
        week
    }

    /// As a runbook writes it.
    pub fn text(&self) -> String {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let mut groups = Vec::new();
        for (day, spans) in self.0.iter().enumerate().filter(|(_, spans)| !spans.is_empty()) {
            let mut group = DAYS[day].to_owned();
            for (from, to) in spans {
                let to = if *to > 1440 { *to - 1440 } else { *to };
                let _ = write!(group, " {}-{}", clock(*from), clock(to));
            }
            groups.push(group);
        }
        groups.join("; ")
    }
}

/// Where people are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub name: &'static str,
    pub zone: Tz,
    /// Days off, and the minute from which they are off.
    pub holidays: Vec<(NaiveDate, i64)>,
}

/// Somebody of the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: &'static str,
    pub place: usize,
    pub hours: Week,
    pub focus: Option<Week>,
    pub deputy: Option<Who>,
    /// Whether the runbook leaves it to the chat where they are: `place` is where they were first.
    pub roams: bool,
}

/// People taking turns by weeks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    pub name: &'static str,
    pub members: Vec<Who>,
    pub weeks: i64,
    pub weekday: Weekday,
    /// Minute of the day of the handoff.
    pub handoff: i64,
    pub zone: Tz,
    pub from: NaiveDate,
}

/// Who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    Person(Who),
    Group(usize),
    Rotation(usize),
    Responders,
}

/// How soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    Ms(Ms),
    Workdays(usize),
}

/// When a step of a ladder is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Ms(Ms),
    Percent(i64),
    Late(Ms),
}

/// One step of a ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub after: After,
    pub tell: Vec<Party>,
    pub by: &'static str,
}

/// An urgency level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    pub name: &'static str,
    pub mark: Option<&'static str>,
    pub promise: Option<Promise>,
    pub always: bool,
    pub interrupts: bool,
    pub raised_by: Option<Party>,
    pub met_by_acknowledge: bool,
    pub ladder: Vec<Step>,
}

/// How Usher behaves in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    Watch,
    Private,
    Speak,
}

/// A channel; one without `listed` is in the chat and not in the runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub name: &'static str,
    pub listed: bool,
    pub voice: Voice,
    pub level: Option<usize>,
    pub responders: Vec<Party>,
    pub only_responders: bool,
}

/// A rule that a revision dropped. Channels that are dropped are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dropped {
    Party(Party),
    Level(usize),
}

/// A team and its rules at one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    pub zone: Tz,
    pub places: Vec<Place>,
    pub people: Vec<Person>,
    pub groups: Vec<(&'static str, Vec<Who>)>,
    pub rotations: Vec<Rotation>,
    pub levels: Vec<Level>,
    pub channels: Vec<Channel>,
    pub admins: Vec<Who>,
    pub per_person: usize,
    pub per_thread: usize,
    /// Minutes of the day at which digests are sent.
    pub digest: Vec<i64>,
    /// What the runbook had and has no more; what is open goes on by what it was.
    pub dropped: BTreeSet<Dropped>,
    /// Whether the chat is Slack, where users and channels have ids; else their names are their ids.
    pub slack: bool,
}

impl Book {
    /// The zone of a person, where they did not move.
    pub fn zone_of(&self, who: Who) -> Tz {
        self.places[self.people[who].place].zone
    }

    /// Whether the runbook had a party and has it no more.
    pub fn has_dropped(&self, party: Party) -> bool {
        self.dropped.contains(&Dropped::Party(party))
    }

    /// The person of that name.
    pub fn person(&self, name: &str) -> Option<Who> {
        self.people.iter().position(|person| person.name == name)
    }

    /// The channel of that name.
    pub fn channel(&self, name: &str) -> Option<usize> {
        self.channels.iter().position(|channel| channel.name == name)
    }

    /// A person's id in the chat.
    pub fn user_id(&self, who: Who) -> String {
        let name = self.people[who].name;
        if self.slack { format!("U0{}", name.to_uppercase()) } else { name.to_owned() }
    }

    /// The person of that id.
    pub fn user(&self, id: &str) -> Option<Who> {
        (0..self.people.len()).find(|who| self.user_id(*who) == id)
    }

    /// A channel's id in the chat.
    pub fn channel_id(&self, channel: usize) -> String {
        let name = self.channels[channel].name;
        if self.slack { format!("C0{}", name.to_uppercase()) } else { name.to_owned() }
    }

    fn party(&self, party: Party) -> String {
        let name = match party {
            Party::Person(who) => self.people[who].name,
            Party::Group(group) => self.groups[group].0,
            Party::Rotation(rotation) => self.rotations[rotation].name,
            Party::Responders => "responders",
        };
        format!("\"{name}\"")
    }

    fn list(&self, parties: &[Party]) -> String {
        let names: Vec<String> = parties.iter().map(|party| self.party(*party)).collect();
        format!("[{}]", names.join(", "))
    }

    fn people_list(&self, people: &[Who]) -> String {
        self.list(&people.iter().map(|who| Party::Person(*who)).collect::<Vec<_>>())
    }

    /// The runbook's text.
    pub fn toml(&self) -> String {
        let mut text = String::new();
        self.write_head(&mut text);
        self.write_people(&mut text);
        let levels = self.levels.iter().enumerate();
        let kept = levels.filter(|(level, _)| !self.dropped.contains(&Dropped::Level(*level)));
        kept.for_each(|(_, level)| self.write_level(&mut text, level));
        for channel in self.channels.iter().filter(|channel| channel.listed) {
            self.write_channel(&mut text, channel);
        }
        text.push_str(
            "\n[threads]\nresolved-by = [\"white_check_mark\", \"that did it\"]\nmain-line-gap = \"15m\"\n",
        );
        text.push_str("suggest = \"when-stuck\"\nlong-message = 400\n");
        text
    }

    fn write_head(&self, text: &mut String) {
        let clock = |minute: &i64| format!("\"{:02}:{:02}\"", minute / 60, minute % 60);
        let digest: Vec<String> = self.digest.iter().map(clock).collect();
        let admins = self.people_list(&self.admins);
        let _ = write!(
            text,
            "[team]\nname = \"Simulated\"\ntimezone = \"{}\"\noffice-hours = \"mon-fri 09:00-17:00\"\n\
             admins = {admins}\n\n[notices]\nper-person-per-day = {}\nper-thread = {}\ndigest = [{}]\n",
            self.zone.name(),
            self.per_person,
            self.per_thread,
            digest.join(", ")
        );
        for place in &self.places {
            let day = |(date, from): &(NaiveDate, i64)| match from {
                0 => date.to_string(),
                _ => format!("\"{date} from {:02}:{:02}\"", from / 60, from % 60),
            };
            let holidays: Vec<String> = place.holidays.iter().map(day).collect();
            let _ = write!(
                text,
                "\n[places.{}]\ntimezone = \"{}\"\nholidays = [{}]\n",
                place.name,
                place.zone.name(),
                holidays.join(", ")
            );
        }
    }

    fn write_people(&self, text: &mut String) {
        text.push_str("\n[people]\n");
        for person in &self.people {
            let _ = write!(text, "{} = {{ office-hours = \"{}\"", person.name, person.hours.text());
            if !person.roams {
                let _ = write!(text, ", place = \"{}\"", self.places[person.place].name);
            }
            if self.slack {
                let id = self.user_id(self.person(person.name).expect("one of them"));
                let _ = write!(text, ", slack = \"{id}\"");
            }
            if let Some(focus) = &person.focus {
                let _ = write!(text, ", focus = \"{}\"", focus.text());
            }
            if let Some(deputy) = person.deputy {
                let _ = write!(text, ", deputy = {}", self.party(Party::Person(deputy)));
            }
            text.push_str(" }\n");
        }
        text.push_str("\n[groups]\n");
        let is_kept = |party| !self.has_dropped(party);
        let groups = self.groups.iter().enumerate().filter(|(group, _)| is_kept(Party::Group(*group)));
        for (_, (name, members)) in groups {
            let _ = writeln!(text, "{name} = {}", self.people_list(members));
        }
        let rotations = self.rotations.iter().enumerate();
        for (_, rotation) in rotations.filter(|(rotation, _)| is_kept(Party::Rotation(*rotation))) {
            let unit = if rotation.weeks == 1 { "week" } else { "weeks" };
            let _ = write!(
                text,
                "\n[rotations.{}]\nmembers = {}\nevery = \"{} {unit}\"\nhandoff = \"{} {:02}:{:02}\"\n\
                 timezone = \"{}\"\nfrom = {}\n",
                rotation.name,
                self.people_list(&rotation.members),
                rotation.weeks,
                DAYS[rotation.weekday.num_days_from_monday() as usize],
                rotation.handoff / 60,
                rotation.handoff % 60,
                rotation.zone.name(),
                rotation.from
            );
        }
    }

    fn write_level(&self, text: &mut String, level: &Level) {
        let _ = write!(text, "\n[urgency.{}]\nmeans = \"What {} means\"\n", level.name, level.name);
        if let Some(mark) = level.mark {
            let _ = writeln!(text, "marks = [\"{mark}\"]");
        }
        match level.promise {
            Some(Promise::Ms(ms)) => {
                let _ = writeln!(text, "respond-within = \"{}m\"", ms / MINUTE);
            }
            Some(Promise::Workdays(days)) => {
                let unit = if days == 1 { "workday" } else { "workdays" };
                let _ = writeln!(text, "respond-within = \"{days} {unit}\"");
            }
            None => {}
        }
        if level.always {
            text.push_str("clock = \"always\"\n");
        }
        if level.interrupts {
            text.push_str("interrupts = true\n");
        }
        if let Some(party) = level.raised_by {
            let _ = writeln!(text, "raised-by = {}", self.party(party));
        }
        if level.met_by_acknowledge {
            text.push_str("met-by = \"acknowledge\"\n");
        }
        if !level.ladder.is_empty() {
            text.push_str("escalate = [\n");
            level.ladder.iter().for_each(|step| self.write_step(text, step));
            text.push_str("]\n");
        }
    }

    fn write_step(&self, text: &mut String, step: &Step) {
        let after = match step.after {
            After::Ms(ms) => format!("{}m", ms / MINUTE),
            After::Percent(percent) => format!("{percent}%"),
            After::Late(ms) => format!("{}m after", ms / MINUTE),
        };
        let _ = writeln!(
            text,
            "  {{ after = \"{after}\", tell = {}, by = \"{}\" }},",
            self.list(&step.tell),
            step.by
        );
    }

    fn write_channel(&self, text: &mut String, channel: &Channel) {
        let _ = write!(text, "\n[channels.{}]\npurpose = \"What is talked of here\"\n", channel.name);
        if self.slack {
            let id = self.channel_id(self.channel(channel.name).expect("one of them"));
            let _ = writeln!(text, "slack = \"{id}\"");
        }
        if let Some(level) = channel.level {
            let _ = writeln!(text, "urgency = \"{}\"", self.levels[level].name);
        }
        if !channel.responders.is_empty() {
            let _ = writeln!(text, "responders = {}", self.list(&channel.responders));
        }
        if channel.only_responders {
            text.push_str("answered-by = \"responders\"\n");
        }
        let voice = match channel.voice {
            Voice::Watch => "watch",
            Voice::Private => "private",
            Voice::Speak => "speak",
        };
        let _ =
            writeln!(text, "acknowledge = [\"eyes\"]\ndismiss = [\"no_entry_sign\"]\nusher = \"{voice}\"");
    }
}
