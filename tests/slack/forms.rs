//! Verbs without typing: shortcuts, forms, and answers in places in which Usher is not.

use serde_json::{Value, json};
use usher::chat::slack::forms::{Form, Place};

use crate::sdk_blocks::judge;
use crate::standin::deliveries::Fate;
use crate::standin::workspace::View;
use crate::standin::{Channel, Kind, Settings, Standin};
use crate::usher::{Usher, all_is_acknowledged, workspace, workspace_with};

const CHANNEL: &str = "C0GENERAL";

fn text(words: &str) -> Value {
    json!({"text": {"value": words}})
}

fn to(user: &str) -> Value {
    json!({"to": {"selected_user": user}})
}

fn option(value: &str) -> Value {
    json!({"selected_option": {"value": value}})
}

/// Waits for the form of this title.
async fn form(standin: &Standin, user: &str, title: &str) -> View {
    let look = |state: &crate::standin::state::State| {
        let mut views = state.views.values().filter(|view| view.open && view.user == user);
        views.find(|view| view.content["title"]["text"] == title).cloned()
    };
    standin.wait_for(title, look).await
}

/// A question in the channel that somebody owes an answer to, once Usher knows it.
async fn question(standin: &Standin) -> String {
    let asked = standin.post("U0ANA", CHANNEL, "!blocking Can somebody look at the failing deploy?");
    standin.wait_for_message(CHANNEL, "<@U0BEN>").await;
    asked
}

