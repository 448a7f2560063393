//! The proof of the stand-in: Slack's own SDK runs an app against it, in both modes, and believes it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::watch;

use crate::standin::control::BOUND;
use crate::standin::deliveries::Fate;
use crate::standin::state::{APP_TOKEN, BOT_TOKEN, BOT_USER, SIGNING_SECRET};
use crate::standin::{Channel, Fault, Kind, Settings, Standin, User};

/// The Python that has Slack's SDK.
pub fn python() -> &'static str {
    static PYTHON: OnceLock<String> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/slack-proof.sh");
        let run = Command::new(&script).stderr(Stdio::piped()).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap().trim().to_owned()
    })
}

/// The app, running. It is killed when this is dropped.
struct Bolt {
    reports: watch::Receiver<Vec<Value>>,
    errors: Arc<Mutex<String>>,
    _child: Child,
}

impl Bolt {
    async fn start(standin: &Standin, mode: &str) -> Bolt {
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slack/proof/app.py");
        let mut child = tokio::process::Command::new(python())
            .arg(app)
            .arg(mode)
            .env("STANDIN_API", standin.api_url())
            .env("STANDIN_BOT_TOKEN", BOT_TOKEN)
            .env("STANDIN_APP_TOKEN", APP_TOKEN)
            .env("STANDIN_SIGNING_SECRET", SIGNING_SECRET)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (sender, reports) = watch::channel(Vec::new());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let report =
                    serde_json::from_str(&line).unwrap_or_else(|_| json!({"what": "noise", "line": line}));
                sender.send_modify(|reports| reports.push(report));
            }
        });
        let errors = Arc::new(Mutex::new(String::new()));
        let (mut stderr, kept) = (child.stderr.take().unwrap(), Arc::clone(&errors));
        tokio::spawn(async move {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut bytes).await {
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
        });
        Bolt { reports, errors, _child: child }
    }

    /// Waits until the app reports `what`.
    async fn saw(&self, what: &str) -> Value {
        let mut reports = self.reports.clone();
        let found = |reports: &Vec<Value>| reports.iter().find(|report| report["what"] == what).cloned();
        let waited = tokio::time::timeout(BOUND, reports.wait_for(|reports| found(reports).is_some()));
        match waited.await {
            Ok(Ok(reports)) => found(&reports).unwrap(),
            Ok(Err(_)) | Err(_) => {
                let (errors, reports) = (self.errors.lock().unwrap().clone(), self.reports.borrow().clone());
                panic!("the app did not report {what:?} but {reports:#?}\nand wrote:\n{errors}");
            }
        }
    }

    /// Fails if the app, or the SDK below it, met anything that it did not expect.
    fn assert_content(&self) {
        let reports = self.reports.borrow().clone();
        let bad: Vec<&Value> =
            reports.iter().filter(|report| report["what"] == "error" || report["what"] == "noise").collect();
        assert!(bad.is_empty(), "{bad:#?}");
        let errors = self.errors.lock().unwrap().clone();
        assert!(!errors.contains("Traceback") && !errors.contains("ERROR"), "{errors}");
    }
}

const CHANNEL: &str = "C0GENERAL";

/// A stand-in whose bot is in the channel, and more people and places than fit on a page.
async fn workspace() -> Standin {
    // Python starts slowly on a busy machine; nothing here is about being late.
    let settings =
        Settings { trigger_lives_ms: 30_000, acknowledge_within_ms: 10_000, ..Settings::default() };
    let standin = Standin::start_with(settings).await;
    standin.add_channel(Channel::new("C0SECRET", "secret", Kind::Private, &["U0ANA", BOT_USER]));
    standin.add_channel(Channel::new("C0OTHER", "other", Kind::Public, &["U0ANA"]));
    standin.shared.change(|state| state.users.insert("U0GUS".to_owned(), guest("Asia/Tokyo")));
    standin.put_group("S0DUTY", "duty", &["U0ANA", "U0BEN"]);
    standin
}

