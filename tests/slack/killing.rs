//! The real program is killed, and Slack goes away and comes back, at points drawn from a seed, while people ask,
//! talk, answer, press and command: nothing is lost, and nothing is said twice.
//!
//! `USHER_KILLS` says how often it is killed, `USHER_SEED` where.

use std::collections::BTreeSet;
use std::env;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::playing::house::free_port;
use crate::standin::control::BOUND;
use crate::standin::deliveries::Fate;
use crate::standin::state::{BOT_USER, State};
use crate::standin::workspace::User;
use crate::standin::{Channel, Kind, Settings, Standin};
use crate::usher::{Usher, workspace_with};

/// Places to talk in, and who owes the answers there. Slack takes a message a second in each, and nobody is told
/// more than a hundred things a day.
const PLACES: [(&str, &str); 6] = [
    ("C0ONE", "U0BEN"),
    ("C0TWO", "U0CHI"),
    ("C0THREE", "U0EVA"),
    ("C0FOUR", "U0FIN"),
    ("C0FIVE", "U0GUS"),
    ("C0SIX", "U0IDA"),
];
/// How often it is killed unless it is said.
const KILLS: u64 = 40;
const RULES: &str = r#"
[team]
name = "Acme"
timezone = "Europe/Lisbon"
office-hours = "mon-sun 00:00-24:00"
admins = ["ana"]

[notices]
per-person-per-day = 100

[urgency.blocking]
means = "I cannot go on without you"
respond-within = "2h"
escalate = [{ after = "0m", tell = "responders", by = "thread" }]
"#;

/// A question, and what became of it.
struct Question {
    channel: &'static str,
    /// Who owes the answer.
    owes: &'static str,
    ts: String,
    asker: String,
    /// The delivery of the press by which it was taken.
    taken: Option<usize>,
    answered: bool,
}

impl Question {
    /// What Usher said in its thread: the ids, and the words as they are now.
    fn told(&self, state: &State) -> Vec<(String, String)> {
        let replies = state.channels[self.channel].replies(&self.ts);
        replies.filter(|it| it.by_app).map(|it| (it.ts.clone(), it.text.clone())).collect()
    }
}

/// What people do.
struct People {
    chance: ChaCha8Rng,
    questions: Vec<Question>,
    /// Who wrote a command to Usher alone, where, and its id each time.
    commanded: Vec<(String, String, Vec<String>)>,
    /// How many have come so far.
    count: usize,
}

impl People {
    /// Somebody new: what one person says in a row is one matter.
    fn somebody(&mut self, standin: &Standin) -> String {
        self.count += 1;
        let id = format!("U0N{}", self.count);
        standin.put_user(User::person(&id, &id, "Europe/Lisbon"));
        standin.shared.change(|state| {
            for (channel, _) in PLACES {
                state.channels.get_mut(channel).map(|channel| channel.members.insert(id.clone()));
            }
        });
        id
    }

    fn ask(&mut self, standin: &Standin) {
        let asker = self.somebody(standin);
        let (channel, owes) = PLACES.choose(&mut self.chance).copied().expect("there are some");
        let text = format!("Can somebody look at deploy {}?", self.count);
        let ts = standin.post(&asker, channel, &text);
        self.questions.push(Question { channel, owes, ts, asker, taken: None, answered: false });
    }

