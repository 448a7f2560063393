//! A text in the making: plain and as HTML at once, no longer than it may be.

use crate::core::event::UserId;

/// What tells that there is more.
const MARK: &str = "…";

/// A text in the making.
pub(super) struct Page {
    /// As plain text.
    pub(super) body: String,
    /// As HTML.
    pub(super) html: String,
    /// Whom it pings.
    pub(super) user_ids: Vec<UserId>,
    /// How many bytes of JSON still fit.
    left: usize,
    is_full: bool,
}

/// What stands around a text.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    /// In plain text, before and after it.
    pub(super) body: (&'a str, &'a str),
    /// The same in HTML.
    pub(super) html: (&'a str, &'a str),
}

impl Page {
    /// An empty page for so many bytes of JSON.
    pub(super) fn of(bytes: usize) -> Page {
        let left = bytes.saturating_sub(2 * MARK.len());
        Page { body: String::new(), html: String::new(), user_ids: Vec::new(), left, is_full: false }
    }

    /// An empty page that is as long as what is left of this.
    pub(super) fn another(&self) -> Page {
        Page::of(self.left)
    }

    /// Keeps a place for so many bytes of something else.
    pub(super) fn keep(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }

    /// Adds a text, or as much of it as fits, so that it is shown as it is.
    pub(super) fn text(&mut self, text: &str) {
        for sign in text.chars() {
            let mut bytes = [0; 4];
            let plain: &str = sign.encode_utf8(&mut bytes);
            let html = match sign {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\n' => "<br>",
                _ => plain,
            };
            if !self.take(weight(plain) + weight(html)) {
                return;
            }
            self.body.push_str(plain);
            self.html.push_str(html);
        }
    }

    /// Adds a text in a frame, which is never cut; whether there was a place for it.
    pub(super) fn framed(&mut self, frame: Frame<'_>, text: &str) -> bool {
        let around = [frame.body.0, frame.body.1, frame.html.0, frame.html.1];
        if !self.take(around.into_iter().map(weight).sum()) {
            return false;
        }
        self.body.push_str(frame.body.0);
        self.html.push_str(frame.html.0);
        self.text(text);
        self.body.push_str(frame.body.1);
        self.html.push_str(frame.html.1);
        true
    }

    /// Adds a link to somebody who is pinged by it.
    pub(super) fn mention(&mut self, user: &UserId, address: &str, name: &str) {
        let bytes = weight(user) + 3;
        if self.take(bytes) && self.link(address, name) && !self.user_ids.contains(user) {
            self.user_ids.push(user.clone());
        }
    }

    /// Adds a link; whether there was a place for it.
    pub(super) fn link(&mut self, address: &str, label: &str) -> bool {
        self.named_link(address, label, "")
    }

    /// Adds a link, and in plain text what follows it.
    pub(super) fn named_link(&mut self, address: &str, label: &str, after: &str) -> bool {
        let open = format!("<a href=\"{}\">", escaped(address));
        self.framed(Frame { body: ("", after), html: (&open, "</a>") }, label)
    }

    /// What follows begins a line.
    pub(super) fn new_line(&mut self) {
        if !self.is_at_line_start() {
            self.text("\n");
        }
    }

    pub(super) fn is_at_line_start(&self) -> bool {
        self.body.is_empty() || self.body.ends_with('\n')
    }

    /// How many bytes of JSON it takes.
    pub(super) fn weight(&self) -> usize {
        weight(&self.body) + weight(&self.html)
    }

    /// Adds all of another page at its foot, for which its writer has kept the place.
    pub(super) fn end_with(&mut self, foot: &Page) {
        if foot.body.is_empty() {
            return;
        }
        if !self.is_at_line_start() {
            self.body.push('\n');
            self.html.push_str("<br>");
        }
        self.body.push_str(&foot.body);
        self.html.push_str(&foot.html);
    }

    fn take(&mut self, bytes: usize) -> bool {
        if !self.is_full && bytes > self.left {
            self.is_full = true;
            self.body.push_str(MARK);
            self.html.push_str(MARK);
        }
        if !self.is_full {
            self.left -= bytes;
        }
        !self.is_full
    }
}

/// How many bytes a text takes between the quotation marks of JSON.
fn weight(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | b'\n')).count()
}

/// As the value of an attribute.
fn escaped(address: &str) -> String {
    address.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
