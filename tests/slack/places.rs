//! People and places as they really are: closed, gone, renamed, of another team; and what the admins hear of it.

use crate::standin::faults::Fault;
use crate::standin::refusals::Refusal;
use crate::standin::state::{BOT_USER, Token};
use crate::standin::workspace::{Message, User};
use crate::standin::{Channel, Kind, Standin};
use crate::usher::{CHANNEL, Usher, all_is_acknowledged, workspace};

/// What Usher said to somebody directly, with these words in it.
fn told(standin: &Standin, user: &str, words: &str) -> Vec<Message> {
    let messages = standin.messages(&standin.direct(user)).into_iter();
    messages.filter(|message| message.by_app && message.text.contains(words)).collect()
}

/// Somebody asks what is told in the thread at once, and Slack refuses it.
async fn ask_in_vain(standin: &Standin, asker: &str, code: &'static str) {
    standin.put_user(User::person(asker, asker, "Europe/Lisbon"));
    let refused = |state: &crate::standin::state::State| {
        let posts = state.requests.iter().filter(|request| request.method == "chat.postMessage");
        posts.filter(|request| request.answer == "armed: refused").count()
    };
    let before = standin.shared.read(refused);
    standin.arm(Some("chat.postMessage"), Fault::Refused(Refusal::Named(code)), 1);
    standin.post(asker, CHANNEL, "!blocking Can somebody look at the failing deploy?");
    standin.wait_for("the refusal", |state| (refused(state) > before).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_for_good_is_told_to_the_admins_once_with_its_mend() {
    let standin = workspace().await;
    let mut usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    ask_in_vain(&standin, "U0FIRST", "not_in_channel").await;
    let told_ana = standin.wait_for_message(&standin.direct("U0ANA"), "/invite @Usher").await;
    assert!(told_ana.text.contains(CHANNEL), "{}", told_ana.text);
    assert!(!told_ana.text.contains("deploy"), "not what it would have said: {}", told_ana.text);
    ask_in_vain(&standin, "U0SECOND", "not_in_channel").await;
    ask_in_vain(&standin, "U0THIRD", "msg_too_long").await;
    standin.wait_for_message(&standin.direct("U0ANA"), "msg_too_long").await;
    all_is_acknowledged(&standin).await;
    assert_eq!(told(&standin, "U0ANA", "/invite @Usher").len(), 1, "once");
    assert!(usher.end());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_taken_back_ends_the_process_and_says_so() {
    for (token, code) in [(Token::Revoked, "token_revoked"), (Token::Inactive, "account_inactive")] {
        let standin = workspace().await;
        let mut usher = Usher::over_sockets(&standin);
        standin.wait_for_sockets(1).await;
        standin.set_token(token);
        standin.post("U0ANA", CHANNEL, "!blocking Can somebody look at the failing deploy?");
        assert_eq!(usher.ended().await, Some(2));
        let log = usher.log();
        assert!(log.contains(code) && log.contains("`bot_token`"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uninstalled_it_ends_and_says_so() {
    let standin = workspace().await;
    let mut usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.set_token(Token::Revoked);
    standin.raise("app_uninstalled", serde_json::json!({"type": "app_uninstalled"}));
    assert_eq!(usher.ended().await, Some(2));
    assert!(usher.log().contains("app_uninstalled"), "{}", usher.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_archived_or_moves_is_followed() {
    let standin = workspace().await;
    let mut usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.post("U0ANA", CHANNEL, "!blocking Can somebody look at the failing deploy?");
    standin.wait_for_message(CHANNEL, "<@U0BEN>").await;
    standin.archive(CHANNEL, true);
    let told_ana = standin.wait_for_message(&standin.direct("U0ANA"), "was archived").await;
    assert!(told_ana.text.contains("One question was still open"), "{}", told_ana.text);
    standin.archive(CHANNEL, false);
    let asked = standin.post("U0CHI", CHANNEL, "!blocking Can somebody look at the other deploy?");
    standin
        .wait_for("clocks to run again", |state| {
            let mut said = state.channels.get(CHANNEL)?.messages.values();
            said.find(|message| message.by_app && message.thread_ts.as_ref() == Some(&asked)).map(drop)
        })
        .await;

    let mut shared = Channel::new("C0SHARED", "general", Kind::Public, &["U0ANA", BOT_USER]);
    shared.shared = true;
    standin.add_channel(shared);
    let changed = serde_json::json!({"type": "channel_id_changed", "old_channel_id": CHANNEL, "new_channel_id": "C0SHARED"});
    standin.raise("channel_id_changed", changed);
    let told_ana = standin.wait_for_message(&standin.direct("U0ANA"), "Slack calls it C0SHARED now").await;
    assert!(told_ana.text.contains(CHANNEL), "{}", told_ana.text);
    let far = User { other_team: Some("T0FAR".to_owned()), ..User::person("U0FAR", "Far", "Asia/Tokyo") };
    standin.put_user(far);
    let asked = standin.post("U0FAR", "C0SHARED", "!blocking Can somebody look at our deploy?");
    let told = standin.wait_for_message("C0SHARED", "<@U0BEN>").await;
    assert_eq!(told.thread_ts.as_deref(), Some(asked.as_str()), "a stranger asks as everybody does");
    all_is_acknowledged(&standin).await;
    assert!(usher.end());
}
