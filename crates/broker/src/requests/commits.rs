//! Positions that clients want to keep, checked before their group hears of them.

use std::collections::BTreeSet;

use futures::future::join_all;
use headwater_model::{Action, ReplicaId};
use kafka_protocol::{ResponseError, messages::TopicName};

use super::Context;
use crate::{
    error::code,
    groups::{Committed, Outcome, Place},
    log::{Offsets, Partition},
    storage,
};

/// Longest note beside a position.
const METADATA_MAX: usize = 4096;

/// A position that a client wants to keep.
pub(super) struct Wish {
    index: i32,
    outcome: Outcome<(Partition, Committed)>,
}

/// What becomes of wishes: an outcome by topic and partition, in the order of the request.
pub(super) type Settled = Vec<(TopicName, Vec<(i32, Outcome<()>)>)>;

impl Wish {
    /// The partition must exist, and the note be short enough.
    pub(super) fn new(cx: &Context, topic: &str, index: i32, committed: Committed) -> Self {
        let outcome = cx.partition(topic, index, Action::Read).and_then(|(_, partition)| {
            match committed.metadata.as_ref().is_some_and(|m| m.len() > METADATA_MAX) {
                true => Err(ResponseError::OffsetMetadataTooLarge),
                false => Ok((partition, committed)),
            }
        });
        Self { index, outcome }
    }

    /// Waits until the records before the position survive a power cut, as it will itself: a group must never be
    /// found beyond the end of its partition.
    async fn records_are_durable(&self, cx: &Context) -> Outcome<()> {
        let Ok((partition, committed)) = &self.outcome else { return Ok(()) };
        let Offsets { start, end, .. } = partition.offsets();
        // Clients may set any position; what is not written cannot be waited for.
        let read = committed.offset.min(end);
        if !cx.broker.options.sync || read <= start {
            return Ok(());
        }
        partition.durable(read - 1).await.map_err(|error| match error {
            storage::Error::Closed => ResponseError::UnknownTopicOrPartition,
            error => code(&error),
        })
    }
}

/// Settles what becomes of each wish, and the positions to be kept.
pub(super) async fn settle(
    cx: &Context,
    wishes: Vec<(TopicName, Vec<Wish>)>,
) -> (Settled, Vec<(Place, Committed)>) {
    let durable = wishes.iter().flat_map(|(_, wishes)| wishes).map(|wish| wish.records_are_durable(cx));
    let mut durable = join_all(durable).await.into_iter();
    let mut accepted = Vec::new();
    let mut settled = Settled::with_capacity(wishes.len());
    for (name, wishes) in wishes {
        let mut partitions = Vec::with_capacity(wishes.len());
        for (Wish { index, outcome }, durable) in wishes.into_iter().zip(durable.by_ref()) {
            let outcome = outcome.and_then(|(_, committed)| {
                durable?;
                accepted.push(((name.to_string(), index), committed));
                Ok(())
            });
            partitions.push((index, outcome));
        }
        settled.push((name, partitions));
    }
    (settled, accepted)
}

/// A replica that commits positions has consumed from their topics.
pub(super) struct Reader<'a> {
    cx: &'a Context,
    replica: Option<&'a ReplicaId>,
    topics: BTreeSet<String>,
    arrived_ms: i64,
}

impl<'a> Reader<'a> {
    pub(super) fn of(cx: &'a Context, accepted: &[(Place, Committed)]) -> Self {
        let replica = cx.principal.replica();
        let topics = accepted.iter().filter(|_| replica.is_some());
        let topics = topics.map(|((topic, _), _)| topic.clone()).collect();
        Self { cx, replica, topics, arrived_ms: cx.broker.readers.now() }
    }

    pub(super) fn note(&self) {
        for (replica, topic) in self.replica.iter().flat_map(|r| self.topics.iter().map(move |t| (r, t))) {
            self.cx.broker.readers.note(replica, topic, self.arrived_ms);
        }
    }
}
