//! A new revision of the runbook is told where the runbook says, once, and pings nobody.

use insta::assert_snapshot;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use usher::core::action::{Kind, Priority};
use usher::core::event::{RevisionText, What};

use crate::chat::Chat;

const BOOK: &str = r#"
[team]
name = "Acme"
timezone = "UTC"
announce-in = "news"

[channels.news]
purpose = "Announcements"
"#;

fn chat() -> Chat {
    Chat::new(BOOK, "2026-11-23T09:00:00Z", &[("ana", "UTC")], &["news", "other"])
}

fn revise(chat: &mut Chat, id: &str, text: &str, by: Option<&str>) {
    chat.happen(What::Revision(RevisionText {
        id: SmolStr::new(id),
        file: "team.toml".to_owned(),
        text: text.to_owned(),
        beside: BTreeMap::new(),
        by: by.map(str::to_owned),
    }));
}

#[test]
fn what_means_something_else_is_told_with_who_changed_it() {
    let mut chat = chat();
    assert_eq!(chat.heard(), "", "the first revision is no change");
    let changed = BOOK.replace("Announcements", "News");
    revise(&mut chat, "8f3e21c09ab4d5e6f7", &changed, Some("Eve <!channel> @everyone *now*"));
    assert_eq!(
        chat.actions.last().map(|action| (action.kind, action.priority)),
        Some((Kind::Revision, Priority::Routine))
    );
    assert_snapshot!(chat.heard(), @"Mon 09:00 #news: The runbook changed (revision `8f3e21c09ab4`), by “Eve <!channel> @everyone *now*”. Ask me for `runbook` to see what holds now.");
    revise(&mut chat, "8f3e21c09ab4d5e6f7", &changed, None);
    chat.restart();
    revise(&mut chat, "8f3e21c09ab4d5e6f7", &changed, None);
    assert_eq!(chat.heard(), "", "it is in force already");
    revise(&mut chat, "r2", &format!("# a remark\n{changed}"), None);
    assert_eq!(chat.heard(), "", "it says the same");
    revise(&mut chat, "r3", "[team]\n", None);
    assert_eq!(chat.heard(), "", "it is not valid and not in force");
    revise(&mut chat, "r4", BOOK, None);
    assert_snapshot!(chat.heard(), @"Mon 09:00 #news: The runbook changed (revision `r4`). Ask me for `runbook` to see what holds now.");
}

#[test]
fn where_usher_does_not_speak_it_says_nothing() {
    for (voice, noted) in [("watch", "WouldHaveSpoken(Revision)"), ("private", "why: PrivateOnly")] {
        let mut chat = chat();
        chat.notes.clear();
        revise(&mut chat, "r1", &format!("{BOOK}usher = \"{voice}\"\n"), None);
        assert_eq!(chat.heard(), "");
        assert!(format!("{:?}", chat.notes).contains(noted), "{:?}", chat.notes);
    }
    let mut chat = Chat::new(BOOK, "2026-11-23T09:00:00Z", &[("ana", "UTC")], &["other"]);
    revise(&mut chat, "r1", &BOOK.replace("Acme", "Acne"), None);
    assert_eq!(chat.heard(), "", "the channel is not there");
}
