//! Talk that is made up: what people at work write.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

const OPENINGS: [&str; 16] = [
    "Can somebody look at the import of Initech? It fails since Friday.",
    "The staging database is full again, who can help me with that?",
    "Could you check why the nightly export has only 12 rows?",
    "Which of the two certificates do we use for the new domain?",
    "I get error 17 when I open the report, what does it mean?",
    "Please have a look at PR 4711 when you find the time.",
    "Does anybody know where the old invoices went after the move?",
    "How do I get access to the wiki of the design team?",
    "We shipped 2.31 this morning, the notes are on the page.",
    "Good morning everyone!",
    "The load balancer showed two short peaks last night, nothing that anybody noticed.",
    "FYI: the office in Lagos is closed on Thursday.",
    "I moved the retro to three o'clock.",
    "lunch?",
    "The customer says that the login page shows an empty box on their phone. I could reproduce it with the old version and not with the new one, so it may be the cache.",
    "Has anyone seen my mail about the budget?",
];
const ANSWERS: [&str; 16] = [
    "The token had expired, I renewed it.",
    "on it",
    "Which browser is that?",
    "Same error again.",
    "I restarted the worker, please try once more.",
    "That did not change anything.",
    "thanks!",
    "That did it, thank you",
    "It is the second one, see the page about certificates.",
    "Did you clear the cache?",
    "yes",
    "The log says nothing at all, which is odd. Normally there is a line for each row that it skips.",
    "I will look at it after lunch.",
    "Do you have the number of the order?",
    "It's 4711-A.",
    "lol",
];

/// A sentence of somebody at work: one that begins a talk, or one that goes on with it.
pub fn sentence(chance: &mut ChaCha8Rng, begins: bool) -> &'static str {
    let sentences = if begins { &OPENINGS } else { &ANSWERS };
    sentences.choose(chance).copied().unwrap_or_default()
}

/// One of `count`, the first ones more often than the last: some people talk more than others.
pub fn some(chance: &mut ChaCha8Rng, count: usize) -> usize {
    let (one, other) = (chance.random_range(0..count), chance.random_range(0..count));
    one.min(other)
}