#[test]
fn the_sdk_takes_every_form() {
    let places = [
        Place { channel: "C0GENERAL".into(), thread: None, opened_by: None },
        Place {
            channel: "C0GENERAL".into(),
            thread: Some("1700000000.000100".into()),
            opened_by: Some("slack/T0STAND/shortcut/C0GENERAL/1700000000.000100/U0ANA/1.2".into()),
        },
    ];
    let levels = [vec![], vec!["blocking".to_owned(), "normal".to_owned()], vec!["x".repeat(76); 200]];
    let views = Form::ALL.into_iter().flat_map(|form| {
        let levels = &levels;
        places.iter().flat_map(move |place| {
            levels.iter().map(move |levels| serde_json::to_value(form.view(place, levels)).unwrap())
        })
    });
    let views: Vec<Value> = views.collect();
    let said = judge(&views);
    let refused: Vec<_> = said.iter().zip(&views).filter(|(said, _)| !said.is_empty()).collect();
    assert_eq!(refused, vec![]);
    let mut long = views[0].clone();
    long["title"]["text"] = "x".repeat(25).into();
    assert_ne!(judge(&[long]), [""], "it does judge them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_for_later_is_exactly_what_was_typed() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.global_shortcut("U0ANA", "usher_later");
    let view = form(&standin, "U0ANA", "Deliver when they are in").await;
    // It begins like a time and like a command, and goes on like markup.
    let typed = "at 23:59 list -- <!channel> *we* meet\nresolve";
    standin.submit(&view, &json!({"to": to("U0BEN"), "text": text(typed)}));
    standin.wait_for_message(&standin.direct("U0ANA"), "is in and gets it at once").await;
    let direct = standin.direct("U0BEN");
    let given = standin.wait_for_message(&direct, "Ana").await;
    let shown = given.blocks.to_string();
    assert!(shown.contains("at 23:59 list -- <!channel> *we* meet resolve"), "{shown}");
    assert!(!given.text.contains("<!channel>"), "{}", given.text);
    all_is_acknowledged(&standin).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_and_a_time_are_those_that_were_chosen() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let soon = usher::clock::now().plus(2 * usher::calendar::DAY_MS).utc().date_naive().to_string();
    // Typed alone it says nothing, so it opens the form; the answer comes where it was typed.
    standin.command("U0ANA", CHANNEL, "/usher", "later");
    let view = form(&standin, "U0ANA", "Deliver when they are in").await;
    let (day, time) = (json!({"day": {"selected_date": soon}}), json!({"time": {"selected_time": "10:00"}}));
    let values = json!({"to": to("U0CHI"), "text": text("how did it go?"), "day": day, "time": time});
    standin.submit(&view, &values);
    let answer = standin.wait_for_ephemeral("U0ANA", "gets this at").await;
    assert_eq!(answer.channel, CHANNEL);
    assert!(answer.text.contains("10:00"), "{}", answer.text);

    standin.global_shortcut("U0ANA", "usher_mute");
    let view = form(&standin, "U0ANA", "Mute Usher").await;
    standin.submit(&view, &json!({"day": day}));
    standin.wait_for_message(&standin.direct("U0ANA"), "I say nothing to you until").await;
    all_is_acknowledged(&standin).await;
    assert_eq!(standin.strays(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_stands_beside_its_field_or_in_the_answer() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let day = |day: &str| json!({"day": {"selected_date": day}});
    standin.global_shortcut("U0ANA", "usher_later");
    let view = form(&standin, "U0ANA", "Deliver when they are in").await;
    for (values, field) in [
        (json!({"to": to("U0BEN"), "text": text("   ")}), "text"),
        (json!({"to": to("U0BEN"), "text": text("hello"), "day": day("2020-02-02")}), "day"),
    ] {
        let sent = standin.submit(&view, &values);
        let Fate::Acknowledged(Some(said)) = standin.wait_for_delivery(sent).await.fate else {
            panic!("{field} was taken")
        };
        assert_eq!(said["response_action"], "errors");
        assert!(said["errors"][field].is_string(), "{said}");
        assert_eq!(standin.views("U0ANA").len(), 1, "the form stays, with all that was typed");
    }
    // What only the engine can tell is told as it is of a command that was typed.
    standin.submit(&view, &json!({"to": to("U0BEN"), "text": text("hello"), "day": day("2099-02-02")}));
    standin.wait_for_message(&standin.direct("U0ANA"), "That is too far ahead").await;
    assert_eq!(standin.views("U0ANA").len(), 0);
    assert_eq!(standin.strays(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_verb_of_a_thread_is_in_the_menu_of_its_messages() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let asked = question(&standin).await;
    let choose = |user: &str, shortcut: &str| standin.message_shortcut(user, CHANNEL, &asked, shortcut);
    choose("U0BEN", "usher_why");
    standin.wait_for_ephemeral("U0BEN", "blocking").await;
    choose("U0BEN", "usher_take");
    standin.wait_for_ephemeral("U0BEN", "It is yours, and nobody else is reminded").await;
    choose("U0BEN", "usher_call");
    standin.wait_for_ephemeral("U0BEN", "Nobody but you has part").await;

    let more = async |user: &str, verb: &str| {
        choose(user, "usher_more");
        let view = form(&standin, user, "More from Usher").await;
        standin.submit(&view, &json!({"verb": {"verb": option(verb)}}));
    };
    more("U0CHI", "due").await;
    standin.wait_for_ephemeral("U0CHI", "owed").await;
    more("U0BEN", "snooze").await;
    let view = form(&standin, "U0BEN", "Snooze the question").await;
    standin.submit(&view, &json!({}));
    standin.wait_for_ephemeral("U0BEN", "and remind you then").await;
    more("U0ANA", "urgent").await;
    let view = form(&standin, "U0ANA", "Raise the urgency").await;
    let levels: Vec<&str> = view.content["blocks"][0]["element"]["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|level| level["value"].as_str().unwrap())
        .collect();
    assert_eq!(levels, ["blocking", "normal"], "as the runbook names them");
    standin.submit(&view, &json!({"level": {"level": option("normal")}}));
    standin.wait_for_ephemeral("U0ANA", "already").await;
    more("U0BEN", "outcome").await;
    let view = form(&standin, "U0BEN", "Tell the outcome").await;
    standin.submit(&view, &json!({"text": text("mute: we roll back <@U0ANA>")}));
    let told = standin.wait_for_message(CHANNEL, "we roll back").await;
    assert_eq!(told.thread_ts.as_deref(), Some(asked.as_str()));
    assert!(!told.text.contains("<@U0ANA>"), "{}", told.text);
    choose("U0BEN", "usher_resolve");
    standin.wait_for_ephemeral("U0BEN", "resolved").await;
    all_is_acknowledged(&standin).await;
    assert_eq!(standin.strays(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_verb_of_a_thread_works_by_a_mention_in_it() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let asked = question(&standin).await;
    for (said, answered) in [
        ("why", "blocking"),
        ("due", "owed"),
        ("urgent", "tighter"),
        ("snooze 2h", "and remind you then"),
        ("take", "It is yours"),
        ("call", "thread"),
        ("outcome we roll back", "kept as a decision"),
        ("resolve", "resolved"),
    ] {
        standin.reply("U0BEN", CHANNEL, &asked, &format!("<@U0USHER> {said}"));
        let answer = standin.wait_for_ephemeral("U0BEN", answered).await;
        assert_eq!(answer.thread_ts.as_deref(), Some(asked.as_str()), "{said}");
        standin.shared.change(|state| state.ephemerals.clear());
    }
    all_is_acknowledged(&standin).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_what_stands_in_no_thread_is_shown_all_the_same() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let said = standin.post("U0CHI", CHANNEL, "Good morning");
    standin.message_shortcut("U0CHI", CHANNEL, &said, "usher_why");
    let answer = standin.wait_for_ephemeral("U0CHI", "").await;
    assert_eq!((answer.channel.as_str(), answer.thread_ts), (CHANNEL, None));
    assert_eq!(standin.requests_of("chat.postEphemeral").len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_form_opens_it_is_told_how_to_do_without() {
    let standin = workspace_with(Settings { trigger_lives_ms: -1, ..Settings::default() }).await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.command("U0ANA", CHANNEL, "/usher", "later");
    standin.wait_for_ephemeral("U0ANA", "later @kim the report is ready").await;
    standin.global_shortcut("U0BEN", "usher_mute");
    standin.wait_for_message(&standin.direct("U0BEN"), "mute until mon").await;
    all_is_acknowledged(&standin).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_not_slack_s_gets_no_answer() {
    let standin = workspace().await;
    let trap = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    let payload = json!({
        "command": "/usher", "text": "who @ben", "user_id": "U0ANA", "channel_id": CHANNEL, "team_id": "T0STAND",
        "api_app_id": "A0USHER", "trigger_id": "1.2.3",
        "response_url": format!("http://{}/response/1", trap.local_addr().unwrap()),
    });
    let envelope = json!({"envelope_id": "e-1", "type": "slash_commands", "payload": payload});
    standin.send_raw(standin.sockets()[0], &envelope.to_string());
    standin.wait_for_ephemeral("U0ANA", "Ben").await;
    assert_eq!(standin.requests_of("chat.postEphemeral").len(), 1, "it goes where Slack itself shows it");
    tokio::select! {
        biased;
        _ = trap.accept() => panic!("somebody else was called"),
        () = std::future::ready(()) => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_shared_where_that_is_asked_for() {
    let standin = workspace().await;
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.command("U0ANA", CHANNEL, "/usher", "share who @ben");
    let shared = standin.wait_for_message(CHANNEL, "Ana shares").await;
    assert!(shared.text.contains("Ben") && !shared.text.contains("<@"), "{}", shared.text);
    standin.command("U0ANA", CHANNEL, "/usher", "share owe");
    standin.wait_for_ephemeral("U0ANA", "is for you alone").await;
    assert_eq!(standin.messages(CHANNEL).iter().filter(|message| message.by_app).count(), 1);
}

/// Two places in which people are and Usher is not.
fn elsewhere(standin: &Standin) {
    standin.add_channel(Channel::new("C0OTHER", "other", Kind::Public, &["U0ANA"]));
    standin.add_channel(Channel::new("D0ANABEN", "", Kind::Direct, &["U0ANA", "U0BEN"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_usher_is_not_an_answer_comes_all_the_same() {
    let standin = workspace().await;
    elsewhere(&standin);
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.command("U0ANA", CHANNEL, "/usher", "who @ben");
    let here = standin.wait_for_ephemeral("U0ANA", "Ben").await;
    for channel in ["C0OTHER", "D0ANABEN"] {
        standin.command("U0ANA", channel, "/usher", "who @ben");
        let look = |state: &crate::standin::state::State| {
            state.ephemerals.iter().find(|shown| shown.user == "U0ANA" && shown.channel == channel).cloned()
        };
        let there = standin.wait_for(channel, look).await;
        assert_eq!((there.text, there.blocks), (here.text.clone(), here.blocks.clone()), "the same blocks");
    }
    let said = standin.post("U0BEN", "C0OTHER", "Can somebody help?");
    standin.message_shortcut("U0ANA", "C0OTHER", &said, "usher_take");
    standin.wait_for_ephemeral("U0ANA", "is about a thread").await;
    all_is_acknowledged(&standin).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_address_is_good_any_more_the_answer_is_a_direct_message() {
    let standin = workspace_with(Settings { response_url_uses: 0, ..Settings::default() }).await;
    elsewhere(&standin);
    let _usher = Usher::over_sockets(&standin);
    standin.wait_for_sockets(1).await;
    standin.command("U0ANA", "C0OTHER", "/usher", "who @ben");
    let direct = standin.direct("U0ANA");
    standin.wait_for_message(&direct, "Ben").await;
    // Where Usher is, it is still for that person alone, and there.
    standin.command("U0ANA", CHANNEL, "/usher", "who @ben");
    standin.wait_for_ephemeral("U0ANA", "Ben").await;
    assert_eq!(standin.messages(&direct).len(), 1);
    all_is_acknowledged(&standin).await;
}
