//! `usher doctor` on Matrix: each thing that can be wrong with an account, and what it says of it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use reqwest::Client;
use serde_json::{Value, json};

use crate::homeserver::Homeserver;
use crate::house::{House, out, told};
use crate::people::NewRoom;

/// What the bot says once its session is signed.
const SETTLED: &[&str] = &["the session is verified"];
/// What it says when it goes on.
const BACK: &[&str] = &["what was missed has been read"];

fn runbook(house: &House, more: &str) -> String {
    format!(
        "[team]\nname = \"Acme\"\ntimezone = \"Europe/Lisbon\"\nadmins = [\"ana\"]\n\
         [people]\nana = {{ matrix = \"{}\" }}\n[urgency.normal]\nmeans = \"Whenever\"\n\
         respond-within = \"1 workday\"\n[channels.\"*\"]\nurgency = \"normal\"\nusher = \"watch\"\n{more}",
        house.ana.user
    )
}

/// A channel of the runbook.
fn channel(name: &str, id: &str) -> String {
    format!("[channels.{name}]\nmatrix = \"{id}\"\n")
}

/// An installation whose bot runs in a room of its runbook.
async fn settled() -> (House, String, crate::house::Running) {
    let house = House::new("").await;
    let invite = [house.usher.user.as_str()];
    let alias = format!("help-{}", house.suffix);
    let room = NewRoom { name: Some("Help"), alias: Some(&alias), invite: &invite, ..NewRoom::default() };
    let room = house.ana.create(room).await;
    let channel = channel("help", &format!("#{alias}:localhost"));
    house.installed.write("runbook.toml", &runbook(&house, &channel));
    let running = house.run(SETTLED).await;
    house.ana.read(&room, Some("Hello")).await;
    (house, room, running)
}

/// What the doctor finds, and with which code it ends.
#[derive(Debug)]
struct Found {
    checks: Vec<Value>,
    code: Option<i32>,
}

