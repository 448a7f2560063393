//! Everybody's calendar, past revisions of the runbook included.
//!
//! What a changed calendar says counts from the change on: a table is spliced where a revision came into
//! force, so time that has elapsed never changes. Tables are made when they are asked for and kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;
use rustc_hash::FxHashMap;

use super::people::People;
use crate::calendar::{Calendar, DAY_MS, Holidays, Instant, OpenTable, Span};
use crate::runbook::{Clock, Name, Runbook, Who};

/// No clock runs longer than this: tables reach so far back, and what happened earlier matters to none.
pub(super) const PAST_MS: i64 = 130 * DAY_MS;
/// Tables reach so far ahead when they are made.
const FUTURE_MS: i64 = 400 * DAY_MS;
/// They are made anew when less than this is left of them.
const LEAST_FUTURE_MS: i64 = 200 * DAY_MS;
/// More tables than this are not kept.
const TABLES_KEPT: usize = 20_000;

/// A revision of the runbook and since when it is in force.
#[derive(Clone, Debug)]
pub struct InForce {
    /// Its number in order of coming into force.
    pub number: u32,
    /// Its id: a commit, or a digest.
    pub id: smol_str::SmolStr,
    /// Since when.
    pub at: Instant,
    /// What it says.
    pub runbook: Arc<Runbook>,
}

/// The revisions that still matter, and the tables made from them.
#[derive(Debug)]
pub struct Calendars {
    revisions: Vec<InForce>,
    away: BTreeMap<Name, Vec<Span>>,
    window: Span,
    tables: FxHashMap<Table, Arc<OpenTable>>,
    /// Office hours of those who owe, none of them for the clock that never stops.
    owed: FxHashMap<Vec<Who>, Arc<OpenTable>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Table {
    /// Office hours of a listed person.
    Listed(Name),
    /// Office hours of whoever is not listed, in a zone.
    Zone(Tz),
    /// Office hours less focus.
    Available(Name, Tz),
}

impl Default for Calendars {
    fn default() -> Calendars {
        Calendars {
            revisions: Vec::new(),
            away: BTreeMap::new(),
            window: Span { from: Instant::MAX, to: Instant::MIN },
            tables: FxHashMap::default(),
            owed: FxHashMap::default(),
        }
    }
}

impl Calendars {
    /// The revision in force now, if there is one.
    pub fn current(&self) -> Option<&InForce> {
        self.revisions.last()
    }

    /// The revision that was in force at an instant; for one before the first, the first.
    pub fn at(&self, at: Instant) -> Option<&InForce> {
        let after = self.revisions.partition_point(|revision| revision.at <= at);
        self.revisions.get(after.saturating_sub(1))
    }

    /// The revision of that number, if it is still kept; else the oldest that is.
    pub fn numbered(&self, number: u32) -> Option<&InForce> {
        self.revisions.iter().find(|revision| revision.number == number).or_else(|| self.revisions.first())
    }

    /// Takes a revision into force.
    pub fn enact(&mut self, revision: InForce) {
        self.revisions.push(revision);
        self.forget_tables();
    }

    /// Forgets revisions that were replaced before `at`; their numbers.
    pub fn forget_before(&mut self, at: Instant) -> Vec<u32> {
        let replaced = self.revisions.windows(2).take_while(|pair| pair[1].at < at).count();
        self.revisions.drain(..replaced).map(|revision| revision.number).collect()
    }

    /// A person is away in these spans.
    pub fn set_away(&mut self, person: &Name, spans: Vec<Span>) {
        self.away.insert(person.clone(), spans);
        self.forget_tables();
    }

    /// The spans in which a person is away.
    pub fn away(&self, person: &Name) -> &[Span] {
        self.away.get(person).map_or(&[], Vec::as_slice)
    }

    /// Everything about a platform's users may have changed.
    pub fn forget_tables(&mut self) {
        self.tables.clear();
        self.owed.clear();
    }

    /// A person's calendar as the runbook says now, leave excepted.
    pub fn calendar(&self, people: &People, person: &Name) -> Option<Calendar> {
        self.current().map(|revision| calendar(&revision.runbook, people, person, Instant::MAX))
    }

    /// The eras from an instant on in which nothing changed in what the runbook says and where these people live:
    /// when each begins, the revision in force, and when the next begins.
    pub fn eras_from(
        &self,
        people: &People,
        persons: &[Name],
        at: Instant,
    ) -> Vec<(Instant, &InForce, Option<Instant>)> {
        let mut cuts: Vec<Instant> = self.revisions.iter().map(|revision| revision.at).collect();
        cuts.extend(persons.iter().flat_map(|person| self.moves(people, person)));
        cuts.retain(|cut| *cut > at);
        cuts.sort_unstable();
        cuts.dedup();
        let ends = cuts.iter().copied().map(Some).chain([None]);
        let begins = [at].into_iter().chain(cuts.iter().copied());
        begins.zip(ends).filter_map(|(from, to)| Some((from, self.at(from)?, to))).collect()
    }

