//! The settings of topics, as Kafka names them.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;

use crate::{Error, Result, log::LogSettings, records::Compression};

/// The type of a setting, numbered as DescribeConfigs has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Boolean = 1,
    String = 2,
    Int = 3,
    Long = 5,
    Double = 6,
    List = 7,
}

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// A number from here to there.
    Range(i64, i64),
    /// One of these words.
    Words(&'static [&'static str]),
    /// Words of these, separated by commas.
    List(&'static [&'static str]),
    /// A fraction from 0 to 1.
    Fraction,
}

/// A setting that topics have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// The broker's setting that it takes its default from.
    pub(crate) broker: &'static str,
    pub(crate) kind: Type,
    pub(crate) default: &'static str,
    pub(crate) rule: Rule,
    pub(crate) doc: &'static str,
}

const BOOLEAN: Rule = Rule::Words(&["false", "true"]);
const LONG_MAX: &str = "9223372036854775807";

macro_rules! settings {
    ($($name:literal $broker:literal $kind:ident $default:expr, $rule:expr, $doc:literal;)*) => {
        &[$(Setting { name: $name, broker: $broker, kind: Type::$kind, default: $default, rule: $rule, doc: $doc },)*]
    };
}

/// Every setting of a topic, by name. Those that concern several copies, compaction or flushing are kept and
/// shown, as clients set them; with one copy that is synced before it is acknowledged there is nothing to do.
pub(crate) const SETTINGS: &[Setting] = settings! {
    "cleanup.policy" "log.cleanup.policy" List "delete", Rule::List(&["compact", "delete"]),
        "Whether old segments leave (delete), or the last record of each key stays (compact).";
    "compression.type" "compression.type" String "producer",
        Rule::Words(&["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]),
        "How batches are compressed; producer keeps them as they come.";
    "delete.retention.ms" "log.cleaner.delete.retention.ms" Long "86400000", Rule::Range(0, i64::MAX),
        "How long tombstones stay in a compacted topic.";
    "file.delete.delay.ms" "log.segment.delete.delay.ms" Long "60000", Rule::Range(0, i64::MAX),
        "How long a file stays after its segment has left.";
    "flush.messages" "log.flush.interval.messages" Long LONG_MAX, Rule::Range(1, i64::MAX),
        "Records after which a sync is forced; acknowledged records are synced in any case.";
    "flush.ms" "log.flush.interval.ms" Long LONG_MAX, Rule::Range(0, i64::MAX),
        "Time after which a sync is forced; acknowledged records are synced in any case.";
    "index.interval.bytes" "log.index.interval.bytes" Int "4096", Rule::Range(0, i32::MAX as i64),
        "Bytes between two entries of an index.";
    "max.compaction.lag.ms" "log.cleaner.max.compaction.lag.ms" Long LONG_MAX, Rule::Range(1, i64::MAX),
        "Longest time that a record stays uncompacted.";
    "max.message.bytes" "message.max.bytes" Int "1048588", Rule::Range(0, 100 * 1024 * 1024),
        "Largest record batch accepted, in bytes.";
    "message.timestamp.after.max.ms" "log.message.timestamp.after.max.ms" Long LONG_MAX, Rule::Range(0, i64::MAX),
        "How far a record's timestamp may lie ahead.";
    "message.timestamp.before.max.ms" "log.message.timestamp.before.max.ms" Long LONG_MAX, Rule::Range(0, i64::MAX),
        "How far a record's timestamp may lie back.";
    "message.timestamp.type" "log.message.timestamp.type" String "CreateTime",
        Rule::Words(&["CreateTime", "LogAppendTime"]),
        "Whether the producer or the broker stamps records.";
    "min.cleanable.dirty.ratio" "log.cleaner.min.cleanable.ratio" Double "0.5", Rule::Fraction,
        "Share of uncompacted records at which compaction begins.";
    "min.compaction.lag.ms" "log.cleaner.min.compaction.lag.ms" Long "0", Rule::Range(0, i64::MAX),
        "Shortest time that a record stays uncompacted.";
    "min.insync.replicas" "min.insync.replicas" Int "1", Rule::Range(1, i32::MAX as i64),
        "Copies that must acknowledge; there is one.";
    "preallocate" "log.preallocate" Boolean "false", BOOLEAN,
        "Whether segments are allocated in full when they begin.";
    "retention.bytes" "log.retention.bytes" Long "-1", Rule::Range(-1, i64::MAX),
        "Size of a partition at which its oldest segments leave; -1 for no limit.";
    "retention.ms" "log.retention.ms" Long "604800000", Rule::Range(-1, i64::MAX),
        "Age at which segments leave; -1 for no limit.";
    "segment.bytes" "log.segment.bytes" Int "67108864", Rule::Range(14, i32::MAX as i64),
        "Size at which a segment gets a successor.";
    "segment.index.bytes" "log.index.size.max.bytes" Int "10485760", Rule::Range(4, i32::MAX as i64),
        "Largest size of an index.";
    "segment.jitter.ms" "log.roll.jitter.ms" Long "0", Rule::Range(0, i64::MAX),
        "Spread of the age at which a segment gets a successor.";
    "segment.ms" "log.roll.ms" Long "604800000", Rule::Range(1, i64::MAX),
        "Age at which a segment gets a successor.";
    "unclean.leader.election.enable" "unclean.leader.election.enable" Boolean "false", BOOLEAN,
        "Whether a copy that is behind may lead; there is one copy.";
};

/// What a topic sets otherwise than the default, by name.
pub(crate) type Overrides = BTreeMap<String, String>;

/// The setting of a name.
pub(crate) fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|s| s.name == name)
}

