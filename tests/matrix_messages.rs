//! Usher's messages as Matrix shows them, their HTML read back by a parser that shares nothing with what wrote it.
//!
//! `docs/matrix.md` shows one of each kind: `USHER_WRITE_DOCS=1 cargo test --test matrix_messages` writes them anew.
#![cfg(feature = "matrix")]
#![expect(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

#[path = "matrix_messages/forms.rs"]
mod forms;
#[path = "said/page.rs"]
mod page;
#[path = "matrix_messages/reader.rs"]
mod reader;
mod said;

use matrix_sdk::ruma::MatrixToUri;
use matrix_sdk::ruma::events::room::message::{Relation, RoomMessageEventContent};
use proptest::prelude::*;
use serde_json::{Value, json};
use smol_str::SmolStr;
use usher::calendar::Instant;
use usher::chat::matrix::legend::{self, Legend};
use usher::chat::matrix::render::{CONTENT_MOST, Content, render, render_direct, render_edit};
use usher::core::action::{Action, ActionId, Choice, IfUnknown, Kind, Priority, Target};
use usher::core::event::{MessageRef, Platform, What};
use usher::core::message::{Button, Message, Part, TimeStyle};

use reader::Read;

const HOME: &str = "example.org";

const MATRIX: said::Ids = said::Ids {
    platform: Platform::Matrix,
    user: |name| format!("@{name}:example.org"),
    channel: |name| format!("!{name}:example.org"),
    message: |number| format!("$message-{number}"),
};

fn id() -> ActionId {
    ActionId("reminder/!support:example.org/$message-1/1".into())
}

fn words(words: &str) -> Part {
    Part::Words(words.to_owned())
}

fn quote(typed: &str) -> Part {
    Part::Quote(typed.to_owned())
}

fn time(style: TimeStyle) -> Part {
    let at = Instant::parse("2026-11-27T14:30:00Z").unwrap();
    Part::Time { at, zone: chrono_tz::Europe::Berlin, style }
}

fn button(label: &str, choice: Choice) -> Button {
    Button { label: label.to_owned(), choice }
}

fn of(parts: Vec<Part>) -> Message {
    Message { parts, buttons: Vec::new() }
}

/// A message as it is sent, once it is seen that Matrix takes it, and as an edit, too.
#[track_caller]
fn rendered(message: &Message) -> Content {
    let longest = SmolStr::new(format!("${}", "x".repeat(254)));
    let edit = render_edit(message, &id(), &longest, HOME);
    assert_matrix_takes(&edit);
    assert_matrix_takes(edit.new_content.as_deref().unwrap());
    assert_matrix_takes(&render(message, &id(), Some(&longest), HOME));
    let content = render(message, &id(), None, HOME);
    assert_matrix_takes(&content);
    content
}

/// What people see whose client shows HTML.
#[track_caller]
fn seen(message: &Message) -> Read {
    reader::read(&rendered(message).formatted_body)
}

#[track_caller]
fn assert_matrix_takes(content: &Content) {
    let json = serde_json::to_string(content).unwrap();
    assert!(json.len() <= CONTENT_MOST, "{} bytes", json.len());
    assert_eq!((content.msgtype, content.format), ("m.notice", "org.matrix.custom.html"));
    reader::read(&content.formatted_body);
    let sdk: RoomMessageEventContent = serde_json::from_str(&json).unwrap();
    assert_eq!(sdk.body(), content.body);
    let pinged = sdk.mentions.expect("it always says whom it pings");
    assert!(!pinged.room && pinged.user_ids.len() == content.mentions.user_ids.len());
    let read_back: Legend = serde_json::from_value(json!(content)[legend::KEY].clone()).unwrap();
    assert_eq!(read_back, content.legend);
}

fn shown(content: &Content) -> String {
    serde_json::to_string_pretty(content).unwrap()
}

/// One message of each kind that Usher sends on Matrix.
fn of_each_kind() -> Vec<(&'static str, Message)> {
    let scenes = said::of_each_kind().into_iter();
    let mut messages: Vec<(&str, Message)> =
        scenes.map(|(name, message)| (name, MATRIX.put_into(&message))).collect();
    let invited = What::Invited { channel: (MATRIX.channel)("support").into(), by: None };
    let hello = MATRIX.done(&[], invited);
    assert_eq!(hello.kind, Kind::Hello);
    messages.push(("hello", hello.message));
    messages
}

#[test]
fn every_kind_of_message_is_shown() {
    for (name, message) in of_each_kind() {
        insta::assert_snapshot!(format!("kind-{name}"), shown(&rendered(&message)));
    }
}

