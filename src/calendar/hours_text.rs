//! Reads weekly hours as people write them, and says precisely what is wrong with them.
//!
//! `days spans [; days spans]…` where days are `mon-fri`, `tue,thu`, `sat-mon`, `daily`, `every day`,
//! `weekdays`, `weekend`, and spans are `09:00-12:30 13:30-17:30`. Or one of the words `always` and `never`.

use std::ops::Range;

use chrono::Weekday;

use super::hours::{DAY_MIN, MinuteSpan, WEEK};

/// What is wrong with the text of weekly hours, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct HoursError {
    /// What is wrong.
    pub problem: HoursProblem,
    /// The bytes of the text that are wrong.
    pub range: Range<usize>,
}

/// What can be wrong with the text of weekly hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursProblem {
    /// There is nothing to read.
    #[error("no hours are given: write for example `mon-fri 09:00-17:00`, or `never`")]
    Empty,
    /// A word that names no day.
    #[error("`{0}` is not a day: write mon, tue, wed, thu, fri, sat, sun or daily")]
    UnknownDay(String),
    /// Digits that are no time of day.
    #[error("`{0}` is not a time of day: write it as 09:00")]
    BadTime(String),
    /// Spans without days before them.
    #[error("days are missing before `{0}`")]
    DaysMissing(String),
    /// Days without spans after them.
    #[error("times are missing after `{0}`: write for example 09:00-17:00")]
    TimesMissing(String),
    /// A span that ends where it starts.
    #[error("`{0}` is empty: the whole day is written 00:00-24:00")]
    EmptySpan(String),
    /// Two spans that share a minute.
    #[error("`{second}` on {second_day} overlaps `{first}` on {first_day}")]
    Overlap {
        /// The earlier span.
        first: MinuteSpan,
        /// The day on which the earlier one starts.
        first_day: Weekday,
        /// The later span.
        second: MinuteSpan,
        /// The day on which the later one starts.
        second_day: Weekday,
    },
    /// Something that does not belong where it stands.
    #[error("`{0}` does not belong here: write `days times`, with `;` before further days")]
    OutOfPlace(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    Time,
    Dash,
    Comma,
    Semicolon,
    Other,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    range: Range<usize>,
}

/// Spans by the day on which they start, each with the bytes it was read from.
type ReadDays = [Vec<(MinuteSpan, Range<usize>)>; 7];

pub(super) fn parse(text: &str) -> Result<[Vec<MinuteSpan>; 7], HoursError> {
    let tokens = tokens(text);
    let mut reader = Reader { text, tokens: &tokens, next: 0 };
    if tokens.is_empty() {
        return Err(HoursError { problem: HoursProblem::Empty, range: 0..text.len() });
    }
    if let [only] = tokens.as_slice() {
        match text[only.range.clone()].to_lowercase().as_str() {
            "always" => return Ok(std::array::from_fn(|_| vec![MinuteSpan::DAY])),
            "never" => return Ok(std::array::from_fn(|_| Vec::new())),
            _ => {}
        }
    }
    let mut days = ReadDays::default();
    while reader.peek().is_some() {
        reader.group(&mut days)?;
    }
    disjoint(days)
}

