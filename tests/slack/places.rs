//! People and places as they really are: closed, gone, renamed, of another team; and what the admins hear of it.

use crate::standin::Standin;
use crate::standin::faults::Fault;
use crate::standin::refusals::Refusal;
use crate::standin::state::Token;
use crate::standin::workspace::{Message, User};
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
        standin.command("U0ANA", CHANNEL, "/usher", "help");
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
