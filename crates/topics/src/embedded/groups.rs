//! Consumer groups of the embedded broker, with their lag.

use std::{cell::RefCell, collections::HashMap};

use headwater_broker::{Broker, GroupInfo, MemberInfo, log::Offsets};

use crate::{Group, GroupPartition, Member};

/// Offsets of topics, each asked for once however many groups read it.
pub(super) struct Ends<'a> {
    broker: &'a Broker,
    known: RefCell<HashMap<String, Vec<Offsets>>>,
}

impl<'a> Ends<'a> {
    pub(super) fn new(broker: &'a Broker) -> Self {
        Self { broker, known: RefCell::default() }
    }

    /// A partition's offsets; none when it does not exist, perhaps since a moment ago.
    fn of(&self, topic: &str, partition: i32) -> Option<Offsets> {
        let index = usize::try_from(partition).ok()?;
        let mut known = self.known.borrow_mut();
        if let Some(offsets) = known.get(topic) {
            return offsets.get(index).copied();
        }
        let offsets = self.broker.offsets(topic).unwrap_or_default();
        let found = offsets.get(index).copied();
        known.insert(topic.to_owned(), offsets);
        found
    }
}

/// A group with its lag.
pub(super) fn group(info: GroupInfo, ends: &Ends<'_>) -> Group {
    let at_work = info.members.iter().flat_map(|m| m.assigned.iter().map(move |place| (place, &m.id)));
    let mut workers: HashMap<_, _> = at_work.collect();
    let mut partitions: Vec<_> = info
        .positions
        .iter()
        .filter_map(|(place, committed)| partition(place, Some(*committed), workers.remove(place), ends))
        .collect();
    let without =
        workers.into_iter().filter_map(|(place, member)| partition(place, None, Some(member), ends));
    partitions.extend(without);
    partitions.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    Group {
        name: info.name,
        state: info.state.to_owned(),
        deployments: info.deployments,
        partitions,
        members: info.members.into_iter().map(member).collect(),
    }
}

fn partition(
    (topic, partition): &(String, i32),
    committed: Option<i64>,
    member: Option<&String>,
    ends: &Ends<'_>,
) -> Option<GroupPartition> {
    let offsets = ends.of(topic, *partition)?;
    // Who stands before the first record that is kept goes on there.
    let behind = |committed: i64| (offsets.last_stable - committed.max(offsets.start)).max(0);
    Some(GroupPartition {
        topic: topic.parse().ok()?,
        partition: *partition,
        committed,
        end: offsets.last_stable,
        lag: committed.map(behind),
        member: member.cloned(),
    })
}

fn member(info: MemberInfo) -> Member {
    Member { id: info.id, client_id: info.client_id, replica: info.replica }
}