/// Sorts the spans of each day, refuses overlaps (over midnight too), and joins those that touch.
fn disjoint(mut days: ReadDays) -> Result<[Vec<MinuteSpan>; 7], HoursError> {
    days.iter_mut().for_each(|spans| spans.sort_by_key(|(span, _)| *span));
    for index in 0..7 {
        let overlap = |first: MinuteSpan, second: MinuteSpan, second_day: usize, range: &Range<usize>| {
            Err(HoursError {
                problem: HoursProblem::Overlap {
                    first,
                    first_day: WEEK[index],
                    second,
                    second_day: WEEK[second_day],
                },
                range: range.clone(),
            })
        };
        for pair in days[index].windows(2) {
            if pair[1].0.from_min < pair[0].0.to_min {
                return overlap(pair[0].0, pair[1].0, index, &pair[1].1);
            }
        }
        let tomorrow = (index + 1) % 7;
        if let (Some((last, _)), Some((first, range))) = (days[index].last(), days[tomorrow].first())
            && last.next_day().is_some_and(|tail| first.from_min < tail.to_min)
        {
            return overlap(*last, *first, tomorrow, range);
        }
    }
    Ok(days.map(|spans| {
        let mut joined: Vec<MinuteSpan> = Vec::with_capacity(spans.len());
        for (span, _) in spans {
            match joined.last_mut() {
                Some(last) if last.to_min == span.from_min => last.to_min = span.to_min,
                Some(_) | None => joined.push(span),
            }
        }
        joined
    }))
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    next: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next)
    }

    fn peek_kind(&self) -> Option<Kind> {
        self.peek().map(|token| token.kind)
    }

    fn accept(&mut self, kind: Kind) -> Option<&'a Token> {
        let token = self.peek().filter(|token| token.kind == kind)?;
        self.next += 1;
        Some(token)
    }

    fn slice(&self, range: &Range<usize>) -> String {
        self.text[range.clone()].to_owned()
    }

    fn fail<T>(
        &self,
        problem: impl FnOnce(String) -> HoursProblem,
        range: &Range<usize>,
    ) -> Result<T, HoursError> {
        Err(HoursError { problem: problem(self.slice(range)), range: range.clone() })
    }

    /// The next token does not belong; at the end of the text the one before it is incomplete.
    fn out_of_place<T>(&self) -> Result<T, HoursError> {
        let token = self.peek().or(self.tokens.last()).expect("an empty text is refused before");
        self.fail(HoursProblem::OutOfPlace, &token.range)
    }

    /// `days spans`, up to and with the `;` after it.
    fn group(&mut self, days: &mut ReadDays) -> Result<(), HoursError> {
        if self.accept(Kind::Semicolon).is_some() {
            return Ok(());
        }
        let first = self.next;
        let chosen = self.days()?;
        let written = self.tokens[first].range.start..self.tokens[self.next - 1].range.end;
        if matches!(self.peek_kind(), None | Some(Kind::Semicolon)) {
            return self.fail(HoursProblem::TimesMissing, &written);
        }
        while !matches!(self.peek_kind(), None | Some(Kind::Semicolon)) {
            let (span, range) = self.span()?;
            for day in (0..7).filter(|day| chosen[*day]) {
                days[day].push((span, range.clone()));
            }
            if self.accept(Kind::Comma).is_some() && self.peek_kind() != Some(Kind::Time) {
                return self.out_of_place();
            }
        }
        self.accept(Kind::Semicolon);
        Ok(())
    }

    fn days(&mut self) -> Result<[bool; 7], HoursError> {
        let mut chosen = [false; 7];
        match self.peek() {
            Some(token) if token.kind == Kind::Time => {
                return self.fail(HoursProblem::DaysMissing, &token.range);
            }
            Some(token) if token.kind != Kind::Word => return self.out_of_place(),
            Some(_) | None => {}
        }
        while let Some(word) = self.accept(Kind::Word) {
            self.day(word, &mut chosen)?;
            if self.accept(Kind::Comma).is_some() && self.peek_kind() != Some(Kind::Word) {
                return self.out_of_place();
            }
        }
        Ok(chosen)
    }

    fn day(&mut self, word: &Token, chosen: &mut [bool; 7]) -> Result<(), HoursError> {
        let written = self.slice(&word.range).to_lowercase();
        match written.as_str() {
            "daily" => chosen.fill(true),
            "every" => match self.accept(Kind::Word) {
                Some(day) if self.slice(&day.range).eq_ignore_ascii_case("day") => chosen.fill(true),
                Some(day) => {
                    let index = self.weekday(&day.range)?;
                    chosen[index] = true;
                }
                None => return self.out_of_place(),
            },
            "weekday" | "weekdays" => chosen[..5].fill(true),
            "weekend" | "weekends" => chosen[5..].fill(true),
            _ => {
                let first = self.weekday(&word.range)?;
                let mut day = first;
                if self.accept(Kind::Dash).is_some() {
                    let Some(last) = self.accept(Kind::Word) else { return self.out_of_place() };
                    let last = self.weekday(&last.range)?;
                    while day != last {
                        chosen[day] = true;
                        day = (day + 1) % 7;
                    }
                }
                chosen[day] = true;
            }
        }
        Ok(())
    }

    fn weekday(&self, range: &Range<usize>) -> Result<usize, HoursError> {
        let word = self.slice(range).to_lowercase();
        let word = if word == "tues" { "tue" } else { word.trim_end_matches('s') };
        match word.parse::<Weekday>() {
            Ok(weekday) => Ok(weekday.num_days_from_monday() as usize),
            Err(_) => self.fail(HoursProblem::UnknownDay, range),
        }
    }

    fn span(&mut self) -> Result<(MinuteSpan, Range<usize>), HoursError> {
        let Some(from) = self.accept(Kind::Time) else { return self.out_of_place() };
        if self.accept(Kind::Dash).is_none() {
            return self.out_of_place();
        }
        let Some(to) = self.accept(Kind::Time) else { return self.out_of_place() };
        let (from_min, to_min) = (self.time(&from.range)?, self.time(&to.range)?);
        let range = from.range.start..to.range.end;
        if from_min == DAY_MIN {
            return self.fail(HoursProblem::BadTime, &from.range);
        }
        if from_min == to_min {
            return self.fail(HoursProblem::EmptySpan, &range);
        }
        let to_min = if to_min < from_min { to_min + DAY_MIN } else { to_min };
        Ok((MinuteSpan { from_min, to_min }, range))
    }

    fn time(&self, range: &Range<usize>) -> Result<u16, HoursError> {
        match minutes_of_day(&self.text[range.clone()]) {
            Some(minutes) => Ok(minutes),
            None => self.fail(HoursProblem::BadTime, range),
        }
    }
}

