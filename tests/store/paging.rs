//! Pages over a real socket and through a real program.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use usher::chat::{Chat, Outcome};
use usher::core::action::{Action, PageSignal, Target};
use usher::core::event::MessageRef;
use usher::pager::{CommandPager, WebhookPager};
use usher::settings::{CommandSettings, WebhookFormat, WebhookSettings};

use crate::toy::{action, channel};

fn page(signal: PageSignal) -> Action {
    let about = MessageRef { channel: "C1".into(), id: "17.5".into() };
    let to = Target::Page { person: "kim".into(), about, level: "emergency".into(), signal };
    action("page/1", to, "Production is down; $(reboot) `reboot`\nsecond line")
}

/// A server that answers one request with `answer`, and hands over what it was sent.
async fn server(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let request = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !is_whole(&request) {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "the request ends early");
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, request)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    body.len() >= length.parse::<usize>().unwrap()
}

fn webhook(url: &str, format: WebhookFormat) -> WebhookPager {
    let settings = WebhookSettings {
        url: Some(url.to_owned().into()),
        format,
        token: Some("T0KEN".to_owned().into()),
        token_for: [("ben".to_owned(), "B3N".to_owned().into())].into(),
        timeout_s: 5,
    };
    WebhookPager::new(settings).unwrap()
}

async fn posted(format: WebhookFormat, signal: PageSignal) -> (String, serde_json::Value) {
    let (url, request) = server("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await;
    let outcome = webhook(&url, format).deliver(&page(signal), None).await;
    assert_eq!(outcome, Outcome::Accepted(None));
    let request = request.await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn each_pager_gets_what_it_knows() {
    let (head, plain) = posted(WebhookFormat::Plain, PageSignal::Trigger).await;
    assert!(
        head.starts_with("POST /hook HTTP/1.1") && head.contains("authorization: Bearer T0KEN"),
        "{head}"
    );
    assert_eq!(plain["incident"], "usher/C1/17.5/kim");
    assert_eq!((&plain["id"], &plain["signal"]), (&"page/1".into(), &"trigger".into()));

    let (_, event) = posted(WebhookFormat::Pagerduty, PageSignal::Trigger).await;
    assert_eq!((&event["event_action"], &event["routing_key"]), (&"trigger".into(), &"T0KEN".into()));
    assert_eq!(event["dedup_key"], plain["incident"]);
    assert_eq!(event["payload"]["summary"], "Production is down; $(reboot) `reboot`");
    let (_, event) = posted(WebhookFormat::Pagerduty, PageSignal::Resolve).await;
    assert_eq!((&event["event_action"], &event["dedup_key"]), (&"resolve".into(), &plain["incident"]));

    let (head, alert) = posted(WebhookFormat::Opsgenie, PageSignal::Trigger).await;
    assert!(head.contains("authorization: GenieKey T0KEN"), "{head}");
    assert_eq!((&alert["alias"], &alert["priority"]), (&plain["incident"], &"P1".into()));
    let (head, _) = posted(WebhookFormat::Opsgenie, PageSignal::Acknowledge).await;
    let wanted = "POST /hook/usher%2FC1%2F17.5%2Fkim/acknowledge?identifierType=alias HTTP/1.1";
    assert!(head.starts_with(wanted), "{head}");
}

#[tokio::test]
async fn an_answer_says_whether_to_try_again() {
    let later = |after_ms| Outcome::TryLater { after_ms, why: String::new() };
    for (answer, expected) in [
        ("HTTP/1.1 429 X\r\nretry-after: 30\r\ncontent-length: 0\r\n\r\n", later(Some(30_000))),
        ("HTTP/1.1 429 X\r\nretry-after: abc\r\ncontent-length: 0\r\n\r\n", later(None)),
        ("HTTP/1.1 503 X\r\nretry-after: 9223372036854775807\r\ncontent-length: 0\r\n\r\n", later(None)),
        ("HTTP/1.1 400 X\r\ncontent-length: 0\r\n\r\n", Outcome::Refused(String::new())),
        (
            "HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            Outcome::Refused(String::new()),
        ),
        ("HTTP/1.1 502 X\r\ncontent-length: 0\r\n\r\n", Outcome::Unknown(String::new())),
        ("", Outcome::Unknown(String::new())),
    ] {
        let (url, request) = server(answer).await;
        let outcome = webhook(&url, WebhookFormat::Plain).deliver(&page(PageSignal::Trigger), None).await;
        let shown = format!("{outcome:?}");
        let outcome = match outcome {
            Outcome::TryLater { after_ms, .. } => later(after_ms),
            Outcome::Refused(_) => Outcome::Refused(String::new()),
            Outcome::Unknown(_) => Outcome::Unknown(String::new()),
            Outcome::Accepted(message) => Outcome::Accepted(message),
        };
        assert_eq!(outcome, expected, "{answer:?}");
        assert!(!shown.contains("T0KEN") && !shown.contains("/hook"), "{shown}");
        request.await.unwrap();
    }
}

#[tokio::test]
async fn nobody_at_the_address_is_no_doubt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    drop(listener);
    let outcome = webhook(&url, WebhookFormat::Plain).deliver(&page(PageSignal::Trigger), None).await;
    assert!(matches!(outcome, Outcome::TryLater { after_ms: None, .. }), "{outcome:?}");
}

#[test]
fn neither_the_address_nor_a_token_is_shown() {
    let pager = webhook("https://example.org/hook/S3CRET", WebhookFormat::Plain);
    let shown = format!("{pager:?}");
    assert!(!["S3CRET", "T0KEN", "B3N"].iter().any(|secret| shown.contains(secret)), "{shown}");
}

#[test]
fn a_wrong_address_is_refused_at_the_start() {
    for url in ["", "example.org/T0KEN", "file:///etc/T0KEN", "T0KEN:secret"] {
        let settings = WebhookSettings {
            url: Some(url.to_owned().into()),
            format: WebhookFormat::Plain,
            token: None,
            token_for: [].into(),
            timeout_s: 5,
        };
        let error = WebhookPager::new(settings).unwrap_err().to_string();
        assert!(error.starts_with("pager.webhook.url: "), "{error}");
        assert!(!error.to_lowercase().contains("t0ken"), "{error}");
    }
}

/// A pager that is a shell script. It is run by `sh`, since a file that was just written may still be
/// open in a sibling of this process, and then cannot be started itself.
fn script(body: &str, timeout_s: u16) -> (tempfile::TempDir, CommandPager) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("page");
    fs::write(&path, body).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    let args = vec![path.display().to_string(), directory.path().display().to_string()];
    (directory, CommandPager::new(CommandSettings { program: "/bin/sh".into(), args, timeout_s }))
}