#[test]
fn the_page_shows_each_kind_of_message_as_it_is_sent() {
    let messages = of_each_kind();
    let names = page::assert_shows("docs/matrix.md", |name| {
        let (_, message) = messages.iter().find(|(kind, _)| *kind == name).expect(name);
        seen(message).markdown()
    });
    for (name, _) in &messages {
        assert!(names.contains(*name), "docs/matrix.md does not show `{name}`: give it a place");
    }
}

#[test]
fn matrix_takes_whatever_is_said_in_a_scenario() {
    for action in said::in_scenarios() {
        let message = MATRIX.put_into(&action.message);
        let content = rendered(&message);
        assert!(!content.body.is_empty(), "{action:?}");
        let mut pinged = Vec::new();
        for part in &message.parts {
            if let Part::Mention { user, .. } = part
                && !pinged.contains(user)
            {
                pinged.push(user.clone());
            }
        }
        assert_eq!(content.mentions.user_ids, pinged);
        assert_eq!(content.legend.choices.len(), message.buttons.len(), "each button has a reaction");
    }
}

#[test]
fn every_part_of_a_message_is_shown() {
    let message = MessageRef { channel: "!support:example.org".into(), id: "$abc/+_-".into() };
    let parts = vec![
        Part::Mention { user: "@chidi:example.org".into(), name: "Chidi".into() },
        words(", this came before your day began: "),
        quote("can @room look at *prod* & <b>it</b>?"),
        Part::Break,
        words("Owed by "),
        time(TimeStyle::Clock),
        words(" or "),
        time(TimeStyle::Day),
        words(" or "),
        time(TimeStyle::Date),
        words(" in "),
        Part::Channel { channel: "!support:example.org".into(), name: "support".into() },
        words("; "),
        Part::Name("Mere".into()),
        words(" is in.\n"),
        Part::Strong("Now".to_owned()),
        words(": "),
        Part::Command("resolve".to_owned()),
        words(" "),
        Part::Message { message, label: "the thread".to_owned() },
        words(" "),
        Part::Link { url: "https://meet.example/acme?a=1&b=2".to_owned(), label: "the room".to_owned() },
        Part::Heading("You owe".to_owned()),
        words("One answer."),
        Part::Buttons {
            of: ActionId("home/1".into()),
            buttons: vec![button("I take it", Choice::Take), button("Why", Choice::Why)],
        },
        words("Revision "),
        Part::Code("r1".to_owned()),
    ];
    let buttons = vec![button("I take it", Choice::Take), button("Not now", Choice::NotNow)];
    let content = rendered(&Message { parts, buttons });
    insta::assert_snapshot!(format!("{}\n\n{}\n\n{}", content.body, content.formatted_body, shown(&content)));
}

#[test]
fn a_reply_stands_in_its_thread() {
    let content = json!(render(&of(vec![words("On it.")]), &id(), Some(&"$root".into()), HOME));
    let thread = json!({
        "rel_type": "m.thread", "event_id": "$root", "is_falling_back": true,
        "m.in_reply_to": {"event_id": "$root"},
    });
    assert_eq!(content["m.relates_to"], thread);
    assert_eq!(content["m.mentions"], json!({}));
    assert_eq!(content[legend::KEY], json!({"id": id()}));
    let alone = json!(render(&of(vec![words("On it.")]), &id(), None, HOME));
    assert_eq!(alone.get("m.relates_to"), None);
}

#[test]
fn the_sdk_reads_to_what_a_message_belongs() {
    let message = of(vec![words("On it.")]);
    let read = |content: &Content| -> RoomMessageEventContent {
        serde_json::from_str(&serde_json::to_string(content).unwrap()).unwrap()
    };
    let reply = read(&render(&message, &id(), Some(&"$root".into()), HOME));
    let Some(Relation::Thread(thread)) = reply.relates_to else { panic!("it stands in a thread") };
    assert!(thread.event_id == "$root" && thread.is_falling_back);
    assert_eq!(thread.in_reply_to.expect("for clients without threads").event_id, "$root");
    let edit = read(&render_edit(&message, &id(), &"$first".into(), HOME));
    let Some(Relation::Replacement(replacement)) = edit.relates_to else { panic!("it is an edit") };
    assert_eq!((replacement.event_id.as_str(), replacement.new_content.msgtype.body()), ("$first", "On it."));
}

