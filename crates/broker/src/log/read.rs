//! Reading batches by offset.

use std::sync::Arc;

use bytes::Bytes;

use super::{Aborted, Fetched, Isolation, Offsets, index::INTERVAL, inner::Inner, segment::Segment};
use crate::{
    batch::{HEADER_LEN, Header},
    storage::{Error, Result},
};

/// Which batches are wanted.
struct Wanted {
    from: i64,
    /// Offset before which records may be seen.
    to: i64,
    max_bytes: usize,
    at_least_one: bool,
}

/// Where in a buffer the wanted batches lie.
struct Found {
    begin: usize,
    end: usize,
    /// Offset after the last of them.
    next_offset: i64,
    /// Bytes needed to see the first of them, when the buffer is too short for it.
    first_needs: Option<usize>,
}

impl Inner {
    pub(super) fn read(
        &self,
        offset: i64,
        max_bytes: usize,
        isolation: Isolation,
        at_least_one: bool,
    ) -> Result<Fetched> {
        let (offsets, to) = self.readable(offset, isolation)?;
        let mut fetched = Fetched { records: Bytes::new(), aborted: Vec::new(), offsets };
        if offset >= to {
            return Ok(fetched);
        }
        let wanted = Wanted { from: offset, to, max_bytes, at_least_one };
        self.fetch(&wanted, isolation, &mut fetched).map_err(|error| self.explain(error, offset))?;
        Ok(fetched)
    }

    /// About how many bytes lie between `offset` and the last record that may be seen.
    pub(super) fn available(&self, offset: i64, isolation: Isolation) -> Result<u64> {
        let (offsets, to) = self.readable(offset, isolation)?;
        if offset >= to {
            return Ok(0);
        }
        let bytes = self.between(offset, to, offsets.end).map_err(|error| self.explain(error, offset))?;
        // An index is too coarse to tell batches apart that lie close to each other.
        Ok(bytes.max(1))
    }

    fn between(&self, from: i64, to: i64, end: i64) -> Result<u64> {
        let (segments, number) = self.segments_from(from).ok_or(Error::Closed)?;
        let begin = segments[number].position_before(&self.storage, from)?;
        let mut bytes = 0;
        for segment in segments[number..].iter().take_while(|segment| segment.base < to) {
            bytes += segment.size();
        }
        let hidden = match segments.iter().rfind(|segment| segment.base < to) {
            Some(last) if to < end => last.size().saturating_sub(last.position_before(&self.storage, to)?),
            _ => 0,
        };
        Ok(bytes.saturating_sub(begin).saturating_sub(hidden))
    }

    /// The offsets now, and the one before which a read from `offset` may see records.
    fn readable(&self, offset: i64, isolation: Isolation) -> Result<(Offsets, i64)> {
        if self.is_deleted() {
            return Err(Error::Closed);
        }
        let offsets = *self.offsets.borrow();
        let Offsets { start, end, last_stable } = offsets;
        if offset < start || offset > end {
            return Err(Error::OffsetOutOfRange { offset, start, end });
        }
        Ok((offsets, if isolation == Isolation::ReadCommitted { last_stable } else { end }))
    }

    /// The segment that holds `offset`, and those after it.
    pub(super) fn segments_from(&self, offset: i64) -> Option<(Arc<Vec<Arc<Segment>>>, usize)> {
        let segments = self.segments.load_full();
        let number = segments.partition_point(|segment| segment.base <= offset).checked_sub(1)?;
        Some((segments, number))
    }

    /// A failure because the records were removed meanwhile is what it would have been a moment later.
    pub(super) fn explain(&self, error: Error, offset: i64) -> Error {
        let Offsets { start, end, .. } = *self.offsets.borrow();
        if self.is_deleted() {
            Error::Closed
        } else if offset < start {
            Error::OffsetOutOfRange { offset, start, end }
        } else {
            error
        }
    }

    fn fetch(&self, wanted: &Wanted, isolation: Isolation, fetched: &mut Fetched) -> Result<()> {
        let (segments, number) = self.segments_from(wanted.from).ok_or(Error::Closed)?;
        let (records, next_offset) = self.batches(&segments[number], wanted)?;
        fetched.records = records;
        if isolation == Isolation::ReadCommitted && !fetched.records.is_empty() {
            let range = (wanted.from, next_offset);
            fetched.aborted = self.aborted(&segments[number..], range)?;
        }
        Ok(())
    }

    /// The wanted batches of a segment, and the offset after the last of them.
    fn batches(&self, segment: &Segment, wanted: &Wanted) -> Result<(Bytes, i64)> {
        let position = segment.position_before(&self.storage, wanted.from)?;
        let file = segment.file(&self.storage)?;
        // The index is exact to within an interval, so this one read usually holds all that is wanted.
        let mut len = wanted.max_bytes.saturating_add(INTERVAL as usize + HEADER_LEN);
        loop {
            let left = segment.size().saturating_sub(position);
            let want = (len as u64).min(left) as usize;
            let data = file.read(position, want).map_err(|error| Error::io(segment.path(), &error))?;
            let found = find(&data, wanted).map_err(|reason| Error::corrupt(segment.path(), reason))?;
            match found.first_needs {
                Some(needed) if needed as u64 > left => {
                    return Err(Error::corrupt(segment.path(), "a batch reaches beyond its end"));
                }
                Some(needed) => len = needed.max(len + 1),
                None => return Ok((Bytes::from(data).slice(found.begin..found.end), found.next_offset)),
            }
        }
    }

    fn aborted(&self, segments: &[Arc<Segment>], range: (i64, i64)) -> Result<Vec<Aborted>> {
        let mut out = Vec::new();
        for segment in segments {
            if segment.aborted.count() > 0 && segment.aborted.collect(&self.storage, range, &mut out)? {
                break;
            }
        }
        out.sort_unstable();
        Ok(out)
    }
}

/// Finds the wanted batches in data that begins with a batch at or before them.
fn find(data: &[u8], wanted: &Wanted) -> std::result::Result<Found, &'static str> {
    let mut found = Found { begin: 0, end: 0, next_offset: wanted.from, first_needs: None };
    let mut first = true;
    loop {
        let at = found.end;
        let Some(rest) = data.get(at..).filter(|rest| rest.len() >= HEADER_LEN) else {
            found.first_needs = first.then_some(at + HEADER_LEN);
            return Ok(found);
        };
        let header = Header::parse(rest).map_err(|_| "a batch's header is malformed")?;
        if header.base_offset >= wanted.to {
            return Ok(found);
        }
        let end = at + header.size;
        if header.last_offset() < wanted.from {
            (found.begin, found.end) = (end, end);
            continue;
        }
        let fits = end - found.begin <= wanted.max_bytes;
        if !(fits || first && wanted.at_least_one) {
            return Ok(found);
        }
        if end > data.len() {
            found.first_needs = first.then_some(end);
            return Ok(found);
        }
        (found.end, found.next_offset, first) = (end, header.next_offset(), false);
    }
}
