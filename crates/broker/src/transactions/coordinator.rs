//! All transactional ids of a broker.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::future::try_join_all;
use kafka_protocol::ResponseError;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{End, Init, Phase, ProducerIds, Transaction};
use crate::{
    catalogue::Catalogue,
    error::code,
    groups::{Groups, Outcome, Place},
    journal::{Change, Journal},
    keys::{Key, Kind, Parts},
    storage,
};

/// How often open transactions are looked at for their time-out.
const WATCH: Duration = Duration::from_millis(500);
/// Transactional ids that nobody uses are forgotten after a week.
const UNUSED_MS: i64 = 7 * 24 * 3_600_000;

/// The coordinator of all transactions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Transactions {
    inner: Arc<Inner>,
}

struct Inner {
    ids: Mutex<BTreeMap<String, Arc<Slot>>>,
    producers: ProducerIds,
    journal: Journal,
    groups: Groups,
    catalogue: Catalogue,
    clock: storage::Clock,
    tasks: TaskTracker,
    stop: CancellationToken,
}

struct Slot {
    id: String,
    state: Mutex<State>,
    /// Batches that were let in and are being appended; no marker is written meanwhile.
    appending: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    transaction: Option<Transaction>,
    /// Markers are being written.
    finishing: bool,
}

/// A batch that is let into a transaction; the transaction does not end before this is dropped.
pub(crate) struct Admission {
    slot: Arc<Slot>,
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.slot.appending.send_modify(|n| *n -= 1);
    }
}

impl Transactions {
    /// Reads the transactional ids that stand.
    pub(crate) fn open(
        journal: Journal,
        groups: Groups,
        catalogue: Catalogue,
        clock: storage::Clock,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let mut ids = BTreeMap::new();
        for (key, value) in journal.scan(&[Kind::Transaction as u8]) {
            let id = Parts::of(&key).name().map(str::to_owned);
            let (Some(id), Ok(transaction)) = (id, serde_json::from_slice::<Transaction>(&value)) else {
                tracing::error!(key = %key.escape_ascii(), "a transactional id cannot be read and is left out");
                continue;
            };
            ids.insert(id.clone(), Arc::new(Slot::new(id, Some(transaction))));
        }
        let producers = ProducerIds::open(journal.clone());
        let inner = Inner { ids: Mutex::new(ids), producers, journal, groups, catalogue, clock, tasks, stop };
        Self { inner: Arc::new(inner) }
    }

    /// Finishes what was decided before a crash, then keeps time.
    pub(crate) async fn start(&self) {
        for slot in self.slots() {
            if slot.is_ending() {
                tracing::info!(transaction = %slot.id, "transaction was decided and is finished now");
                self.finish_or_log(&slot).await;
            }
        }
        let transactions = self.clone();
        self.inner.tasks.spawn(async move {
            let mut tick = tokio::time::interval(WATCH);
            loop {
                tokio::select! {
                    () = transactions.inner.stop.cancelled() => return,
                    _ = tick.tick() => transactions.tick().await,
                }
            }
        });
    }

    async fn tick(&self) {
        let now = (self.inner.clock)();
        for slot in self.slots() {
            let expired = self.update(&slot, |transaction| {
                let expired = transaction.as_mut().is_some_and(|t| t.expire(now));
                Ok((expired, expired))
            });
            if let Ok((true, _)) = expired {
                tracing::info!(transaction = %slot.id, "transaction was open for too long and is aborted");
            }
            if slot.is_ending() {
                self.finish_or_log(&slot).await;
            }
            self.forget_if_unused(&slot, now);
        }
    }

    fn forget_if_unused(&self, slot: &Slot, now: i64) {
        let mut ids = self.inner.ids.lock();
        let state = slot.state.lock();
        if !state.finishing && state.transaction.as_ref().is_some_and(|t| t.is_unused_for(UNUSED_MS, now)) {
            // Forgotten again after a restart, should this be lost.
            if self.inner.journal.apply(&[Change::Delete(key(&slot.id))]).is_ok() {
                ids.remove(&slot.id);
            }
        }
    }

    async fn finish_or_log(&self, slot: &Arc<Slot>) {
        match self.finish(slot).await {
            Ok(()) | Err(ResponseError::ConcurrentTransactions) => {}
            Err(error) => {
                tracing::error!(transaction = %slot.id, %error, "transaction cannot be finished yet")
            }
        }
    }

