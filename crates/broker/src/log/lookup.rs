//! Finding records by time.

use super::{inner::Inner, segment::Segment};
use crate::{
    batch::{Header, Records},
    storage::{Error, Result},
};

impl Inner {
    /// The first record at or after `timestamp`, and its own timestamp.
    pub(super) fn at_time(&self, timestamp: i64) -> Result<Option<(i64, i64)>> {
        let start = self.offsets.borrow().start;
        let end = self.offsets.borrow().end;
        let Some((segments, number)) = self.segments_from(start) else { return Err(Error::Closed) };
        for segment in &segments[number..] {
            if segment.size() == 0 || segment.max_timestamp() < timestamp {
                continue;
            }
            let found = self.in_segment(segment, timestamp, start);
            if let Some(found) = found.map_err(|error| self.explain(error, start))? {
                return Ok(Some(found).filter(|(offset, _)| *offset < end));
            }
        }
        Ok(None)
    }

    /// The first record with the largest timestamp, and that timestamp.
    pub(super) fn max_timestamp(&self) -> Result<Option<(i64, i64)>> {
        let segments = self.segments.load();
        let filled = segments.iter().filter(|segment| segment.size() > 0);
        match filled.map(|segment| segment.max_timestamp()).max() {
            Some(timestamp) => self.largest_kept(timestamp),
            None => Ok(None),
        }
    }

    /// The largest timestamp may have been before the first offset kept, in the same segment; then look at all.
    fn largest_kept(&self, timestamp: i64) -> Result<Option<(i64, i64)>> {
        if let Some(found) = self.at_time(timestamp)? {
            return Ok(Some(found));
        }
        let start = self.offsets.borrow().start;
        let Some((segments, number)) = self.segments_from(start) else { return Err(Error::Closed) };
        let mut largest = None;
        for segment in &segments[number..] {
            let mut walk = segment.walk(&self.storage, 0, 64 * 1024)?;
            while let Some(header) = walk.header()? {
                if header.last_offset() >= start {
                    largest = largest.max(Some(header.max_timestamp));
                }
                walk.step(&header);
            }
        }
        // A batch that the first offset cuts in two may have had it in the part that is gone.
        match largest {
            Some(timestamp) => self.at_time(timestamp),
            None => Ok(None),
        }
    }

    fn in_segment(&self, segment: &Segment, timestamp: i64, start: i64) -> Result<Option<(i64, i64)>> {
        let mut walk = segment.walk_from_time(&self.storage, timestamp)?;
        while let Some(header) = walk.header()? {
            if header.max_timestamp >= timestamp && header.last_offset() >= start {
                let data = walk.batch(&header)?;
                if let Some(found) = in_batch(data, &header, timestamp, start) {
                    return Ok(Some(found));
                }
            }
            walk.step(&header);
        }
        Ok(None)
    }
}

/// The first record of a batch at or after `timestamp` and `start`. The records of a compressed batch are not
/// unpacked: the first that may be it is returned, so that a reader who begins there misses nothing.
fn in_batch(data: &[u8], header: &Header, timestamp: i64, start: i64) -> Option<(i64, i64)> {
    if header.compression() != 0 {
        let first = header.base_offset.max(start);
        return Some((first, header.base_timestamp.max(timestamp).min(header.max_timestamp)));
    }
    let records = Records::new(data, header).map_while(|record| record);
    let mut wanted = records.filter(|record| record.offset >= start && record.timestamp >= timestamp);
    wanted.next().map(|record| (record.offset, record.timestamp))
}
