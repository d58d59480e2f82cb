//! How transactions end: markers in their partitions, positions in their groups.

use std::sync::Arc;

use futures::future::join_all;
use kafka_protocol::ResponseError;

use super::{
    Phase, Transaction, Transactions,
    coordinator::{encode, key},
    slot::{Marked, Slot},
};
use crate::{
    groups::{Outcome, Place},
    journal::Change,
    log::{OpenTransaction, Partition},
    storage::{Error, Result},
};

impl Transactions {
    /// Writes what was decided to all partitions and groups. Goes to its end even when nobody waits for it; what
    /// cannot be written now is tried again from time to time, so whoever asks is told to ask again.
    pub(super) async fn finish(&self, slot: &Arc<Slot>) -> Outcome<()> {
        if std::mem::replace(&mut slot.state.lock().finishing, true) {
            return Err(ResponseError::ConcurrentTransactions);
        }
        let (transactions, slot) = (self.clone(), slot.clone());
        let task = self.inner.tasks.spawn(async move {
            let fault = transactions.write_end(&slot).await.err();
            let mut state = slot.state.lock();
            state.finishing = false;
            if let Some(error) = fault.as_ref().filter(|_| fault != state.fault) {
                tracing::error!(transaction = %slot.id, %error, "transaction cannot be finished yet");
            }
            state.fault = fault;
            state.fault.is_none()
        });
        match task.await {
            Ok(true) => Ok(()),
            _ => Err(ResponseError::ConcurrentTransactions),
        }
    }

    async fn write_end(&self, slot: &Slot) -> Result<()> {
        // Batches that were let in before the decision are part of it.
        slot.appended().await;
        let (decided, written) = {
            let state = slot.state.lock();
            (state.transaction.clone(), state.written)
        };
        let Some(mut transaction) = decided.filter(Transaction::is_ending) else { return Ok(()) };
        // A marker without its decision could be contradicted after a power cut.
        self.inner.journal.durable(written).await?;
        let mut marked = std::mem::take(&mut slot.state.lock().marked);
        let outcome = self.mark(&transaction, &mut marked).await;
        slot.state.lock().marked = marked;
        outcome?;
        let commit = transaction.phase == Phase::PrepareCommit;
        let producer = transaction.producer_id;
        let groups = std::mem::take(&mut transaction.groups);
        transaction.complete((self.inner.clock)());
        let change = Change::Put(key(&slot.id), encode(&transaction));
        self.inner.groups.end_transaction(&groups, producer, commit, vec![change]).await?;
        let mut state = slot.state.lock();
        state.transaction = Some(transaction);
        state.marked.clear();
        Ok(())
    }

    /// Writes the transaction's marker to all partitions that can take it and are not `marked`; durable when this
    /// returns. Fails when one cannot; the others have theirs all the same, so that readers of them go on.
    async fn mark(&self, transaction: &Transaction, marked: &mut Marked) -> Result<()> {
        let commit = transaction.phase == Phase::PrepareCommit;
        let (mut written, mut fault) = (Vec::new(), None);
        for place in &transaction.partitions {
            // A topic that was deleted takes its part of the transaction with it, also when it is made anew.
            let Some(topic) = self.inner.catalogue.get(&place.0) else { continue };
            let Some(partition) = topic.partition(place.1) else { continue };
            if let Some((id, offset)) = marked.get(place) {
                written.extend((*id == topic.id).then_some((partition, *offset)));
                continue;
            }
            match partition.end_transaction(transaction.producer_id, transaction.epoch, commit, 0) {
                Ok(marker) => {
                    marked.insert(place.clone(), (topic.id, marker.last_offset));
                    written.push((partition, marker.last_offset));
                }
                // A later epoch has written there, after a marker that ended this one.
                Err(Error::Closed | Error::InvalidProducerEpoch { .. }) => {}
                Err(error) => fault = Some(error),
            }
        }
        let durable = written.iter().map(|(partition, offset)| partition.durable(*offset));
        for outcome in join_all(durable).await {
            match outcome {
                Ok(()) | Err(Error::Closed) => {}
                Err(error) => fault = Some(error),
            }
        }
        fault.map_or(Ok(()), Err)
    }

    /// Aborts transactions that are open in a partition and that no transactional id will end: with sync off a
    /// power cut may take the coordinator's notes and leave the records, which would hold up readers for ever.
    pub(super) async fn abort_orphans(&self) {
        for topic in self.inner.catalogue.all() {
            for (index, partition) in (0..).zip(topic.partitions().iter()) {
                let place = (topic.name.clone(), index);
                for open in partition.open_transactions() {
                    if !self.is_owned(&open, &place) {
                        tracing::warn!(topic = %place.0, index, "transaction that nobody will end is aborted");
                        if let Err(error) = abort(partition, &open).await {
                            tracing::error!(topic = %place.0, index, %error, "transaction cannot be aborted");
                        }
                    }
                }
            }
        }
    }

    fn is_owned(&self, open: &OpenTransaction, place: &Place) -> bool {
        self.slots().iter().any(|slot| {
            let state = slot.state.lock();
            state.transaction.as_ref().is_some_and(|t| t.will_end(open.producer_id, open.epoch, place))
        })
    }
}

async fn abort(partition: &Partition, open: &OpenTransaction) -> Result<()> {
    let marker = partition.end_transaction(open.producer_id, open.epoch, false, 0)?;
    partition.durable(marker.last_offset).await
}