    /// When a person moved to another zone, as far as a runbook left that to the platform.
    fn moves(&self, people: &People, person: &Name) -> Vec<Instant> {
        let moves = self.runbooks().flat_map(|runbook| people.moves(runbook, person));
        moves.map(|before| before.until).collect()
    }

    /// A person's calendar by a revision, where they lived at an instant, leave aside.
    pub fn calendar_by(&self, revision: &InForce, people: &People, person: &Name, at: Instant) -> Calendar {
        calendar(&revision.runbook, people, person, at)
    }

    /// When a person is in office.
    pub fn office(&mut self, people: &People, person: &Name, now: Instant) -> Arc<OpenTable> {
        self.keep_window(now);
        let Some(current) = self.current() else { return Arc::new(OpenTable::never()) };
        let moves = self.moves(people, person);
        let has_own = current.runbook.people.contains_key(person) || self.away.contains_key(person);
        let key = match has_own || !moves.is_empty() {
            true => Table::Listed(person.clone()),
            false => Table::Zone(people.zone(&current.runbook, person)),
        };
        if let Some(table) = self.tables.get(&key) {
            return Arc::clone(table);
        }
        let table = self.spliced(&moves, |runbook, at, span| {
            calendar(runbook, people, person, at).open(span.from, span.to)
        });
        let table = table.minus(self.away(person));
        self.keep(key, table)
    }

    /// When a person is in office and not in focus: when a notice or a slot may reach them.
    pub fn available(&mut self, people: &People, person: &Name, now: Instant) -> Arc<OpenTable> {
        let has_focus =
            |rev: &InForce| rev.runbook.people.get(person).is_some_and(|person| person.focus.is_some());
        if !self.current().is_some_and(has_focus) {
            return self.office(people, person, now);
        }
        self.keep_window(now);
        let Some(current) = self.current() else { return Arc::new(OpenTable::never()) };
        let key = Table::Available(person.clone(), people.zone(&current.runbook, person));
        if let Some(table) = self.tables.get(&key) {
            return Arc::clone(table);
        }
        let table = self.spliced(&self.moves(people, person), |runbook, at, span| {
            calendar(runbook, people, person, at).available(span.from, span.to)
        });
        let table = table.minus(self.away(person));
        self.keep(key, table)
    }

    /// The clock of an answer that `who` owe: open while any of them is in office, with the shifts of
    /// rotations and with deputies for those on leave.
    pub fn owed(&mut self, people: &People, who: &[Who], clock: Clock, now: Instant) -> Arc<OpenTable> {
        self.keep_window(now);
        // The most frequent answer has one person to give it, who is not away: then it is their own table.
        if let (Clock::OfficeHours, [Who::Person(person)]) = (clock, who)
            && self.away(person).is_empty()
        {
            return self.office(people, person, now);
        }
        let who = match clock {
            Clock::Always => &[],
            Clock::OfficeHours => who,
        };
        if let Some(table) = self.owed.get(who) {
            return Arc::clone(table);
        }
        let table = match clock {
            Clock::Always => OpenTable::always(),
            Clock::OfficeHours => {
                let each: Vec<OpenTable> = who.iter().map(|who| self.one_owes(people, who, now)).collect();
                OpenTable::union(&each.iter().collect::<Vec<_>>())
            }
        };
        self.keep_room();
        let table = Arc::new(table);
        self.owed.insert(who.to_vec(), Arc::clone(&table));
        table
    }

    /// Who of `who` it is at an instant: groups are their members, rotations whoever has the shift, and
    /// those on leave of a working day or more their deputies.
    pub fn members(&self, people: &People, who: &[Who], at: Instant) -> Vec<Name> {
        let mut members = Vec::new();
        for person in who.iter().flat_map(|who| self.listed(who, at)) {
            let person = self.stand_in(people, &person, at).unwrap_or(person);
            if !members.contains(&person) {
                members.push(person);
            }
        }
        members
    }

