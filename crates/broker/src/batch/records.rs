//! A walk over the records of an uncompressed batch, reading no more than where and when they are.

use super::{HEADER_LEN, Header};

/// Where and when a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Offset in the partition.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// Whether the record has a key.
    pub keyed: bool,
}

/// The records of an uncompressed batch. Yields `None` once where a record is malformed, and ends there.
pub struct Records<'a> {
    rest: &'a [u8],
    header: Header,
    broken: bool,
}

impl<'a> Records<'a> {
    /// The records of the whole, uncompressed batch `data`.
    pub fn new(data: &'a [u8], header: &Header) -> Self {
        Self::within(data.get(HEADER_LEN..).unwrap_or_default(), header)
    }

    /// The records that lie in `rest`, unpacked and without the batch's header.
    pub fn within(rest: &'a [u8], header: &Header) -> Self {
        Self { rest, header: *header, broken: false }
    }

    fn step(&mut self) -> Option<Moment> {
        let len = usize::try_from(varint(&mut self.rest)?).ok()?;
        let (mut record, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        let (_attributes, fields) = record.split_first()?;
        record = fields;
        let time = varint(&mut record)?;
        let offset = varint(&mut record)?;
        let timestamp = match self.header.is_append_time() {
            true => self.header.max_timestamp,
            false => self.header.base_timestamp.wrapping_add(time),
        };
        // Where there is no key its length is −1, and negative numbers are the odd ones on the wire.
        let keyed = record.first().is_some_and(|byte| byte & 1 == 0);
        Some(Moment { offset: self.header.base_offset.wrapping_add(offset), timestamp, keyed })
    }
}

impl Iterator for Records<'_> {
    type Item = Option<Moment>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken || self.rest.is_empty() {
            return None;
        }
        let step = self.step();
        self.broken = step.is_none();
        Some(step)
    }
}

/// A zigzag number of variable length, at most 64 bits.
pub(crate) fn varint(data: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = data.split_first()?;
        *data = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::varint;

    #[test]
    fn numbers_are_zigzag() {
        let read = |mut bytes: &[u8]| varint(&mut bytes);
        assert_eq!(read(&[0]), Some(0));
        assert_eq!(read(&[1]), Some(-1));
        assert_eq!(read(&[0x80, 0x02]), Some(128));
        assert_eq!(read(&[0xff; 9]), None);
        assert_eq!(read(&[0xff; 11]), None);
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), Some(i64::MIN));
    }
}