fn guest(tz: &str) -> User {
    User { is_restricted: true, ..User::person("U0GUS", "Gus", tz) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slacks_own_sdk_runs_an_app_in_socket_mode() {
    let standin = workspace().await;
    let bolt = Bolt::start(&standin, "socket").await;
    bolt.saw("ready").await;
    standin.wait_for_sockets(1).await;
    live_a_day(&standin, &bolt).await;
    assert_eq!(standin.strays(), Vec::<String>::new());
    let pinged = |state: &crate::standin::state::State| (state.sockets[0].pings > 0).then_some(());
    standin.wait_for("the SDK to ping", pinged).await;
    bolt.assert_content();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slacks_own_sdk_runs_an_app_on_signed_requests() {
    let standin = workspace().await;
    let bolt = Bolt::start(&standin, "http").await;
    let url = bolt.saw("ready").await["url"].as_str().unwrap().to_owned();
    standin.use_http(&url, &url, &url).await.unwrap();
    let forged =
        reqwest::Client::new().post(&url).header("x-slack-signature", "v0=00").body("{}").send().await;
    assert_eq!(forged.unwrap().status(), 401, "the SDK checks what the stand-in signs");
    live_a_day(&standin, &bolt).await;
    bolt.assert_content();
}

/// Everything that the app can do, seen from both sides.
async fn live_a_day(standin: &Standin, bolt: &Bolt) {
    standin.invite_bot(CHANNEL, "U0ANA");
    assert_eq!(bolt.saw("joined").await["event"]["inviter"], "U0ANA");
    messages(standin, bolt).await;
    buttons(standin, bolt).await;
    commands_and_forms(standin, bolt).await;
    tour(standin, bolt).await;
    limits(standin, bolt).await;
    standin.wait_until_settled().await;
    let lost = standin.deliveries().into_iter().filter(|it| !matches!(it.fate, Fate::Acknowledged(_)));
    assert_eq!(lost.map(|it| it.payload).collect::<Vec<_>>(), Vec::<Value>::new());
    assert!(standin.deliveries().iter().all(|it| it.attempts.len() == 1), "nothing was told twice");
}

async fn messages(standin: &Standin, bolt: &Bolt) {
    let ts = standin.post("U0BEN", CHANNEL, "hello there");
    assert_eq!(bolt.saw("message").await["event"]["ts"], ts.as_str());
    let answer = standin.wait_for_message(CHANNEL, "Hi <@U0BEN>").await;
    assert_eq!(answer.thread_ts.as_deref(), Some(ts.as_str()));

    assert!(standin.react("U0ANA", CHANNEL, &ts, "tada"));
    let reaction = bolt.saw("reaction").await;
    assert_eq!(reaction["event"]["item"]["ts"], ts.as_str());
    assert_eq!(reaction["event"]["item_user"], "U0BEN");

    standin.edit(CHANNEL, &ts, "never mind");
    let edit = bolt.saw("other message").await;
    assert_eq!(edit["event"]["subtype"], "message_changed");
    assert_eq!(edit["event"]["message"]["text"], "never mind");
    assert_eq!(edit["event"]["previous_message"]["text"], "hello there");

    let chosen = standin.message_shortcut("U0ANA", CHANNEL, &ts, "explain");
    assert_eq!(bolt.saw("shortcut").await["text"], "never mind");
    let hint = standin.wait_for_ephemeral("U0ANA", "Because").await;
    assert_eq!(hint.thread_ts.as_deref(), Some(ts.as_str()));
    assert_eq!(standin.wait_for_delivery(chosen).await.fate, Fate::Acknowledged(None));

    standin.put_user(guest("Asia/Seoul"));
    assert_eq!(bolt.saw("person").await["event"]["user"]["tz"], "Asia/Seoul");

    standin.open_home("U0ANA");
    let home = standin.wait_for("the home", |state| state.homes.get("U0ANA").cloned()).await;
    assert_eq!(home.content["blocks"][0]["text"]["text"], "You owe nothing");
}

async fn buttons(standin: &Standin, bolt: &Bolt) {
    standin.post("U0ANA", CHANNEL, &format!("<@{BOT_USER}> help"));
    let mention = bolt.saw("mention").await;
    assert_eq!(mention["event"]["user"], "U0ANA");
    let ts = mention["ts"].as_str().unwrap();
    let asked = standin.message(CHANNEL, ts).unwrap();
    assert_eq!(asked.metadata.unwrap()["event_payload"]["asked_by"], "U0ANA");

    standin.press("U0BEN", CHANNEL, ts, "take");
    let button = bolt.saw("button").await;
    assert_eq!(button["action"]["value"], "U0ANA");
    assert_eq!(button["container"]["message_ts"], ts);
    let taken = standin.message(CHANNEL, ts).unwrap();
    assert_eq!((taken.text.as_str(), &taken.blocks), ("<@U0BEN> has it", &json!([])));
    assert!(taken.edited.is_some());
    standin.wait_for_ephemeral("U0BEN", "It is yours").await;
}

async fn commands_and_forms(standin: &Standin, bolt: &Bolt) {
    standin.command("U0CHI", CHANNEL, "/proof", "words");
    standin.wait_for_ephemeral("U0CHI", "You said words").await;
    standin.command("U0CHI", CHANNEL, "/proof", "aloud");
    standin.wait_for_message(CHANNEL, "For all").await;

    standin.command("U0CHI", CHANNEL, "/proof", "form");
    bolt.saw("form").await;
    let form = standin.wait_for_view("U0CHI").await;
    assert_eq!(form.content["title"]["text"], "Why so");
    let filled = |words: &str| json!({"reason": {"text": {"type": "plain_text_input", "value": words}}});
    let short = standin.submit(&form, &filled("no"));
    let answer = standin.wait_for_delivery(short).await.fate;
    let errors = json!({"response_action": "errors", "errors": {"reason": "Say more"}});
    assert_eq!(answer, Fate::Acknowledged(Some(errors)));
    assert_eq!(standin.views("U0CHI").len(), 1, "it stays open");
    let sent = standin.submit(&form, &filled("because of rain"));
    assert_eq!(standin.wait_for_delivery(sent).await.fate, Fate::Acknowledged(None));
    let submitted = bolt.saw("submitted").await;
    assert_eq!(submitted["private_metadata"], "kept");
    assert_eq!(standin.views("U0CHI").len(), 0, "it is closed");
    let direct = standin.direct("U0CHI");
    standin.wait_for_message(&direct, "Noted: because of rain").await;
}

fn texts(items: &Value) -> Vec<&str> {
    items.as_array().unwrap().iter().map(|item| item["text"].as_str().unwrap()).collect()
}

async fn tour(standin: &Standin, bolt: &Bolt) {
    let before = standin.messages(CHANNEL).iter().filter(|message| message.in_channel()).count();
    standin.command("U0ANA", CHANNEL, "/proof", "tour");
    let tour = bolt.saw("tour").await;
    assert_eq!(
        (&tour["bot"], &tour["team"], &tour["bots"]),
        (&json!(BOT_USER), &json!("stand-in"), &json!("usher"))
    );
    assert_eq!((tour["users"]["items"].as_array().unwrap().len(), &tour["users"]["pages"]), (5, &json!(5)));
    assert_eq!(tour["users"]["items"][0]["profile"]["fields"], json!([]));
    assert_eq!(tour["zone"], "Europe/Lisbon");
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&tour["channels"]["items"]), ["general", "other", "secret"]);
    assert_eq!(tour["channels"]["pages"], 3);
    assert_eq!(names(&tour["mine"]), ["general"]);
    assert_eq!(tour["info"]["is_member"], true);
    assert_eq!((&tour["members"]["pages"], tour["joined"].as_bool()), (&json!(2), Some(true)));

    let history = &tour["history"]["items"];
    assert_eq!(texts(history)[0], "root", "the newest first, without replies, without what is gone");
    assert_eq!(history.as_array().unwrap().len(), before + 1);
    assert_eq!(history[0]["metadata"]["event_payload"]["id"], "action-1");
    assert_eq!(
        (&history[0]["reply_count"], &history[0]["reactions"][0]["name"]),
        (&json!(3), &json!("eyes"))
    );
    assert_eq!(texts(&tour["replies"]["items"]), ["root", "reply 0", "reply 1", "root", "reply 2"]);
    assert!(tour["link"].as_str().unwrap().contains("/archives/C0GENERAL/p"));
    assert_eq!(tour["groups"][0]["users"], json!(["U0ANA", "U0BEN"]));
    assert_eq!(tour["group"], json!(["U0ANA", "U0BEN"]));

    let refused = |what: &str| tour["refused"][what]["error"].as_str().unwrap().to_owned();
    let names = ["channel", "text", "blocks", "update", "token", "cursor"].map(refused);
    let expected = [
        "channel_not_found",
        "no_text",
        "invalid_blocks",
        "message_not_found",
        "invalid_auth",
        "invalid_cursor",
    ];
    assert_eq!(names, expected);
    let sentence = tour["refused"]["blocks"]["messages"][0].as_str().unwrap();
    assert_eq!(sentence, "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]");
}

async fn limits(standin: &Standin, bolt: &Bolt) {
    let twice = Fault::TooFast { retry_after: Some("1".to_owned()) };
    let before = standin.requests_of("chat.postMessage").len();
    standin.arm(Some("chat.postMessage"), twice, 2);
    standin.command("U0BEN", CHANNEL, "/proof", "limited");
    bolt.saw("limited").await;
    standin.wait_for_message(CHANNEL, "After the limits").await;
    let calls = standin.requests_of("chat.postMessage");
    let answers: Vec<&str> = calls[before..].iter().map(|request| request.answer.as_str()).collect();
    assert_eq!(answers, ["armed: ratelimited", "armed: ratelimited", "ok"]);
    let waited_ms = calls[calls.len() - 1].at_ms - calls[before].at_ms;
    assert!(waited_ms >= 1_900, "the SDK waited twice as long as it was told, together {waited_ms} ms");
}
