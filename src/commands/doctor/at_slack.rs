//! What `usher doctor` asks of Slack. It reads, and opens nothing.

use secrecy::SecretString;

use super::listening;
use crate::chat::slack::manifest;
use crate::chat::slack::survey;
use crate::chat::slack::web::{self, Web, greeting};
use crate::clock::Clock;
use crate::doctor::{self, Caller, Finding, slack as judge};
use crate::runbook::Runbook;
use crate::settings::{Settings, SlackConnection, SlackSettings};

const WHERE: &str = "docs/slack.md says where it is found";

/// The bot's token, and what it shows.
pub async fn workspace(slack: &SlackSettings, runbook: Option<&Runbook>) -> Vec<Finding> {
    let token = match slack.bot_token() {
        Ok(token) => token,
        Err(error) => return vec![Finding::problem("bot token", error.to_string(), WHERE)],
    };
    let clock = Clock::System;
    let api_url = slack.api_url.as_deref();
    let greeting = web::politely(&clock, || greeting(token, api_url, &clock)).await;
    let mut findings = vec![judge::token(&greeting)];
    let Ok(greeting) = greeting else { return findings };
    findings.push(doctor::clock("Slack", greeting.ahead_ms, "signed requests are refused"));
    let Ok(own) = greeting.identity else { return findings };
    findings.push(judge::scopes(greeting.scopes.as_ref(), &manifest::scopes().collect()));
    match (runbook, Web::new(token, api_url)) {
        (Some(runbook), Ok(web)) => findings.extend(named(&web, &own.team_id, runbook).await),
        (None, _) => {}
        (_, Err(error)) => {
            let mend = "install the system's certificates, as with the package `ca-certificates`";
            findings.push(Finding::problem("certificates", error.to_string(), mend));
        }
    }
    findings
}

/// Whom and what the runbook names.
async fn named(web: &Web, team: &str, runbook: &Runbook) -> Vec<Finding> {
    let (clock, bar) = (&Clock::System, crate::commands::spinner());
    let people = survey::people(web, clock, team, &|count| bar.set_message(format!("{count} people"))).await;
    let known = people.as_deref().unwrap_or_default();
    let rooms =
        survey::channels(web, clock, known, &|count| bar.set_message(format!("{count} channels"))).await;
    bar.finish_and_clear();
    let mut findings = match &people {
        Ok(members) => judge::people(runbook, members),
        Err(error) => vec![judge::untold("people", error)],
    };
    match &rooms {
        Ok(rooms) => findings.extend(judge::channels(runbook, rooms)),
        Err(error) => findings.push(judge::untold("channels", error)),
    }
    findings
}

/// How Slack reaches us.
pub async fn connection(settings: &Settings, slack: &SlackSettings, in_use: bool) -> Vec<Finding> {
    let way = match slack.connection() {
        Ok(way) => way,
        Err(error) => return vec![Finding::problem("connection", error.to_string(), WHERE)],
    };
    let listening = |by| listening(settings.listen, in_use, by);
    match way {
        SlackConnection::Sockets(token) => {
            let opened = socket(&token, slack.api_url.as_deref(), in_use).await;
            opened.into_iter().chain([listening(Caller::Watcher).await]).collect()
        }
        SlackConnection::Http(_) => {
            let secret = "the signing secret is set; only a request of Slack's can prove it right";
            vec![Finding::ok("connection", secret), listening(Caller::Slack).await]
        }
    }
}

/// A socket is asked for, and not opened; and not while an Usher runs, for Slack gives few in a minute, and that one
/// may need the next.
async fn socket(token: &SecretString, api_url: Option<&str>, in_use: bool) -> Option<Finding> {
    if in_use {
        return Some(Finding::ok("app token", "not tried, for Usher runs and ends where it is refused"));
    }
    // Where there are no certificates, that is said where the bot's token is looked at.
    let web = Web::new(token, api_url).ok()?;
    Some(judge::sockets(&web::politely(&Clock::System, || web.open_socket()).await))
}
