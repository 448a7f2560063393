//! An edit and a deletion are of a message's author, and of its words alone: they run no command.

use smol_str::SmolStr;
use usher::core::event::{Event, MessageRef, Text, What};
use usher::core::said::Stage;

use crate::chat::Chat;
use crate::decisions::{chat, delete, edit, monday, stage};

const QUESTION: &str = "Can you restart the import worker?";

fn edited(chat: &mut Chat, who: &str, message: &SmolStr, text: &str) -> Event {
    let message = MessageRef { channel: "support".into(), id: message.clone() };
    let text = Text::new(text, Vec::new());
    chat.event(What::Edited { message, thread: None, author: who.into(), text })
}

#[test]
fn an_edit_by_somebody_else_changes_nothing() {
    let mut chat = chat();
    let question = chat.say("dora", "support", QUESTION);
    let note = chat.say("dora", "general", "Lunch is at noon.");
    edit(&mut chat, "kim", "support", &question, "never mind");
    edit(&mut chat, "ana", "support", &question, "!urgent the shop is slow, can you look?");
    edit(&mut chat, "kim", "general", &note, "@ben can you look at the deploy?");
    assert_eq!((stage(&chat, &question), stage(&chat, &note)), (Some(Stage::Open), None));
    assert_eq!(chat.heard(), "");
    chat.until(&monday("11:10"));
    assert!(chat.heard().contains("to ben"), "the promise is the first");
}

#[test]
fn an_edit_by_somebody_else_that_comes_first_changes_nothing_either() {
    let mut chat = chat();
    let (question, posted) = chat.message("dora", "support", QUESTION);
    let stranger = edited(&mut chat, "kim", &question, "never mind");
    let stranger = Event { at: posted.at.plus(1), ..stranger };
    chat.deliver(&stranger);
    chat.deliver(&posted);
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
}

#[test]
fn an_edit_into_a_command_runs_none() {
    let mut chat = chat();
    let question = chat.say("dora", "support", QUESTION);
    let note = chat.say("ben", "general", "Lunch is at noon.");
    for words in ["!usher take", "@Usher take", "/usher take", "usher why", "take"] {
        edit(&mut chat, "ben", "general", &note, words);
        edit(&mut chat, "dora", "support", &question, &format!("{words}\n{QUESTION}"));
    }
    assert_eq!(chat.heard(), "");
    assert_eq!(stage(&chat, &question), Some(Stage::Open));
}

#[test]
fn a_command_that_is_deleted_is_neither_undone_nor_run_again() {
    let mut chat = chat();
    let question = chat.say("dora", "support", QUESTION);
    let thread = format!("support/{question}");
    chat.command("ben", &thread, "take");
    chat.heard();
    delete(&mut chat, "support", "m77");
    assert_eq!(stage(&chat, &question), Some(Stage::Acknowledged));
    assert_eq!(chat.heard(), "");
    chat.restart();
    chat.until(&monday("12:00"));
    assert_eq!(stage(&chat, &question), Some(Stage::Acknowledged));
}
