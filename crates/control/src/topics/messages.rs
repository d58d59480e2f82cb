//! Records as people read them.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use headwater_model::TopicId;
use headwater_topics::{Isolation, Position, Record, Topics};
use jiff::Timestamp;

use crate::{Content, Message, Result};

/// Bytes read from a partition at once.
const CHUNK: usize = 256 * 1024;

/// The newest `limit` records over all partitions, oldest first, and for each partition the offset after them.
pub(crate) async fn newest(
    kafka: &dyn Topics,
    id: &TopicId,
    limit: usize,
) -> Result<(Vec<Record>, Vec<i64>)> {
    let marks = kafka.watermarks(id).await?;
    let reach = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut records = Vec::new();
    let mut nexts = Vec::with_capacity(marks.len());
    for (partition, mark) in (0..).zip(&marks) {
        let start = Position { partition, offset: mark.start.max(mark.end.saturating_sub(reach)) };
        let (found, next) = read(kafka, id, start, mark.end, usize::MAX).await?;
        records.extend(found);
        nexts.push(next.max(mark.end));
    }
    records.sort_by_key(order);
    records.drain(..records.len().saturating_sub(limit));
    Ok((records, nexts))
}

/// The first `limit` records from `starts` on (all partitions from their first), by time.
pub(crate) async fn earliest(
    kafka: &dyn Topics,
    id: &TopicId,
    starts: Option<Vec<(i32, i64)>>,
    limit: usize,
) -> Result<Vec<Record>> {
    let marks = kafka.watermarks(id).await?;
    let starts = starts.unwrap_or_else(|| (0..).zip(marks.iter().map(|mark| mark.start)).collect());
    let mut records = Vec::new();
    for (partition, offset) in starts {
        let Some(mark) = usize::try_from(partition).ok().and_then(|index| marks.get(index)) else { continue };
        let start = Position { partition, offset: offset.max(mark.start) };
        records.extend(read(kafka, id, start, mark.end, limit).await?.0);
    }
    records.sort_by_key(order);
    records.truncate(limit);
    Ok(records)
}

fn order(record: &Record) -> (i64, i32, i64) {
    (record.timestamp_ms, record.partition, record.offset)
}

/// Records of one partition from `at` up to `end`, at most `limit`, and the offset to read next.
async fn read(
    kafka: &dyn Topics,
    id: &TopicId,
    mut at: Position,
    end: i64,
    limit: usize,
) -> Result<(Vec<Record>, i64)> {
    let mut records = Vec::new();
    while at.offset < end && records.len() < limit {
        let (found, next) = kafka.fetch(id, at, CHUNK, Duration::ZERO, Isolation::ReadCommitted).await?;
        // No progress: what follows belongs to a transaction that is still open.
        if next <= at.offset {
            break;
        }
        records.extend(found);
        at.offset = next;
    }
    Ok((records, at.offset))
}

/// A record as it is shown.
pub(crate) fn message(record: Record) -> Message {
    let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
    Message {
        partition: record.partition,
        offset: record.offset,
        time: Timestamp::from_millisecond(record.timestamp_ms).unwrap_or_default(),
        size: length(&record.key) + length(&record.value),
        key: record.key.map(|bytes| text(&bytes)),
        value: record.value.map(|bytes| json(&bytes).unwrap_or_else(|| text(&bytes))),
        headers: record.headers.into_iter().map(|(name, value)| (name, value.map(|v| text(&v)))).collect(),
    }
}

/// JSON objects and arrays; a lone number or word reads as well as text.
fn json(bytes: &[u8]) -> Option<Content> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if !matches!(first, b'{' | b'[') {
        return None;
    }
    serde_json::from_slice(bytes).ok().map(Content::Json)
}

fn text(bytes: &[u8]) -> Content {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) => {
            Content::Text(text.to_owned())
        }
        _ => Content::Base64(BASE64.encode(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &[u8]) -> Option<Content> {
        let value = Some(Bytes::copy_from_slice(value));
        message(Record { partition: 0, offset: 0, timestamp_ms: 0, key: None, value, headers: vec![] }).value
    }

    #[test]
    fn bytes_are_shown_in_the_form_that_reads_best() {
        assert_eq!(shown(br#" {"a":1}"#), Some(Content::Json(serde_json::json!({"a": 1}))));
        assert_eq!(shown(b"{half"), Some(Content::Text("{half".into())));
        assert_eq!(shown(b"12"), Some(Content::Text("12".into())));
        assert_eq!(shown(&[0, 1, 255]), Some(Content::Base64("AAH/".into())));
    }
}
