//! Slack's markup becomes the plain text and the mentions that the engine reads.
//!
//! `<@U1>` names a person only outside code and quotes; whatever is malformed stays as it was typed.

use super::prose::Place;
use crate::core::event::{Mention, Text};

/// Who the ids in a text are.
pub trait Directory {
    /// The name that people read for a user, if the user is known.
    fn user_name(&self, id: &str) -> Option<&str>;
    /// The name of a channel without `#`, if the channel is known.
    fn channel_name(&self, id: &str) -> Option<&str>;
    /// Whether the user is Usher itself.
    fn is_usher(&self, id: &str) -> bool;
    /// The handle of a user group without `@`, if the group is known.
    fn group_handle(&self, _id: &str) -> Option<&str> {
        None
    }
}

/// Reads `raw`, as Slack's `text` field holds it.
pub fn read(raw: &str, directory: &impl Directory) -> Text {
    if !raw.bytes().any(|byte| byte == b'<' || byte == b'&') {
        return Text::new(raw, Vec::new());
    }
    let mut reader = Reader {
        directory,
        plain: String::with_capacity(raw.len()),
        mentions: Vec::new(),
        place: Place::default(),
    };
    reader.read(raw);
    Text::new(reader.plain, reader.mentions)
}

struct Reader<'a, D> {
    directory: &'a D,
    plain: String,
    mentions: Vec<Mention>,
    place: Place,
}

impl<D: Directory> Reader<'_, D> {
    fn read(&mut self, raw: &str) {
        let mut rest = raw;
        while let Some(special) = rest.find(['<', '&']) {
            self.words(&rest[..special]);
            rest = &rest[special..];
            let taken = if rest.starts_with('&') { self.entity(rest) } else { self.markup(rest) };
            rest = &rest[taken..];
        }
        self.words(rest);
    }

    /// Takes plain words over.
    fn words(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        let at_line_start = self.plain.is_empty() || self.plain.ends_with('\n');
        self.place.step_over(words, at_line_start);
        self.plain.push_str(words);
    }

    /// Reads one of the three characters that Slack escapes; how many bytes it took.
    fn entity(&mut self, rest: &str) -> usize {
        for (escaped, plain) in [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")] {
            if rest.starts_with(escaped) {
                self.words(plain);
                return escaped.len();
            }
        }
        self.words("&");
        1
    }

    /// Reads `<…>`; how many bytes it took.
    fn markup(&mut self, rest: &str) -> usize {
        let Some(end) = rest.find(['>', '\n']).filter(|&end| rest.as_bytes()[end] == b'>') else {
            self.words("<");
            return 1;
        };
        let inside = &rest[1..end];
        let (target, label) = match inside.split_once('|') {
            Some((target, label)) => (target, Some(label)),
            None => (inside, None),
        };
        match target.as_bytes().first() {
            Some(b'@') => self.user(&target[1..], label),
            Some(b'#') => self.channel(&target[1..], label),
            Some(b'!') => self.special(&target[1..], label),
            Some(_) => self.link(target, label),
            None => self.words("<>"),
        }
        end + 1
    }

    fn user(&mut self, id: &str, label: Option<&str>) {
        let mention = if self.directory.is_usher(id) { Mention::Usher } else { Mention::User(id.into()) };
        let name = self.directory.user_name(id).or(label).unwrap_or(id);
        self.mention(mention, name.strip_prefix('@').unwrap_or(name));
    }

    fn channel(&mut self, id: &str, label: Option<&str>) {
        let name = self.directory.channel_name(id).or(label.filter(|label| !label.is_empty())).unwrap_or(id);
        self.plain.push('#');
        self.plain.push_str(name);
    }

    fn special(&mut self, target: &str, label: Option<&str>) {
        let label = label.map(|label| label.strip_prefix('@').unwrap_or(label));
        if let Some(id) = target.strip_prefix("subteam^") {
            let handle = self.directory.group_handle(id).or(label.filter(|label| !label.is_empty()));
            let handle = handle.unwrap_or(id);
            self.mention(Mention::Group(handle.into()), handle);
        } else if matches!(target, "here" | "channel" | "everyone") {
            self.mention(Mention::Everyone, target);
        } else {
            // Dates and whatever comes next carry what people read in the label.
            self.plain.push_str(label.unwrap_or(target));
        }
    }

    fn mention(&mut self, mention: Mention, name: &str) {
        if self.place.pings() {
            self.mentions.push(mention);
        }
        self.plain.push('@');
        self.plain.push_str(name);
    }

    fn link(&mut self, url: &str, label: Option<&str>) {
        match label {
            Some(label) if !url.ends_with(label) => {
                unescape_into(label, &mut self.plain);
                self.plain.push_str(" (");
                unescape_into(url, &mut self.plain);
                self.plain.push(')');
            }
            _ => unescape_into(url, &mut self.plain),
        }
    }
}