    /// Something about a question of which Usher has told, or a command.
    fn do_something(&mut self, standin: &Standin) {
        let what = self.chance.random_range(0..5);
        if what == 0 {
            let person = self.somebody(standin);
            let direct = standin.direct(&person);
            let ts = standin.post(&person, &direct, "owe");
            self.commanded.push((person, direct, vec![ts]));
            return;
        }
        if what == 1 {
            let person = self.somebody(standin);
            standin.command(&person, PLACES[0].0, "/usher", "owe");
            return;
        }
        let told = |question: &Question| standin.shared.read(|state| question.told(state)).into_iter().next();
        let open = self.questions.iter_mut().filter(|question| !question.answered);
        let mut open: Vec<(&mut Question, String)> =
            open.filter_map(|it| told(it).map(|(ts, _)| (it, ts))).collect();
        let at = self.chance.random_range(0..open.len().max(1));
        let Some((question, told)) = open.get_mut(at) else { return };
        match what {
            2 if question.taken.is_none() => {
                question.taken = Some(standin.press(question.owes, question.channel, told, "usher:take"));
            }
            3 => {
                standin.reply(&question.asker, question.channel, &question.ts, "It is the deploy of Friday.");
            }
            _ => {
                standin.reply(
                    question.owes,
                    question.channel,
                    &question.ts,
                    "It was the token, I have renewed it.",
                );
                question.answered = true;
            }
        }
    }

    /// Whoever sees that nothing came of a press or of a command gives it again. Of what stands in channels Usher
    /// reads the history.
    fn try_again(&mut self, standin: &Standin) {
        for (person, direct, asked) in &mut self.commanded {
            let is_lost = |state: &State| {
                let last = asked.last().map(String::as_str);
                let mut told =
                    state.deliveries.iter().filter(|it| it.payload["event"]["ts"].as_str() == last);
                told.any(|it| it.fate == Fate::Lost) && answers(state, direct) == 0
            };
            if standin.shared.read(is_lost) {
                asked.push(standin.post(person, direct, "owe"));
            }
        }
        for question in self.questions.iter_mut().filter(|question| !question.answered) {
            let lost = question.taken.is_some_and(|press| standin.delivery(press).fate == Fate::Lost);
            let told = standin.shared.read(|state| question.told(state));
            if let Some((ts, _)) = told.first().filter(|_| lost) {
                question.taken = Some(standin.press(question.owes, question.channel, ts, "usher:take"));
            }
        }
    }

    /// What is still missing of what Usher owes.
    fn missing(&self, state: &State) -> Option<String> {
        for question in &self.questions {
            let told = question.told(state);
            let [(_, words), ..] = told.as_slice() else {
                return Some(format!("{} is not told", question.ts));
            };
            let taken = question.taken.is_some();
            let wanted = if question.answered { "Answered" } else { &name(question.owes) };
            if (question.answered || taken) && !words.contains(wanted) {
                return Some(format!("{} still says {words}", question.ts));
            }
        }
        let waits = self.commanded.iter().find(|(_, direct, _)| answers(state, direct) == 0);
        waits.map(|(person, ..)| format!("{person} has no answer"))
    }
}

/// How many answers Usher gave in its conversation with somebody.
fn answers(state: &State, direct: &str) -> usize {
    state.channels[direct].messages.values().filter(|message| message.by_app).count()
}

/// What appeared twice in the channels.
fn repeated(state: &State) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let in_channels = |channel: &str| state.channels[channel].kind != Kind::Direct;
    let appeared = state.appeared.iter().filter(|it| in_channels(&it.channel)).map(|it| {
        let place = format!("{} {:?} {:?}", it.channel, it.thread_ts, it.only);
        format!("{place} {} {}", if it.changed { it.ts.as_str() } else { "" }, it.text)
    });
    appeared.filter(|it| !seen.insert(it.clone())).collect()
}

/// Waits until Usher has made some calls more, or has nothing to do.
async fn wait_for_calls(standin: &Standin, more: usize) {
    let before = standin.requests().len();
    let come = |state: &State| state.requests.len() >= before + more || state.unsettled == 0;
    standin.wait_for("calls", |state| come(state).then_some(())).await;
}

/// Waits until Usher has said all that it owes.
async fn wait_until_all_is_said(people: &mut People, standin: &Standin) {
    standin.wait_until_settled().await;
    people.try_again(standin);
    let said = standin.shared.wait_for(BOUND, |state| people.missing(state).is_none().then_some(())).await;
    assert!(said.is_some(), "{:?}", standin.shared.read(|state| people.missing(state)));
    standin.wait_until_settled().await;
}

