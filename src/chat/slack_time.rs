//! The times that Slack's live JSON and its exports write.

/// `1107662640.010000` as microseconds. A fraction of another length is read as what it is.
pub(super) fn micros_of(ts: &str) -> Option<i64> {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.is_empty() || seconds.len() > 11 || !digits(seconds) || !digits(fraction) {
        return None;
    }
    let mut micros: i64 = 0;
    for place in 0..6 {
        let digit = fraction.as_bytes().get(place).map_or(0, |byte| i64::from(byte - b'0'));
        micros = micros * 10 + digit;
    }
    Some(seconds.parse::<i64>().ok()? * 1_000_000 + micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_to_the_microsecond() {
        assert_eq!(micros_of("1107662640.010000"), Some(1_107_662_640_010_000));
        assert_eq!(micros_of("1107662640.01"), Some(1_107_662_640_010_000));
        assert_eq!(micros_of("1107662640"), Some(1_107_662_640_000_000));
        for bad in ["", ".5", "abc", "-1.0", "1.x", "123456789012.0"] {
            assert_eq!(micros_of(bad), None, "{bad}");
        }
    }
}