    fn slots(&self) -> Vec<Arc<Slot>> {
        self.inner.ids.lock().values().cloned().collect()
    }

    fn slot(&self, id: &str) -> Outcome<Arc<Slot>> {
        self.inner.ids.lock().get(id).cloned().ok_or(ResponseError::InvalidProducerIdMapping)
    }

    /// A producer id of its own, for a producer without transactions.
    pub(crate) async fn producer_id(&self) -> Outcome<i64> {
        self.inner.producers.next().await.map_err(|e| code(&e))
    }

    /// A producer begins with a transactional id: its predecessor is fenced, and what that left open is aborted.
    /// Returns the producer's id and epoch, durable.
    pub(crate) async fn init(
        &self,
        id: &str,
        timeout_ms: i64,
        mut expected: Option<(i64, i16)>,
    ) -> Outcome<(i64, i16)> {
        let fresh = || Arc::new(Slot::new(id.to_owned(), None));
        let slot = self.inner.ids.lock().entry(id.to_owned()).or_insert_with(fresh).clone();
        loop {
            let now = (self.inner.clock)();
            let (init, written) = self.update(&slot, |transaction| match transaction {
                Some(t) => t.init(timeout_ms, expected, now).map(|init| (init, init != Init::Exhausted)),
                None => Ok((Init::Exhausted, false)),
            })?;
            self.durable(written).await?;
            match init {
                Init::Ready => break,
                Init::AbortFirst => {
                    self.finish(&slot).await?;
                    expected = None;
                }
                Init::Exhausted => {
                    let producer = self.producer_id().await?;
                    let ((), written) = self.update(&slot, |transaction| {
                        match transaction {
                            Some(t) => t.renew(producer, timeout_ms, now),
                            None => *transaction = Some(Transaction::new(producer, timeout_ms, now)),
                        }
                        Ok(((), true))
                    })?;
                    self.durable(written).await?;
                    break;
                }
            }
        }
        let state = slot.state.lock();
        let transaction = state.transaction.as_ref().ok_or(ResponseError::CoordinatorNotAvailable)?;
        Ok((transaction.producer_id, transaction.epoch))
    }

    /// Takes partitions and a group into the producer's transaction; durable when this returns.
    pub(crate) async fn add(
        &self,
        id: &str,
        producer: (i64, i16),
        partitions: &[Place],
        group: Option<&str>,
    ) -> Outcome<()> {
        let now = (self.inner.clock)();
        let slot = self.slot(id)?;
        let ((), written) = self.update(&slot, |transaction| {
            let transaction = transaction.as_mut().ok_or(ResponseError::InvalidProducerIdMapping)?;
            transaction.add(producer, partitions, group, now).map(|changed| ((), changed))
        })?;
        self.durable(written).await
    }

    /// Lets a batch into the producer's transaction.
    pub(crate) fn admit(&self, id: &str, producer: (i64, i16), place: &Place) -> Outcome<Admission> {
        let slot = self.slot(id)?;
        let state = slot.state.lock();
        let transaction = state.transaction.as_ref().ok_or(ResponseError::InvalidProducerIdMapping)?;
        transaction.admits(producer, place)?;
        slot.appending.send_modify(|n| *n += 1);
        drop(state);
        Ok(Admission { slot })
    }

    /// Lets positions of a group into the producer's transaction.
    pub(crate) fn admit_group(&self, id: &str, producer: (i64, i16), group: &str) -> Outcome<Admission> {
        let slot = self.slot(id)?;
        let state = slot.state.lock();
        let transaction = state.transaction.as_ref().ok_or(ResponseError::InvalidProducerIdMapping)?;
        transaction.admits_group(producer, group)?;
        slot.appending.send_modify(|n| *n += 1);
        drop(state);
        Ok(Admission { slot })
    }

    /// Ends the producer's transaction; it is wholly committed or aborted, durably, when this returns.
    pub(crate) async fn end(&self, id: &str, producer: (i64, i16), commit: bool) -> Outcome<()> {
        let now = (self.inner.clock)();
        let slot = self.slot(id)?;
        let (end, written) = self.update(&slot, |transaction| {
            let transaction = transaction.as_mut().ok_or(ResponseError::InvalidProducerIdMapping)?;
            transaction.end(producer, commit, now).map(|end| (end, end == End::Decided))
        })?;
        self.durable(written).await?;
        match end {
            End::Decided => self.finish(&slot).await,
            End::Done => Ok(()),
        }
    }

