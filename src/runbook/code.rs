//! What can be wrong with a runbook: one code a kind of problem, with its explanation and its mend.
//!
//! The spelling of a code is public: CI configurations and the documentation name them.

use std::fmt;

use serde::{Serialize, Serializer};

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The runbook cannot be used.
    Error,
    /// It can be used, but probably does not say what was meant.
    Lint,
}

impl Severity {
    /// `error` or `lint`.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Lint => "lint",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $word:literal $severity:ident $why:literal $mend:literal;)*) => {
        /// A kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $why] $variant,)*
        }

        impl Code {
            /// Every code, in the order in which the documentation lists them.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The code as it is printed.
            pub const fn word(self) -> &'static str {
                match self { $(Code::$variant => $word,)* }
            }

            /// Whether it keeps the runbook from being used.
            pub const fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// What is wrong, in a sentence or two.
            pub const fn explanation(self) -> &'static str {
                match self { $(Code::$variant => $why,)* }
            }

            /// What to do about it.
            pub const fn mend(self) -> &'static str {
                match self { $(Code::$variant => $mend,)* }
            }
        }
    };
}

codes! {
    NotUtf8 "not-utf8" Error
        "The file holds bytes that are not UTF-8 text."
        "Save it as UTF-8; the message gives the first byte that is not.";
    TooLarge "too-large" Error
        "The file is larger than a runbook can be (1 MB)."
        "Keep the rules and link the rest from `[links]`.";
    TooDeep "too-deep" Error
        "Tables, arrays or dotted keys are nested deeper than any runbook needs."
        "Flatten it: nothing in a runbook is nested more than four deep.";
    Syntax "syntax" Error
        "The file is not TOML at this place."
        "Most often a missing quote, bracket or comma on this line or the one before.";
    DuplicateKey "duplicate-key" Error
        "A key or a table is written twice; TOML allows it once."
        "Keep one of the two, or merge them.";
    UnknownKey "unknown-key" Error
        "No such key is known at this place."
        "Use one of the keys that are listed as known, or remove it.";
    MissingKey "missing-key" Error
        "A key that this table cannot do without is missing."
        "Add it.";
    WrongType "wrong-type" Error
        "The value is of another kind than the key takes, such as a number where text is expected."
        "Write the kind of value that the message asks for.";
    BadChoice "bad-choice" Error
        "The key takes one of a few words, and this is none of them."
        "Use one of the words that are listed as known.";
    OutOfRange "out-of-range" Error
        "The number or duration is below the least or above the greatest that makes sense."
        "Choose a value in the range that the message gives.";
    BadText "bad-text" Error
        "A text is empty or holds control characters."
        "Write at least one visible character.";
    BadDuration "bad-duration" Error
        "The text is no duration."
        "Write `90s`, `15m`, `4h`, `1h 30m`, or where it is allowed `1 workday` or `2 weeks`.";
    BadTime "bad-time" Error
        "The text is no local time."
        "Write hours and minutes, as in `09:00`.";
    BadDate "bad-date" Error
        "The value is no date, or no date and time where one is needed."
        "Write a date without quotes, as in `2027-02-01`, or `2027-02-01T09:00`.";
    BadZone "bad-zone" Error
        "The text names no time zone."
        "Use a name of the IANA database, as in `Europe/Berlin`.";
    BadHours "bad-hours" Error
        "The text does not say weekly hours."
        "Write days and spans, as in `mon-fri 09:00-12:30 13:30-17:30`; write `;` before further days.";
    NeverOpen "never-open" Error
        "These hours are never open, so a clock on them would never end; or focus covers them all, so nobody could be told."
        "Give at least one span that ends after it starts, and leave some office hours without focus.";
    BadHolidays "bad-holidays" Error
        "A holiday is no date or half day, or a calendar file cannot be read."
        "Write `2026-12-24`, `\"2026-12-31 from 13:00\"`, or the path of an iCalendar file in the runbook's folder.";
    BadName "bad-name" Error
        "A name is empty, reserved, or holds characters that cannot be typed in a command."
        "Use letters, digits, `-`, `_` and `.`; no `@`, no `#`, no spaces.";
    AmbiguousName "ambiguous-name" Error
        "Two of people, groups and rotations have the same name, so that `tell` cannot know who is meant."
        "Rename one of the two.";
    UnknownName "unknown-name" Error
        "The name is defined nowhere in this file."
        "Use a name that is defined, or define it; for a person `kim = {}` under `[people]` is enough.";
    DuplicateId "duplicate-id" Error
        "Two people or two channels have the same id on a platform."
        "Give each their own id, or remove one of the entries.";
    BadId "bad-id" Error
        "The text is no id of a person or channel on that platform."
        "Slack's begin with U, W or C, as in `U012AB3CD`; Matrix's look like `@ana:example.org` and `#support:example.org`.";
    BadLink "bad-link" Error
        "The text is no address, or holds a placeholder that is not known."
        "Begin it with `https://`; in `call-link` the one placeholder is `{thread}`.";
    BadOverride "bad-override" Error
        "An override of a rotation ends before it begins, or overlaps another."
        "Give each span an end after its start, and let them not overlap.";
    EmptyRotation "empty-rotation" Error
        "A rotation has no members, so nobody is ever on duty."
        "Name at least one person.";
    EmptyGroup "empty-group" Error
        "A group has no members, so a rule that names it reaches nobody."
        "Name at least one person, or remove the group.";
    EmptyList "empty-list" Error
        "The list is empty, and that would mean the opposite of what it looks like."
        "Remove the key, which gives the default, or name at least one.";
    BadMark "bad-mark" Error
        "A mark is longer than 40 characters, or so short and common that ordinary messages begin with it."
        "Use an emoji or a word with a sign, as in `!blocking` or `FYI:`.";
    IdenticalMarks "identical-marks" Error
        "Two levels have the same mark, so that a message with it could mean either."
        "Give it to one of them.";
    ShareWithoutPromise "share-without-promise" Error
        "A step waits for a share of a promise, or for its end, and the level promises nothing."
        "Add `respond-within`, or give the step a time such as `30m`.";
    WorkdaysOnAlwaysClock "workdays-on-always-clock" Error
        "Working days are counted in office hours, and the level's clock runs always."
        "Write hours, as in `24h`, or remove `clock = \"always\"`.";
    NoResponders "no-responders" Error
        "Only responders may answer here, and the channel names none."
        "Add `responders`, or remove `answered-by`.";
    DeputyOfOneself "deputy-of-oneself" Error
        "A person cannot stand in for themselves."
        "Name somebody else.";
    BadPattern "bad-pattern" Error
        "The text is no pattern of user ids on that platform, or fits everybody."
        "Write what the bridge's users have in common, as in `@slack_*:example.org`; on Slack their ids, as in `U012AB3CD` or `B012AB3CD`.";
    GhostInPeople "ghost-in-people" Error
        "A bridge's pattern fits somebody in `[people]`, whom Usher would ignore."
        "Narrow the pattern, or take the copy of that person out of `[people]`.";

    DefaultZone "default-zone" Lint
        "The team has no time zone, so UTC is used for whatever names none of its own."
        "Add `timezone` under `[team]`.";
    UnknownReaction "unknown-reaction" Lint
        "No emoji has this name, and one has nearly the same."
        "Write that one; if it is an emoji of your own workspace, leave it as it is.";
    AmbiguousReaction "ambiguous-reaction" Lint
        "One reaction both takes a question on and dismisses it. It takes it on."
        "Give `acknowledge` and `dismiss` different reactions.";
    RepeatedName "repeated-name" Lint
        "A name stands twice in one list; the second has no effect."
        "Remove one.";
    InNoGroup "in-no-group" Lint
        "A person is in no group and no rotation, so that rules reach them only when they are mentioned."
        "Add them to a group, or ignore this if that is meant.";
    UnusedName "unused-name" Lint
        "A group, rotation or place is defined and never used."
        "Use it or remove it.";
    UnusedLevel "unused-level" Lint
        "No channel has this level and no mark raises it."
        "Give it a mark, or make it the `urgency` of a channel.";
    ShadowingMarks "shadowing-marks" Lint
        "One level's mark begins with another level's mark. The longer one wins, which readers may not expect."
        "Choose marks of which none begins with another.";
    NobodyOwes "nobody-owes" Lint
        "A mark starts a promise, but no channel has responders and the ladder names nobody: without a mention nobody would owe the answer."
        "Give a channel `responders`, or name somebody in the ladder.";
    NobodyNew "nobody-new" Lint
        "A step tells only people who were told earlier, by the same means or a stronger one."
        "Name somebody else, or use a stronger means.";
    LadderOrder "ladder-order" Lint
        "A step comes before the one above it in time."
        "Write the steps in the order in which they happen.";
    InterruptsWithoutPager "interrupts-without-pager" Lint
        "A level may interrupt, but no step of it uses the pager, so nobody is reached outside office hours."
        "Give a step `by = \"pager\"`, or remove `interrupts`.";
    NeedsPager "needs-pager" Lint
        "A step uses the pager, and the settings name none: the asker is shown an emergency card instead."
        "Configure a pager in the settings.";
    OffDutyHours "off-duty-hours" Lint
        "A member of a rotation is in office hours in none of their shifts of the coming year."
        "Change the handoff, the length of a shift, or who takes part.";
    FocusOutsideHours "focus-outside-hours" Lint
        "Focus time lies outside the person's office hours, where it has no effect."
        "Move it into office hours.";
    DeputyCycle "deputy-cycle" Lint
        "Three or more people stand in for each other in a circle. Two who stand in for each other are fine."
        "Let the last of them have no deputy, or one outside the circle.";
    HolidaysEnd "holidays-end" Lint
        "A calendar file has no date in the coming twelve months, so its holidays are treated as working days."
        "Download it anew.";
    HolidayLeftOut "holiday-left-out" Lint
        "An event of a calendar file was not understood, so it closes nothing."
        "Write the date into `holidays` by hand, or correct the file.";
    ReviewDue "review-due" Lint
        "The day on which the team meant to look at its rules again has passed."
        "Look at them, and set a new `review-by`.";
    PhoneInGit "phone-in-git" Lint
        "A telephone number stands in the file, and so in git for ever."
        "Put it into the settings, and write `phone = { secret = \"kim-phone\" }`.";
    UnknownSecret "unknown-secret" Lint
        "A telephone number is said to be in the settings, and they have no secret of that name."
        "Add it under `[secrets]` in the settings, or correct the name.";
    DigestOutsideHours "digest-outside-hours" Lint
        "A digest is due at a time at which nobody's day has begun, or everybody's is over; it waits for the next opening."
        "Choose times within office hours.";
}

impl Code {
    /// The code that is printed as `word`.
    pub fn parse(word: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.word() == word)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
