//! A platform that answers as it is told, and remembers what it took.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use usher::chat::{Answer, Chat, Outcome, Pace, ReadBack};
use usher::core::action::Action;
use usher::core::event::{MessageRef, Platform};
use usher::courier::Routes;

/// How it answers one attempt.
#[derive(Clone, Debug)]
pub enum Reply {
    /// It takes it.
    Take,
    /// It takes it, and its answer is lost.
    TakeAndLose,
    /// It does not take it, and its answer is lost.
    Lose,
    /// It answers so, and does not take it.
    Answer(Outcome),
}

#[derive(Debug, Default)]
pub struct Script {
    /// How it answers the next attempts; after them it takes everything.
    pub replies: VecDeque<Reply>,
    /// What it took, in order: id, text, and the message that was replaced.
    pub taken: Vec<(String, String, Option<String>)>,
    /// Whether it says what it has.
    pub silent: bool,
    pub pace: Pace,
}

#[derive(Clone, Debug, Default)]
pub struct Fake(pub Arc<Mutex<Script>>);

impl Fake {
    pub fn replying(replies: impl IntoIterator<Item = Reply>) -> Fake {
        let fake = Fake::default();
        fake.0.lock().unwrap().replies.extend(replies);
        fake
    }

    pub fn routes(&self) -> Routes {
        let mut routes = Routes::default();
        routes.chats.insert(Platform::Slack, Arc::new(self.clone()));
        routes
    }

    /// The ids of what it took, in order.
    pub fn taken(&self) -> Vec<String> {
        self.0.lock().unwrap().taken.iter().map(|(id, _, _)| id.clone()).collect()
    }

    fn take(&self, action: &Action, sent_as: Option<&MessageRef>) -> MessageRef {
        let mut script = self.0.lock().unwrap();
        let replaced = sent_as.map(|message| message.id.to_string());
        script.taken.push((action.id.to_string(), action.message.plain(), replaced));
        MessageRef { channel: "C1".into(), id: format!("ts{}", script.taken.len()).into() }
    }
}

impl Chat for Fake {
    fn deliver<'a>(&'a self, action: &'a Action, sent_as: Option<&'a MessageRef>) -> Answer<'a, Outcome> {
        Box::pin(async move {
            let reply = self.0.lock().unwrap().replies.pop_front();
            match reply.unwrap_or(Reply::Take) {
                Reply::Take => Outcome::Accepted(Some(self.take(action, sent_as))),
                Reply::TakeAndLose => {
                    self.take(action, sent_as);
                    Outcome::Unknown("502".to_owned())
                }
                Reply::Lose => Outcome::Unknown("timeout".to_owned()),
                Reply::Answer(outcome) => outcome,
            }
        })
    }

    fn read_back<'a>(&'a self, action: &'a Action, _: Option<&'a MessageRef>) -> Answer<'a, ReadBack> {
        Box::pin(async move {
            let script = self.0.lock().unwrap();
            if script.silent {
                return ReadBack::CannotTell;
            }
            match script.taken.iter().position(|(id, _, _)| *id == action.id.0.as_str()) {
                Some(index) => {
                    let id = format!("ts{}", index + 1).into();
                    ReadBack::Found(Some(MessageRef { channel: "C1".into(), id }))
                }
                None => ReadBack::Absent,
            }
        })
    }

    fn pace(&self) -> Pace {
        self.0.lock().unwrap().pace
    }
}
