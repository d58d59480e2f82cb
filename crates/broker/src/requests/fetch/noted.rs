//! What a fetch says about its reader: a replica has consumed from a topic once it was given records, or has come to
//! the end.

use headwater_model::ReplicaId;

use super::{Context, Found, Isolation, Wishes};

/// The replica that fetches.
pub(super) struct Reader<'a> {
    cx: &'a Context,
    replica: &'a ReplicaId,
    /// When its request came: what an earlier run of it asked for says nothing about a later.
    arrived_ms: i64,
}

impl<'a> Reader<'a> {
    /// The replica, when the client is one.
    pub(super) fn of(cx: &'a Context) -> Option<Self> {
        let replica = cx.principal.replica()?;
        Some(Self { cx, replica, arrived_ms: cx.broker.readers.now() })
    }

    /// Notes topics at whose end it stands.
    pub(super) fn stands(&self, wanted: &Wishes, isolation: Isolation) {
        for (name, partitions) in wanted {
            let at_end = partitions.iter().any(|want| {
                want.source.as_ref().is_ok_and(|(_, partition)| {
                    let offsets = partition.offsets();
                    let visible = match isolation {
                        Isolation::ReadUncommitted => offsets.end,
                        Isolation::ReadCommitted => offsets.last_stable,
                    };
                    (visible..=offsets.end).contains(&want.offset)
                })
            });
            if at_end {
                self.note(name);
            }
        }
    }

    /// Notes topics of which it is given records.
    pub(super) fn given(&self, found: &Found) {
        for (name, partitions) in &found.topics {
            let some = |outcome: &super::Outcome<super::Fetched>| {
                outcome.as_ref().is_ok_and(|fetched| !fetched.records.is_empty())
            };
            if partitions.iter().any(|(_, outcome, _)| some(outcome)) {
                self.note(name);
            }
        }
    }

    fn note(&self, topic: &str) {
        self.cx.broker.readers.note(self.replica, topic, self.arrived_ms);
    }
}
