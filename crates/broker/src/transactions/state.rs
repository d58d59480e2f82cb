//! The state of one transactional id.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;
use serde::{Deserialize, Serialize};

use crate::groups::{Outcome, Place};

/// Where a transactional id is between two transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// No transaction yet in this epoch.
    Empty,
    /// A transaction is open.
    Ongoing,
    /// It is decided to commit; markers are being written.
    PrepareCommit,
    /// It is decided to abort; markers are being written.
    PrepareAbort,
    /// The last transaction is committed.
    CompleteCommit,
    /// The last transaction is aborted.
    CompleteAbort,
}

/// A transactional id with its producer and transaction. Milliseconds are since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub(super) producer_id: i64,
    pub(super) epoch: i16,
    /// The producer before the last change of epoch that it asked for itself: it may ask again.
    previous: Option<(i64, i16)>,
    timeout_ms: i64,
    pub(super) phase: Phase,
    pub(super) partitions: BTreeSet<Place>,
    pub(super) groups: BTreeSet<String>,
    started_ms: i64,
    pub(super) changed_ms: i64,
}

/// What becomes of a producer's wish to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Init {
    /// It may begin.
    Ready,
    /// Its predecessor is fenced; the transaction that it left open is to be aborted, then it asks again.
    AbortFirst,
    /// The epochs of its producer id are used up; it needs another.
    Exhausted,
}

/// What becomes of a wish to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It is decided; markers are to be written.
    Decided,
    /// It was ended so before.
    Done,
}

/// Two epochs are kept back, so that a producer can always be fenced.
const LAST_EPOCH: i16 = i16::MAX - 2;

impl Transaction {
    /// A transactional id that is used for the first time.
    pub(crate) fn new(producer_id: i64, timeout_ms: i64, now_ms: i64) -> Self {
        Self {
            producer_id,
            epoch: 0,
            previous: None,
            timeout_ms,
            phase: Phase::Empty,
            partitions: BTreeSet::new(),
            groups: BTreeSet::new(),
            started_ms: -1,
            changed_ms: now_ms,
        }
    }

    /// A producer begins with this id: its predecessor is fenced. `expected` is the producer id and epoch that it
    /// believes to have.
    pub(crate) fn init(
        &mut self,
        timeout_ms: i64,
        expected: Option<(i64, i16)>,
        now_ms: i64,
    ) -> Outcome<Init> {
        if self.is_ending() {
            return Err(ResponseError::ConcurrentTransactions);
        }
        if let Some(expected) = expected
            && expected != (self.producer_id, self.epoch)
        {
            let again = self.phase == Phase::Empty && self.previous == Some(expected);
            return if again { Ok(Init::Ready) } else { Err(ResponseError::ProducerFenced) };
        }
        if self.phase == Phase::Ongoing {
            self.fence(now_ms);
            return Ok(Init::AbortFirst);
        }
        if self.epoch >= LAST_EPOCH {
            return Ok(Init::Exhausted);
        }
        self.previous = expected;
        self.epoch += 1;
        self.begin_epoch(timeout_ms, now_ms);
        Ok(Init::Ready)
    }

    /// Goes on under a new producer id, for a producer that may begin but for its epochs.
    pub(crate) fn renew(
        &mut self,
        producer_id: i64,
        timeout_ms: i64,
        expected: Option<(i64, i16)>,
        now_ms: i64,
    ) {
        self.previous = expected;
        (self.producer_id, self.epoch) = (producer_id, 0);
        self.begin_epoch(timeout_ms, now_ms);
    }

    fn begin_epoch(&mut self, timeout_ms: i64, now_ms: i64) {
        self.timeout_ms = timeout_ms;
        self.phase = Phase::Empty;
        self.started_ms = -1;
        self.changed_ms = now_ms;
    }

    /// Shuts the producer out, and decides to abort what it has open.
    fn fence(&mut self, now_ms: i64) {
        self.epoch += 1;
        self.previous = None;
        self.phase = Phase::PrepareAbort;
        self.changed_ms = now_ms;
    }

    /// Whether the producer is the one in force.
    pub(crate) fn check(&self, producer_id: i64, epoch: i16) -> Outcome<()> {
        if producer_id != self.producer_id {
            return Err(ResponseError::InvalidProducerIdMapping);
        }
        match epoch == self.epoch {
            true => Ok(()),
            false => Err(ResponseError::ProducerFenced),
        }
    }

