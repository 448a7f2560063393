//! `usher doctor`: each thing that can be wrong with an installation, and what it says of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::installed::{Installed, out, told};
use crate::standin::state::{APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Token};
use crate::standin::{Channel, Kind, Standin, User};

const RUNBOOK: &str = r#"
[team]
name = "Acme"
timezone = "Europe/Lisbon"
admins = ["ana"]

[people]
ana = { slack = "U0ANA" }
ben = { slack = "U0BEN" }

[urgency.normal]
means = "Whenever it fits your day"
respond-within = "1 workday"

[channels.general]
usher = "speak"
"#;

/// A workspace and an installation in which all is well.
async fn well() -> (Standin, Installed) {
    let standin = Standin::start().await;
    crate::manifest::grant(&standin);
    standin.invite_bot("C0GENERAL", "U0ANA");
    let installed = Installed::new(&standin);
    installed.write("runbook.toml", RUNBOOK);
    (standin, installed)
}

/// What the doctor finds, and with which code it ends.
struct Found {
    checks: Vec<Value>,
    code: Option<i32>,
}

impl Found {
    async fn of(installed: &Installed) -> Found {
        let args = ["doctor", "--settings", "usher.toml", "--runbook", "runbook.toml", "--format", "json"];
        let output = installed.run(&args).await;
        let text = out(&output);
        for secret in [BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, "hunter2"] {
            assert!(!text.contains(secret) && !told(&output).contains(secret), "a secret: {text}");
        }
        let found: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{}", told(&output)));
        Found { checks: found["checks"].as_array().unwrap().clone(), code: output.status.code() }
    }

    /// Whatever is not as it should be: check, verdict, message and mend.
    fn faults(&self) -> Vec<[&str; 4]> {
        let fields = ["check", "verdict", "message", "mend"];
        let faulty = self.checks.iter().filter(|check| check["verdict"] != "ok");
        faulty.map(|check| fields.map(|field| check[field].as_str().unwrap())).collect()
    }