    /// Writes what was decided to all partitions and groups. Goes to its end even when nobody waits for it.
    async fn finish(&self, slot: &Arc<Slot>) -> Outcome<()> {
        {
            let mut state = slot.state.lock();
            if std::mem::replace(&mut state.finishing, true) {
                return Err(ResponseError::ConcurrentTransactions);
            }
        }
        let (transactions, slot) = (self.clone(), slot.clone());
        let task = self.inner.tasks.spawn(async move {
            let outcome = transactions.write_end(&slot).await;
            slot.state.lock().finishing = false;
            outcome
        });
        match task.await {
            Ok(outcome) => outcome.map_err(|e| code(&e)),
            Err(_) => Err(ResponseError::CoordinatorNotAvailable),
        }
    }

    async fn write_end(&self, slot: &Arc<Slot>) -> storage::Result<()> {
        // Batches that were let in before the decision are part of it.
        let _ = slot.appending.subscribe().wait_for(|n| *n == 0).await;
        let decided = slot.state.lock().transaction.clone();
        let Some(mut transaction) = decided.filter(Transaction::is_ending) else { return Ok(()) };
        let commit = transaction.phase == Phase::PrepareCommit;
        let producer = (transaction.producer_id, transaction.epoch);
        let mut markers = Vec::new();
        for (topic, index) in &transaction.partitions {
            // A topic that was deleted takes its part of the transaction with it.
            let Some(partition) = self.inner.catalogue.partition(topic, *index) else { continue };
            match partition.end_transaction(producer.0, producer.1, commit, 0) {
                Ok(marker) => markers.push((partition, marker.last_offset)),
                Err(storage::Error::Closed) => {}
                Err(error) => return Err(error),
            }
        }
        let durable = |(partition, offset): (crate::log::Partition, i64)| async move {
            match partition.durable(offset).await {
                Err(storage::Error::Closed) | Ok(()) => Ok(()),
                Err(error) => Err(error),
            }
        };
        try_join_all(markers.into_iter().map(durable)).await?;
        let groups = std::mem::take(&mut transaction.groups);
        transaction.complete((self.inner.clock)());
        let change = Change::Put(key(&slot.id), encode(&transaction));
        self.inner.groups.end_transaction(&groups, producer.0, commit, vec![change]).await?;
        slot.state.lock().transaction = Some(transaction);
        Ok(())
    }

    /// Changes an id and writes it when `change` says that it did; the second value is what to wait for.
    fn update<T>(
        &self,
        slot: &Slot,
        change: impl FnOnce(&mut Option<Transaction>) -> Outcome<(T, bool)>,
    ) -> Outcome<(T, Option<i64>)> {
        let mut state = slot.state.lock();
        let mut next = state.transaction.clone();
        let (result, changed) = change(&mut next)?;
        let mut written = None;
        if let (true, Some(transaction)) = (changed, &next) {
            let put = Change::Put(key(&slot.id), encode(transaction));
            written = Some(self.inner.journal.apply(&[put]).map_err(|e| code(&e))?);
            state.transaction = next;
        }
        Ok((result, written))
    }

    async fn durable(&self, written: Option<i64>) -> Outcome<()> {
        match written {
            Some(position) => self.inner.journal.durable(position).await.map_err(|e| code(&e)),
            None => Ok(()),
        }
    }
}

impl Slot {
    fn new(id: String, transaction: Option<Transaction>) -> Self {
        let state = State { transaction, finishing: false };
        Self { id, state: Mutex::new(state), appending: watch::Sender::new(0) }
    }

    fn is_ending(&self) -> bool {
        let state = self.state.lock();
        !state.finishing && state.transaction.as_ref().is_some_and(Transaction::is_ending)
    }
}

fn key(id: &str) -> Bytes {
    Key::new(Kind::Transaction).name(id).build()
}

fn encode(transaction: &Transaction) -> Bytes {
    serde_json::to_vec(transaction).expect("a transaction is plain data").into()
}
