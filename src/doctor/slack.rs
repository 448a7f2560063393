//! The workspace's side: the tokens, what they may do, the clock, and whom and what the runbook names there.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, unnamed};
use crate::chat::slack::web::{CallError, Greeting};
use crate::chat::survey::{Member, Room, Standing};
use crate::core::event::{ChannelKind, Platform};
use crate::runbook::{Name, Runbook, Voice};

/// Whether Slack knows the bot's token, and as a bot's.
pub fn token(greeting: &Result<Greeting, CallError>) -> Finding {
    const CHECK: &str = "bot token";
    let anew =
        "take the token anew from the app's page, *OAuth & Permissions*, and put it into `slack.bot_token`";
    let identity = match greeting {
        Err(error) => {
            return Finding::problem(
                CHECK,
                format!("Slack cannot be asked: {error}"),
                "see that this machine reaches https://slack.com, and that nothing stands in between",
            );
        }
        Ok(greeting) => &greeting.identity,
    };
    match identity {
        Ok(own) if own.bot_id.is_none() => {
            Finding::problem(CHECK, "it is the token of a person, and not of the bot", anew)
        }
        Ok(own) => Finding::ok(
            CHECK,
            format!("Slack takes it: {} ({})", own.team, own.url.as_deref().unwrap_or(&own.team_id)),
        ),
        Err(CallError::Refused(code)) if code == "account_inactive" => Finding::problem(
            CHECK,
            "the app was taken out of the workspace (account_inactive)",
            "install it again from the app's page, *Install App*, and take the token anew",
        ),
        Err(error) => Finding::problem(CHECK, format!("Slack does not take it: {error}"), anew),
    }
}

/// Whether the token may do what Usher does. `wanted` is what the manifest asks for.
pub fn scopes(held: Option<&BTreeSet<String>>, wanted: &BTreeSet<&str>) -> Finding {
    const CHECK: &str = "scopes";
    let Some(held) = held else {
        return Finding::warning(CHECK, "Slack does not say which the token has", "try again");
    };
    let missing: Vec<&str> = wanted.iter().copied().filter(|scope| !held.contains(*scope)).collect();
    let more: Vec<&str> = held.iter().map(String::as_str).filter(|scope| !wanted.contains(scope)).collect();
    if !missing.is_empty() {
        return Finding::problem(
            CHECK,
            format!("the token lacks {}", missing.join(", ")),
            "paste slack/manifest.yaml into the app's page, *App Manifest*, and install the app again",
        );
    }
    let all = format!("all {} of the manifest", wanted.len());
    if more.is_empty() {
        Finding::ok(CHECK, all)
    } else {
        Finding::ok(CHECK, format!("{all}, and some that Usher does not use: {}", more.join(", ")))
    }
}

/// Whether the app's token opens sockets.
pub fn sockets(opened: &Result<String, CallError>) -> Finding {
    const CHECK: &str = "app token";
    match opened {
        Ok(_) => Finding::ok(CHECK, "it opens sockets"),
        Err(CallError::Refused(code)) => {
            let mend = match code.as_str() {
                "missing_scope" => "generate an app-level token with the scope `connections:write`",
                "not_allowed_token_type" => "`slack.app_token` has to be the one that begins with `xapp-`",
                "link_disabled" | "socket_mode_not_enabled" => {
                    "turn on *Socket Mode* on the app's page, or let Slack call over HTTP (docs/slack.md)"
                }
                _ => "take it anew from the app's page, *Basic Information*, *App-Level Tokens*",
            };
            Finding::problem(CHECK, format!("it opens no socket: Slack says `{code}`"), mend)
        }
        Err(error) => Finding::problem(CHECK, format!("it opens no socket: {error}"), "try again"),
    }
}

/// Whether the people of the runbook are there.
pub fn people(runbook: &Runbook, members: &[Member]) -> Vec<Finding> {
    const CHECK: &str = "people";
    let by_id: BTreeMap<&str, &Member> = members.iter().map(|member| (member.id.as_str(), member)).collect();
    let (mut wrong, mut without) = (Vec::new(), Vec::new());
    for (name, person) in &runbook.people {
        match (&person.slack, &person.matrix) {
            (Some(id), _) => wrong.extend(amiss(name, id, by_id.get(id.as_str()).copied())),
            (None, None) => without.push(unnamed(name, members, Platform::Slack)),
            (None, Some(_)) => {}
        }
    }
    let mut findings = Vec::new();
    if !wrong.is_empty() {
        let mend = "correct the ids in `[people]`, or take these people out of the runbook";
        findings.push(Finding::problem(CHECK, wrong.join("; "), mend));
    }
    if !without.is_empty() {
        let mend = format!("give them their ids: {}", without.join(", "));
        findings.push(Finding::warning(CHECK, "some have no id, and Usher cannot reach them in Slack", mend));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "everybody whom the runbook names is in Slack"));
    }
    findings
}

fn amiss(name: &Name, id: &str, found: Option<&Member>) -> Option<String> {
    match found.map(|member| member.standing) {
        None => Some(format!("`{name}` ({id}) is not in Slack")),
        Some(Standing::Deactivated) => Some(format!("`{name}` ({id}) is deactivated")),
        Some(Standing::Bot) => Some(format!("`{name}` ({id}) is a bot")),
        Some(
            Standing::Guest | Standing::Member | Standing::Admin | Standing::Owner | Standing::PrimaryOwner,
        ) => None,
    }
}

/// Whether the channels of the runbook are there, and Usher in them.
pub fn channels(runbook: &Runbook, rooms: &[Room]) -> Vec<Finding> {
    const CHECK: &str = "channels";
    let (mut gone, mut archived, mut mute, mut deaf) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (name, channel) in &runbook.channels {
        if channel.slack.is_none() && channel.matrix.is_some() {
            continue;
        }
        let room = rooms.iter().find(|room| match &channel.slack {
            Some(id) => room.id == *id,
            None => room.kind != ChannelKind::Direct && room.name == *name,
        });
        match room {
            None => gone.push(format!("#{name}")),
            Some(room) if room.archived => archived.push(format!("#{name}")),
            Some(room) if room.usher_is_in => {}
            Some(_) if channel.voice == Voice::Watch => deaf.push(format!("#{name}")),
            Some(_) => mute.push(format!("#{name}")),
        }
    }
    let invite = |names: &[String]| format!("type `/invite @Usher` in {}", names.join(", "));
    let mut findings = Vec::new();
    if !gone.is_empty() {
        let message = format!("not in Slack, or private and without Usher: {}", gone.join(", "));
        let mend = format!("correct the name or the id, or {}", invite(&gone));
        findings.push(Finding::problem(CHECK, message, mend));
    }
    if !archived.is_empty() {
        let message = format!("archived: {}", archived.join(", "));
        findings.push(Finding::problem(CHECK, message, "take them out of the runbook, or open them again"));
    }
    if !mute.is_empty() {
        let message = format!("Usher is not in {}, and says nothing there", mute.join(", "));
        findings.push(Finding::problem(CHECK, message, invite(&mute)));
    }
    if !deaf.is_empty() {
        let message = format!("Usher is not in {}, and watches nothing there", deaf.join(", "));
        findings.push(Finding::warning(CHECK, message, invite(&deaf)));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "Usher is in every one that the runbook names"));
    }
    findings
}

/// That Slack does not tell what is needed for a check.
pub fn untold(check: &'static str, error: &CallError) -> Finding {
    Finding::warning(check, format!("not looked at: {error}"), "mend what stands above, and look again")
}
