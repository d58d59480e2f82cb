//! Control batches: the markers that end a transaction in a partition.

use bytes::{BufMut, BytesMut};

use super::{CONTROL, HEADER_LEN, Header, TRANSACTIONAL, UNCOUNTED, seal};

/// The one record of a marker: length, attributes, deltas, key (version, type), value (version, coordinator epoch).
const RECORD_LEN: usize = 17;
/// Where the marker's type lies in its batch.
const TYPE_AT: usize = HEADER_LEN + 7;

/// A marker that ends a producer's transaction; its base offset is to be [placed](super::place).
pub fn control(producer_id: i64, epoch: i16, commit: bool, coordinator_epoch: i32, now_ms: i64) -> BytesMut {
    let mut batch = BytesMut::with_capacity(HEADER_LEN + RECORD_LEN);
    batch.put_i64(0);
    batch.put_i32((HEADER_LEN + RECORD_LEN - UNCOUNTED) as i32);
    batch.put_i32(0);
    batch.put_i8(2);
    batch.put_u32(0);
    batch.put_i16(TRANSACTIONAL | CONTROL);
    batch.put_i32(0);
    batch.put_i64(now_ms);
    batch.put_i64(now_ms);
    batch.put_i64(producer_id);
    batch.put_i16(epoch);
    batch.put_i32(-1);
    batch.put_i32(1);
    // Lengths within a record are zigzag: twice the number.
    batch.put_u8(2 * (RECORD_LEN as u8 - 1));
    batch.put_slice(&[0, 0, 0]);
    batch.put_u8(2 * 4);
    batch.put_i16(0);
    batch.put_i16(commit.into());
    batch.put_u8(2 * 6);
    batch.put_i16(0);
    batch.put_i32(coordinator_epoch);
    batch.put_u8(0);
    seal(&mut batch);
    batch
}

/// Whether a whole control batch is an abort marker; `None` when it is no marker that ends a transaction.
pub fn is_abort(batch: &[u8], header: &Header) -> Option<bool> {
    let kind = batch.get(TYPE_AT..TYPE_AT + 2).filter(|_| header.is_control())?;
    match i16::from_be_bytes([kind[0], kind[1]]) {
        0 => Some(true),
        1 => Some(false),
        _ => None,
    }
}

/// The coordinator epoch of a whole marker.
pub(crate) fn coordinator_epoch(batch: &[u8]) -> Option<i32> {
    let value = batch.get(TYPE_AT + 5..TYPE_AT + 9)?;
    value.try_into().ok().map(i32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use kafka_protocol::records::RecordBatchDecoder;

    use super::{super::check_sum, *};

    #[test]
    fn markers_read_as_kafkas() {
        for commit in [true, false] {
            let batch = control(9, 3, commit, 77, 1234);
            let header = Header::parse(&batch).unwrap();
            assert!(check_sum(&batch, &header));
            assert!(header.is_control() && header.is_transactional());
            assert_eq!(is_abort(&batch, &header), Some(!commit));
            assert_eq!(coordinator_epoch(&batch), Some(77));
            let set = RecordBatchDecoder::decode(&mut batch.freeze()).unwrap();
            let record = &set.records[0];
            assert_eq!((record.producer_id, record.producer_epoch, record.timestamp), (9, 3, 1234));
            assert_eq!(record.key.as_deref().unwrap(), [0, 0, 0, commit.into()]);
            assert_eq!(record.value.as_deref().unwrap(), [0, 0, 0, 0, 0, 77]);
            assert!(record.headers.is_empty());
        }
    }
}