impl Setting {
    /// Checks a value.
    pub(crate) fn check(&self, value: &str) -> Result<()> {
        let fits = match self.rule {
            Rule::Range(least, most) => value.parse().is_ok_and(|n: i64| (least..=most).contains(&n)),
            Rule::Words(words) => words.contains(&value),
            Rule::List(words) => !value.is_empty() && value.split(',').all(|w| words.contains(&w.trim())),
            Rule::Fraction => value.parse().is_ok_and(|n: f64| (0.0..=1.0).contains(&n)),
        };
        let wanted = || match self.rule {
            Rule::Range(least, i64::MAX) => format!("a number from {least} on"),
            Rule::Range(least, most) => format!("a number from {least} to {most}"),
            Rule::Words(words) => words.join(" or "),
            Rule::List(words) => format!("a list of {}", words.join(", ")),
            Rule::Fraction => "a number from 0 to 1".into(),
        };
        match fits {
            true => Ok(()),
            false => Err(refused(format!("'{value}' is not valid for {}: use {}", self.name, wanted()))),
        }
    }
}

fn refused(reason: String) -> Error {
    Error::invalid(ResponseError::InvalidConfig, reason)
}

/// Checks what a topic shall set.
pub(crate) fn check(overrides: &Overrides) -> Result<()> {
    for (name, value) in overrides {
        let setting = setting(name).ok_or_else(|| refused(format!("'{name}' is not a topic setting")))?;
        setting.check(value)?;
    }
    Ok(())
}

/// What a topic asks of a batch before it is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Intake {
    /// The compression; none keeps what comes.
    pub(crate) compression: Option<Compression>,
    /// Every record needs a key, as compaction goes by it.
    pub(crate) keyed: bool,
}

impl Intake {
    pub(crate) fn of(overrides: &Overrides) -> Self {
        Self {
            compression: overrides.get("compression.type").and_then(|v| Compression::from_setting(v)),
            keyed: overrides.get("cleanup.policy").is_some_and(|v| v.contains("compact")),
        }
    }
}

/// The settings as partitions need them.
pub(crate) fn log_settings(overrides: &Overrides) -> LogSettings {
    let value = |name: &str| {
        let default = || setting(name).map(|s| s.default).unwrap_or_default();
        overrides.get(name).map(String::as_str).unwrap_or_else(default)
    };
    let number = |name: &str| value(name).parse::<i64>().expect("values are checked before they are kept");
    LogSettings {
        segment_bytes: number("segment.bytes") as u64,
        segment_ms: number("segment.ms"),
        retention_ms: number("retention.ms"),
        retention_bytes: number("retention.bytes"),
        max_message_bytes: number("max.message.bytes") as usize,
        log_append_time: value("message.timestamp.type") == "LogAppendTime",
        compact: !value("cleanup.policy").contains("delete"),
        ..LogSettings::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_those_of_the_log() {
        for setting in SETTINGS {
            setting.check(setting.default).unwrap();
        }
        assert_eq!(log_settings(&Overrides::new()), LogSettings::default());
    }

    #[test]
    fn values_are_checked_by_their_rule() {
        let refused = |name: &str, value: &str| setting(name).unwrap().check(value).is_err();
        assert!(refused("retention.ms", "soon"));
        assert!(refused("retention.ms", "-2"));
        assert!(refused("cleanup.policy", "keep"));
        assert!(!refused("cleanup.policy", "compact,delete"));
        assert!(refused("min.cleanable.dirty.ratio", "1.5"));
        assert!(check(&Overrides::from([("retention".into(), "1".into())])).is_err());
    }
}
