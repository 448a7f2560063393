//! `usher init` of a workspace.

use std::fs;

use usher::runbook::{NoFiles, Who, load};

use crate::installed::{Installed, out, told};
use crate::standin::refusals::Refusal;
use crate::standin::{Channel, Fault, Kind, Standin, User};

/// A workspace with people of every kind and a few channels.
async fn workspace() -> Standin {
    let standin = Standin::start().await;
    crate::manifest::grant(&standin);
    standin.put_user(User { is_owner: true, ..User::person("U0JOSE", "José Pérez", "Europe/Lisbon") });
    standin.put_user(User { is_restricted: true, ..User::person("U0GUEST", "Guest", "Europe/Lisbon") });
    standin.put_user(User { deleted: true, ..User::person("U0OLD", "Old", "Europe/Lisbon") });
    standin.put_user(User {
        other_team: Some("T0OTHER".to_owned()),
        ..User::person("U0STRANGE", "Stranger", "UTC")
    });
    let channel = |id: &str, name: &str, kind| Channel::new(id, name, kind, &["U0ANA", "U0BEN"]);
    let purpose = "Ask <@U0BEN> \"first\"; a &lt; b\n[people]\nx = 1".to_owned();
    let mut help = channel("C0HELP", "help-platform", Kind::Public);
    help.purpose = purpose;
    standin.add_channel(help);
    standin.add_channel(channel("C0GONE", "gone", Kind::Public));
    standin.archive("C0GONE", true);
    standin.add_channel(channel("C0SECRET", "secret", Kind::Private));
    standin.invite_bot("C0SECRET", "U0ANA");
    standin.put_group("S0PLATFORM", "platform", &["U0BEN", "U0CHI", "U0GUEST"]);
    standin
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_runbook_is_made_of_the_workspace() {
    let standin = workspace().await;
    let installed = Installed::new(&standin);
    let args = ["init", "--from", "slack", "--settings", "usher.toml"];
    let printed = installed.run(&args).await;
    assert!(printed.status.success(), "{}", told(&printed));
    let text = out(&printed);
    let runbook = load("runbook.toml", &text, &NoFiles).runbook.unwrap();
    assert_eq!((runbook.team.name.as_str(), runbook.team.zone), ("Stand-in", chrono_tz::Europe::Lisbon));
    assert_eq!(runbook.team.admins, ["jose"]);
    let people: Vec<_> =
        runbook.people.iter().map(|(name, it)| (name.as_str(), it.slack.as_deref().unwrap())).collect();
    assert_eq!(people, [("ben", "U0BEN"), ("chidi", "U0CHI"), ("jose", "U0JOSE")]);
    assert_eq!(runbook.groups["platform"], ["ben", "chidi"]);
    let channels: Vec<&str> = runbook.channels.keys().map(|name| name.as_str()).collect();
    assert_eq!(channels, ["general", "help-platform"]);
    let help = &runbook.channels["help-platform"];
    assert_eq!(help.purpose.as_deref(), Some("Ask @Ben \"first\"; a < b [people] x = 1"));
    assert_eq!(help.responders, [Who::Group("platform".into())]);
    assert!(!text.contains("secret"), "a file in git says nothing of private channels");

    let written = installed.run(&[&args[..], &["--output", "runbook.toml"]].concat()).await;
    assert!(written.status.success() && out(&written).is_empty(), "{}", told(&written));
    assert_eq!(fs::read_to_string(installed.path("runbook.toml")).unwrap(), text, "the same again");
    let checked = installed.run(&["check", "runbook.toml", "--settings", "usher.toml"]).await;
    assert_eq!(out(&checked), "no problems in 1 runbook\n");
    let again = installed.run(&[&args[..], &["--output", "runbook.toml"]].concat()).await;
    assert_eq!(again.status.code(), Some(2));
    assert!(told(&again).contains("runbook.toml exists already and is not overwritten"), "{}", told(&again));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_slack_does_not_tell_is_said() {
    let standin = workspace().await;
    let installed = Installed::new(&standin);
    let args = ["init", "--from", "slack", "--settings", "usher.toml"];
    standin.revoke_scope("usergroups:read");
    let printed = installed.run(&args).await;
    assert!(printed.status.success(), "{}", told(&printed));
    assert!(
        told(&printed).contains("Slack does not tell of user groups (missing_scope)"),
        "{}",
        told(&printed)
    );
    let runbook = load("runbook.toml", out(&printed), &NoFiles).runbook.unwrap();
    assert_eq!(runbook.groups.keys().collect::<Vec<_>>(), ["team"], "of a small workspace");

    standin.arm(Some("users.list"), Fault::TooFast { retry_after: Some("1".to_owned()) }, 1);
    assert!(installed.run(&args).await.status.success(), "Slack asks to wait, and that is done");
    standin.arm(Some("users.list"), Fault::CallLost, 1);
    let lost = installed.run(&args).await;
    assert_eq!(lost.status.code(), Some(2), "and nobody waits for ever for what does not come");
    standin.arm(Some("auth.test"), Fault::Refused(Refusal::Named("invalid_auth")), 1);
    let refused = installed.run(&args).await;
    assert!(told(&refused).contains("Slack does not accept `slack.bot_token`"), "{}", told(&refused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_token_it_is_said_where_it_belongs() {
    let standin = Standin::start().await;
    let installed = Installed::new(&standin);
    installed.set("team = \"acme\"\n");
    let output = installed.run(&["init", "--from", "slack", "--settings", "usher.toml"]).await;
    assert_eq!(output.status.code(), Some(2));
    let told = told(&output);
    assert!(told.contains("USHER_SLACK_BOT_TOKEN") && told.contains("`slack.bot_token`"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_starter_comes_with_its_calendars() {
    let standin = Standin::start().await;
    let installed = Installed::new(&standin);
    for starter in ["product-team", "support-desk", "open-source", "watch-only"] {
        let file = format!("{starter}.toml");
        let written = installed.run(&["init", "--starter", starter, "--output", &file]).await;
        assert!(written.status.success(), "{}", told(&written));
        let checked = installed.run(&["check", &file]).await;
        assert_eq!(out(&checked), "no problems in 1 runbook\n", "{starter}");
    }
    let nothing = installed.run(&["init"]).await;
    assert_eq!(nothing.status.code(), Some(2));
    assert!(told(&nothing).contains("product-team, support-desk, open-source or watch-only"));
}
