//! The records within a batch, for those in this process who look inside.

mod compression;
pub(crate) mod intake;
pub(crate) mod lookup;

use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};

pub use compression::Compression;

use crate::batch::{self, HEADER_LEN, Header};

/// Most bytes that one batch may unpack to.
const UNPACKED_MAX: usize = 128 * 1024 * 1024;
/// Most headers of one record: an empty one takes two bytes on the wire and many times that in memory.
const HEADERS_MAX: i64 = 100_000;
/// Bits of the attributes that name the compression.
const CODEC: i16 = 0b111;

/// A record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Offset in the partition.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// Key.
    pub key: Option<Bytes>,
    /// Value; none is a tombstone.
    pub value: Option<Bytes>,
    /// Headers, in order; a header may have no value.
    pub headers: Vec<(String, Option<Bytes>)>,
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Splits data into whole batches; what is cut off at the end is left out.
pub fn batches(mut data: Bytes) -> impl Iterator<Item = (Header, Bytes)> {
    std::iter::from_fn(move || {
        let header = Header::parse(&data).ok().filter(|h| h.size <= data.len())?;
        Some((header, data.split_to(header.size)))
    })
}

/// The records of one whole batch, read one at a time: a batch may unpack to millions.
pub fn decode(header: &Header, batch: &Bytes) -> io::Result<Decoded> {
    let left = usize::try_from(header.count).map_err(|_| broken("the number of records is negative"))?;
    Ok(Decoded { header: *header, data: unpacked(header, batch)?, left })
}

/// The records of a batch that has been unpacked.
pub struct Decoded {
    header: Header,
    data: Bytes,
    left: usize,
}

impl Decoded {
    /// Bytes of the records that are still to come.
    pub fn remaining(&self) -> usize {
        self.data.len()
    }
}

impl Iterator for Decoded {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let record = record(&self.header, &mut self.data);
        if record.is_err() {
            self.left = 0;
        }
        Some(record)
    }
}

fn unpacked(header: &Header, batch: &Bytes) -> io::Result<Bytes> {
    let compression =
        Compression::from_number(header.compression()).ok_or_else(|| broken("the compression is unknown"))?;
    compression.unpack(&batch.slice(HEADER_LEN.min(batch.len())..), UNPACKED_MAX)
}

fn record(header: &Header, data: &mut Bytes) -> io::Result<Record> {
    let mut fields = take(data)?.ok_or_else(|| broken("a record has no length"))?;
    fields.try_get_i8().map_err(|_| broken("a record ends early"))?;
    let time = varint(&mut fields)?;
    let offset = varint(&mut fields)?;
    let timestamp = match header.is_append_time() {
        true => header.max_timestamp,
        false => header.base_timestamp.wrapping_add(time),
    };
    let (key, value) = (take(&mut fields)?, take(&mut fields)?);
    let count = varint(&mut fields)?;
    if count > HEADERS_MAX {
        return Err(broken("a record has too many headers"));
    }
    let mut headers = Vec::new();
    for _ in 0..count {
        let name = take(&mut fields)?.ok_or_else(|| broken("a header has no name"))?;
        headers.push((String::from_utf8_lossy(&name).into_owned(), take(&mut fields)?));
    }
    Ok(Record { offset: header.base_offset.wrapping_add(offset), timestamp, key, value, headers })
}

/// Bytes that their length precedes; a negative length is none.
fn take(data: &mut Bytes) -> io::Result<Option<Bytes>> {
    let len = varint(data)?;
    match usize::try_from(len) {
        Err(_) => Ok(None),
        Ok(len) if len > data.len() => Err(broken("a record ends early")),
        Ok(len) => Ok(Some(data.split_to(len))),
    }
}

fn varint(data: &mut Bytes) -> io::Result<i64> {
    let mut rest = &data[..];
    let value = batch::varint(&mut rest).ok_or_else(|| broken("a record ends early"))?;
    let read = data.len() - rest.len();
    data.advance(read);
    Ok(value)
}

fn put_varint(out: &mut BytesMut, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.put_u8(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.put_u8(rest as u8);
}

fn put_bytes(out: &mut BytesMut, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => {
            put_varint(out, bytes.len() as i64);
            out.put_slice(bytes);
        }
        None => put_varint(out, -1),
    }
}

