//! What goes wrong on purpose goes wrong exactly so, and no more often than it was armed.

use serde_json::json;

use crate::caller::{Answer, call, call_as, error};
use crate::standin::state::BOT_TOKEN;
use crate::standin::{Fault, Settings, Standin};

const CHANNEL: &str = "C0GENERAL";

async fn with_bot() -> Standin {
    let standin = Standin::start().await;
    standin.invite_bot(CHANNEL, "U0ANA");
    standin
}

async fn post(standin: &Standin, text: &str) -> reqwest::Result<Answer> {
    call_as(standin, BOT_TOKEN, "chat.postMessage", json!({"channel": CHANNEL, "text": text})).await
}

fn said(standin: &Standin) -> Vec<String> {
    let messages = standin.messages(CHANNEL).into_iter().filter(|message| message.by_app);
    messages.map(|message| message.text).collect()
}

#[tokio::test]
async fn an_armed_limit_says_what_it_is_told_to_say() {
    let standin = with_bot().await;
    for retry_after in [Some("3"), Some("0"), Some("-5"), Some("soon"), Some("99999999999999999999"), None] {
        standin.arm(
            Some("chat.postMessage"),
            Fault::TooFast { retry_after: retry_after.map(str::to_owned) },
            1,
        );
        assert_eq!(error(&standin, "auth.test", json!({})).await, "ok", "another method is not hit");
        let refused = post(&standin, "x").await.unwrap();
        assert_eq!((refused.status.as_u16(), refused.retry_after.as_deref()), (429, retry_after));
        assert_eq!(refused.body["error"], "ratelimited");
    }
    assert_eq!(said(&standin), Vec::<String>::new());
    assert_eq!(post(&standin, "now").await.unwrap().body["ok"], true);
}

#[tokio::test]
async fn an_answer_can_be_lost_and_a_call_too() {
    let standin = with_bot().await;
    standin.arm(None, Fault::AnswerLost, 1);
    assert!(post(&standin, "stored").await.is_err());
    standin.arm(None, Fault::CallLost, 1);
    assert!(post(&standin, "never came").await.is_err());
    assert_eq!(said(&standin), ["stored"]);
    let answers: Vec<String> = standin.requests().into_iter().map(|request| request.answer).collect();
    assert_eq!(answers, ["armed: answer lost", "armed: call lost"]);
}

#[tokio::test]
async fn an_answer_can_be_an_error_or_nonsense_or_slow() {
    let standin = with_bot().await;
    standin.arm(None, Fault::Status(503), 2);
    for _ in 0..2 {
        assert_eq!(post(&standin, "x").await.unwrap().status.as_u16(), 503);
    }
    standin.arm(None, Fault::Nonsense, 1);
    let nonsense = post(&standin, "x").await.unwrap();
    assert_eq!((nonsense.status.as_u16(), nonsense.body.is_null()), (200, true));
    assert_eq!(said(&standin), Vec::<String>::new());

    standin.arm(None, Fault::Slow(600_000), 1);
    let waiting = post(&standin, "stored");
    let stored = standin.wait_for("the message", |state| {
        state.channels[CHANNEL].messages.values().any(|message| message.by_app).then_some(())
    });
    tokio::select! {
        answer = waiting => panic!("it was answered: {}", answer.unwrap().status),
        () = stored => {}
    }
    standin.arm(None, Fault::Slow(20), 1);
    assert_eq!(post(&standin, "late").await.unwrap().body["ok"], true);
}

/// For people: `USHER_STANDIN_PORT=8888 cargo test --all-features --test slack serves_people -- --ignored
/// --nocapture`, then point an app at what it prints, and be its team by `curl`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "serves people until it is stopped; the test below shows that it does"]
async fn serves_people() {
    let port = std::env::var("USHER_STANDIN_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(0);
    let settings = Settings { port, retry_scale: 1.0, ..Settings::default() };
    let standin = Standin::start_with(settings).await;
    standin.invite_bot(CHANNEL, "U0ANA");
    println!("Web API: {}", standin.api_url());
    println!("tokens, people, places: curl {}/workspace", standin.control_url());
    println!("all that can be done:   curl {}/help", standin.control_url());
    std::future::pending().await
}

#[tokio::test]
async fn people_and_other_programs_hold_the_control_side_by_http() {
    let standin = with_bot().await;
    let control = |verb: &'static str, form: &'static str| {
        let url = format!("{}/{verb}", standin.control_url());
        let kind = "application/x-www-form-urlencoded";
        let call = reqwest::Client::new().post(url).header("content-type", kind).body(form);
        async move {
            let text = call.send().await.unwrap().text().await.unwrap();
            serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
        }
    };
    let posted = control("post", "user=U0ANA&channel=C0GENERAL&text=hello+you").await;
    let ts = posted["ts"].as_str().unwrap();
    assert_eq!(standin.message(CHANNEL, ts).unwrap().text, "hello you");
    let shown = control("messages", "channel=C0GENERAL").await;
    assert!(shown["messages"].as_array().unwrap().iter().any(|message| message["text"] == "hello you"));
    assert_eq!(control("arm", "fault=status&status=502").await["ok"], true);
    assert_eq!(post(&standin, "x").await.unwrap().status.as_u16(), 502);
    let workspace = control("workspace", "").await;
    assert_eq!(
        (&workspace["bot_token"], workspace["users"].as_array().unwrap().len()),
        (&json!(BOT_TOKEN), 4)
    );
    let wrong = control("post", "user=U0ANA").await;
    assert!(wrong.as_str().unwrap().contains("channel"), "it says what is missing: {wrong}");
    assert!(control("dance", "").await.as_str().unwrap().contains("no verb dance"));
    assert_eq!(
        call(&standin, "chat.postMessage", json!({"channel": CHANNEL, "text": "y"})).await["ok"],
        true
    );
    let requests = control("requests", "").await;
    assert_eq!(requests["requests"].as_array().unwrap().len(), 2);
}
