//! The first minute: a few lines that show what Usher does, each played when one presses Enter.

/// A step: what one reads, and the line that Enter plays.
struct Step {
    says: &'static str,
    line: &'static str,
}

/// The tour. `{ask}` is the number of its question.
const STEPS: [Step; 7] = [
    Step {
        says: "Ana is stuck and asks in #support. That channel has a promise: four office hours, and this week \
               ben is on duty. So the question gets an owner and a deadline, and nobody has to be told yet.",
        line: "ana #support: Can somebody look at the import of Initech? It fails since Friday.",
    },
    Step {
        says: "Nobody answers. Let two hours pass: at half of the promise Usher speaks up, to ben alone.",
        line: "/until 11:00",
    },
    Step {
        says: "Ben takes it with a reaction. The ladder stops; the clock runs on.",
        line: "ben: /react eyes {ask}",
    },
    Step { says: "Every notice explains itself. Ben asks why.", line: "ben #support/{ask}: @usher why" },
    Step {
        says: "Ben answers, and the promise is kept.",
        line: "ben #support/{ask}: The token had expired. I renewed it, please try again.",
    },
    Step {
        says: "Evening comes in Berlin. What the day left over happens on the way.",
        line: "/until 18:30",
    },
    Step {
        says: "In Auckland it is morning, and mere asks. Nobody is disturbed at night: the clock of ben's promise \
               starts with ben's day.",
        line: "mere #support: Can somebody reset the password of a customer?",
    },
];

/// How far somebody is in the tour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tour {
    next: usize,
    question: u32,
}

impl Tour {
    /// What to read before the next line, and that line; `None` at the end.
    pub fn step(&self) -> Option<(String, String)> {
        let step = STEPS.get(self.next)?;
        let heading = format!("{} of {}. {}", self.next + 1, STEPS.len(), step.says);
        Some((heading, step.line.replace("{ask}", &self.question.to_string())))
    }

    /// The line was played, and the last message has this number.
    pub fn advance(&mut self, last_message: u32) {
        if self.next == 0 {
            self.question = last_message;
        }
        self.next += 1;
    }

    /// What is read at the end.
    pub fn farewell() -> &'static str {
        "That is the idea. Now play: `mere #support: …` says something as mere, `/as kim` makes you kim, `/until mon \
         09:00` lets time pass, `/usher help` asks Usher, `/help` lists the rest. /quit leaves, and all is kept."
    }
}