    /// Who stands in for a person on leave at an instant: the deputy, or while that one is on leave, too, theirs.
    /// Nobody where all of these are gone for as long.
    pub fn stand_in(&self, people: &People, person: &Name, at: Instant) -> Option<Name> {
        let leave = self.leave(people, person, at)?;
        let mut passed = vec![person.clone()];
        let mut stays = None;
        let mut deputy = self.deputy(person, at);
        while let Some(next) = deputy.filter(|next| !passed.contains(next)) {
            let Some(own) = self.leave(people, &next, at) else { return Some(next) };
            let is_back_sooner = leave.from < own.from || own.to < leave.to;
            deputy = self.deputy(&next, at);
            stays = stays.or_else(|| is_back_sooner.then(|| next.clone()));
            passed.push(next);
        }
        stays
    }

    fn deputy(&self, person: &Name, at: Instant) -> Option<Name> {
        self.at(at)?.runbook.people.get(person)?.deputy.clone()
    }

    /// The leave on which a person is at an instant.
    pub fn leave(&self, people: &People, person: &Name, at: Instant) -> Option<Span> {
        let mut spans = self.away(person).iter().copied();
        spans.find(|span| span.contains(at) && self.is_leave(people, person, *span))
    }

    /// The spans in which a person is away and nobody stands in.
    pub fn uncovered(&self, people: &People, person: &Name) -> Vec<Span> {
        let away = self.away(person).iter().copied();
        away.filter(|span| self.stand_in(people, person, span.from).is_none()).collect()
    }

    /// Whether a span of being away is a leave: it takes the whole of one of the person's working days, as they were
    /// when it began.
    pub fn is_leave(&self, people: &People, person: &Name, span: Span) -> bool {
        let Some(revision) = self.at(span.from) else { return false };
        let calendar = self.calendar_by(revision, people, person, span.from);
        let open = calendar.open(span.from.plus(-DAY_MS), span.to.plus(DAY_MS));
        let in_span = open.between(span.from, span.to);
        let first_day = open.next_open(span.from).map(|from| calendar.local_date(from));
        let whole_day = first_day.is_some_and(|date| {
            let day = open.all_spans().filter(|open| calendar.local_date(open.from) == date);
            day.map(Span::ms).sum::<i64>() <= in_span
        });
        in_span > 0 && whole_day
    }

    /// The names behind one `who` at an instant, leave not considered.
    pub fn listed(&self, who: &Who, at: Instant) -> Vec<Name> {
        match who {
            Who::Person(person) => vec![person.clone()],
            Who::Group(group) => {
                self.last_with(at, |runbook| runbook.groups.get(group)).cloned().unwrap_or_default()
            }
            Who::Rotation(rotation) => self.on_duty(rotation, at).into_iter().collect(),
            Who::Responders => Vec::new(),
        }
    }

    /// Who is on duty in a rotation at an instant: by the revision in force then, or, where it dropped the
    /// rotation, by the last that had it.
    pub fn on_duty(&self, rotation: &Name, at: Instant) -> Option<Name> {
        self.last_with(at, |runbook| runbook.rotations.get(rotation))?.on_duty(at).cloned()
    }

    /// Something that the revision in force at an instant says or, where it dropped that, the last before it that said
    /// it: what is open under a rule is closed under it.
    fn last_with<T>(&self, at: Instant, find: impl Fn(&Runbook) -> Option<&T>) -> Option<&T> {
        let then = self.revisions.partition_point(|revision| revision.at <= at).max(1);
        self.revisions.iter().take(then).rev().find_map(|revision| find(&revision.runbook))
    }

    /// The runbooks that still matter, oldest first.
    pub fn runbooks(&self) -> impl Iterator<Item = &Runbook> {
        self.revisions.iter().map(|revision| &*revision.runbook)
    }

    fn one_owes(&mut self, people: &People, who: &Who, now: Instant) -> OpenTable {
        match who {
            Who::Person(person) => self.with_deputy(people, person, now),
            Who::Group(group) => {
                let group = Who::Group(group.clone());
                let members = self.listed(&group, now);
                let each: Vec<OpenTable> =
                    members.iter().map(|person| self.with_deputy(people, person, now)).collect();
                OpenTable::union(&each.iter().collect::<Vec<_>>())
            }
            Who::Rotation(rotation) => self.by_shift(people, rotation, now),
            Who::Responders => OpenTable::never(),
        }
    }

    fn with_deputy(&mut self, people: &People, person: &Name, now: Instant) -> OpenTable {
        let own = self.office(people, person, now);
        let leaves: Vec<Span> = self.away(person).to_vec();
        let mut covered = Vec::new();
        let parts: Vec<Span> = leaves.into_iter().flat_map(|leave| self.parts(person, leave)).collect();
        for part in parts {
            if let Some(deputy) = self.stand_in(people, person, part.from) {
                covered.extend(self.office(people, &deputy, now).spans(part.from, part.to));
            }
        }
        if covered.is_empty() {
            return OpenTable::clone(&own);
        }
        covered.sort();
        OpenTable::union(&[&own, &OpenTable::from_spans(self.window, covered)])
    }