#[test]
fn an_edit_pings_nobody_again() {
    let ben = Part::Mention { user: "@ben:example.org".into(), name: "Ben".into() };
    let message =
        Message { parts: vec![ben, words(" has it.")], buttons: vec![button("Done", Choice::Resolved)] };
    let edit = json!(render_edit(&message, &id(), &"$first".into(), HOME));
    assert_eq!(edit["m.relates_to"], json!({"rel_type": "m.replace", "event_id": "$first"}));
    assert_eq!(edit["m.mentions"], json!({}), "those whom the edit names anew: nobody");
    assert_eq!(edit["body"], "* Ben has it.\nReact with: ✅ Done");
    assert!(edit["formatted_body"].as_str().unwrap().starts_with("* <a href="));
    let mut new = json!(render(&message, &id(), None, HOME));
    assert_eq!(edit["m.new_content"], new, "the whole message as if it were sent now");
    assert_eq!(new["m.mentions"].take(), json!({"user_ids": ["@ben:example.org"]}));
    assert_eq!(edit[legend::KEY], new[legend::KEY]);
}

#[test]
fn what_one_person_reads_alone_says_what_it_is_about() {
    let read = |kind: Kind, channel: &str, thread: Option<&str>| {
        let (platform, user) = (Platform::Matrix, "@ana:example.org".into());
        let to = Target::Private { platform, channel: channel.into(), thread: thread.map(Into::into), user };
        let action = Action {
            id: id(),
            kind,
            to,
            message: of(vec![words("It is yours.")]),
            priority: Priority::Prompt,
            not_after: None,
            if_unknown: IfUnknown::Leave,
        };
        let content = render_direct(&action, "!direct:example.org", HOME);
        assert_matrix_takes(&content);
        assert_eq!(content.relates_to, None, "the direct room has no such thread");
        (content.body, reader::read(&content.formatted_body).links())
    };
    let support = "!support:example.org";
    let in_thread = format!("https://matrix.to/#/{support}/$first?via=example.org");
    for kind in [Kind::Answer, Kind::OffHours] {
        let (body, links) = read(kind, support, Some("$first"));
        assert_eq!((body.as_str(), links), ("In this thread: It is yours.", vec![in_thread.clone()]));
    }
    let in_room = format!("https://matrix.to/#/{support}?via=example.org");
    let (body, links) = read(Kind::OffHours, support, None);
    assert_eq!((body.as_str(), links), ("In this room: It is yours.", vec![in_room]));
    for (kind, channel) in
        [(Kind::Answer, support), (Kind::OffHours, "!direct:example.org"), (Kind::OffHours, "C0SUPPORT")]
    {
        assert_eq!(read(kind, channel, None), ("It is yours.".to_owned(), vec![]));
    }
}

#[test]
fn ids_of_other_platforms_and_odd_addresses_are_shown_as_words() {
    let message = |channel: &str, id: &str| MessageRef { channel: channel.into(), id: id.into() };
    let mention = |user: &str| Part::Mention { user: user.into(), name: "Ana".into() };
    let link = |url: &str| Part::Link { url: url.into(), label: "here".into() };
    let cases = [
        (mention("U0ANA"), "Ana"),
        (mention("@ana"), "Ana"),
        (mention("@ana:exa:mple.org"), "Ana"),
        (mention(""), "Ana"),
        (Part::Channel { channel: "C0SUPPORT".into(), name: "help".into() }, "#help"),
        (Part::Channel { channel: "#help".into(), name: "help".into() }, "#help"),
        (link("javascript:alert(1)"), "here (javascript:alert(1))"),
        (link("https://a b"), "here (https://a b)"),
        (Part::Link { url: "wiki".into(), label: "wiki".into() }, "wiki"),
        (Part::Message { message: message("C1", "1.0"), label: "a question".into() }, "a question"),
        (Part::Message { message: message("!a:b", "../x"), label: "a question".into() }, "a question"),
    ];
    for (part, text) in cases {
        let content = rendered(&of(vec![part]));
        assert_eq!((content.body.as_str(), content.mentions.user_ids.len()), (text, 0));
        let read = reader::read(&content.formatted_body);
        assert_eq!((read.text(), read.links().len()), (text.to_owned(), 0));
    }
}

