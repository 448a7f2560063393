//! The real program's home and hello in the stand-in, and Slack's own models on the home.

use serde_json::Value;

use crate::sdk_blocks::judge;
use crate::standin::Standin;
use crate::standin::faults::Fault;
use crate::standin::workspace::{Channel, Kind, View};
use crate::usher::{CHANNEL, Usher, all_is_acknowledged, workspace};

/// Waits for a home that fits.
async fn home(standin: &Standin, user: &str, what: &str, fits: impl Fn(&str) -> bool) -> View {
    let look = |state: &crate::standin::state::State| {
        state.homes.get(user).filter(|view| fits(&shown(&view.content["blocks"]))).cloned()
    };
    standin.wait_for(what, look).await
}

/// All texts of blocks, in order.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(list) => list.iter().map(shown).collect(),
        Value::Object(fields) => match fields.get("text") {
            Some(Value::String(text)) => format!("{text}\n"),
            Some(inner) => shown(inner),
            None => fields.values().map(shown).collect(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => String::new(),
    }
}

/// The button of a view with that label.
fn button(view: &View, label: &str) -> String {
    let blocks = view.content["blocks"].as_array().unwrap().iter();
    let mut buttons = blocks.flat_map(|block| block["elements"].as_array().into_iter().flatten());
    let found = buttons.find(|button| button["text"]["text"] == label);
    found.unwrap_or_else(|| panic!("no button {label}: {}", view.content))["action_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_home_shows_what_is_owed_and_its_buttons_work() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.post("U0ANA", CHANNEL, "Can somebody look at the failing deploy?");
    standin.wait_until_settled().await;
    standin.open_home("U0BEN");
    let view = home(&standin, "U0BEN", "what is owed", |text| text.contains("You owe one answer")).await;
    assert_eq!(judge(&[view.content["blocks"].clone()]), [""]);
    standin.press_in_view(&view, &button(&view, "I take it"));
    let view = home(&standin, "U0BEN", "that it is taken", |text| text.contains(" took it, ")).await;
    standin.press_in_view(&view, &button(&view, "Mute for 2 h"));
    let view = home(&standin, "U0BEN", "the mute", |text| text.contains("I say nothing to you until ")).await;
    standin.press_in_view(&view, &button(&view, "Speak to me again"));
    let view = home(&standin, "U0BEN", "the end of the mute", |text| text.contains("I speak to you")).await;
    standin.press_in_view(&view, &button(&view, "Why"));
    let view = home(&standin, "U0BEN", "why", |text| text.contains("asked, ")).await;
    assert_eq!(judge(&[view.content["blocks"].clone()]), [""]);
    all_is_acknowledged(&standin).await;
    assert!(standin.ephemerals("U0BEN").is_empty(), "the home itself answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_that_may_have_been_shown_is_shown_again() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.arm(Some("views.publish"), Fault::AnswerLost, 1);
    standin.open_home("U0ANA");
    standin
        .wait_for("the home to be published twice", |state| {
            let published = state.requests.iter().filter(|request| request.method == "views.publish");
            (published.count() == 2).then_some(())
        })
        .await;
    all_is_acknowledged(&standin).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_says_hello_once_where_it_speaks_and_to_the_inviter_where_it_does_not() {
    let standin = workspace().await;
    let mut usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let let_in_anew = || {
        standin.remove_bot(CHANNEL);
        standin.invite_bot(CHANNEL, "U0ANA");
    };
    let_in_anew();
    standin.wait_for_message(CHANNEL, "Hello, I'm Usher").await;
    standin.add_channel(Channel::new("C0OTHER", "other", Kind::Public, &["U0ANA"]));
    standin.invite_bot("C0OTHER", "U0ANA");
    let direct = standin.direct("U0ANA");
    standin.wait_for_message(&direct, "I only watch there").await;
    let_in_anew();
    standin.wait_until_settled().await;
    usher.kill();
    standin.wait_for_sockets(0).await;
    usher.start();
    standin.wait_for_sockets(1).await;
    standin.command("U0ANA", CHANNEL, "/usher", "help");
    standin.wait_for_ephemeral("U0ANA", "who").await;
    all_is_acknowledged(&standin).await;
    let hellos = standin.messages(CHANNEL).into_iter().filter(|message| message.text.contains("Hello, I'm"));
    assert_eq!(hellos.count(), 1);
    assert!(standin.messages("C0OTHER").iter().all(|message| !message.by_app), "it is silent there");
}