/// A workspace with room to talk.
async fn workspace() -> Standin {
    // Slack tries again for minutes. Here it does for seconds, in which Usher is back.
    let standin = workspace_with(Settings { retry_scale: 0.02, ..Settings::default() }).await;
    for (channel, owes) in PLACES {
        standin.add_channel(Channel::new(channel, &channel.to_lowercase(), Kind::Public, &[owes, BOT_USER]));
        standin.shared.change(|state| {
            let person = User::person(owes, &name(owes), "Europe/Lisbon");
            state.users.insert(owes.to_owned(), person);
        });
    }
    standin
}

/// What somebody is called.
fn name(user: &str) -> String {
    format!("{}{}", &user[2..3], user[3..].to_lowercase())
}

/// In each place one person owes the answers, and is told at once.
fn runbook() -> String {
    let people =
        PLACES.map(|(_, owes)| format!("{} = {{ slack = \"{owes}\" }}\n", name(owes).to_lowercase()));
    let channels = PLACES.map(|(channel, owes)| {
        format!(
            "[channels.{}]\nurgency = \"blocking\"\nresponders = \"{}\"\n",
            channel.to_lowercase(),
            name(owes).to_lowercase()
        )
    });
    format!("{RULES}\n[people]\nana = {{ slack = \"U0ANA\" }}\n{}\n{}", people.concat(), channels.concat())
}

/// Kills it once, and Slack with it one time in four.
async fn kill(usher: &mut Usher, standin: &mut Standin, people: &mut People) {
    wait_for_calls(standin, people.chance.random_range(0..6)).await;
    let goes_too = people.chance.random_ratio(1, 4);
    if goes_too {
        standin.go_down();
    }
    usher.kill();
    people.do_something(standin);
    let comes_first = people.chance.random_ratio(1, 2);
    if goes_too && comes_first {
        standin.come_up().await;
    }
    usher.start();
    if goes_too && !comes_first {
        standin.come_up().await;
    }
    if people.chance.random_ratio(1, 2) {
        usher.wait_until_reached(standin).await;
        people.try_again(standin);
    }
}

fn number(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

async fn everything_is_said_once(mut usher: Usher, mut standin: Standin, test: &str) {
    let (seed, kills) = (number("USHER_SEED", 1), number("USHER_KILLS", KILLS));
    println!(
        "to play it again: USHER_SEED={seed} USHER_KILLS={kills} cargo test --all-features --test slack {test}"
    );
    let chance = ChaCha8Rng::seed_from_u64(seed);
    let mut people = People { chance, questions: Vec::new(), commanded: Vec::new(), count: 0 };
    usher.wait_until_reached(&standin).await;
    for _ in 0..kills {
        people.ask(&standin);
        for _ in 0..people.chance.random_range(1..4) {
            people.do_something(&standin);
        }
        kill(&mut usher, &mut standin, &mut people).await;
    }
    usher.wait_until_reached(&standin).await;
    wait_until_all_is_said(&mut people, &standin).await;
    assert!(usher.end(), "it ends well when it is asked to");
    standin.shared.read(|state| {
        assert_eq!(repeated(state), Vec::<String>::new(), "what was said twice");
        for question in &people.questions {
            assert_eq!(question.told(state).len(), 1, "{} is told once", question.ts);
        }
        // Usher may have heard what Slack gave up; then it was asked twice.
        for (person, direct, asked) in &people.commanded {
            assert!(answers(state, direct) <= asked.len(), "{person} asked {} times", asked.len());
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_over_sockets_it_says_everything_once() {
    let standin = workspace().await;
    let usher = Usher::keeping(&standin, &runbook(), None);
    everything_is_said_once(usher, standin, "killed_again_and_again_over_sockets").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_over_http_it_says_everything_once() {
    let standin = workspace().await;
    let usher = Usher::keeping(&standin, &runbook(), Some(free_port()));
    everything_is_said_once(usher, standin, "killed_again_and_again_over_http").await;
}
