//! A topic's settings, as its partitions need them.

/// How a partition keeps its records. Defaults are Kafka's, but for the segment size: small segments let small
/// retentions take effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// `segment.bytes`: a segment larger than this gets a successor.
    pub segment_bytes: u64,
    /// `segment.ms`: a segment older than this gets a successor.
    pub segment_ms: i64,
    /// `retention.ms`: segments whose newest record is older leave; −1 keeps them.
    pub retention_ms: i64,
    /// `retention.bytes`: the oldest segments leave while the rest is at least this large; −1 keeps them.
    pub retention_bytes: i64,
    /// `max.message.bytes`: largest batch accepted.
    pub max_message_bytes: usize,
    /// `message.timestamp.type=LogAppendTime`.
    pub log_append_time: bool,
    /// `cleanup.policy` has no `delete`: retention does not apply.
    pub compact: bool,
    /// `producer.id.expiration.ms`: idle producers are forgotten after this.
    pub producer_expiration_ms: i64,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            segment_bytes: 64 * 1024 * 1024,
            segment_ms: 7 * 24 * 3_600_000,
            retention_ms: 7 * 24 * 3_600_000,
            retention_bytes: -1,
            max_message_bytes: 1_048_588,
            log_append_time: false,
            compact: false,
            producer_expiration_ms: 24 * 3_600_000,
        }
    }
}