/// Minutes since midnight of `9:00`, `09:00` or `24:00`; nothing for anything else.
pub(super) fn minutes_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str, most: usize| {
        let fits = !part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2).filter(|_| minute.len() == 2)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY_MIN).then_some(minutes)
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        let kind = match first {
            _ if first.is_whitespace() => continue,
            '-' | '–' | '—' => Kind::Dash,
            ',' => Kind::Comma,
            ';' => Kind::Semicolon,
            _ if first.is_alphabetic() => Kind::Word,
            _ if first.is_ascii_digit() => Kind::Time,
            _ => Kind::Other,
        };
        let mut end = start + first.len_utf8();
        let longer = |next: char| match kind {
            Kind::Word => next.is_alphabetic(),
            Kind::Time => next.is_alphanumeric() || matches!(next, ':' | '.'),
            Kind::Dash | Kind::Comma | Kind::Semicolon | Kind::Other => false,
        };
        while let Some((at, next)) = rest.next_if(|(_, next)| longer(*next)) {
            end = at + next.len_utf8();
        }
        tokens.push(Token { kind, range: start..end });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_is_wrong_and_points_at_it() {
        for (text, marked, message) in [
            ("", "", "no hours are given: write for example `mon-fri 09:00-17:00`, or `never`"),
            ("   ", "   ", "no hours are given: write for example `mon-fri 09:00-17:00`, or `never`"),
            (
                "mon-fry 09:00-17:00",
                "fry",
                "`fry` is not a day: write mon, tue, wed, thu, fri, sat, sun or daily",
            ),
            ("mon 9-17", "9", "`9` is not a time of day: write it as 09:00"),
            ("mon 09:00-25:00", "25:00", "`25:00` is not a time of day: write it as 09:00"),
            ("mon 09:60-10:00", "09:60", "`09:60` is not a time of day: write it as 09:00"),
            ("mon 09:00-5pm", "5pm", "`5pm` is not a time of day: write it as 09:00"),
            ("mon 24:00-06:00", "24:00", "`24:00` is not a time of day: write it as 09:00"),
            ("mon 09:00-24:01", "24:01", "`24:01` is not a time of day: write it as 09:00"),
            ("09:00-17:00", "09:00", "days are missing before `09:00`"),
            ("mon-fri", "mon-fri", "times are missing after `mon-fri`: write for example 09:00-17:00"),
            ("mon; tue 09:00-10:00", "mon", "times are missing after `mon`: write for example 09:00-17:00"),
            (
                "mon 09:00-09:00",
                "09:00-09:00",
                "`09:00-09:00` is empty: the whole day is written 00:00-24:00",
            ),
            (
                "mon 09:00-12:00 11:00-13:00",
                "11:00-13:00",
                "`11:00-13:00` on Mon overlaps `09:00-12:00` on Mon",
            ),
            (
                "fri 22:00-06:00; sat 05:00-08:00",
                "05:00-08:00",
                "`05:00-08:00` on Sat overlaps `22:00-06:00` on Fri",
            ),
            (
                "sun 22:00-06:00; mon 05:59-08:00",
                "05:59-08:00",
                "`05:59-08:00` on Mon overlaps `22:00-06:00` on Sun",
            ),
            (
                "mon 09:00-10:00 tue 09:00-10:00",
                "tue",
                "`tue` does not belong here: write `days times`, with `;` before further days",
            ),
            ("mon 09:00-", "-", "`-` does not belong here: write `days times`, with `;` before further days"),
            (
                "mon, 09:00-10:00",
                "09:00",
                "`09:00` does not belong here: write `days times`, with `;` before further days",
            ),
            (
                "mon 09:00-10:00, ",
                ",",
                "`,` does not belong here: write `days times`, with `;` before further days",
            ),
            (
                "mon @ 09:00",
                "@",
                "`@` does not belong here: write `days times`, with `;` before further days",
            ),
            (
                "always mon",
                "always",
                "`always` is not a day: write mon, tue, wed, thu, fri, sat, sun or daily",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(&text[error.range.clone()], marked, "{text}");
            assert_eq!(error.to_string(), message, "{text}");
        }
    }

    #[test]
    fn spans_may_touch_over_midnight() {
        assert!(parse("fri 22:00-06:00; sat 06:00-08:00").is_ok());
        assert!(parse("daily 10:00-09:59").is_ok());
    }
}
