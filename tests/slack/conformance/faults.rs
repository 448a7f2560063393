//! What goes wrong while a scenario is played, drawn from a seed.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

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

/// What goes wrong.
pub struct Faults {
    chance: Option<ChaCha8Rng>,
    echoes: bool,
}

impl Faults {
    /// Nothing does.
    pub fn none() -> Faults {
        Faults { chance: None, echoes: false }
    }

    /// Whatever Usher says in a channel stands there twice, which is to be found.
    pub fn echo() -> Faults {
        Faults { chance: None, echoes: true }
    }

    /// What this seed draws for a scenario.
    pub fn of(seed: u64, scenario: &str) -> Faults {
        let of_name = scenario.bytes().fold(seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        Faults { chance: Some(ChaCha8Rng::seed_from_u64(of_name)), echoes: false }
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u32) -> bool {
        self.chance.as_mut().is_some_and(|rng| rng.random_ratio(1, times))
    }

    /// Has some call of the next go wrong, unless one waits to.
    pub fn arm(&mut self, standin: &Standin) {
        let waits = standin.shared.read(|state| !state.armed.is_empty());
        let Some(rng) = self.chance.as_mut().filter(|_| !waits) else { return };
        if rng.random_ratio(1, 2) {
            let (method, wrongs) = CALLS.choose(rng).expect("there are calls");
            let wrong = wrongs.choose(rng).expect("they go wrong somehow");
            standin.arm(Some(method), wrong.fault(), rng.random_range(1..=2));
        }
    }

    /// Loses what Usher says to have taken.
    pub fn lose_acknowledgements(&mut self, standin: &Standin) {
        if self.once_in(4) {
            standin.lose_acknowledgements(2);
        }
    }

    /// Tells again of some events from delivery `first` on, as Slack does: under the same id, or under another.
    pub fn tell_again(&mut self, standin: &Standin, first: usize) {
        let told = standin.shared.read(|state| {
            let new = state.deliveries.iter().enumerate().skip(first);
            new.filter(|(_, it)| it.what == What::Event).map(|(at, _)| at).collect::<Vec<_>>()
        });
        for index in told {
            if self.once_in(3) {
                let id = format!("EvAGAIN{index}");
                standin.redeliver(index, Some(id.as_str()).filter(|_| self.once_in(2)));
            }
        }
    }

    /// What happens to the sockets now.
    pub fn sockets(&mut self) -> Sockets {
        if self.once_in(8) {
            Sockets::Cut
        } else if self.once_in(6) {
            Sockets::Replaced
        } else {
            Sockets::Stay
        }
    }

    /// Says once more what appeared from `first` on, if there is an echo.
    pub fn say_again(&self, standin: &Standin, first: usize) {
        for said in standin.appeared(first).into_iter().filter(|said| self.echoes && said.only.is_none()) {
            standin.shared.change(|state| state.appeared.push(said));
        }
    }

    /// Whether two messages come the other way round.
    pub fn turn_round(&mut self) -> bool {
        self.once_in(3)
    }

    /// Whether Usher dies after a line.
    pub fn kill(&mut self) -> bool {
        self.once_in(10)
    }
}
