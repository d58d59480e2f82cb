//! Whether a batch may be stored.

use super::{Header, Malformed, Records, SUMMED};
use crate::storage::{Error, Result};

/// Whether the checksum of a whole batch is right.
pub fn check_sum(batch: &[u8], header: &Header) -> bool {
    batch.len() == header.size && crc32c::crc32c(&batch[SUMMED..]) == header.crc
}

/// Checks a client's data: exactly one whole batch that follows the format's rules. The records of a compressed
/// batch are not unpacked.
pub fn validate(data: &[u8]) -> Result<Header> {
    let header = parse(data)?;
    if !check_sum(data, &header) {
        return Err(Error::CorruptMessage("its checksum does not match"));
    }
    rules(&header).map_or(Ok(()), |broken| Err(Error::InvalidRecord(broken)))?;
    if header.compression() == 0 {
        count(data, &header)?;
    }
    Ok(header)
}

/// Reads the header of data that must be exactly one whole batch.
pub(crate) fn parse(data: &[u8]) -> Result<Header> {
    let header = Header::parse(data).map_err(|malformed| match malformed {
        Malformed::Short => Error::CorruptMessage("it is shorter than a header"),
        Malformed::Length => Error::CorruptMessage("its length is impossible"),
        Malformed::Version(version) => Error::UnsupportedFormat(version),
    })?;
    if data.len() < header.size {
        return Err(Error::CorruptMessage("it is cut off"));
    }
    if data.len() > header.size {
        return Err(Error::InvalidRecord("there must be exactly one batch"));
    }
    Ok(header)
}

/// The rule that a client's header breaks, if any.
fn rules(header: &Header) -> Option<&'static str> {
    if header.is_control() {
        return Some("clients may not write control batches");
    }
    if header.count <= 0 {
        return Some("it has no records");
    }
    if header.last_offset_delta != header.count - 1 {
        return Some("its offsets do not fit its number of records");
    }
    if header.compression() > 4 {
        return Some("its compression is unknown");
    }
    if header.is_append_time() {
        return Some("clients may not set the append time");
    }
    if header.has_producer() {
        if header.producer_epoch < 0 || header.base_sequence < 0 {
            return Some("it has a producer but no epoch or sequence");
        }
    } else if header.is_transactional() {
        return Some("it is transactional but has no producer");
    }
    None
}

fn count(data: &[u8], header: &Header) -> Result<()> {
    let mut found = 0;
    for record in Records::new(data, header) {
        match record {
            Some(record) if record.offset == header.base_offset + found => found += 1,
            Some(_) => return Err(Error::InvalidRecord("its records are not numbered in order")),
            None => return Err(Error::InvalidRecord("a record does not end where it should")),
        }
    }
    if found == i64::from(header.count) {
        return Ok(());
    }
    Err(Error::InvalidRecord("it does not hold as many records as it says"))
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use kafka_protocol::records::{
        Compression, Record, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
    };

    use super::{super::*, *};

    fn batch(count: usize) -> BytesMut {
        let record = |i: usize| Record {
            transactional: false,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: -1,
            producer_id: -1,
            producer_epoch: -1,
            timestamp_type: TimestampType::Creation,
            offset: i as i64,
            sequence: if i == 0 { -1 } else { i as i32 - 1 },
            timestamp: 1000 + i as i64,
            key: Some(bytes::Bytes::from_static(b"key")),
            value: Some(bytes::Bytes::from(vec![7; i * 50])),
            headers: Default::default(),
        };
        let mut out = BytesMut::new();
        let records: Vec<_> = (0..count).map(record).collect();
        let options = RecordEncodeOptions { version: 2, compression: Compression::None };
        RecordBatchEncoder::encode(&mut out, &records, &options).unwrap();
        out
    }

    fn reseal(mut data: BytesMut, change: impl FnOnce(&mut [u8])) -> BytesMut {
        change(&mut data);
        seal(&mut data);
        data
    }

    #[test]
    fn a_sound_batch_passes() {
        let mut data = batch(5);
        let header = validate(&data).unwrap();
        assert_eq!((header.count, header.last_offset_delta), (5, 4));
        assert_eq!((header.base_timestamp, header.max_timestamp), (1000, 1004));
        place(&mut data, 42, 0);
        let header = validate(&data).unwrap();
        assert_eq!((header.base_offset, header.next_offset()), (42, 47));
    }

    #[test]
    fn stamping_renews_the_checksum() {
        let mut data = batch(2);
        stamp(&mut data, 777);
        let header = Header::parse(&data).unwrap();
        assert!(check_sum(&data, &header) && header.is_append_time());
        assert_eq!(header.max_timestamp, 777);
        assert!(Records::new(&data, &header).all(|r| r.unwrap().timestamp == 777));
    }

    #[test]
    fn every_flipped_bit_behind_the_checksum_is_found() {
        let data = batch(2);
        for byte in 16..data.len() {
            let mut bad = data.clone();
            bad[byte] ^= 1 << (byte % 8);
            assert!(validate(&bad).is_err(), "byte {byte}");
        }
    }

    #[test]
    fn every_cut_is_found() {
        let data = batch(2);
        for len in 0..data.len() {
            assert!(matches!(validate(&data[..len]), Err(Error::CorruptMessage(_))), "{len}");
        }
        let mut two = data.clone();
        two.extend_from_slice(&data);
        assert!(matches!(validate(&two), Err(Error::InvalidRecord(_))));
    }

    #[test]
    fn old_versions_have_their_own_error() {
        let mut data = batch(1);
        data[16] = 1;
        assert_eq!(validate(&data), Err(Error::UnsupportedFormat(1)));
    }

    #[test]
    fn broken_rules_are_found_behind_a_right_checksum() {
        let broken: [fn(&mut [u8]); 8] = [
            |d| d[22] |= CONTROL as u8,
            |d| d[22] |= TRANSACTIONAL as u8,
            |d| d[22] |= APPEND_TIME as u8,
            |d| d[22] |= 5,
            |d| d[26] += 1,
            |d| d[60] -= 1,
            |d| d[43..51].copy_from_slice(&7_i64.to_be_bytes()),
            |d| d[HEADER_LEN] += 2,
        ];
        for (i, change) in broken.into_iter().enumerate() {
            assert!(matches!(validate(&reseal(batch(3), change)), Err(Error::InvalidRecord(_))), "{i}");
        }
        let fewer = reseal(batch(3), |d| {
            d[26] = 1;
            d[60] = 2;
        });
        assert!(matches!(validate(&fewer), Err(Error::InvalidRecord(_))));
    }
}