#[test]
fn links_lead_to_people_rooms_and_messages() {
    let message = |channel: &str| MessageRef { channel: channel.into(), id: "$a/b+c".into() };
    for (part, url) in [
        (
            Part::Mention { user: "@a/b%61:c.d".into(), name: "".into() },
            "https://matrix.to/#/@a%2Fb%2561:c.d",
        ),
        (
            Part::Channel { channel: "!r:c.d".into(), name: "help".into() },
            "https://matrix.to/#/!r:c.d?via=example.org",
        ),
        (
            Part::Channel { channel: "#help:c.d".into(), name: "help".into() },
            "https://matrix.to/#/%23help:c.d",
        ),
        (
            Part::Message { message: message("!newest"), label: "it".into() },
            "https://matrix.to/#/!newest/$a%2Fb%2Bc?via=example.org",
        ),
        (Part::Link { url: "https://a.b/?c=\"&d=<".into(), label: "".into() }, "https://a.b/?c=\"&d=<"),
    ] {
        let is_matrix = matches!(part, Part::Mention { .. } | Part::Channel { .. } | Part::Message { .. });
        assert_eq!(seen(&of(vec![part])).links(), [url]);
        assert_eq!(MatrixToUri::parse(url).is_ok(), is_matrix, "{url}");
    }
}

#[test]
fn what_people_typed_keeps_its_signs_and_loses_its_tricks() {
    let typed =
        "a\u{202e}b\u{2066}\u{7}\u{1b}[31m 🚨👩🏽‍🚀 @room <b>*x*</b> &amp; [y](https://z) `!usher mute`\n> next";
    let content = rendered(&of(vec![quote(typed)]));
    let kept = "“ab[31m 🚨👩🏽‍🚀 @room <b>*x*</b> &amp; [y](https://z) `!usher mute` > next”";
    assert_eq!(content.body, kept);
    assert_eq!(reader::read(&content.formatted_body).text(), kept);
    assert_eq!(json!(content)["m.mentions"], json!({}));
}

#[test]
fn what_is_too_long_is_cut_and_says_so() {
    let content = rendered(&of(vec![quote(&"x".repeat(40_000)), words(" after it")]));
    assert!(content.body.ends_with("x…” after it"), "a quote is cut in itself");
    for long in ["long ".repeat(9_000), "🚨".repeat(20_000), "\"<&\\".repeat(9_000)] {
        let buttons = vec![button("I take it", Choice::Take)];
        let content = rendered(&Message { parts: vec![words(&long), words("lost")], buttons });
        let end = "…\nReact with: 👀 I take it";
        assert!(content.body.ends_with(end), "it says that there is more, and what one can do");
        assert!(reader::read(&content.formatted_body).text().ends_with(end));
        assert!(json!(content).to_string().len() > CONTENT_MOST / 2, "there is a place for more");
    }
    let text = "🚨".repeat(usher::core::LATER_MOST);
    let content = rendered(&of(vec![quote(&text)]));
    assert_eq!(content.body, format!("“{text}”"), "a text for later comes whole");
}

#[test]
fn each_reaction_does_one_thing() {
    let at = |clock: &str| Choice::CallAt(Instant::parse(&format!("2026-11-27T{clock}:00Z")).unwrap());
    let buttons = vec![
        button("Call now", Choice::CallNow),
        button("15:30", at("14:30")),
        button("Wed 09:45 Berlin", at("08:45")),
        button("09:40", at("08:40")),
        button("some time", at("08:41")),
        button("Ask Kim, in now", Choice::AskInstead("kim".into())),
        button("Make it blocking", Choice::Raise("blocking".into())),
        button("Make it urgent", Choice::Raise("urgent".into())),
        button("Not helpful", Choice::NotNow),
        button("Give it back", Choice::GiveBack),
    ];
    let content = rendered(&Message { parts: vec![words("Well?")], buttons });
    let row = "React with: 📞 Call now · 🕞 15:30 · 🕤 Wed 09:45 Berlin · 1️⃣ 09:40 · 2️⃣ some time · 3️⃣ Ask Kim, in now · \
               🔺 Make it blocking · 4️⃣ Make it urgent · 🚫 Not helpful · ↩️ Give it back";
    assert_eq!(content.body, format!("Well?\n{row}"));
    let legend = &content.legend;
    for (emoji, choice) in [
        ("📞", Choice::CallNow),
        ("🕞", at("14:30")),
        ("1️⃣", at("08:40")),
        ("1\u{20e3}", at("08:40")),
        ("↩", Choice::GiveBack),
        ("↩️", Choice::GiveBack),
        ("🔺", Choice::Raise("blocking".into())),
    ] {
        assert_eq!(legend.press(emoji), Some((&id(), &choice)), "{emoji}");
    }
    for other in ["👀", "", "1", "5️⃣", "\u{fe0f}"] {
        assert_eq!(legend.press(other), None, "{other:?}");
    }
    let hands =
        Legend::of(&Message { parts: Vec::new(), buttons: vec![button("Leave it", Choice::Leave)] }, &id());
    assert_eq!(hands.press("👌🏽"), Some((&id(), &Choice::Leave)), "of whatever colour");
}

