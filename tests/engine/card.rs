//! When the pager takes nothing, the asker is shown whom to call.

use insta::assert_snapshot;
use usher::core::action::{Kind, Target};
use usher::core::event::{Fate, What};

use crate::chat::Chat;

const BOOK: &str = r#"
[team]
name = "Acme"
timezone = "UTC"

[people]
ana = { reach-me = "call, I do not hear messages <!here>" }
ben = { phone = "+49 30 1234" }
chidi = { phone = { secret = "chidi-phone" }, reach-me = "a message first" }
dora = {}

[groups]
leads = ["ana", "ben", "chidi"]

[urgency.emergency]
means = "Customers are down"
marks = ["🚨"]
respond-within = "15m"
clock = "always"
interrupts = true
escalate = [
  { after = "0m", tell = "ben", by = "pager" },
  { after = "10m", tell = "leads", by = "pager" },
]

[channels.support]
responders = "ben"
urgency = "emergency"
"#;

#[test]
fn it_names_everyone_of_the_ladder_once_with_the_way_to_reach_them() {
    let people = [("ana", "UTC"), ("ben", "UTC"), ("chidi", "UTC"), ("dora", "UTC")];
    let mut chat = Chat::new(BOOK, "2026-11-23T03:00:00Z", &people, &["support"]);
    chat.say("dora", "support", "🚨 no customer can log in");
    chat.heard();
    let mut pages = chat.actions.iter().filter(|action| action.kind == Kind::Page);
    let page = pages.next_back().expect("a page").id.clone();
    let refused =
        || What::Delivered { action: page.clone(), fate: Fate::Refused("no pager".to_owned()), errand: None };
    chat.happen(refused());
    let card = chat.actions.last().expect("the card");
    assert!(matches!(&card.to, Target::Private { user, .. } if user == "dora"), "{card:?}");
    assert_snapshot!(chat.heard(), @r"
    Mon 03:00 #support to dora alone: A page did not get through. Please call:
    • ben: `+49 30 1234`
    • ana (“call, I do not hear messages <!here>”)
    • chidi: their number is kept by the admins (“a message first”)
    ");
    chat.happen(refused());
    assert_eq!(chat.heard(), "", "it is shown once");
}
