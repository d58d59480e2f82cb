//! Batches into records, as far as there is memory for them.

use std::{collections::HashSet, io};

use kafka_protocol::ResponseError;

use super::aside;
use crate::{
    Error, Result,
    batch::is_abort,
    log::{Fetched, Isolation, Partition},
    records::{Record, batches, decode},
    requests::IN_PLACE,
};

/// Memory that the records of one read may take, unless more is asked for: compressed batches may unpack to a
/// hundred times their size.
const READ_BYTES: usize = 16 * 1024 * 1024;

/// What one look at a partition finds.
pub(super) struct Seen {
    pub(super) records: Vec<Record>,
    /// The offset after all that was looked at.
    pub(super) next: i64,
    /// Bytes read, as they are stored.
    pub(super) bytes: u64,
}

/// Reads once; here and now when that is little work.
pub(super) async fn look(
    partition: &Partition,
    offset: i64,
    max_bytes: usize,
    isolation: Isolation,
) -> Result<Seen> {
    let most = max_bytes.max(READ_BYTES);
    let available = usize::try_from(partition.available(offset, isolation)?).unwrap_or(usize::MAX);
    if max_bytes.min(available) <= IN_PLACE {
        let fetched = partition.read(offset, max_bytes, isolation, true)?;
        let packed = batches(fetched.records.clone()).any(|(header, _)| header.compression() != 0);
        return match packed {
            true => aside(move || visible(fetched, offset, most)).await,
            false => visible(fetched, offset, most),
        };
    }
    let partition = partition.clone();
    aside(move || visible(partition.read(offset, max_bytes, isolation, true)?, offset, most)).await
}

/// What the reader is to see of a read, from `offset` on, as far as it fits into `most` bytes of memory.
fn visible(fetched: Fetched, offset: i64, most: usize) -> Result<Seen> {
    let mut aborted = fetched.aborted.iter().peekable();
    let mut skipped = HashSet::new();
    let mut seen = Seen { records: Vec::new(), next: offset, bytes: fetched.records.len() as u64 };
    let mut taken = 0;
    for (header, batch) in batches(fetched.records) {
        while let Some(begun) = aborted.next_if(|a| a.first_offset <= header.last_offset()) {
            skipped.insert(begun.producer_id);
        }
        let hidden = header.is_transactional() && skipped.contains(&header.producer_id);
        if header.is_control() {
            if is_abort(&batch, &header) == Some(true) {
                skipped.remove(&header.producer_id);
            }
        } else if !hidden {
            let broken = |e: io::Error| {
                let reason = format!("records at {} cannot be read: {e}", header.base_offset);
                Error::invalid(ResponseError::CorruptMessage, reason)
            };
            let mut decoded = decode(&header, &batch).map_err(broken)?;
            let unpacked = decoded.remaining();
            let mut beside = 0;
            while let Some(record) = decoded.next() {
                let record = record.map_err(broken)?;
                if record.offset < offset {
                    continue;
                }
                beside += overhead(&record);
                // Offsets within a compressed batch are the client's word; there is no going back, or beyond it.
                seen.next = record.offset.saturating_add(1).min(header.next_offset());
                seen.records.push(record);
                if taken + beside + unpacked - decoded.remaining() > most {
                    return Ok(seen);
                }
            }
            // What was unpacked stays in memory as long as any record of it.
            taken += beside + unpacked;
        }
        seen.next = header.next_offset();
    }
    Ok(seen)
}

/// Memory that a record takes beside its content.
fn overhead(record: &Record) -> usize {
    size_of::<Record>() + record.headers.len() * size_of::<(String, Option<bytes::Bytes>)>()
}
