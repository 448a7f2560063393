//! Where in a text one is: mentions in code and in quotes ping nobody, on every platform.

/// Where in a text the reader is.
#[derive(Default)]
pub(super) struct Place {
    /// Between two triple backticks.
    in_block: bool,
    /// Between two single backticks of one line.
    in_code: bool,
    /// In a line that begins with `>`.
    in_quote: bool,
}

impl Place {
    /// Whether a mention here pings.
    pub fn pings(&self) -> bool {
        !(self.in_block || self.in_code || self.in_quote)
    }

    /// Steps over `text`, which pings nobody.
    pub fn step_over(&mut self, text: &str, at_line_start: bool) {
        let mut rest = text;
        let mut line_start = at_line_start;
        while let Some(first) = rest.chars().next() {
            let mut length = first.len_utf8();
            match first {
                '`' if rest.starts_with("```") => {
                    self.in_block = !self.in_block;
                    self.in_code = false;
                    length = 3;
                }
                '`' if !self.in_block => self.in_code = !self.in_code,
                '\n' => {
                    self.in_code = false;
                    self.in_quote = false;
                }
                '>' if line_start && !self.in_block => self.in_quote = true,
                _ => {}
            }
            line_start = first == '\n';
            rest = &rest[length..];
        }
    }
}
