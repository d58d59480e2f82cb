//! Topics as users ask for them.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Most partitions a topic may have.
pub const PARTITIONS_MAX: i32 = 1000;

/// What happens to old records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CleanupPolicy {
    /// Whole segments leave by age and size.
    Delete,
    /// The last record of each key stays.
    Compact,
    /// Both.
    DeleteAndCompact,
}

impl CleanupPolicy {
    /// Kafka's value of `cleanup.policy`.
    pub fn as_kafka(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Compact => "compact",
            Self::DeleteAndCompact => "compact,delete",
        }
    }

    /// Reads Kafka's or the Portal API's spelling, in any case.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut words: Vec<_> = text.split(',').map(|w| w.trim().to_ascii_lowercase()).collect();
        words.sort_unstable();
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["delete"] => Ok(Self::Delete),
            ["compact"] => Ok(Self::Compact),
            ["deleteandcompact"] | ["compact", "delete"] => Ok(Self::DeleteAndCompact),
            _ => Err(Invalid::new(
                "cleanupPolicy",
                format!("'{text}' is not Delete, Compact or DeleteAndCompact"),
            )),
        }
    }
}

/// A topic's configuration. −1 in a retention means no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TopicConfig {
    /// Number of partitions; it can only grow.
    pub partitions: i32,
    /// Copies of each record; the embedded broker keeps one.
    pub replication_factor: i16,
    /// Age at which segments leave, in minutes.
    pub retention_in_minutes: i64,
    /// Size per partition at which the oldest segments leave, in bytes.
    pub retention_in_bytes: i64,
    /// What happens to old records.
    pub cleanup_policy: CleanupPolicy,
}

impl Default for TopicConfig {
    /// One partition, a week, 256 MiB: enough to look back at, bounded on a small disk.
    fn default() -> Self {
        Self {
            partitions: 1,
            replication_factor: 1,
            retention_in_minutes: 7 * 24 * 60,
            retention_in_bytes: 256 * 1024 * 1024,
            cleanup_policy: CleanupPolicy::Delete,
        }
    }
}

impl TopicConfig {
    /// Checks ranges.
    pub fn validate(&self) -> Result<(), Invalid> {
        let limit = |field: &str, value: i64| match value {
            -1 | 1.. => Ok(()),
            _ => Err(Invalid::new(field, "must be positive, or -1 for no limit")),
        };
        if !(1..=PARTITIONS_MAX).contains(&self.partitions) {
            return Err(Invalid::new("partitions", format!("must be between 1 and {PARTITIONS_MAX}")));
        }
        if self.replication_factor < 1 {
            return Err(Invalid::new("replicationFactor", "must be at least 1"));
        }
        limit("retentionInMinutes", self.retention_in_minutes)?;
        limit("retentionInBytes", self.retention_in_bytes)
    }

    /// The broker settings (`retention.ms` in milliseconds, `retention.bytes`, `cleanup.policy`).
    pub fn to_kafka(&self) -> Vec<(String, String)> {
        let ms =
            if self.retention_in_minutes < 0 { -1 } else { self.retention_in_minutes.saturating_mul(60_000) };
        vec![
            ("retention.ms".into(), ms.to_string()),
            ("retention.bytes".into(), self.retention_in_bytes.to_string()),
            ("cleanup.policy".into(), self.cleanup_policy.as_kafka().into()),
        ]
    }
}

/// Where a topic is on its way to what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TopicStatus {
    /// Asked for, not yet on the broker.
    Creating,
    /// On the broker, as asked.
    Ready,
    /// Being removed.
    Deleting,
    /// The broker refused; the reason is beside it.
    Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_read_both_spellings() {
        assert_eq!(CleanupPolicy::parse("compact").unwrap(), CleanupPolicy::Compact);
        assert_eq!(CleanupPolicy::parse("delete,compact").unwrap(), CleanupPolicy::DeleteAndCompact);
        assert_eq!(CleanupPolicy::parse("DeleteAndCompact").unwrap(), CleanupPolicy::DeleteAndCompact);
        assert!(CleanupPolicy::parse("keep").is_err());
    }

    #[test]
    fn unlimited_retention_is_minus_one_for_kafka_too() {
        let config = TopicConfig { retention_in_minutes: -1, ..Default::default() };
        assert!(config.validate().is_ok());
        assert_eq!(config.to_kafka()[0].1, "-1");
    }
}
