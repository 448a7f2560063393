//! What goes wrong while a scenario is played in Slack.

use crate::playing::chance::Chance;
use crate::standin::deliveries::What;
use crate::standin::{Fault, Standin};

/// What is sent or looked up, and what goes wrong with it. What is shown to one person alone can be neither read
/// back nor said twice: it goes wrong only in ways that say that it was not shown.
const CALLS: &[(&str, &[Wrong])] = &[
    ("chat.postMessage", WRITES),
    ("chat.postMessage", WRITES),
    ("chat.update", WRITES),
    ("chat.postEphemeral", &[Wrong::TooFast, Wrong::Unavailable]),
    ("conversations.open", &[Wrong::TooFast, Wrong::Unavailable, Wrong::Broken, Wrong::CallLost]),
    ("conversations.replies", &[Wrong::TooFast, Wrong::Broken, Wrong::AnswerLost]),
    ("conversations.history", &[Wrong::TooFast, Wrong::Broken, Wrong::AnswerLost]),
    ("chat.getPermalink", &[Wrong::Broken]),
];
const WRITES: &[Wrong] = &[
    Wrong::TooFast,
    Wrong::Unavailable,
    Wrong::Broken,
    Wrong::AnswerLost,
    Wrong::AnswerLost,
    Wrong::CallLost,
    Wrong::Nonsense,
    Wrong::Slow,
];

#[derive(Clone, Copy)]
enum Wrong {
    TooFast,
    Unavailable,
    Broken,
    AnswerLost,
    CallLost,
    Nonsense,
    Slow,
}

impl Wrong {
    fn fault(self) -> Fault {
        match self {
            Wrong::TooFast => Fault::TooFast { retry_after: Some("1".to_owned()) },
            Wrong::Unavailable => Fault::Status(503),
            Wrong::Broken => Fault::Status(500),
            Wrong::AnswerLost => Fault::AnswerLost,
            Wrong::CallLost => Fault::CallLost,
            Wrong::Nonsense => Fault::Nonsense,
            Wrong::Slow => Fault::Slow(20),
        }
    }
}

/// What happens to the sockets in the middle of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sockets {
    /// Nothing.
    Stay,
    /// Slack says that it will close one, and closes it once there is another.
    Replaced,
    /// All break at once.
    Cut,
}

/// Has some call of the next go wrong, unless one waits to.
pub fn arm(standin: &Standin, chance: &mut Chance) {
    let waits = standin.shared.read(|state| !state.armed.is_empty());
    if !waits
        && chance.once_in(2)
        && let Some((method, wrongs)) = chance.choose(CALLS)
        && let Some(wrong) = chance.choose(wrongs)
    {
        standin.arm(Some(method), wrong.fault(), if chance.once_in(2) { 1 } else { 2 });
    }
}

/// Loses what Usher says to have taken.
pub fn lose_acknowledgements(standin: &Standin, chance: &mut Chance) {
    if chance.once_in(4) {
        standin.lose_acknowledgements(2);
    }
}

/// Tells again of some events from delivery `first` on, as Slack does: under the same id, or under another.
pub fn tell_again(standin: &Standin, chance: &mut Chance, first: usize) {
    let told = standin.shared.read(|state| {
        let new = state.deliveries.iter().enumerate().skip(first);
        new.filter(|(_, it)| it.what == What::Event).map(|(at, _)| at).collect::<Vec<_>>()
    });
    for index in told {
        if chance.once_in(3) {
            let id = format!("EvAGAIN{index}");
            standin.redeliver(index, Some(id.as_str()).filter(|_| chance.once_in(2)));
        }
    }
}

/// What happens to the sockets now.
pub fn sockets(chance: &mut Chance) -> Sockets {
    if chance.once_in(8) {
        Sockets::Cut
    } else if chance.once_in(6) {
        Sockets::Replaced
    } else {
        Sockets::Stay
    }
}
