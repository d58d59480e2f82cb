//! What a topic makes of a batch before it is kept: whoever sends it, the same rules hold.

use std::io;

use bytes::{Bytes, BytesMut};
use kafka_protocol::ResponseError;

use super::{recompress, unpacked};
use crate::{
    Error, Result,
    batch::{Header, Records},
    catalogue::settings::Intake,
};

/// A sound batch as the topic wants it kept; none when it is kept as it came.
pub(crate) fn taken_in(intake: &Intake, header: &Header, batch: &Bytes) -> Result<Option<BytesMut>> {
    if intake.keyed {
        keyed(header, batch)?;
    }
    match intake.compression.filter(|c| *c as i16 != header.compression()) {
        Some(compression) => recompress(header, batch, compression).map(Some).map_err(|e| broken(&e)),
        None => Ok(None),
    }
}

/// Checks that every record has a key. The records are looked at where they lie: a small batch may unpack to
/// millions of them.
fn keyed(header: &Header, batch: &Bytes) -> Result<()> {
    let data = unpacked(header, batch).map_err(|e| broken(&e))?;
    for record in Records::within(&data, header) {
        let record =
            record.ok_or_else(|| Error::invalid(ResponseError::CorruptMessage, "a record cannot be read"))?;
        if !record.keyed {
            let reason = "a compacted topic takes only records with keys";
            return Err(Error::invalid(ResponseError::InvalidRecord, reason));
        }
    }
    Ok(())
}

fn broken(error: &io::Error) -> Error {
    Error::invalid(ResponseError::CorruptMessage, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Compression, Record, encode};

    const COMPACTED: Intake = Intake { compression: None, keyed: true };

    fn batch(keys: &[Option<&'static str>], compression: Compression) -> (Header, Bytes) {
        let record = |key: &Option<&'static str>| Record {
            key: key.map(|k| Bytes::from_static(k.as_bytes())),
            ..Record::default()
        };
        let records: Vec<_> = keys.iter().map(record).collect();
        let plain = encode(records.iter()).unwrap().freeze();
        let packed = recompress(&Header::parse(&plain).unwrap(), &plain, compression).unwrap().freeze();
        (Header::parse(&packed).unwrap(), packed)
    }

    #[test]
    fn compacted_topics_take_only_records_with_keys() {
        for compression in [Compression::None, Compression::Zstd] {
            let (header, sound) = batch(&[Some("a"), Some("")], compression);
            assert_eq!(taken_in(&COMPACTED, &header, &sound).unwrap(), None);
            let (header, keyless) = batch(&[Some("a"), None], compression);
            let refused = taken_in(&COMPACTED, &header, &keyless).unwrap_err();
            assert_eq!(refused.code(), ResponseError::InvalidRecord);
        }
    }

    #[test]
    fn batches_are_packed_as_the_topic_says() {
        let (header, plain) = batch(&[Some("a")], Compression::None);
        let zstd = Intake { compression: Some(Compression::Zstd), keyed: false };
        let kept = taken_in(&zstd, &header, &plain).unwrap().unwrap();
        assert_eq!(Header::parse(&kept).unwrap().compression(), Compression::Zstd as i16);
    }
}
