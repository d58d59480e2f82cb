//! A transactional id as the coordinator holds it.

use std::{collections::BTreeMap, sync::Arc};

use kafka_protocol::ResponseError;
use parking_lot::Mutex;
use tokio::sync::watch;
use uuid::Uuid;

use super::Transaction;
use crate::{
    groups::{Outcome, Place},
    storage,
};

pub(super) struct Slot {
    pub(super) id: String,
    pub(super) state: Mutex<State>,
    /// Batches that were let in and are being appended; no marker is written meanwhile.
    appending: watch::Sender<usize>,
}

pub(super) type Marked = BTreeMap<Place, (Uuid, i64)>;

#[derive(Default)]
pub(super) struct State {
    pub(super) transaction: Option<Transaction>,
    /// Where the journal has it; a decision counts once this is durable.
    pub(super) written: i64,
    /// Markers are being written.
    pub(super) finishing: bool,
    /// Partitions that have got their marker: the topic's id, and the marker's offset.
    pub(super) marked: Marked,
    /// Why the transaction could not be finished when that was last tried.
    pub(super) fault: Option<storage::Error>,
}

impl Slot {
    pub(super) fn new(id: String, transaction: Option<Transaction>) -> Self {
        let state = State { transaction, ..State::default() };
        Self { id, state: Mutex::new(state), appending: watch::Sender::new(0) }
    }

    /// Whether its transaction is decided, and nobody finishes it.
    pub(super) fn is_left_over(&self) -> bool {
        let state = self.state.lock();
        !state.finishing && state.transaction.as_ref().is_some_and(Transaction::is_ending)
    }

    /// Waits until all batches that were let in are appended.
    pub(super) async fn appended(&self) {
        let _ = self.appending.subscribe().wait_for(|n| *n == 0).await;
    }
}

/// What is let into a transaction; the transaction does not end before this is dropped.
pub(crate) struct Admission {
    slot: Arc<Slot>,
}

impl Admission {
    /// Lets something in when `check` does not object.
    pub(super) fn new(slot: Arc<Slot>, check: impl FnOnce(&Transaction) -> Outcome<()>) -> Outcome<Self> {
        let state = slot.state.lock();
        check(state.transaction.as_ref().ok_or(ResponseError::InvalidProducerIdMapping)?)?;
        slot.appending.send_modify(|n| *n += 1);
        drop(state);
        Ok(Self { slot })
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.slot.appending.send_modify(|n| *n -= 1);
    }
}