#[test]
fn buttons_amid_a_message_answer_their_own_action() {
    let other = ActionId("home/2".into());
    let row = |of: &ActionId| Part::Buttons { of: of.clone(), buttons: vec![button("Why", Choice::Why)] };
    let parts = vec![words("One."), row(&other), words("Two."), row(&id())];
    let content = rendered(&Message { parts, buttons: vec![button("Done", Choice::Resolved)] });
    assert_eq!(content.body, "One.\nReact with: ❓ Why\nTwo.\n1️⃣ Why\n✅ Done");
    assert_eq!(content.legend.press("❓"), Some((&other, &Choice::Why)));
    assert_eq!(content.legend.press("1️⃣"), Some((&id(), &Choice::Why)));
}

#[test]
fn a_button_without_an_emoji_is_left_out() {
    let say = |number: usize| button("Say", Choice::Say(format!("mute {number}h")));
    let mut buttons = vec![button(" ", Choice::Take), button("x", Choice::Say("x".repeat(301)))];
    buttons.extend((0..20).map(say));
    let content = rendered(&Message { parts: Vec::new(), buttons });
    assert_eq!(content.legend.choices.len(), 10);
    assert!(content.body.starts_with("React with: 1️⃣ Say · ") && content.body.ends_with(" · 🔟 Say"));
}

proptest! {
    /// Neither what people typed nor a name or a label becomes markup, a link or a ping.
    #[test]
    fn what_people_typed_never_becomes_markup(typed in "[<>@!&#*_~`:;|/a-z\"'\u{202e}🚨 \n]{0,40}") {
        for part in [quote(&typed), Part::Name(typed.as_str().into()), words(&typed)] {
            let content = rendered(&of(vec![words("x"), part]));
            let read = reader::read(&content.formatted_body);
            prop_assert_eq!(read.text(), content.body.as_str());
            prop_assert!(read.tags().iter().all(|tag| tag == "br"), "{:?}", read.tags());
            prop_assert_eq!(json!(content)["m.mentions"].clone(), json!({}));
        }
        let url = format!("https://a.example/{}", typed.replace(char::is_whitespace, ""));
        let link = Part::Link { url: url.clone(), label: typed.clone() };
        prop_assert_eq!(seen(&of(vec![link])).links(), [url]);
        let mention = Part::Mention { user: format!("@{typed}:x").into(), name: typed.as_str().into() };
        prop_assert!(seen(&of(vec![mention])).links().len() <= 1);
        prop_assert!(seen(&of(vec![Part::Code(typed.clone()), Part::Command(typed)])).links().is_empty());
    }

    /// However long and of whatever parts, a server takes it, encrypted and as an edit, too.
    #[test]
    fn matrix_takes_every_message(
        parts in proptest::collection::vec((0..10_u8, ".{0,80}", 0..300_usize), 0..30),
        labels in proptest::collection::vec(".{0,300}", 0..30),
    ) {
        let parts = parts.into_iter().map(|(kind, text, times)| match kind {
            0 => Part::Words(text.repeat(times)),
            1 => Part::Strong(text),
            2 => quote(&text.repeat(times)),
            3 => Part::Code(text),
            4 => Part::Mention { user: format!("@{times}:example.org").into(), name: text.into() },
            5 => Part::Link { url: "https://a.example/&".into(), label: text },
            6 => Part::Heading(text),
            7 => Part::Buttons { of: ActionId(text.clone().into()), buttons: vec![button(&text, Choice::Why)] },
            8 => time(TimeStyle::Day),
            _ => Part::Break,
        });
        let buttons = labels.iter().map(|label| button(label, Choice::Say(label.clone())));
        rendered(&Message { parts: parts.collect(), buttons: buttons.collect() });
    }
}

#[test]
fn the_parser_of_these_tests_sees_what_is_not_allowed() {
    for html in [
        "<script>x</script>",
        "<a href=\"javascript:x\">y</a>",
        "<b onclick=\"x\">y</b>",
        "<img src=\"https://x\">",
    ] {
        assert!(std::panic::catch_unwind(|| reader::read(html)).is_err(), "{html}");
    }
    let value: Value = json!(render(&of(vec![words("<script>")]), &id(), None, HOME));
    assert_eq!(value["formatted_body"], "&lt;script&gt;");
}