    /// Asserts that one thing alone is wrong, and what is said of it.
    #[track_caller]
    fn only(&self, check: &str, verdict: &str, message: &str, mend: &str) {
        let faults = self.faults();
        let [fault] = faults.as_slice() else { panic!("{faults:#?}") };
        assert_eq!((fault[0], fault[1]), (check, verdict), "{fault:?}");
        assert!(fault[2].contains(message) && fault[3].contains(mend), "{fault:#?}");
        assert_eq!(self.code, Some(if verdict == "problem" { 1 } else { 0 }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_in_which_all_is_well() {
    let (standin, installed) = well().await;
    let output = installed.run(&["doctor", "--settings", "usher.toml", "--runbook", "runbook.toml"]).await;
    assert!(output.status.success(), "{}{}", out(&output), told(&output));
    let text = out(&output);
    let ours: Vec<&str> = text.lines().filter(|line| !line.contains(" zones: ")).collect();
    assert_eq!(
        ours,
        [
            "ok       settings: usher.toml can be read (mode 600)",
            "ok       runbook: runbook.toml has no problems",
            "ok       pager: none is set, and none is needed",
            "ok       database: there is none yet; the first start makes it",
            "ok       bot token: Slack takes it: Stand-in (https://stand-in.slack.com/)",
            "ok       clock: it shows what Slack's does",
            &format!(
                "ok       scopes: all {} of the manifest",
                usher::chat::slack::manifest::scopes().count()
            ),
            "ok       people: everybody whom the runbook names is in Slack",
            "ok       channels: Usher is in every one that the runbook names",
            "ok       app token: it opens sockets",
            "ok       listen: 127.0.0.1:0 is free, for /health",
            "no problems, no warnings",
        ]
    );
    assert!(!installed.path("usher.db").exists(), "nothing is made");
    assert!(standin.sockets().is_empty(), "and no socket opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_cannot_be_used() {
    let (standin, installed) = well().await;
    fs::set_permissions(installed.path("usher.toml"), fs::Permissions::from_mode(0o644)).unwrap();
    let exposed = Found::of(&installed).await;
    exposed.only("settings", "problem", "others can read it (mode 644)", "chmod 600 usher.toml");
    installed.set("listen = 7\ndatabase_url = \"postgres://usher:hunter2@db/usher\"\n");
    Found::of(&installed).await.only("settings", "problem", "usher.toml:1:10", "docs/operating.md");
    installed.set("team = \"acme\"\n");
    Found::of(&installed).await.only("platform", "warning", "name no platform", "docs/slack.md");
    let settings = installed.settings(&standin);
    installed.set(&settings.replace("xoxb-", "xoxp-"));
    let found = Found::of(&installed).await;
    found.only("bot token", "problem", "a token of another kind", "docs/slack.md");
    installed.set(&settings.replace("xapp-", "xoxb-"));
    Found::of(&installed).await.only("connection", "problem", "a token of another kind", "docs/slack.md");
    installed.set(&settings.replace("app_token", "# app_token"));
    Found::of(&installed).await.only(
        "connection",
        "problem",
        "neither is `slack.app_token`",
        "docs/slack.md",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_slack_does_not_take() {
    let (standin, installed) = well().await;
    let settings = installed.settings(&standin);
    installed.set(&settings.replace(BOT_TOKEN, "xoxb-another"));
    let found = Found::of(&installed).await;
    found.only("bot token", "problem", "Slack says `invalid_auth`", "take the token anew");
    installed.set(&settings.replace(APP_TOKEN, "xapp-another"));
    Found::of(&installed).await.only("app token", "problem", "`invalid_auth`", "App-Level Tokens");
    installed.set(&settings);
    standin.set_token(Token::Inactive);
    Found::of(&installed).await.only("bot token", "problem", "account_inactive", "install it again");
    standin.set_token(Token::Good);
    standin.shared.change(|state| state.app.socket_mode = false);
    let found = Found::of(&installed).await;
    found.only("app token", "problem", "`socket_mode_not_enabled`", "turn on *Socket Mode*");
    standin.go_down();
    let faults = Found::of(&installed).await;
    let faults: Vec<[&str; 2]> = faults.faults().iter().map(|fault| [fault[0], fault[2]]).collect();
    let unreachable = "Slack cannot be asked: Slack is not there: no connection";
    assert_eq!(faults[0], ["bot token", unreachable]);
    assert_eq!((faults.len(), faults[1][0]), (2, "app token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scopes_that_are_missing_or_too_many() {
    let (standin, installed) = well().await;
    let scopes: Vec<&str> = usher::chat::slack::manifest::scopes().collect();
    standin.set_scopes(&format!("{} team:read", scopes.join(" ")));
    let found = Found::of(&installed).await;
    assert_eq!(found.faults(), Vec::<[&str; 4]>::new());
    let told = found.checks.iter().find(|check| check["check"] == "scopes").unwrap();
    assert!(told["message"].as_str().unwrap().ends_with("Usher does not use: team:read"), "{told}");
    standin.set_scopes(&scopes.join(" "));
    standin.revoke_scope("reactions:read");
    let found = Found::of(&installed).await;
    found.only("scopes", "problem", "the token lacks reactions:read", "install the app again");
    standin.revoke_scope("users:read");
    let found = Found::of(&installed).await;
    let faults: Vec<[&str; 2]> = found.faults().iter().map(|fault| [fault[0], fault[2]]).collect();
    assert_eq!(
        faults,
        [
            ["scopes", "the token lacks reactions:read, users:read"],
            ["people", "not looked at: Slack says `missing_scope`"]
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_off() {
    let (standin, installed) = well().await;
    for (off_ms, verdict, words) in [
        (-90_000, "warning", "s ahead of Slack's: deadlines"),
        (90_000, "warning", "s behind Slack's: deadlines"),
        (400_000, "problem", "signed requests are refused"),
    ] {
        standin.shared.change(|state| state.date_off_ms = off_ms);
        Found::of(&installed).await.only("clock", verdict, words, "time server");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_the_runbook_who_are_not_there() {
    let (standin, installed) = well().await;
    standin.put_user(User { deleted: true, ..User::person("U0OLD", "Old", "UTC") });
    let people = "ben = { slack = \"U0BEN\" }";
    let more = "old = { slack = \"U0OLD\" }\nzed = { slack = \"U0ZED\" }\nbot = { slack = \"U0USHER\" }";
    installed.write("runbook.toml", &RUNBOOK.replace(people, more));
    let message = "`bot` (U0USHER) is a bot; `old` (U0OLD) is deactivated; `zed` (U0ZED) is not in Slack";
    Found::of(&installed).await.only("people", "problem", message, "`[people]`");
    installed.write("runbook.toml", &RUNBOOK.replace(people, "chidi = {}\nmere = {}"));
    let mend = "`chidi = { slack = \"U0CHI\" }`, `mere = { slack = \"U…\" }`";
    Found::of(&installed).await.only("people", "warning", "some have no id", mend);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_of_the_runbook_in_which_usher_is_not() {
    let (standin, installed) = well().await;
    for (id, name) in [("C0HELP", "help"), ("C0WATCH", "watched"), ("C0OLD", "old")] {
        standin.add_channel(Channel::new(id, name, Kind::Public, &["U0ANA"]));
    }
    standin.archive("C0OLD", true);
    let with = |more: &str| installed.write("runbook.toml", &format!("{RUNBOOK}\n{more}"));
    with("[channels.help]");
    Found::of(&installed).await.only("channels", "problem", "not in #help", "`/invite @Usher` in #help");
    with("[channels.watched]\nusher = \"watch\"");
    Found::of(&installed).await.only(
        "channels",
        "warning",
        "not in #watched",
        "`/invite @Usher` in #watched",
    );
    with("[channels.old]");
    Found::of(&installed).await.only("channels", "problem", "archived: #old", "take them out");
    with("[channels.gone]");
    Found::of(&installed).await.only("channels", "problem", "private and without Usher: #gone", "or the id");
    with("[channels.other-name]\nslack = \"C0HELP\"");
    standin.invite_bot("C0HELP", "U0ANA");
    assert_eq!(Found::of(&installed).await.faults(), Vec::<[&str; 4]>::new(), "by its id it is found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runbooks_and_pagers_that_do_not_do() {
    let (standin, installed) = well().await;
    installed.write("runbook.toml", &RUNBOOK.replace("normal", "odd"));
    Found::of(&installed).await.only("runbook", "warning", "has 1 lint", "`usher check runbook.toml`");
    installed.write("runbook.toml", &RUNBOOK.replace("Lisbon", "Lisboa"));
    Found::of(&installed).await.only("runbook", "problem", "has 1 error", "`usher check runbook.toml`");
    let emergency = "[urgency.emergency]\nmeans = \"Down\"\nmarks = [\"!emergency\"]\nrespond-within = \"15m\"\n\
                     clock = \"always\"\ninterrupts = true\n\
                     escalate = [{ after = \"0m\", tell = \"ben\", by = \"pager\" }]\n";
    installed.write("runbook.toml", &format!("{RUNBOOK}\n{emergency}"));
    Found::of(&installed).await.only("pager", "problem", "the level `emergency`", "docs/operating.md");
    let settings = installed.settings(&standin);
    installed.set(&format!("{settings}[pager.webhook]\nformat = \"pagerduty\"\n"));
    Found::of(&installed).await.only("pager", "problem", "pager.webhook.token", "docs/operating.md");
    installed.set(&format!("{settings}[pager.command]\nprogram = \"./page\"\n"));
    Found::of(&installed).await.only("pager", "problem", "./page is no program", "executable");
    installed.set(&format!("{settings}[pager.command]\nprogram = \"sh\"\n"));
    assert_eq!(Found::of(&installed).await.faults(), Vec::<[&str; 4]>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn databases_that_cannot_be_used() {
    let (standin, installed) = well().await;
    let settings = installed.settings(&standin);
    installed.set(&settings.replace("usher.db", "nowhere/usher.db"));
    Found::of(&installed).await.only("database", "problem", "nowhere", "in a folder that exists");
    installed.set(&settings);
    installed.write(
        "usher.db",
        "this is no database, and long enough to be looked at as if it were one, as it should be",
    );
    Found::of(&installed).await.only("database", "problem", "damaged or unreadable", "restore a backup");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_usher_is_not_disturbed() {
    let (standin, installed) = well().await;
    let mut process = Command::new(env!("CARGO_BIN_EXE_usher"))
        .current_dir(installed.folder.path())
        .args(["run", "--settings", "usher.toml", "--runbook", "runbook.toml"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    standin.wait_for_sockets(1).await;
    let asked = standin.requests_of("apps.connections.open").len();
    let found = Found::of(&installed).await;
    assert_eq!(
        standin.requests_of("apps.connections.open").len(),
        asked,
        "Slack gives few sockets in a minute"
    );
    assert_eq!((found.faults(), found.code), (Vec::new(), Some(0)));
    let database = found.checks.iter().find(|check| check["check"] == "database").unwrap();
    let message = database["message"].as_str().unwrap();
    assert!(message.contains("in use by another process (usher run, process "), "{message}");
    standin.command("U0ANA", "C0GENERAL", "/usher", "help");
    standin.wait_for_ephemeral("U0ANA", "who").await;
    // Killed, it leaves its log beside the file; both are read as they are, and left so.
    process.kill().unwrap();
    process.wait().unwrap();
    let before = fs::read(installed.path("usher.db-wal")).unwrap();
    let found = Found::of(&installed).await;
    assert_eq!(found.faults(), Vec::<[&str; 4]>::new());
    let database = found.checks.iter().find(|check| check["check"] == "database").unwrap();
    assert!(database["message"].as_str().unwrap().ends_with("; nobody uses it"), "{database}");
    assert!(before == fs::read(installed.path("usher.db-wal")).unwrap(), "the log is as it was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_has_to_be_free() {
    let (standin, installed) = well().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let over_sockets = installed.settings(&standin).replace("127.0.0.1:0", &address.to_string());
    installed.set(&over_sockets);
    Found::of(&installed).await.only("listen", "warning", "/health is not served", "a port that is free");
    let [token, secret] =
        [format!("app_token = \"{APP_TOKEN}\""), format!("signing_secret = \"{SIGNING_SECRET}\"")];
    installed.set(&over_sockets.replace(&token, &secret));
    let message = format!("cannot listen on {address}");
    Found::of(&installed).await.only("listen", "problem", &message, "a port that is free");
    drop(taken);
    assert_eq!(Found::of(&installed).await.faults(), Vec::<[&str; 4]>::new());
}
