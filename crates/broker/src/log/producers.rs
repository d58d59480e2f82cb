//! What a partition knows of its producers: sequences for de-duplication, epochs for fencing, open transactions.
//!
//! The rules are Kafka's (KIP-98, KIP-360): a producer's batches follow each other by sequence number; one of its
//! last five that comes again is answered with the offset of the first time; a newer epoch fences older ones.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::{OpenTransaction, types::Origin};
use crate::{
    batch::{Header, add_sequence},
    storage::{Error, Result},
};

/// Batches remembered of a producer: clients have at most as many under way.
pub(crate) const REMEMBERED: usize = 5;
const NONE: i16 = -1;

/// A batch that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) first_sequence: i32,
    pub(crate) last_sequence: i32,
    pub(crate) base_offset: i64,
    pub(crate) last_offset: i64,
    pub(crate) timestamp: i64,
}

/// A producer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Producer {
    pub(crate) epoch: i16,
    pub(crate) coordinator_epoch: i32,
    /// Newest timestamp it wrote, milliseconds since 1970.
    pub(crate) last_write_ms: i64,
    /// First offset of its open transaction.
    pub(crate) transaction: Option<i64>,
    pub(crate) batches: VecDeque<Stored>,
}

impl Default for Producer {
    fn default() -> Self {
        let (epoch, coordinator_epoch, last_write_ms) = (NONE, -1, i64::MIN);
        Self { epoch, coordinator_epoch, last_write_ms, transaction: None, batches: VecDeque::new() }
    }
}

/// The producers of a partition.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Producers {
    known: HashMap<i64, Producer>,
    /// Open transactions: producer by first offset.
    open: BTreeMap<i64, i64>,
}

impl Producers {
    /// Whether a batch may be appended; a duplicate's first copy when it was stored before.
    pub(crate) fn check(&self, header: &Header, origin: Origin) -> Result<Option<Stored>> {
        if !header.has_producer() {
            return Ok(None);
        }
        let Some(producer) = self.known.get(&header.producer_id) else { return Ok(None) };
        check_epoch(header.producer_id, header.producer_epoch, producer)?;
        if let Some(stored) = producer.stored(header) {
            return Ok(Some(stored));
        }
        producer.check_sequence(header)?;
        if origin == Origin::Client && producer.transaction.is_some() && !header.is_transactional() {
            return Err(Error::InvalidTransactionState(header.producer_id));
        }
        Ok(None)
    }

    /// Notes a batch that has been stored at its header's offsets. Markers are noted by [`end`](Self::end).
    pub(crate) fn note(&mut self, header: &Header, now_ms: i64) {
        if !header.has_producer() {
            return;
        }
        let producer = self.known.entry(header.producer_id).or_default();
        if producer.epoch != header.producer_epoch {
            producer.epoch = header.producer_epoch;
            producer.batches.clear();
        }
        producer.last_write_ms = producer.last_write_ms.max(now_ms);
        if producer.batches.len() == REMEMBERED {
            producer.batches.pop_front();
        }
        producer.batches.push_back(Stored {
            first_sequence: header.base_sequence,
            last_sequence: header.last_sequence(),
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            timestamp: header.max_timestamp,
        });
        if header.is_transactional() && producer.transaction.is_none() {
            producer.transaction = Some(header.base_offset);
            self.open.insert(header.base_offset, header.producer_id);
        }
    }

    /// Whether a transaction may be ended by this epoch and coordinator; returns its first offset if one is open.
    pub(crate) fn check_end(&self, producer_id: i64, epoch: i16, coordinator: i32) -> Result<Option<i64>> {
        let Some(producer) = self.known.get(&producer_id) else { return Ok(None) };
        check_epoch(producer_id, epoch, producer)?;
        if coordinator < producer.coordinator_epoch {
            let current = producer.coordinator_epoch;
            return Err(Error::CoordinatorFenced { epoch: coordinator, current });
        }
        Ok(producer.transaction)
    }

    /// Notes a transaction's marker; returns the transaction's first offset if one was open.
    pub(crate) fn end(&mut self, marker: &Header, coordinator: i32, now_ms: i64) -> Option<i64> {
        let producer = self.known.entry(marker.producer_id).or_default();
        if producer.epoch != marker.producer_epoch {
            producer.epoch = marker.producer_epoch;
            producer.batches.clear();
        }
        producer.coordinator_epoch = producer.coordinator_epoch.max(coordinator);
        producer.last_write_ms = producer.last_write_ms.max(now_ms);
        let first = producer.transaction.take()?;
        self.open.remove(&first);
        Some(first)
    }

    /// First offset of the oldest open transaction.
    pub(crate) fn first_open(&self) -> Option<i64> {
        self.open.keys().next().copied()
    }

    /// First offset of the oldest open transaction, but for the one that begins at `ended`.
    pub(crate) fn first_open_without(&self, ended: i64) -> Option<i64> {
        self.open.keys().find(|first| **first != ended).copied()
    }

    /// Open transactions by first offset.
    pub(crate) fn transactions(&self) -> Vec<OpenTransaction> {
        let describe = |(first_offset, producer_id): (&i64, &i64)| {
            let producer = self.known.get(producer_id)?;
            let Producer { epoch, last_write_ms, .. } = *producer;
            Some(OpenTransaction {
                producer_id: *producer_id,
                epoch,
                first_offset: *first_offset,
                last_write_ms,
            })
        };
        self.open.iter().filter_map(describe).collect()
    }

    /// Forgets producers that have neither an open transaction nor written since `before_ms`.
    pub(crate) fn expire(&mut self, before_ms: i64) {
        self.known
            .retain(|_, producer| producer.transaction.is_some() || producer.last_write_ms >= before_ms);
    }

    /// All producers, by id.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&i64, &Producer)> {
        self.known.iter()
    }

    /// Adds a producer as it was saved.
    pub(crate) fn restore(&mut self, producer_id: i64, producer: Producer) {
        if let Some(first) = producer.transaction {
            self.open.insert(first, producer_id);
        }
        self.known.insert(producer_id, producer);
    }
}

impl Producer {
    fn stored(&self, header: &Header) -> Option<Stored> {
        let same = |stored: &&Stored| {
            stored.first_sequence == header.base_sequence && stored.last_sequence == header.last_sequence()
        };
        self.batches.iter().find(same).filter(|_| self.epoch == header.producer_epoch).copied()
    }

    fn check_sequence(&self, header: &Header) -> Result<()> {
        let expected = match self.batches.back() {
            Some(last) if self.epoch == header.producer_epoch => add_sequence(last.last_sequence, 1),
            _ => 0,
        };
        if header.base_sequence == expected {
            return Ok(());
        }
        let (producer_id, sequence) = (header.producer_id, header.base_sequence);
        Err(Error::OutOfOrderSequence { producer_id, sequence, expected })
    }
}

fn check_epoch(producer_id: i64, epoch: i16, producer: &Producer) -> Result<()> {
    if epoch >= producer.epoch {
        return Ok(());
    }
    Err(Error::InvalidProducerEpoch { producer_id, epoch, current: producer.epoch })
}
