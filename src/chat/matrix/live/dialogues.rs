//! Forms, which on Matrix are questions in the direct room. What is asked is remembered together with the answer before
//! it, and said under a transaction of its own: after a restart it is said once more, and people see it once.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::batch::{Batch, persistently};
use super::{Live, LiveError, WITHIN_MS};
use crate::chat::forms::Wanting;
use crate::chat::matrix::forms::{Dialogue, Place, Step};
use crate::core::action::ActionId;
use crate::core::event::{Event, MessageId, MessageRef, Text, UserId, What};
use crate::core::message::Message;
use crate::driver::{Memo, MemoKind};

/// So many dialogues are taken up after a restart.
const MOST: usize = 1_000;

/// The dialogues that go on, by person; never iterated.
#[derive(Debug, Default)]
pub(super) struct Dialogues {
    open: FxHashMap<UserId, Dialogue>,
    /// What is to be said, once it is remembered.
    unsaid: Vec<(UserId, Saying)>,
}

/// What is said in a dialogue.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Saying {
    id: ActionId,
    message: Message,
}

/// A dialogue as it is remembered.
#[derive(Serialize, Deserialize)]
struct Kept {
    dialogue: Dialogue,
    saying: Saying,
}

/// What somebody wrote to Usher alone.
pub(super) struct Answer<'a> {
    pub message: &'a MessageRef,
    pub user: &'a UserId,
    pub replaces: Option<&'a MessageId>,
    pub text: &'a Text,
}

impl Live {
    /// Takes up the dialogues that went on when the last process ended, and says once more what was asked last.
    pub(super) async fn learn_dialogues(&self) -> Result<(), LiveError> {
        let kept = persistently(|| self.driver.memos(MemoKind::Dialogue, MOST, WITHIN_MS)).await?;
        let now = self.clock.now();
        let mut dialogues = self.dialogues();
        for (user, value) in kept {
            let Ok(Kept { dialogue, saying }) = serde_json::from_str(&value) else { continue };
            if dialogue.is_open(now) {
                dialogues.open.insert(user.clone(), dialogue);
                dialogues.unsaid.push((user, saying));
            }
        }
        Ok(())
    }

    /// Whether a command says nothing without more words: then a dialogue begins in its place.
    pub(super) fn begins_dialogue(&self, event: &Event, batch: &mut Batch) -> bool {
        let What::Commanded { user, channel, thread, words } = &event.what else { return false };
        let Some(wanting) = Wanting::typed(words) else { return false };
        let place = Place { channel: channel.clone(), thread: thread.clone() };
        let (dialogue, message) = Dialogue::begin(wanting, place, event.at);
        let saying = Saying { id: ActionId::answer_to(&event.key), message };
        self.go_on(user, dialogue, saying, batch);
        true
    }

    /// Whether what somebody wrote belongs to a dialogue, and is no command. What comes of it is in the batch, under the key
    /// of the event that it would have been.
    pub(super) fn continues_dialogue(&self, answer: &Answer<'_>, batch: &mut Batch) -> bool {
        let now = self.clock.now();
        let dialogue =
            self.dialogues().open.get(answer.user).filter(|dialogue| dialogue.is_open(now)).cloned();
        let Some(mut dialogue) = dialogue else { return false };
        let step = match answer.replaces {
            Some(edited) => dialogue.edit(edited, answer.text, now),
            None if dialogue.knows(&answer.message.id) => None,
            None => Some(dialogue.answer(&answer.message.id, answer.text, now)),
        };
        let Some(step) = step else { return answer.replaces.is_none() };
        let key = key_of(answer.message);
        match step {
            Step::Ask(message) | Step::Wrong(message) => {
                let saying = Saying { id: ActionId::answer_to(&key), message };
                self.go_on(answer.user, dialogue, saying, batch);
            }
            Step::Stopped(message) => {
                self.end(answer.user, batch);
                let saying = Saying { id: ActionId::answer_to(&key), message };
                self.dialogues().unsaid.push((answer.user.clone(), saying));
            }
            Step::Done(words) => {
                let Place { channel, thread } = dialogue.place;
                let user = answer.user.clone();
                let what = What::Commanded { user, channel, thread, words };
                batch.push(Event { key, ..self.event("answered", what) });
                self.end(answer.user, batch);
            }
        }
        true
    }

    fn go_on(&self, user: &UserId, dialogue: Dialogue, saying: Saying, batch: &mut Batch) {
        let kept = Kept { dialogue, saying };
        let value = Some(serde_json::to_string(&kept).expect("words and ids are JSON"));
        batch.remember(Memo { kind: MemoKind::Dialogue, key: user.clone(), value });
        let mut dialogues = self.dialogues();
        dialogues.open.insert(user.clone(), kept.dialogue);
        dialogues.unsaid.push((user.clone(), kept.saying));
    }

    fn end(&self, user: &UserId, batch: &mut Batch) {
        batch.remember(Memo { kind: MemoKind::Dialogue, key: user.clone(), value: None });
        self.dialogues().open.remove(user);
    }

    /// Says what is to be said in dialogues. What the homeserver does not take is said when it does, or at the next start.
    pub(super) async fn speak(&self) {
        let unsaid = std::mem::take(&mut self.dialogues().unsaid);
        for (user, saying) in unsaid {
            let said = self.outbound.say_directly(&user, &saying.message, &saying.id).await;
            if let Err(why) = said {
                tracing::info!(%why, "a question of a form waits");
                self.dialogues().unsaid.push((user, saying));
            }
        }
    }

    fn dialogues(&self) -> std::sync::MutexGuard<'_, Dialogues> {
        self.dialogues.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The key of a message's own event.
fn key_of(message: &MessageRef) -> smol_str::SmolStr {
    let MessageRef { channel, id } = message;
    smol_str::format_smolstr!("matrix/{channel}/{id}")
}
