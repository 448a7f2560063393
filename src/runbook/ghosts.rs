//! Ghosts: the users in whose name a bridge copies what was said elsewhere.

/// The ghosts of the bridges, by the side to which they copy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ghosts {
    /// On Matrix.
    pub matrix: Vec<Pattern>,
    /// On Slack, by their ids.
    pub slack: Vec<String>,
}

/// A pattern of user ids on Matrix: in `@slack_*:example.org` the star stands for any characters but a colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    local: Glob,
    server: Glob,
}

/// A text with stars: what stands between them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Glob {
    first: String,
    /// What stands after each star; nothing for a text without stars.
    rest: Vec<String>,
}

/// An id is no longer than this, in bytes.
const LONGEST: usize = 255;

impl Ghosts {
    /// Whether no bridge has any.
    pub fn is_empty(&self) -> bool {
        self.matrix.is_empty() && self.slack.is_empty()
    }

    /// Whether a user of Matrix is one.
    pub fn on_matrix(&self, user: &str) -> bool {
        self.matrix.iter().any(|pattern| pattern.fits(user))
    }

    /// Whether a user or a bot of Slack is one.
    pub fn on_slack(&self, user: &str) -> bool {
        self.slack.iter().any(|ghost| ghost == user)
    }
}

impl Pattern {
    /// The pattern that is written so; nothing if it is shaped like no id, or fits everybody.
    pub fn parse(written: &str) -> Option<Pattern> {
        let (local, server) = written.strip_prefix('@')?.split_once(':')?;
        let is_clean = |part: &str| {
            !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@')
        };
        let says_something = |part: &str| part.chars().any(|c| c != '*');
        let is_one = written.len() <= LONGEST
            && is_clean(local)
            && is_clean(server)
            && (says_something(local) || says_something(server));
        is_one.then(|| Pattern { local: Glob::of(local), server: Glob::of(server) })
    }

    /// Whether an id fits, in time linear in its length.
    pub fn fits(&self, user: &str) -> bool {
        let parts = user.strip_prefix('@').and_then(|rest| rest.split_once(':'));
        parts.is_some_and(|(local, server)| self.local.fits(local) && self.server.fits(server))
    }
}

impl Glob {
    fn of(written: &str) -> Glob {
        let mut pieces = written.split('*').map(str::to_owned);
        let first = pieces.next().unwrap_or_default();
        Glob { first, rest: pieces.collect() }
    }

    /// Each piece is looked for behind the one before it and nowhere again: the first place is as good as any.
    fn fits(&self, text: &str) -> bool {
        let Some((last, middle)) = self.rest.split_last() else { return text == self.first };
        let Some(mut left) = text.strip_prefix(self.first.as_str()) else { return false };
        for piece in middle {
            let Some(at) = left.find(piece.as_str()) else { return false };
            left = &left[at + piece.len()..];
        }
        left.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, user: &str) -> bool {
        Pattern::parse(pattern).unwrap_or_else(|| panic!("{pattern} is a pattern")).fits(user)
    }

    #[test]
    fn a_star_stands_for_any_characters_of_its_part() {
        for (pattern, user, wanted) in [
            ("@slack_*:example.org", "@slack_u012ab3cd:example.org", true),
            ("@slack_*:example.org", "@slack_:example.org", true),
            ("@slack_*:example.org", "@slack:example.org", false),
            ("@slack_*:example.org", "@Slack_u1:example.org", false),
            ("@slack_*:example.org", "@slack_u1:example.org.evil.org", false),
            ("@slack_*:example.org", "@slack_u1:evil.org:example.org", false),
            ("@slack_*:example.org", "x@slack_u1:example.org", false),
            ("@slackbot:example.org", "@slackbot:example.org", true),
            ("@slackbot:example.org", "@slackbot2:example.org", false),
            ("@*:slack.example.org", "@kim:slack.example.org", true),
            ("@*:slack.example.org", "@kim:example.org", false),
            ("@a*b*c:example.org", "@axxbyyc:example.org", true),
            ("@a*b*c:example.org", "@abc:example.org", true),
            ("@a*bc*c:example.org", "@abc:example.org", false),
            ("@a*a:example.org", "@a:example.org", false),
            ("@kim:*.example.org", "@kim:eu.example.org", true),
            ("@irc_*:example.org:8448", "@irc_kim:example.org:8448", true),
            ("@bridge_*:example.org", "@bridge_é🎈:example.org", true),
        ] {
            assert_eq!(fits(pattern, user), wanted, "{pattern} and {user}");
        }
    }

    #[test]
    fn what_fits_everybody_or_is_no_id_is_no_pattern() {
        for written in [
            "",
            "@",
            "*",
            "@*:*",
            "@**:*",
            "slack_*",
            "@slack_*",
            "@:example.org",
            "@slack_*:",
            "@sl ack:example.org",
            "@@a:b",
        ] {
            assert_eq!(Pattern::parse(written), None, "{written}");
        }
        assert_eq!(Pattern::parse(&format!("@{}:example.org", "a".repeat(300))), None);
    }

    /// A pattern of many stars on a long id that nearly fits: what tries every way would never end.
    #[test]
    fn many_stars_take_no_longer_than_few() {
        let pattern = format!("@{}b:example.org", "*a".repeat(100));
        assert!(!fits(&pattern, &format!("@{}:example.org", "a".repeat(1_000_000))));
        assert!(fits(&pattern, &format!("@{}b:example.org", "a".repeat(1_000_000))));
    }
}