    /// A leave, cut where another may have to stand in.
    fn parts(&self, person: &Name, leave: Span) -> Vec<Span> {
        let revisions = self.revisions.iter().map(|revision| revision.at);
        let mut cuts: Vec<Instant> = vec![leave.from, leave.to];
        cuts.extend(revisions.clone().filter(|at| leave.contains(*at)));
        let mut deputies: Vec<Name> = vec![person.clone()];
        let mut next = 0;
        while let Some(person) = deputies.get(next).cloned() {
            cuts.extend(self.away(&person).iter().flat_map(|span| [span.from, span.to]));
            let theirs = revisions.clone().filter_map(|at| self.deputy(&person, at));
            for deputy in theirs.collect::<Vec<_>>() {
                if !deputies.contains(&deputy) {
                    deputies.push(deputy);
                }
            }
            next += 1;
        }
        cuts.retain(|at| leave.from <= *at && *at <= leave.to);
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|cut| Span { from: cut[0], to: cut[1] }).collect()
    }

    fn by_shift(&mut self, people: &People, rotation: &Name, now: Instant) -> OpenTable {
        let mut open = Vec::new();
        for (from, to) in self.eras() {
            let plan =
                self.revisions.iter().filter(|rev| rev.at <= from || rev.number == self.revisions[0].number);
            let Some(plan) = plan.rev().find_map(|rev| rev.runbook.rotations.get(rotation)).cloned() else {
                continue;
            };
            for shift in plan.shifts(from, to) {
                let table = self.with_deputy(people, &shift.who, now);
                open.extend(table.spans(shift.span.from.max(from), shift.span.to.min(to)));
            }
        }
        open.sort();
        OpenTable::from_spans(self.window, open)
    }

    /// The window, cut where revisions came into force.
    fn eras(&self) -> Vec<(Instant, Instant)> {
        let mut cuts = vec![self.window.from];
        cuts.extend(self.revisions.iter().skip(1).map(|rev| rev.at).filter(|at| self.window.contains(*at)));
        cuts.push(self.window.to);
        cuts.windows(2).map(|cut| (cut[0], cut[1])).filter(|(from, to)| from < to).collect()
    }

    /// A table of each era, one put to the other where a revision came into force or the person moved.
    fn spliced(&self, moves: &[Instant], table: impl Fn(&Runbook, Instant, Span) -> OpenTable) -> OpenTable {
        let Some(first) = self.revisions.first() else { return OpenTable::never() };
        let mut cuts: Vec<Instant> = self.revisions.iter().skip(1).map(|revision| revision.at).collect();
        cuts.extend(moves);
        cuts.retain(|cut| *cut < self.window.to);
        cuts.sort_unstable();
        cuts.dedup();
        let start = table(&first.runbook, Instant::MIN, self.window);
        cuts.into_iter().fold(start, |spliced, at| {
            let revision = self.at(at).unwrap_or(first);
            spliced.splice(at, &table(&revision.runbook, at, self.window))
        })
    }

    fn keep(&mut self, key: Table, table: OpenTable) -> Arc<OpenTable> {
        self.keep_room();
        let table = Arc::new(table);
        self.tables.insert(key, Arc::clone(&table));
        table
    }

    fn keep_room(&mut self) {
        if self.tables.len() + self.owed.len() >= TABLES_KEPT {
            self.forget_tables();
        }
    }

    fn keep_window(&mut self, now: Instant) {
        let covered =
            self.window.from <= now.plus(-PAST_MS / 2) && now.plus(LEAST_FUTURE_MS) <= self.window.to;
        if !covered {
            self.window = Span { from: now.plus(-PAST_MS), to: now.plus(FUTURE_MS) };
            self.forget_tables();
        }
    }
}

fn calendar(runbook: &Runbook, people: &People, person: &Name, at: Instant) -> Calendar {
    let zone = people.zone_at(runbook, person, at);
    match runbook.people.get(person) {
        Some(listed) => Calendar {
            zone,
            hours: Arc::clone(&listed.office_hours),
            holidays: Arc::clone(&listed.holidays),
            focus: listed.focus.clone(),
            away: Vec::new(),
        },
        None => Calendar {
            zone,
            hours: Arc::clone(&runbook.team.office_hours),
            holidays: Arc::new(Holidays::default()),
            focus: None,
            away: Vec::new(),
        },
    }
}
