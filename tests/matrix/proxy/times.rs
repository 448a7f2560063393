//! The homeserver stamps the real time; in a scenario it is another, which stands still until it is moved.

use serde_json::Value;
use usher::calendar::Instant;

/// What time it was when: the times at which somebody moved the clock, and to where.
#[derive(Clone, Debug, Default)]
pub struct Times {
    moves: Vec<(Instant, Instant)>,
}

impl Times {
    /// From the real time `now` on it is `at`.
    pub fn set(&mut self, now: Instant, at: Instant) {
        self.moves.push((now, at));
    }

    /// What time it was when the homeserver stamped that; the real one if nobody has said another.
    pub fn of(&self, stamp_ms: i64) -> Instant {
        let stamp = Instant::from_ms(stamp_ms);
        let before = self.moves.iter().rev().find(|(now, _)| *now <= stamp);
        match (before, self.moves.first()) {
            (Some((_, at)), _) => *at,
            (None, Some((now, at))) => at.plus(stamp.since(*now)),
            (None, None) => stamp,
        }
    }

    /// Tells the time of the scenario wherever the homeserver tells the real one.
    pub fn tell(&self, told: &mut Value, now: Instant) {
        match told {
            Value::Array(values) => values.iter_mut().for_each(|value| self.tell(value, now)),
            Value::Object(fields) => {
                if let Some(stamp) = fields.get("origin_server_ts").and_then(Value::as_i64) {
                    let at = self.of(stamp);
                    fields.insert("origin_server_ts".to_owned(), at.ms().into());
                    let age = fields.get_mut("unsigned").and_then(|unsigned| unsigned.get_mut("age"));
                    if let Some(age) = age {
                        *age = now.since(at).into();
                    }
                }
                fields.values_mut().for_each(|value| self.tell(value, now));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