    /// Takes partitions and groups into the transaction, and opens it when none is; whether that changes anything.
    pub(crate) fn add(
        &mut self,
        producer: (i64, i16),
        partitions: &[Place],
        group: Option<&str>,
        now_ms: i64,
    ) -> Outcome<bool> {
        self.check(producer.0, producer.1)?;
        if self.is_ending() {
            return Err(ResponseError::ConcurrentTransactions);
        }
        let opens = self.phase != Phase::Ongoing;
        let known = partitions.iter().all(|p| self.partitions.contains(p));
        if !opens && known && group.is_none_or(|g| self.groups.contains(g)) {
            return Ok(false);
        }
        if opens {
            self.phase = Phase::Ongoing;
            self.started_ms = now_ms;
            self.previous = None;
        }
        self.partitions.extend(partitions.iter().cloned());
        self.groups.extend(group.map(str::to_owned));
        self.changed_ms = now_ms;
        Ok(true)
    }

    /// Whether the producer may write to a partition now.
    pub(crate) fn admits(&self, producer: (i64, i16), place: &Place) -> Outcome<()> {
        self.check(producer.0, producer.1).map_err(|error| match error {
            ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
            other => other,
        })?;
        match self.phase == Phase::Ongoing && self.partitions.contains(place) {
            true => Ok(()),
            false => Err(ResponseError::InvalidTxnState),
        }
    }

    /// Whether the producer may note a group's positions now.
    pub(crate) fn admits_group(&self, producer: (i64, i16), group: &str) -> Outcome<()> {
        self.check(producer.0, producer.1)?;
        match self.phase == Phase::Ongoing && self.groups.contains(group) {
            true => Ok(()),
            false => Err(ResponseError::InvalidTxnState),
        }
    }

    /// Decides the transaction.
    pub(crate) fn end(&mut self, producer: (i64, i16), commit: bool, now_ms: i64) -> Outcome<End> {
        self.check(producer.0, producer.1)?;
        match (self.phase, commit) {
            (Phase::Ongoing, _) => {
                self.phase = if commit { Phase::PrepareCommit } else { Phase::PrepareAbort };
                self.changed_ms = now_ms;
                Ok(End::Decided)
            }
            (Phase::CompleteCommit, true) | (Phase::CompleteAbort, false) => Ok(End::Done),
            (Phase::PrepareCommit, true) | (Phase::PrepareAbort, false) => {
                Err(ResponseError::ConcurrentTransactions)
            }
            _ => Err(ResponseError::InvalidTxnState),
        }
    }

    /// Whether it is decided and markers are not all written.
    pub(crate) fn is_ending(&self) -> bool {
        matches!(self.phase, Phase::PrepareCommit | Phase::PrepareAbort)
    }

    /// Whether it will end what a producer has open in a partition.
    pub(crate) fn will_end(&self, producer_id: i64, epoch: i16, place: &Place) -> bool {
        let open = self.is_ending() || self.phase == Phase::Ongoing;
        open && producer_id == self.producer_id && epoch <= self.epoch && self.partitions.contains(place)
    }

    /// All markers are written.
    pub(crate) fn complete(&mut self, now_ms: i64) {
        self.phase = match self.phase {
            Phase::PrepareCommit => Phase::CompleteCommit,
            Phase::PrepareAbort => Phase::CompleteAbort,
            _ => return,
        };
        self.partitions.clear();
        self.groups.clear();
        self.changed_ms = now_ms;
    }

    /// Fences a producer whose transaction has been open for too long; whether it did.
    pub(crate) fn expire(&mut self, now_ms: i64) -> bool {
        let expired = self.phase == Phase::Ongoing && now_ms - self.started_ms >= self.timeout_ms;
        if expired {
            self.fence(now_ms);
        }
        expired
    }

    /// Whether nothing is open and nobody has used the id for so long.
    pub(crate) fn is_unused_for(&self, period_ms: i64, now_ms: i64) -> bool {
        !self.is_ending() && self.phase != Phase::Ongoing && now_ms - self.changed_ms >= period_ms
    }
}
