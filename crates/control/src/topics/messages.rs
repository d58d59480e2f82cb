//! Records as people read them.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use headwater_model::TopicId;
use headwater_topics::{Isolation, Position, Record, Topics, Watermarks};
use jiff::Timestamp;

use crate::{Content, Message, Result};

/// Bytes read from a partition at once.
const CHUNK: usize = 256 * 1024;
/// Bytes of one answer: records may be large, and all of it is held in memory.
const MOST: usize = 8 * 1024 * 1024;
/// Offsets that are gone through at once when reading backwards.
const BLOCK: i64 = 64;

/// The newest `limit` records over all partitions, oldest first, and for each partition the offset after them. What
/// an open transaction holds back is after them too.
pub(crate) async fn newest(
    kafka: &dyn Topics,
    id: &TopicId,
    limit: usize,
) -> Result<(Vec<Record>, Vec<i64>)> {
    let marks = kafka.watermarks(id).await?;
    let mut records = Vec::new();
    let mut nexts = Vec::with_capacity(marks.len());
    for (partition, mark) in (0..).zip(&marks) {
        let (found, next) = last(kafka, id, partition, mark, limit).await?;
        records.extend(found);
        records.sort_by_key(order);
        records.drain(..records.len() - fitting(records.iter().rev(), limit));
        nexts.push(next);
    }
    Ok((records, nexts))
}

/// The last records of one partition, at most `limit` and about [`MOST`] bytes, and the offset after them.
async fn last(
    kafka: &dyn Topics,
    id: &TopicId,
    partition: i32,
    mark: &Watermarks,
    limit: usize,
) -> Result<(Vec<Record>, i64)> {
    let end = mark.last_stable;
    let first = mark.start.max(end.saturating_sub(i64::try_from(limit).unwrap_or(i64::MAX)));
    let (mut records, mut from) = (Vec::new(), end);
    while from > first && records.iter().map(size).sum::<usize>() < MOST {
        let until = from;
        from = first.max(until - BLOCK);
        let (mut block, mut at) = (Vec::new(), Position { partition, offset: from });
        while let Some(found) = step(kafka, id, &mut at, until).await? {
            block.extend(found);
            block.drain(..block.len() - fitting(block.iter().rev(), limit));
        }
        block.append(&mut records);
        records = block;
    }
    Ok((records, end))
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
        let mut at = Position { partition, offset: offset.max(mark.start) };
        let mut own = Vec::new();
        while own.len() < limit && own.iter().map(size).sum::<usize>() < MOST {
            let Some(found) = step(kafka, id, &mut at, mark.end).await? else { break };
            own.extend(found);
        }
        records.append(&mut own);
        records.sort_by_key(order);
        records.truncate(fitting(records.iter(), limit));
    }
    Ok(records)
}

fn order(record: &Record) -> (i64, i32, i64) {
    (record.timestamp_ms, record.partition, record.offset)
}

/// What a record takes in memory, about.
fn size(record: &Record) -> usize {
    let headers: usize = record.headers.iter().map(|(name, value)| name.len() + length(value)).sum();
    length(&record.key) + length(&record.value) + headers
}

fn length(bytes: &Option<Bytes>) -> usize {
    bytes.as_ref().map_or(0, Bytes::len)
}

/// How many of `records` fit into one answer: at most `limit` and [`MOST`] bytes, but one however large.
fn fitting<'a>(records: impl Iterator<Item = &'a Record>, limit: usize) -> usize {
    let sum = records.take(limit).scan(0, |sum, record| {
        *sum += size(record);
        Some(*sum)
    });
    sum.enumerate().take_while(|(index, sum)| *index == 0 || *sum <= MOST).count()
}

/// The next records of a partition before `end`, going on from `at`; none when there are no more.
async fn step(kafka: &dyn Topics, id: &TopicId, at: &mut Position, end: i64) -> Result<Option<Vec<Record>>> {
    if at.offset >= end {
        return Ok(None);
    }
    let (mut found, next) = kafka.fetch(id, *at, CHUNK, Duration::ZERO, Isolation::ReadCommitted).await?;
    // No progress: what follows belongs to a transaction that is still open.
    if next <= at.offset {
        return Ok(None);
    }
    at.offset = next;
    found.retain(|record| record.offset < end);
    Ok(Some(found))
}

/// A record as it is shown.
pub(crate) fn message(record: Record) -> Message {
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
