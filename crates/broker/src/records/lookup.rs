//! Finding records by time to the record, where the log knows compressed batches only as a whole.

use bytes::Bytes;

use super::{batches, unpacked};
use crate::{
    batch::Records,
    log::{Isolation, Partition},
    storage::Result,
};

/// The first record at or after `timestamp`: its offset and timestamp.
pub(crate) fn at_time(partition: &Partition, timestamp: i64) -> Result<Option<(i64, i64)>> {
    partition.at_time(timestamp)?.map(|found| within(partition, found, timestamp)).transpose()
}

/// The first record with the largest timestamp: its offset and timestamp.
pub(crate) fn max_timestamp(partition: &Partition) -> Result<Option<(i64, i64)>> {
    partition.max_timestamp()?.map(|found| within(partition, found, found.1)).transpose()
}

/// The first record that is late enough in the batch that was found; the batch's beginning when it is not
/// compressed, or cannot be unpacked.
fn within(partition: &Partition, found: (i64, i64), timestamp: i64) -> Result<(i64, i64)> {
    let read = partition.read(found.0, 1, Isolation::ReadUncommitted, true)?;
    let Some((header, batch)): Option<(_, Bytes)> = batches(read.records).next() else { return Ok(found) };
    if header.compression() == 0 {
        return Ok(found);
    }
    let Ok(data) = unpacked(&header, &batch) else { return Ok(found) };
    let mut records = Records::within(&data, &header).map_while(|record| record);
    let late = records.find(|r| r.timestamp >= timestamp && r.offset >= found.0);
    Ok(late.map_or(found, |r| (r.offset, r.timestamp)))
}