impl Found {
    async fn of(house: &House) -> Found {
        let args = ["doctor", "--settings", "usher.toml", "--runbook", "runbook.toml", "--format", "json"];
        let output = house.installed.run(&args).await;
        let text = out(&output);
        for secret in [&house.usher.password, &house.usher.token] {
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

    /// What it says of one check.
    #[track_caller]
    fn said(&self, check: &str) -> &str {
        let found = self.checks.iter().find(|found| found["check"] == check);
        found.unwrap_or_else(|| panic!("{check}: {:?}", self.checks))["message"].as_str().unwrap()
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

/// The sessions of Usher's account, as the homeserver lists them.
async fn sessions(house: &House) -> Vec<String> {
    let url = format!("{}/_matrix/client/v3/devices", Homeserver::shared().url);
    let client = Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).bearer_auth(&house.usher.token).send().await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let devices = answer["devices"].as_array().unwrap_or_else(|| panic!("{answer}"));
    devices.iter().map(|device| device["device_id"].as_str().unwrap().to_owned()).collect()
}

/// The files below a folder, with what is in them.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_first_start_all_is_well_and_nothing_is_left_behind() {
    let house = House::new("").await;
    let invite = [house.usher.user.as_str()];
    let room = house.ana.create(NewRoom { invite: &invite, ..NewRoom::default() }).await;
    house.installed.write("runbook.toml", &runbook(&house, &channel("help", &room)));
    let output =
        house.installed.run(&["doctor", "--settings", "usher.toml", "--runbook", "runbook.toml"]).await;
    assert!(output.status.success(), "{}{}", out(&output), told(&output));
    let text = out(&output);
    let matrix: Vec<&str> = text.lines().skip_while(|line| !line.contains(" homeserver: ")).collect();
    let url = &Homeserver::shared().url;
    assert!(matrix[0].starts_with(&format!("ok       homeserver: {url}/ answers, and speaks v1.")), "{text}");
    assert_eq!(
        matrix[1..],
        [
            "ok       clock: it shows what the homeserver's does",
            "ok       session: there is none yet; the first start keeps it in usher.db.matrix",
            &format!("ok       account: Usher is {}", house.usher.user),
            "ok       recovery: the first start writes a recovery key to usher.db.matrix.recovery-key",
            "ok       rooms: Usher is invited to #help, and comes in once it runs",
            "ok       people: everybody whom the runbook names is on Matrix",
            "ok       listen: 127.0.0.1:0 is free, for /health",
            "no problems, no warnings",
        ]
    );
    assert!(!house.installed.path("usher.db").exists() && !house.installed.path("usher.db.matrix").exists());
    assert_eq!(sessions(&house).await, [house.usher.device.as_str()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_usher_is_not_disturbed_and_a_killed_one_is_looked_at_as_it_is() {
    let (house, _, running) = settled().await;
    let before = sessions(&house).await;
    let found = Found::of(&house).await;
    assert_eq!((found.faults(), found.code), (Vec::new(), Some(0)));
    assert!(found.said("session").contains("used by another process (usher run, process "), "{found:?}");
    assert!(found.said("account").contains("from outside only, for Usher runs"), "{found:?}");
    assert_eq!(sessions(&house).await, before);

    running.kill();
    let folder = house.installed.path("usher.db.matrix");
    let kept = contents(&folder);
    let found = Found::of(&house).await;
    assert_eq!((found.faults(), found.code), (Vec::new(), Some(0)));
    assert!(found.said("session").ends_with(&format!(" of {}", house.usher.user)), "{found:?}");
    assert_eq!(found.said("verified"), "the session is signed by its account");
    assert!(found.said("recovery").contains("keep a copy of usher.db.matrix.recovery-key"), "{found:?}");
    assert_eq!(found.said("rooms"), "Usher is in every one that the runbook names; 0 of 1 encrypted");
    assert!(kept == contents(&folder), "the folder is as it was");
    assert_eq!(sessions(&house).await, before);

    fs::remove_file(house.installed.path("usher.db.matrix.recovery-key")).unwrap();
    let mend = "set `matrix.recovery_key`";
    Found::of(&house).await.only("recovery", "warning", "neither in the settings nor in", mend);
    house.installed.set(&house.settings("recovery_key = \"EsT…\"\n"));
    assert_eq!(Found::of(&house).await.faults(), Vec::<[&str; 4]>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn folders_that_cannot_be_used() {
    let (house, room, running) = settled().await;
    running.kill();
    let folder = house.installed.path("usher.db.matrix");
    let copy = contents(&folder);
    let key = fs::read(folder.join("key")).unwrap();

    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    Found::of(&house).await.only("session", "warning", "(mode 755)", "chmod 700 usher.db.matrix");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(folder.join("key"), [7; 32]).unwrap();
    let faults = "the key does not open usher.db.matrix";
    assert_eq!(Found::of(&house).await.faults()[0][2], faults);
    fs::remove_file(folder.join("key")).unwrap();
    assert_eq!(Found::of(&house).await.faults()[0][2], "usher.db.matrix has lost its file `key`");
    fs::write(folder.join("key"), key).unwrap();
    house.installed.set(&house.settings("").replace(&house.usher.user, "@another:localhost"));
    let of = format!("belongs to {}, and the settings name @another:localhost", house.usher.user);
    Found::of(&house).await.only("session", "problem", &of, "`matrix.store`");
    house.installed.set(&house.settings(""));
    assert_eq!(Found::of(&house).await.faults(), Vec::<[&str; 4]>::new(), "all is mended");

    // The bot goes on, and hears of something: what was copied before is older than the database.
    let running = house.run(BACK).await;
    house.ana.write(&room, "Can somebody look at the import?").await;
    house.ana.write(&room, "!usher why").await;
    // What it asks ana in for is committed.
    house.ana.accept(&house.usher.user).await;
    running.kill();
    fs::remove_dir_all(&folder).unwrap();
    let gone = Found::of(&house).await;
    gone.only("session", "warning", "usher.db.matrix is gone", "recovery key");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    copy.iter().for_each(|(path, content)| fs::write(path, content).unwrap());
    let back = Found::of(&house).await;
    back.only("session", "problem", "older than the database", "mv usher.db.matrix usher.db.matrix.old");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn homeservers_and_logins_that_do_not_do() {
    let house = House::new("").await;
    house.installed.write("runbook.toml", &runbook(&house, ""));
    let settings = house.settings("");
    let with = |from: &str, to: &str| house.installed.set(&settings.replace(from, to));
    with(&house.usher.password, "another");
    Found::of(&house).await.only("account", "problem", "`M_FORBIDDEN`", "`matrix.password`");
    with("password = ", "access_token = ");
    Found::of(&house).await.only("account", "problem", "(M_UNKNOWN_TOKEN)", "the token of a session");
    with("password = ", "# password = ");
    Found::of(&house).await.only("account", "problem", "USHER_MATRIX_PASSWORD", "docs/matrix.md");
    with("homeserver = ", "# homeserver = ");
    Found::of(&house).await.only("homeserver", "problem", "USHER_MATRIX_HOMESERVER", "docs/matrix.md");
    with(&Homeserver::shared().url, "http://127.0.0.1:1");
    Found::of(&house).await.only("homeserver", "problem", "no connection", "the address that clients use");
    let page = axum_page().await;
    with(&Homeserver::shared().url, &page);
    Found::of(&house).await.only("homeserver", "problem", "is no homeserver", "the address that clients use");
    house.installed.set(&house.settings("store_key = \"0f\"\n"));
    Found::of(&house).await.only("session", "problem", "64 hexadecimal digits", "docs/matrix.md");
    // With a token that is good the same is seen as with a password, and no session is opened.
    let token = format!("access_token = \"{}\"\n", house.usher.token);
    house.installed.set(&house.settings(&token));
    let found = Found::of(&house).await;
    assert_eq!(found.faults(), Vec::<[&str; 4]>::new());
    assert!(found.said("verified").contains("no keys yet"), "{found:?}");
}

/// Something that answers, and is no homeserver.
async fn axum_page() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(|| async { "Hello" });
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_of_the_runbook_in_which_something_is_missing() {
    let (house, room, running) = settled().await;
    let (ana, usher) = (&house.ana, house.usher.user.as_str());
    let with = |more: &str| {
        let help = channel("help", &room);
        house.installed.write("runbook.toml", &runbook(&house, &format!("{help}{more}")));
    };
    let stranger = house.person("stranger").await;
    running.kill();

    with("[channels.nowhere]\n");
    Found::of(&house).await.only("rooms", "problem", "nowhere to be found: #nowhere", "correct the alias");
    with(&channel("nowhere", "#nowhere:localhost"));
    Found::of(&house).await.only("rooms", "problem", "nowhere to be found: #nowhere", "correct the alias");
    let alias = format!("outside-{}", house.suffix);
    ana.create(NewRoom { alias: Some(&alias), ..NewRoom::default() }).await;
    let outside = channel("outside", &format!("#{alias}:localhost"));
    with(&outside);
    Found::of(&house).await.only("rooms", "problem", "not in #outside, and says nothing", "invite Usher");
    with(&format!("{outside}usher = \"watch\"\n"));
    Found::of(&house).await.only("rooms", "warning", "not in #outside, and watches nothing", "invite Usher");
    let theirs = stranger.create(NewRoom { invite: &[usher], ..NewRoom::default() }).await;
    with(&channel("theirs", &theirs));
    Found::of(&house).await.only("rooms", "problem", "by somebody whom it does not know", "invites_from");
    house.installed.set(&house.settings("invites_from = [\"localhost\"]\n"));
    let found = Found::of(&house).await;
    assert_eq!(found.faults(), Vec::<[&str; 4]>::new());
    assert_eq!(found.said("rooms"), "Usher is invited to #theirs, and comes in once it runs");

    with("");
    let levels = |to_write: i64, own: i64| json!({"users": {usher: own}, "events_default": to_write, "state_default": 50});
    ana.state(&room, "m.room.power_levels", "", levels(50, 0)).await;
    Found::of(&house).await.only("rooms", "problem", "may not write in #help", "power level");
    ana.state(&room, "m.room.power_levels", "", levels(0, 50)).await;
    Found::of(&house).await.only("rooms", "warning", "more power than it uses in #help", "usually 0");
    ana.state(&room, "m.room.power_levels", "", levels(0, 0)).await;
    // The address leads there, and the room does not show it.
    ana.state(&room, "m.room.canonical_alias", "", json!({})).await;
    let hidden = format!("#help-{}:localhost", house.suffix);
    house.installed.write("runbook.toml", &runbook(&house, &channel("help", &hidden)));
    Found::of(&house).await.only("rooms", "problem", "#help (!", "*Published addresses*");
    with("");
    ana.state(&room, "m.room.name", "", json!({"name": ""})).await;
    Found::of(&house).await.only("rooms", "problem", "a room for two", "give the room a name");
    ana.state(&room, "m.room.name", "", json!({"name": "Help"})).await;
    let new = ana.upgrade(&room, "12").await;
    Found::of(&house).await.only("rooms", "problem", &format!("for {new}"), "took its place");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_the_runbook_who_are_not_there() {
    let house = House::new("").await;
    let ana = house.ana.user.clone();
    house.installed.write("runbook.toml", &runbook(&house, "").replace(&ana, "@nobody:localhost"));
    let nobody = "nobody has the id of `ana` (@nobody:localhost)";
    Found::of(&house).await.only("people", "problem", nobody, "`[people]`");
    let room = house.ana.create(NewRoom { invite: &[&house.usher.user], ..NewRoom::default() }).await;
    let text = runbook(&house, &channel("help", &room)).replace(&format!("{{ matrix = \"{ana}\" }}"), "{}");
    house.installed.write("runbook.toml", &text);
    house.installed.set(&house.settings("invites_from = [\"localhost\"]\n"));
    let mend = format!("`ana = {{ matrix = \"{ana}\" }}`");
    Found::of(&house).await.only("people", "warning", "some have no id", &mend);
}
