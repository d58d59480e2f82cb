//! Which replicas have read from which topics, and when last.

use std::collections::HashMap;

use headwater_model::ReplicaId;
use parking_lot::Mutex;

use crate::storage::Clock;

/// Readings that are kept; the older half leaves when there are more.
const MOST: usize = 65_536;

/// What replicas have read. Nothing of it outlives the process: whoever reads tells again with the next fetch.
pub(crate) struct Readers {
    clock: Clock,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    readings: HashMap<ReplicaId, HashMap<String, i64>>,
    count: usize,
}

impl Readers {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, seen: Mutex::default() }
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// A replica has read from a topic, by a request that arrived at this time.
    pub(crate) fn note(&self, replica: &ReplicaId, topic: &str, arrived_ms: i64) {
        self.seen.lock().note(replica, topic, arrived_ms, MOST);
    }

    /// When the request arrived by which a replica has last read from a topic.
    pub(crate) fn last(&self, replica: &ReplicaId, topic: &str) -> Option<i64> {
        self.seen.lock().readings.get(replica)?.get(topic).copied()
    }
}

impl Seen {
    fn note(&mut self, replica: &ReplicaId, topic: &str, at_ms: i64, most: usize) {
        if let Some(last) = self.readings.get_mut(replica).and_then(|topics| topics.get_mut(topic)) {
            *last = at_ms.max(*last);
            return;
        }
        if self.count >= most {
            self.halve();
        }
        self.readings.entry(replica.clone()).or_default().insert(topic.to_owned(), at_ms);
        self.count += 1;
    }

    fn halve(&mut self) {
        let mut times: Vec<_> = self.readings.values().flat_map(HashMap::values).copied().collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        for topics in self.readings.values_mut() {
            topics.retain(|_, at| *at > *median);
        }
        self.readings.retain(|_, topics| !topics.is_empty());
        self.count = self.readings.values().map(HashMap::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use headwater_model::DeploymentId;

    use super::*;

    #[test]
    fn the_oldest_readings_leave_first() {
        let replica = |index| ReplicaId { deployment: DeploymentId::new(), version: 1, index };
        let all: Vec<_> = (0..5).map(replica).collect();
        let mut seen = Seen::default();
        for (at, replica) in (0..).zip(&all[..4]) {
            seen.note(replica, "t", at, 4);
        }
        seen.note(&all[0], "t", 9, 4);
        seen.note(&all[4], "t", 10, 4);
        let kept: Vec<_> = all.iter().filter(|replica| seen.readings.contains_key(*replica)).collect();
        assert_eq!(kept, [&all[0], &all[4]]);
        assert_eq!(seen.count, 2);
    }
}
