//! Names of time zones, as platforms, people and Windows write them.
//!
//! Every zone comes from the table that is compiled in, so the answer is the same where the system has none.

use chrono_tz::{TZ_VARIANTS, Tz};

use super::zones_windows::WINDOWS_ZONES;

/// Why a name is no time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// There is nothing to read.
    #[error("no time zone is given: write for example `Europe/Berlin`")]
    Empty,
    /// No zone has that name.
    #[error("`{name}` is not a known time zone{}", hint(nearest.as_deref()))]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// A zone with nearly that name.
        nearest: Option<String>,
    },
}

fn hint(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!(": did you mean `{nearest}`?"),
        None => ": write for example `Europe/Berlin`".to_owned(),
    }
}

/// Finds a zone by its IANA name, old names (`US/Eastern`, `Europe/Kiev`) and Windows names
/// (`Pacific Standard Time`) included; upper and lower case do not matter.
///
/// # Errors
/// When no zone has that name; the error holds the nearest one.
pub fn parse_zone(name: &str) -> Result<Tz, ZoneError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(ZoneError::Empty);
    }
    if let Ok(zone) = name.parse::<Tz>() {
        return Ok(zone);
    }
    let of_windows =
        WINDOWS_ZONES.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name)).map(|(_, zone)| *zone);
    let of_iana = || TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name));
    of_windows
        .or_else(of_iana)
        .ok_or_else(|| ZoneError::Unknown { name: name.to_owned(), nearest: nearest(name) })
}

/// The known name that is most like `name`, when one is like it at all.
fn nearest(name: &str) -> Option<String> {
    let name = name.to_lowercase().replace(' ', "_");
    TZ_VARIANTS
        .iter()
        .map(|zone| (likeness(&name, &zone.name().to_lowercase()), zone.name().to_owned()))
        .chain(WINDOWS_ZONES.iter().map(|(windows, _)| {
            (strsim::jaro_winkler(&name, &windows.to_lowercase().replace(' ', "_")), (*windows).to_owned())
        }))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, nearest)| nearest)
}

/// How like a zone's name is, from 0 to 1. A city without its continent is as good as the name.
fn likeness(name: &str, zone: &str) -> f64 {
    let whole = strsim::jaro_winkler(name, zone);
    match zone.rsplit_once('/') {
        Some((_, city)) if !name.contains('/') => whole.max(strsim::jaro_winkler(name, city)),
        Some(_) | None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_names_and_those_of_windows_are_zones() {
        for (name, zone) in [
            ("Europe/Berlin", "Europe/Berlin"),
            (" europe/berlin ", "Europe/Berlin"),
            ("Europe/Kiev", "Europe/Kiev"),
            ("US/Eastern", "US/Eastern"),
            ("CET", "CET"),
            ("utc", "UTC"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("pacific standard time", "America/Los_Angeles"),
            ("FLE Standard Time", "Europe/Kyiv"),
            ("Nepal Standard Time", "Asia/Kathmandu"),
        ] {
            assert_eq!(parse_zone(name).map(Tz::name), Ok(zone), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        for (name, message) in [
            ("", "no time zone is given: write for example `Europe/Berlin`"),
            ("  ", "no time zone is given: write for example `Europe/Berlin`"),
            ("Europe/Berln", "`Europe/Berln` is not a known time zone: did you mean `Europe/Berlin`?"),
            ("Berlin", "`Berlin` is not a known time zone: did you mean `Europe/Berlin`?"),
            ("new york", "`new york` is not a known time zone: did you mean `America/New_York`?"),
            (
                "Pacific Standart Time",
                "`Pacific Standart Time` is not a known time zone: did you mean `Pacific Standard Time`?",
            ),
            ("+02:00", "`+02:00` is not a known time zone: write for example `Europe/Berlin`"),
        ] {
            assert_eq!(parse_zone(name).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn the_names_of_windows_are_told_apart() {
        for (index, (name, _)) in WINDOWS_ZONES.iter().enumerate() {
            assert!(!WINDOWS_ZONES[..index].iter().any(|(other, _)| other == name), "{name} is there twice");
        }
    }
}