/// Appends `text` with Slack's three entities read.
fn unescape_into(text: &str, plain: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let (taken, read) = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&')]
            .into_iter()
            .find(|(escaped, _)| rest.starts_with(escaped))
            .map_or((1, '&'), |(escaped, read)| (escaped.len(), read));
        plain.push(read);
        rest = &rest[taken..];
    }
    plain.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Acme;

    impl Directory for Acme {
        fn user_name(&self, id: &str) -> Option<&str> {
            match id {
                "U1" => Some("ana"),
                "U9" => Some("usher"),
                _ => None,
            }
        }
        fn channel_name(&self, id: &str) -> Option<&str> {
            (id == "C1").then_some("support")
        }
        fn is_usher(&self, id: &str) -> bool {
            id == "U9"
        }
    }

    fn user(id: &str) -> Mention {
        Mention::User(id.into())
    }

    #[test]
    fn markup_becomes_what_people_read() {
        let cases: &[(&str, &str, Vec<Mention>)] = &[
            ("plain words", "plain words", vec![]),
            ("<@U1> can you look?", "@ana can you look?", vec![user("U1")]),
            ("<@U2|kim> and <@U3>", "@kim and @U3", vec![user("U2"), user("U3")]),
            ("<@U9> resolve", "@usher resolve", vec![Mention::Usher]),
            ("in <#C1> and <#C2|ops> and <#C3|>", "in #support and #ops and #C3", vec![]),
            ("<!subteam^S1|@platform> hi", "@platform hi", vec![Mention::Group("platform".into())]),
            ("<!subteam^S1> hi", "@S1 hi", vec![Mention::Group("S1".into())]),
            ("<!here> <!channel>", "@here @channel", vec![Mention::Everyone, Mention::Everyone]),
            ("<!date^1392734382^{date}|Feb 18>", "Feb 18", vec![]),
            ("see <https://a.example/?x=1&amp;y=2>", "see https://a.example/?x=1&y=2", vec![]),
            ("see <https://a.example/b|the page>", "see the page (https://a.example/b)", vec![]),
            ("<http://a.example|a.example>", "http://a.example", vec![]),
            ("<mailto:a@b.example|a@b.example>", "mailto:a@b.example", vec![]),
            ("1 &lt; 2 &amp;&amp; 3 &gt; 2 &nbsp;", "1 < 2 && 3 > 2 &nbsp;", vec![]),
            ("a <b", "a <b", vec![]),
            ("a <b\nc>", "a <b\nc>", vec![]),
            ("<>", "<>", vec![]),
        ];
        for (raw, plain, mentions) in cases {
            let text = read(raw, &Acme);
            assert_eq!((&*text.plain, &text.mentions), (*plain, mentions), "{raw}");
        }
    }

    #[test]
    fn code_and_quotes_ping_nobody() {
        let cases: &[(&str, usize)] = &[
            ("`<@U1>`", 0),
            ("`a` <@U1>", 1),
            ("```\n<@U1>\n``` <@U1>", 1),
            ("&gt; <@U1> said\n<@U1>", 1),
            ("a &gt; <@U1>", 1),
            ("`open\n<@U1>", 1),
        ];
        for (raw, mentions) in cases {
            assert_eq!(read(raw, &Acme).mentions.len(), *mentions, "{raw}");
        }
    }
}
