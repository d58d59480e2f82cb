//! All transactional ids of a broker.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::future::join_all;
use kafka_protocol::ResponseError;
use parking_lot::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    End, Init, ProducerIds, Transaction,
    slot::{Admission, Slot},
};
use crate::{
    catalogue::Catalogue,
    error::code,
    groups::{Groups, Outcome, Place},
    journal::{Change, Journal},
    keys::{Key, Kind, Parts},
    storage::Clock,
};

/// How often open transactions are looked at for their time-out.
const WATCH: Duration = Duration::from_millis(500);
/// Transactional ids that nobody uses are forgotten after a week.
const UNUSED_MS: i64 = 7 * 24 * 3_600_000;

/// The coordinator of all transactions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Transactions {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    ids: Mutex<BTreeMap<String, Arc<Slot>>>,
    producers: ProducerIds,
    pub(super) journal: Journal,
    pub(super) groups: Groups,
    pub(super) catalogue: Catalogue,
    pub(super) clock: Clock,
    pub(super) tasks: TaskTracker,
    stop: CancellationToken,
}

impl Transactions {
    /// Reads the transactional ids that stand.
    pub(crate) fn open(
        journal: Journal,
        groups: Groups,
        catalogue: Catalogue,
        clock: Clock,
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

    /// Finishes what was decided before a crash, and what nobody will decide; then keeps time.
    pub(crate) async fn start(&self) {
        self.abort_orphans().await;
        self.finish_left_over().await;
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

    pub(super) async fn tick(&self) {
        let now = (self.inner.clock)();
        for slot in self.slots() {
            let expired = self.update(&slot, |transaction| {
                let expired = transaction.as_mut().is_some_and(|t| t.expire(now));
                Ok((expired, expired))
            });
            if let Ok((true, _)) = expired {
                tracing::info!(transaction = %slot.id, "transaction was open for too long and is aborted");
            }
        }
        self.finish_left_over().await;
        self.inner.ids.lock().retain(|_, slot| !self.dispose(slot, now));
    }

    /// Ends transactions that are decided and that nobody is ending.
    async fn finish_left_over(&self) {
        let slots: Vec<_> = self.slots().into_iter().filter(|slot| slot.is_left_over()).collect();
        join_all(slots.iter().map(|slot| self.finish(slot))).await;
    }

    /// Whether nothing is to be remembered of an id, on disk neither. The map of ids is locked by the caller.
    fn dispose(&self, slot: &Arc<Slot>, now: i64) -> bool {
        // Somebody may be about to begin.
        if Arc::strong_count(slot) > 1 {
            return false;
        }
        match &slot.state.lock().transaction {
            None => true,
            Some(transaction) if transaction.is_unused_for(UNUSED_MS, now) => {
                // Forgotten again after a restart, should this be lost.
                self.inner.journal.apply(&[Change::Delete(key(&slot.id))]).is_ok()
            }
            Some(_) => false,
        }
    }

    pub(super) fn slots(&self) -> Vec<Arc<Slot>> {
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
        let mut spare = None;
        loop {
            let now = (self.inner.clock)();
            // What is answered is taken down together with the change: another may begin before it is durable.
            let ((init, producer), written) = self.update(&slot, |transaction| {
                let mut init = match transaction {
                    Some(t) => t.init(timeout_ms, expected, now)?,
                    None => Init::Exhausted,
                };
                if init == Init::Exhausted
                    && let Some(producer) = spare.take()
                {
                    match transaction {
                        Some(t) => t.renew(producer, timeout_ms, expected, now),
                        None => *transaction = Some(Transaction::new(producer, timeout_ms, now)),
                    }
                    init = Init::Ready;
                }
                let producer = transaction.as_ref().map(|t| (t.producer_id, t.epoch));
                Ok(((init, producer), init != Init::Exhausted))
            })?;
            match init {
                Init::Ready => {
                    self.durable(written).await?;
                    return producer.ok_or(ResponseError::CoordinatorNotAvailable);
                }
                Init::AbortFirst => {
                    self.finish(&slot).await?;
                    expected = None;
                }
                Init::Exhausted => spare = Some(self.producer_id().await?),
            }
        }
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
        Admission::new(self.slot(id)?, |transaction| transaction.admits(producer, place))
    }

    /// Lets positions of a group into the producer's transaction.
    pub(crate) fn admit_group(&self, id: &str, producer: (i64, i16), group: &str) -> Outcome<Admission> {
        Admission::new(self.slot(id)?, |transaction| transaction.admits_group(producer, group))
    }

    /// Ends the producer's transaction; it is wholly committed or aborted, durably, when this returns.
    pub(crate) async fn end(&self, id: &str, producer: (i64, i16), commit: bool) -> Outcome<()> {
        let now = (self.inner.clock)();
        let slot = self.slot(id)?;
        let (end, _) = self.update(&slot, |transaction| {
            let transaction = transaction.as_mut().ok_or(ResponseError::InvalidProducerIdMapping)?;
            transaction.end(producer, commit, now).map(|end| (end, end == End::Decided))
        })?;
        match end {
            End::Decided => self.finish(&slot).await,
            End::Done => Ok(()),
        }
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
            state.written = self.inner.journal.apply(&[put]).map_err(|e| code(&e))?;
            state.transaction = next;
            written = Some(state.written);
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

pub(super) fn key(id: &str) -> Bytes {
    Key::new(Kind::Transaction).name(id).build()
}

pub(super) fn encode(transaction: &Transaction) -> Bytes {
    serde_json::to_vec(transaction).expect("a transaction is plain data").into()
}
