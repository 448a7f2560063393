//! Walking a TOML tree by hand: a [`Section`] is a table whose keys are asked for one by one, a
//! [`Value`] is anything with a place.
//!
//! Nothing here stops at the first problem: a getter that cannot give what was asked for reports why
//! and returns `None`, and the caller goes on with a default.

use std::ops::{Range, RangeInclusive};

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::code::Code;
use super::diagnostic::Report;
use super::model::Name;

/// A value and its place.
#[derive(Clone)]
pub(super) struct Value<'a> {
    report: &'a Report<'a>,
    node: &'a Spanned<DeValue<'a>>,
    /// What the reader would call it: `urgency.blocking.marks`.
    path: String,
}

/// A key of a table in which the file chooses the names, such as `[people]`.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) name: Name,
    pub(super) span: Range<usize>,
}

/// A table of which this program knows the keys.
///
/// Every key that is asked for counts as known; [`Section::finish`] reports the others.
#[must_use = "call `finish`, or unknown keys go unreported"]
pub(super) struct Section<'a> {
    report: &'a Report<'a>,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    path: String,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The whole document.
    pub(super) fn root(report: &'a Report<'a>, root: &'a Spanned<DeTable<'a>>) -> Section<'a> {
        Section { report, table: root.get_ref(), span: 0..0, path: String::new(), asked: Vec::new() }
    }

    pub(super) fn report(&self) -> &'a Report<'a> {
        self.report
    }

    /// Where the table begins: its header, or its brace.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// `[urgency.blocking]`, or what stands for the whole file.
    pub(super) fn title(&self) -> String {
        if self.path.is_empty() { "a runbook".to_owned() } else { format!("[{}]", self.path) }
    }

    /// The value of `key`, which may be left out.
    pub(super) fn get(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.asked.push(key);
        let node = self.table.get(key)?;
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Some(Value { report: self.report, node, path })
    }

    /// The value of `key`, which may not be left out.
    pub(super) fn require(&mut self, key: &'static str) -> Option<Value<'a>> {
        let value = self.get(key);
        if value.is_none() {
            self.report.add(Code::MissingKey, self.span(), format!("{} needs `{key}`", self.title()));
        }
        value
    }

    /// A text that may be left out.
    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.get(key)?.text()
    }

    /// A table that may be left out.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'a>> {
        self.get(key)?.section()
    }

    /// The entries of a table that may be left out, in the file's order.
    pub(super) fn entries(&mut self, key: &'static str) -> Vec<(Key, Value<'a>)> {
        self.get(key).map(|value| value.entries()).unwrap_or_default()
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.table.keys() {
            let written = key.get_ref().as_ref();
            if self.asked.contains(&written) {
                continue;
            }
            let message = format!("{} has no key `{}`", self.title(), brief(written));
            let known = self.asked.iter().copied();
            self.report.add_known(Code::UnknownKey, key.span(), message, written, known);
        }
    }
}

impl<'a> Value<'a> {
    pub(super) fn report(&self) -> &'a Report<'a> {
        self.report
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.node.span()
    }

    /// The place of `range` of this text, as far as the text is written without escapes.
    pub(super) fn span_within(&self, range: Range<usize>) -> Range<usize> {
        let span = self.span();
        let written = self.report.source().text().get(span.clone()).unwrap_or_default();
        let text = self.node.get_ref().as_str().unwrap_or_default();
        let unquoted = written.get(1..written.len().saturating_sub(1));
        if unquoted != Some(text) || range.end > text.len() {
            return span;
        }
        span.start + 1 + range.start..span.start + 1 + range.end
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Reports a problem with this value.
    pub(super) fn fault(&self, code: Code, message: impl Into<String>) {
        self.report.add(code, self.span(), message);
    }

    fn wrong_type(&self, expected: &str) {
        let found = match self.node.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.fault(Code::WrongType, format!("`{}` takes {expected}, and this is {found}", self.path));
    }

    pub(super) fn is_table(&self) -> bool {
        self.node.get_ref().is_table()
    }

    pub(super) fn is_list(&self) -> bool {
        self.node.get_ref().is_array()
    }

    /// A text that may be anything; the caller says what is expected of it.
    pub(super) fn raw_text(&self, expected: &str) -> Option<&'a str> {
        let text = self.node.get_ref().as_str();
        if text.is_none() {
            self.wrong_type(expected);
        }
        text
    }

