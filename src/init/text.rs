//! A plan as TOML, with the comments by which a team makes it its own.

use std::fmt::Write;

use super::plan::{Channel, Person, Plan};

/// Where the comments stand.
const COMMENTS: usize = 52;
/// The longest purpose, in characters.
const LONGEST_PURPOSE: usize = 120;
/// The longest name in a comment, in characters.
const LONGEST_NAME: usize = 40;

/// The file.
pub(super) fn written(plan: &Plan<'_>) -> String {
    let sections = [
        head(plan),
        team(plan),
        people(plan),
        groups(plan),
        levels(plan),
        plan.channels.iter().map(|it| channel(it, plan.id_key)).collect::<Vec<_>>().join("\n"),
        ELSEWHERE.to_owned(),
    ];
    let sections: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    sections.join("\n")
}

fn head(plan: &Plan<'_>) -> String {
    format!(
        "# The communication runbook of {}, begun by `usher init`. Nothing binds yet: Usher is silent in every\n\
         # channel, and tells the admins once a day what it would have said. When that reads well, take\n\
         # `usher = \"watch\"` away from a channel: there it speaks. Every key is explained in docs/runbook.md;\n\
         # after a change run `usher check`.\n",
        or_a_team(plan.team)
    )
}

fn team(plan: &Plan<'_>) -> String {
    let mut text = "[team]\n".to_owned();
    let name = or_a_team(plan.team);
    text.push_str(&line(&format!("name = {}", quoted(&name)), ""));
    let zone = format!("timezone = {}", quoted(plan.zone.name()));
    let known = "most people's; each person's own comes from the platform";
    text.push_str(&line(&zone, if plan.zones_are_heard { known } else { "most people's" }));
    text.push_str(&line(
        "office-hours = \"mon-fri 09:00-17:00\"",
        "a guess: everyone's, each in their own zone",
    ));
    if let Some(admin) = &plan.admin {
        let admins = format!("admins = [{}]", quoted(admin));
        text.push_str(&line(&admins, "who hears what Usher would have said: put yourself here"));
    }
    text
}

fn people(plan: &Plan<'_>) -> String {
    if plan.people.is_empty() {
        return String::new();
    }
    let known = if plan.zones_are_heard { "name and zone" } else { "their name" };
    let mut text = format!(
        "# Everybody is known from the platform, with {known}. Here stand those whom a rule names, and what\n\
         # the platform does not know: `office-hours`, `focus`, `deputy`, a `place` with its `holidays`.\n[people]\n"
    );
    for person in &plan.people {
        text.push_str(&line(&entry(person, plan), &shown(person.name, LONGEST_NAME)));
    }
    text
}

fn entry(person: &Person<'_>, plan: &Plan<'_>) -> String {
    let zone = match person.zone {
        Some(_) if plan.zones_are_heard => String::new(),
        zone => format!(", timezone = {}", quoted(zone.unwrap_or(plan.zone).name())),
    };
    format!("{} = {{ {} = {}{zone} }}", key(&person.handle), plan.id_key, quoted(person.id))
}

fn groups(plan: &Plan<'_>) -> String {
    if plan.groups.is_empty() {
        return String::new();
    }
    let mut text = "[groups]\n".to_owned();
    for (handle, members) in &plan.groups {
        let members: Vec<String> = members.iter().map(|member| quoted(member)).collect();
        let _ = writeln!(text, "{} = [{}]", key(handle), members.join(", "));
    }
    if plan.groups_are_theirs {
        text.push_str("\n# Who is asked about a topic: `who backend`. A topic may belong to one person too.\n[owners]\n");
        for (handle, _) in &plan.groups {
            let _ = writeln!(text, "{} = {}", key(handle), quoted(handle));
        }
    }
    text
}

fn levels(plan: &Plan<'_>) -> String {
    let mut text =
        "# What \"urgent\" means: as few levels as you can. docs/runbook.md shows one with a pager.\n"
            .to_owned();
    if let Some(admin) = &plan.admin {
        let someone_responds = plan.channels.iter().any(|channel| channel.responders.is_some());
        let admin = quoted(admin);
        let first = if someone_responds {
            "\"responders\"".to_owned()
        } else {
            // Without responders nobody would owe a marked message that mentions nobody.
            format!("[\"responders\", {admin}]")
        };
        let _ = write!(
            text,
            "[urgency.blocking]\n\
             means = \"I cannot go on without you\"\n\
             {}{}escalate = [\n  {{ after = \"80%\", tell = {first}, by = \"thread\" }},\n  \
             {{ after = \"100%\", tell = {admin}, by = \"direct message\" }},\n]\n\n",
            line("marks = [\"!blocking\", \"🛑\"]", "at the start of a message"),
            line("respond-within = \"4h\"", "office hours of whoever owes the answer"),
        );
    }
    text.push_str(&line("[urgency.normal]", "of every channel that names no other"));
    text.push_str("means = \"Whenever it fits your day\"\n");
    text.push_str(&line("respond-within = \"1 workday\"", "the same time on the next working day"));
    text.push_str("escalate = [{ after = \"100%\", tell = \"responders\", by = \"direct message\" }]\n\n");
    text.push_str("[urgency.fyi]\nmeans = \"Nothing is expected\"\nmarks = [\"FYI:\"]\n");
    text
}

fn channel(channel: &Channel<'_>, id_key: &str) -> String {
    let mut text = format!("[channels.{}]\n{id_key} = {}\n", key(&channel.key), quoted(channel.id));
    let purpose = shown(channel.purpose, LONGEST_PURPOSE);
    if !purpose.is_empty() {
        let _ = writeln!(text, "purpose = {}", quoted(&purpose));
    }
    if channel.is_general {
        text.push_str("urgency = \"fyi\"\n");
    }
    if let Some(group) = &channel.responders {
        let responders = format!("responders = {}", quoted(group));
        text.push_str(&line(&responders, "they owe the answer; anybody may give it"));
    }
    text.push_str("usher = \"watch\"\n");
    text
}

const ELSEWHERE: &str = "[channels.\"*\"]                                      # every channel that is not named\n\
    urgency = \"normal\"\n\
    usher = \"watch\"\n";

fn or_a_team(name: &str) -> String {
    let name = shown(name, LONGEST_NAME);
    if name.is_empty() { "the team".to_owned() } else { name }
}

/// A line, with a comment if there is something to say.
fn line(text: &str, comment: &str) -> String {
    if comment.is_empty() {
        format!("{text}\n")
    } else {
        format!("{:<COMMENTS$}# {comment}\n", format!("{text} "))
    }
}

/// A key, quoted where it has to be.
fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// What somebody typed, on one line, without what controls a terminal or turns the direction of a line, and no
/// longer than `most` characters.
fn shown(text: &str, most: usize) -> String {
    let is_seen = |c: &char| !turns(*c) && (c.is_whitespace() || !c.is_control());
    let seen: String = text.chars().filter(is_seen).collect();
    let line = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let cut: String = line.chars().take(most - 1).collect();
    format!("{}…", cut.trim_end())
}

/// Whether a character changes the direction in which a line is read.
const fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