/// A batch of these records, without producer; their offsets are counted from 0. None for no records.
pub fn encode<'a>(records: impl ExactSizeIterator<Item = &'a Record>) -> Option<BytesMut> {
    let count = i32::try_from(records.len()).ok().filter(|n| *n > 0)?;
    let mut out = BytesMut::new();
    out.put_bytes(0, HEADER_LEN);
    let (mut base, mut largest) = (None, i64::MIN);
    let mut fields = BytesMut::new();
    for (delta, record) in records.enumerate() {
        let base = *base.get_or_insert(record.timestamp);
        largest = largest.max(record.timestamp);
        fields.clear();
        fields.put_i8(0);
        put_varint(&mut fields, record.timestamp.wrapping_sub(base));
        put_varint(&mut fields, delta as i64);
        put_bytes(&mut fields, record.key.as_deref());
        put_bytes(&mut fields, record.value.as_deref());
        put_varint(&mut fields, record.headers.len() as i64);
        for (name, value) in &record.headers {
            put_bytes(&mut fields, Some(name.as_bytes()));
            put_bytes(&mut fields, value.as_deref());
        }
        put_bytes(&mut out, Some(&fields));
    }
    let mut header = &mut out[..HEADER_LEN];
    header.put_i64(0);
    header.put_i32(0);
    header.put_i32(-1);
    header.put_i8(2);
    header.put_u32(0);
    header.put_i16(0);
    header.put_i32(count - 1);
    header.put_i64(base.unwrap_or_default());
    header.put_i64(largest);
    header.put_i64(-1);
    header.put_i16(-1);
    header.put_i32(-1);
    header.put_i32(count);
    seal(&mut out);
    Some(out)
}

/// The same batch with its records compressed otherwise.
pub fn recompress(header: &Header, batch: &Bytes, compression: Compression) -> io::Result<BytesMut> {
    let packed = compression.pack(&unpacked(header, batch)?)?;
    let mut out = BytesMut::with_capacity(HEADER_LEN + packed.len());
    out.put_slice(&batch[..HEADER_LEN]);
    out.put_slice(&packed);
    let attributes = header.attributes & !CODEC | compression as i16;
    out[21..23].copy_from_slice(&attributes.to_be_bytes());
    seal(&mut out);
    Ok(out)
}

/// Writes length and checksum.
fn seal(batch: &mut BytesMut) {
    let len = (batch.len() - 12) as i32;
    batch[8..12].copy_from_slice(&len.to_be_bytes());
    let crc = crc32c::crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&crc.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::batch::validate;

    fn any_record() -> impl Strategy<Value = Record> {
        let bytes =
            || proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from));
        let headers = proptest::collection::vec((".{0,8}", bytes()), 0..4);
        (any::<i32>(), bytes(), bytes(), headers).prop_map(|(timestamp, key, value, headers)| Record {
            offset: 0,
            timestamp: i64::from(timestamp),
            key,
            value,
            headers,
        })
    }

    fn all(header: &Header, batch: &Bytes) -> io::Result<Vec<Record>> {
        decode(header, batch)?.collect()
    }

    proptest! {
        #[test]
        fn records_survive_any_compression(mut records in proptest::collection::vec(any_record(), 1..20)) {
            for (offset, record) in records.iter_mut().enumerate() {
                record.offset = offset as i64;
            }
            let batch = encode(records.iter()).unwrap().freeze();
            let header = validate(&batch).unwrap();
            prop_assert_eq!(&all(&header, &batch).unwrap(), &records);
            for number in 0..=4 {
                let compression = Compression::from_number(number).unwrap();
                let packed = recompress(&header, &batch, compression).unwrap().freeze();
                let header = validate(&packed).unwrap();
                prop_assert_eq!(header.compression(), number);
                prop_assert_eq!(&all(&header, &packed).unwrap(), &records);
            }
        }

        #[test]
        fn rubbish_is_refused(rubbish: Vec<u8>, count in -1i32..1000) {
            let batch = encode([Record::default()].iter()).unwrap().freeze();
            let header = Header { count, ..Header::parse(&batch).unwrap() };
            let _ = all(&header, &[&batch[..HEADER_LEN], &rubbish].concat().into());
        }
    }
}