#[tokio::test]
async fn a_program_gets_the_page_and_nothing_of_ours() {
    let (directory, pager) = script("cat > \"$1/input\"; env > \"$1/environment\"", 30);
    let outcome = pager.deliver(&page(PageSignal::Trigger), None).await;
    assert_eq!(outcome, Outcome::Accepted(None));
    let input: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(directory.path().join("input")).unwrap()).unwrap();
    assert_eq!(input["text"], "Production is down; $(reboot) `reboot`\nsecond line");
    let environment = fs::read_to_string(directory.path().join("environment")).unwrap();
    for line in ["USHER_PERSON=kim", "USHER_SIGNAL=trigger", "USHER_INCIDENT=usher/C1/17.5/kim"] {
        assert!(environment.lines().any(|found| found == line), "{environment}");
    }
    assert!(!environment.contains("CARGO"), "only what is named is passed on: {environment}");
}

#[tokio::test]
async fn a_program_says_how_it_went_by_its_status() {
    for (body, expected) in [
        ("exit 0", "Accepted"),
        ("echo no credit >&2; exit 1", "TryLater"),
        ("exit 75", "TryLater"),
        ("exit 77", "Refused"),
        ("kill -9 $$", "Unknown"),
        ("sleep 60", "Unknown"),
        ("head -c 1000000 /dev/zero >&2; exit 1", "TryLater"),
    ] {
        let (_directory, pager) = script(body, if body.starts_with("sleep") { 0 } else { 30 });
        let outcome = format!("{:?}", pager.deliver(&page(PageSignal::Trigger), None).await);
        assert!(outcome.starts_with(expected), "{body}: {outcome}");
        assert!(outcome.len() < 10_000, "{body}");
        assert_eq!(outcome.contains("no credit"), body.contains("no credit"));
    }
    let missing = CommandSettings { program: "/nowhere/page".into(), args: Vec::new(), timeout_s: 1 };
    let outcome = CommandPager::new(missing).deliver(&page(PageSignal::Trigger), None).await;
    assert!(matches!(&outcome, Outcome::Refused(why) if why.contains("/nowhere/page")), "{outcome:?}");
}

#[tokio::test]
async fn only_pages_go_through_a_pager() {
    let (_directory, pager) = script("exit 0", 30);
    let outcome = pager.deliver(&action("a", channel("C1"), "hello"), None).await;
    assert_eq!(outcome, Outcome::Refused("only pages go through the pager".to_owned()));
}
