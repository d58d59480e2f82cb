//! A checkpoint: up to where the log, its indexes and its producers are known to be durable, so that the next open
//! reads only what comes after.

use std::collections::VecDeque;

use bytes::{Buf, BufMut};

use super::producers::{Producer, Producers, REMEMBERED, Stored};

const VERSION: u8 = 1;

/// The state of a partition before `offset`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Next offset to be written at that time.
    pub(crate) offset: i64,
    /// Base offset of the active segment at that time.
    pub(crate) segment: i64,
    /// Bytes in it.
    pub(crate) position: u64,
    /// Largest timestamp in it.
    pub(crate) max_timestamp: i64,
    /// Entries in its index.
    pub(crate) index_entries: u64,
    /// Position of the newest of them.
    pub(crate) last_indexed: u64,
    /// Entries in its list of aborted transactions.
    pub(crate) aborted_entries: u64,
    pub(crate) producers: Producers,
}

impl Checkpoint {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + 64 * self.producers.iter().len());
        out.put_u8(VERSION);
        out.put_i64(self.offset);
        out.put_i64(self.segment);
        out.put_u64(self.position);
        out.put_i64(self.max_timestamp);
        out.put_u64(self.index_entries);
        out.put_u64(self.last_indexed);
        out.put_u64(self.aborted_entries);
        out.put_u32(self.producers.iter().len() as u32);
        for (id, producer) in self.producers.iter() {
            out.put_i64(*id);
            encode_producer(producer, &mut out);
        }
        out
    }

    pub(crate) fn decode(mut data: &[u8]) -> Option<Self> {
        let data = &mut data;
        if data.try_get_u8().ok()? != VERSION {
            return None;
        }
        let mut checkpoint = Self {
            offset: data.try_get_i64().ok()?,
            segment: data.try_get_i64().ok()?,
            position: data.try_get_u64().ok()?,
            max_timestamp: data.try_get_i64().ok()?,
            index_entries: data.try_get_u64().ok()?,
            last_indexed: data.try_get_u64().ok()?,
            aborted_entries: data.try_get_u64().ok()?,
            producers: Producers::default(),
        };
        for _ in 0..data.try_get_u32().ok()? {
            let id = data.try_get_i64().ok()?;
            checkpoint.producers.restore(id, decode_producer(data)?);
        }
        data.is_empty().then_some(checkpoint)
    }
}

fn encode_producer(producer: &Producer, out: &mut Vec<u8>) {
    out.put_i16(producer.epoch);
    out.put_i32(producer.coordinator_epoch);
    out.put_i64(producer.last_write_ms);
    out.put_i64(producer.transaction.unwrap_or(-1));
    out.put_u8(producer.batches.len() as u8);
    for batch in &producer.batches {
        out.put_i32(batch.first_sequence);
        out.put_i32(batch.last_sequence);
        out.put_i64(batch.base_offset);
        out.put_i64(batch.last_offset);
        out.put_i64(batch.timestamp);
    }
}

fn decode_producer(data: &mut &[u8]) -> Option<Producer> {
    let mut producer = Producer {
        epoch: data.try_get_i16().ok()?,
        coordinator_epoch: data.try_get_i32().ok()?,
        last_write_ms: data.try_get_i64().ok()?,
        transaction: Some(data.try_get_i64().ok()?).filter(|first| *first >= 0),
        batches: VecDeque::with_capacity(REMEMBERED),
    };
    for _ in 0..data.try_get_u8().ok()? {
        producer.batches.push_back(Stored {
            first_sequence: data.try_get_i32().ok()?,
            last_sequence: data.try_get_i32().ok()?,
            base_offset: data.try_get_i64().ok()?,
            last_offset: data.try_get_i64().ok()?,
            timestamp: data.try_get_i64().ok()?,
        });
    }
    Some(producer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_reads_as_written_and_every_cut_is_refused() {
        let mut producers = Producers::default();
        let stored =
            Stored { first_sequence: 0, last_sequence: 9, base_offset: 5, last_offset: 14, timestamp: 3 };
        let batches = VecDeque::from([stored, stored]);
        let (epoch, coordinator_epoch, last_write_ms) = (3, 7, 11);
        let open = Producer { epoch, coordinator_epoch, last_write_ms, transaction: Some(5), batches };
        producers.restore(42, open);
        producers.restore(43, Producer::default());
        let checkpoint = Checkpoint {
            offset: 15,
            segment: 5,
            position: 1000,
            max_timestamp: 3,
            index_entries: 2,
            last_indexed: 900,
            aborted_entries: 1,
            producers,
        };
        let data = checkpoint.encode();
        assert_eq!(Checkpoint::decode(&data), Some(checkpoint));
        assert!((0..data.len()).all(|len| Checkpoint::decode(&data[..len]).is_none()));
    }
}
