//! What goes wrong on purpose, and how fast is too fast.

use std::collections::{BTreeMap, VecDeque};

use super::refusals::Refusal;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429 with this header, or with none.
    TooFast {
        /// What the header says.
        retry_after: Option<String>,
    },
    /// An answer with this status and no JSON, and nothing is done.
    Status(u16),
    /// All is done, and the connection drops before the answer.
    AnswerLost,
    /// The connection drops before anything is done.
    CallLost,
    /// All is done, and the answer takes this long, in ms.
    Slow(u64),
    /// 200 and a body that is no JSON; nothing is done.
    Nonsense,
    /// A refusal for which the caller gave no cause; nothing is done.
    Refused(Refusal),
}

impl Fault {
    /// What the history of calls says about it.
    pub fn name(&self) -> &'static str {
        match self {
            Fault::TooFast { .. } => "armed: ratelimited",
            Fault::Status(_) => "armed: status",
            Fault::AnswerLost => "armed: answer lost",
            Fault::CallLost => "armed: call lost",
            Fault::Slow(_) => "armed: slow",
            Fault::Nonsense => "armed: nonsense",
            Fault::Refused(_) => "armed: refused",
        }
    }
}

/// A fault that waits for its calls.
#[derive(Clone, Debug)]
pub struct Armed {
    /// The method that it hits; any, if none.
    pub method: Option<String>,
    /// The channel that it hits; any, if none.
    pub channel: Option<String>,
    /// What goes wrong.
    pub fault: Fault,
    /// How many calls it still hits.
    pub times: u32,
}

/// Takes the first fault that hits `method` in `channel`.
pub fn take(armed: &mut Vec<Armed>, method: &str, channel: Option<&str>) -> Option<Fault> {
    let hits = |armed: &&mut Armed| {
        armed.method.as_deref().is_none_or(|name| name == method)
            && armed.channel.as_deref().is_none_or(|id| Some(id) == channel)
    };
    let hit = armed.iter_mut().find(hits)?;
    hit.times -= 1;
    let fault = hit.fault.clone();
    armed.retain(|armed| armed.times > 0);
    Some(fault)
}

/// How fast is too fast. By default nothing is.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// The least time between two messages in a channel, in ms; Slack's is about a second.
    pub channel_gap_ms: Option<i64>,
    /// How many calls of a method a minute takes.
    pub a_minute: BTreeMap<String, usize>,
}

/// What was called when, as far as limits need it.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    posts: BTreeMap<String, i64>,
    calls: BTreeMap<String, VecDeque<i64>>,
}

impl Pace {
    /// Counts a call of `method`, and a message to `channel` if it is one.
    pub fn count(
        &mut self,
        limits: &Limits,
        method: &str,
        channel: Option<&str>,
        now_ms: i64,
    ) -> Result<(), Refusal> {
        if let Some(&most) = limits.a_minute.get(method) {
            let calls = self.calls.entry(method.to_owned()).or_default();
            while calls.front().is_some_and(|&at_ms| at_ms + 60_000 <= now_ms) {
                calls.pop_front();
            }
            if calls.len() >= most {
                let oldest_ms = calls.front().copied().unwrap_or(now_ms);
                return Err(too_fast(oldest_ms + 60_000 - now_ms));
            }
            calls.push_back(now_ms);
        }
        let (Some(gap_ms), Some(channel)) = (limits.channel_gap_ms, channel) else { return Ok(()) };
        if let Some(&last_ms) = self.posts.get(channel)
            && now_ms < last_ms + gap_ms
        {
            return Err(too_fast(last_ms + gap_ms - now_ms));
        }
        self.posts.insert(channel.to_owned(), now_ms);
        Ok(())
    }
}

/// Slack gives whole seconds, and never none.
fn too_fast(wait_ms: i64) -> Refusal {
    let seconds = (wait_ms + 999) / 1_000;
    Refusal::TooFast { retry_after: Some(seconds.max(1).to_string()) }
}
