//! When a job runs.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Five fields of cron, in UTC: minute, hour, day of month, month, day of week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Schedule(String);

impl Schedule {
    /// The first run after `now`; none when there will never be one (the 30th of February).
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let found = parse(&self.0).ok()?.find_next(now.to_string().as_str()).ok()?;
        Timestamp::from_second(found.timestamp().as_second()).ok()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn parse(text: &str) -> Result<cronexpr::Crontab, cronexpr::Error> {
    // The library wants the zone written out.
    cronexpr::parse_crontab(&format!("{text} UTC"))
}

impl FromStr for Schedule {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let fields: Vec<_> = text.split_whitespace().collect();
        let text = fields.join(" ");
        let invalid = |why: &str| Invalid::new("schedule", format!("'{text}' {why}"));
        if fields.len() != 5 {
            return Err(invalid("does not have the five fields minute, hour, day, month and day of week"));
        }
        parse(&text)
            .map_err(|_| invalid("is no schedule in the form of cron, such as '*/15 8-17 * * 1-5'"))?;
        Ok(Self(text))
    }
}

impl TryFrom<String> for Schedule {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.0
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_run_is_found() {
        let next = |schedule: &str, now: &str| schedule.parse::<Schedule>().unwrap().next(at(now));
        assert_eq!(next("*/15 * * * *", "2026-03-01T10:07:03.5Z"), Some(at("2026-03-01T10:15:00Z")));
        // The one that is due now has been.
        assert_eq!(next("0 0 * * *", "2026-03-01T00:00:00Z"), Some(at("2026-03-02T00:00:00Z")));
        assert_eq!(next(" 30  6 * * 1-5 ", "2026-11-27T07:00:00Z"), Some(at("2026-11-30T06:30:00Z")));
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in
            ["", "* * * *", "* * * * * *", "61 * * * *", "a b c d e", "@daily", "0 0 * * * Asia/Tokyo"]
        {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}
