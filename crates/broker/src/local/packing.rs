//! Records into batches that a topic takes.

use bytes::BytesMut;

use crate::{
    Result,
    batch::{HEADER_LEN, Header},
    catalogue::settings::Intake,
    records::{Record, encode, intake},
    storage,
};

/// Largest batch made of records that are appended together.
const BATCH_BYTES: usize = 512 * 1024;

/// The batches that records become, each of them checked: appending them fails only when the disk does.
pub(super) fn prepared(records: &[Record], intake: &Intake, max: usize) -> Result<Vec<BytesMut>> {
    let mut batches = Vec::new();
    for chunk in chunks(records, max.min(BATCH_BYTES)) {
        let Some(mut batch) = encode(chunk.iter()) else { continue };
        if *intake != Intake::default() {
            let plain = batch.freeze();
            let header = Header::parse(&plain).expect("what was encoded just now has a header");
            let kept = intake::taken_in(intake, &header, &plain)?;
            batch = kept.unwrap_or_else(|| BytesMut::from(plain));
        }
        if batch.len() > max {
            return Err(storage::Error::TooLarge { size: batch.len(), max }.into());
        }
        batches.push(batch);
    }
    Ok(batches)
}

/// Runs of records whose batches have at most `most` bytes, but for single records that have more.
fn chunks(mut records: &[Record], most: usize) -> impl Iterator<Item = &[Record]> {
    // Numbers before a record and each of its headers take at most so many bytes.
    const RECORD: usize = 40;
    const FIELD: usize = 10;
    let size = |r: &Record| {
        let headers = r.headers.iter().map(|(n, v)| n.len() + v.as_ref().map_or(0, |v| v.len()) + FIELD);
        RECORD
            + r.key.as_ref().map_or(0, |k| k.len())
            + r.value.as_ref().map_or(0, |v| v.len())
            + headers.sum::<usize>()
    };
    std::iter::from_fn(move || {
        let mut bytes = HEADER_LEN;
        let fits = |r: &&Record| {
            let first = bytes == HEADER_LEN;
            bytes += size(r);
            first || bytes <= most
        };
        let count = records.iter().take_while(fits).count();
        let (chunk, rest) = records.split_at_checked(count).filter(|_| count > 0)?;
        records = rest;
        Some(chunk)
    })
}