    /// A text for people: not empty, no control characters but line breaks and tabs.
    pub(super) fn text(&self) -> Option<String> {
        let text = self.raw_text("text")?;
        if text.trim().is_empty() {
            self.fault(Code::BadText, format!("`{}` is empty", self.path));
            return None;
        }
        if let Some(odd) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.fault(
                Code::BadText,
                format!("`{}` holds the control character U+{:04X}", self.path, u32::from(odd)),
            );
            return None;
        }
        Some(text.trim().to_owned())
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        let value = self.node.get_ref().as_bool();
        if value.is_none() {
            self.wrong_type("true or false");
        }
        value
    }

    /// A whole number in `range`.
    pub(super) fn number(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let DeValue::Integer(written) = self.node.get_ref() else {
            self.wrong_type("a whole number");
            return None;
        };
        let number = u32::from_str_radix(written.as_str(), written.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = range.into_inner();
            let written = brief(written.as_str());
            self.fault(Code::OutOfRange, format!("`{}` is {written}; it takes {least} to {most}", self.path));
        }
        number
    }

    /// A date without a time.
    pub(super) fn date(&self) -> Option<NaiveDate> {
        if let DeValue::Datetime(written) = self.node.get_ref() {
            if let (Some(date), None) = (written.date, written.time) {
                return NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into());
            }
            self.fault(
                Code::BadDate,
                format!("`{}` takes a date alone, as in 2027-02-01; this is {written}", self.path),
            );
        } else {
            let unquoted = self.node.get_ref().as_str().and_then(|text| text.parse::<NaiveDate>().ok());
            match unquoted {
                Some(date) => self.fault(Code::WrongType, format!("write the date without quotes: {date}")),
                None => self.wrong_type("a date, as in 2027-02-01"),
            }
        }
        None
    }

    /// A date with a time, and an offset or none.
    pub(super) fn datetime(&self) -> Option<&'a toml::value::Datetime> {
        let DeValue::Datetime(written) = self.node.get_ref() else {
            self.wrong_type("a date and time without quotes, as in 2026-12-24T09:00");
            return None;
        };
        if written.date.is_none() || written.time.is_none() {
            let message =
                format!("`{}` takes a date and a time, as in 2026-12-24T09:00; this is {written}", self.path);
            self.fault(Code::BadDate, message);
            return None;
        }
        Some(written)
    }

    /// Whether it is a date or time of whatever kind.
    pub(super) fn is_datetime(&self) -> bool {
        self.node.get_ref().is_datetime()
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let written = self.raw_text("text")?;
        let found = words.iter().find(|(word, _)| *word == written).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let message = format!("`{}` cannot be `{}`", self.path, brief(written));
            let known = words.iter().map(|(word, _)| *word);
            self.report.add_known(Code::BadChoice, self.span(), message, written, known);
        }
        found
    }

    /// Whether it is a list of nothing.
    pub(super) fn is_empty_list(&self) -> bool {
        self.node.get_ref().as_array().is_some_and(|list| list.is_empty())
    }

    /// The values of a list; `expected` says of what.
    pub(super) fn list(&self, expected: &str) -> Vec<Value<'a>> {
        let Some(list) = self.node.get_ref().as_array() else {
            self.wrong_type(expected);
            return Vec::new();
        };
        let value =
            |(index, node)| Value { report: self.report, node, path: format!("{}[{index}]", self.path) };
        list.iter().enumerate().map(value).collect()
    }

    /// The values of a list, or the one value that stands for a list of one.
    pub(super) fn one_or_list(&self, expected: &str) -> Vec<Value<'a>> {
        if self.is_list() { self.list(expected) } else { vec![self.clone()] }
    }

    pub(super) fn section(&self) -> Option<Section<'a>> {
        let Some(table) = self.node.get_ref().as_table() else {
            self.wrong_type("a table");
            return None;
        };
        Some(Section {
            report: self.report,
            table,
            span: self.span(),
            path: self.path.clone(),
            asked: Vec::new(),
        })
    }

    /// The entries of a table in which the file chooses the keys, in the file's order.
    pub(super) fn entries(&self) -> Vec<(Key, Value<'a>)> {
        let Some(table) = self.node.get_ref().as_table() else {
            self.wrong_type("a table");
            return Vec::new();
        };
        let entry = |(key, node): (&'a Spanned<_>, _)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            let path = format!("{}.{}", self.path, brief(name));
            (Key { name: Name::new(name), span: key.span() }, Value { report: self.report, node, path })
        };
        table.iter().map(entry).collect()
    }
}

/// A text cut to what fits into a message.
pub(super) fn brief(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST).collect();
    format!("{cut}…")
}
