//! Restarts, crashes, power cuts, broken disks.

use proptest::prelude::*;

use super::fixture::*;
use crate::{
    files::{Files, memory::MemoryFiles},
    log::{Isolation::*, LogSettings, Offsets, Origin::*, Partition},
    storage::Error,
};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

/// The fixture as it is after a power cut.
fn after_power_cut(fixture: &Fixture, seed: u64) -> Fixture {
    let files: MemoryFiles = fixture.files.power_cut(seed);
    Fixture { files, settings: fixture.settings.clone(), now: fixture.now.clone(), sync: fixture.sync }
}

fn damage(fixture: &Fixture, name: &str, at: u64, data: &[u8]) {
    fixture.files.create(&fixture.dir().join(name)).unwrap().write(at, data).unwrap();
}

#[test]
fn a_clean_stop_keeps_everything() {
    let fixture = Fixture::new(small(1000));
    let partition = fixture.open();
    for i in 0..50 {
        partition.append(plain(&["a", "b"]).by(1, 0, 2 * i).bytes(), Client).unwrap();
    }
    partition.append(plain(&["open"]).by(2, 0, 0).transactional().bytes(), Client).unwrap();
    let before = partition.offsets();
    runtime().block_on(partition.close()).unwrap();
    assert_eq!(partition.append(plain(&["late"]).bytes(), Client), Err(Error::Closed));

    // What is on the disk is all there is, so a power cut after the stop takes nothing.
    let again = after_power_cut(&fixture, 1).open();
    assert_eq!(again.offsets(), before);
    assert!(again.append(plain(&["a", "b"]).by(1, 0, 98).bytes(), Client).unwrap().duplicate);
    assert_eq!(again.open_transactions()[0].producer_id, 2);
    assert_eq!(values(&again, ReadUncommitted).len(), 101);
}

#[test]
fn a_torn_write_is_cut_off() {
    let fixture = Fixture::new(LogSettings::default());
    let partition = fixture.open();
    partition.append(plain(&["a"]).bytes(), Client).unwrap();
    let log = fixture.files(".log").remove(0);
    let size = partition.size();
    let mut torn = plain(&["b"]).bytes();
    torn.truncate(torn.len() - 3);
    damage(&fixture, &log, size, &torn);
    let again = fixture.open();
    assert_eq!((again.offsets().end, again.size()), (1, size));
    again.append(plain(&["c"]).bytes(), Client).unwrap();
    assert_eq!(values(&fixture.open(), ReadUncommitted), ["a", "c"]);
}

#[test]
fn a_torn_segment_that_is_left_for_the_next_is_whole() {
    let fixture = Fixture::new(small(300));
    let partition = fixture.open();
    partition.append(plain(&["a"]).bytes(), Client).unwrap();
    damage(&fixture, &fixture.files(".log")[0], partition.size(), b"rubbish");
    let again = fixture.open();
    // The next batch does not fit, so the torn segment is never written to again.
    again.append(plain(&[&"b".repeat(300)]).bytes(), Client).unwrap();
    runtime().block_on(again.close()).unwrap();
    assert_eq!(fixture.open().offsets().end, 2);
}

#[test]
fn what_follows_a_tear_is_dropped() {
    let fixture = Fixture::new(small(300));
    let partition = fixture.open();
    for _ in 0..20 {
        partition.append(plain(&["a"]).bytes(), Client).unwrap();
    }
    let logs = fixture.files(".log");
    assert!(logs.len() > 4);
    damage(&fixture, &logs[2], 100, b"rubbish");
    let again = fixture.open();
    let end = again.offsets().end;
    assert!(end > 0 && end < 20);
    assert_eq!(values(&again, ReadUncommitted).len() as i64, end);
    again.append(plain(&["b"]).bytes(), Client).unwrap();
    assert_eq!(values(&fixture.open(), ReadUncommitted).len() as i64, end + 1);
}

#[test]
fn damaged_side_files_cost_time_and_nothing_else() {
    for ending in ["index", "aborted", "checkpoint", "start"] {
        let fixture = Fixture::new(small(1000));
        let partition = fixture.open();
        for i in 0..60 {
            partition.append(plain(&["a"]).by(1, 0, i).transactional().bytes(), Client).unwrap();
            partition.end_transaction(1, 0, i % 2 == 0, 0).unwrap();
        }
        let (before, seen) = (partition.offsets(), values(&partition, ReadCommitted));
        runtime().block_on(partition.close()).unwrap();
        for name in fixture.files(ending) {
            let path = fixture.dir().join(name);
            fixture.files.open(&path).unwrap().truncate(3).unwrap();
        }
        let again = fixture.open();
        assert_eq!(again.offsets(), before, "{ending}");
        if ending != "aborted" {
            assert_eq!(values(&again, ReadCommitted), seen, "{ending}");
        }
    }
}

#[test]
fn a_failed_sync_is_final() {
    let fixture = Fixture::new(LogSettings::default());
    let partition = fixture.open();
    runtime().block_on(async {
        let first = partition.append(plain(&["a"]).bytes(), Client).unwrap();
        partition.durable(first.last_offset).await.unwrap();
        fixture.files.fail_syncs(Some(".log"));
        let second = partition.append(plain(&["b"]).bytes(), Client).unwrap();
        assert!(matches!(partition.durable(second.last_offset).await, Err(Error::ReadOnly(_))));
        // The disk may say that all is well again; what it lost it has lost.
        fixture.files.fail_syncs(None);
        assert!(matches!(partition.durable(second.last_offset).await, Err(Error::ReadOnly(_))));
        assert!(matches!(partition.append(plain(&["c"]).bytes(), Client), Err(Error::ReadOnly(_))));
        partition.durable(first.last_offset).await.unwrap_err();
    });
    assert_eq!(values(&partition, ReadUncommitted), ["a", "b"]);
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let fixture = Fixture::new(small(2000));
    let partition = fixture.open();
    fixture.files.set_capacity(Some(10_000));
    let mut stored = 0;
    while partition.append(plain(&["some bytes"]).bytes(), Client).is_ok() {
        stored += 1;
        assert!(stored < 1000);
    }
    assert!(stored > 10);
    assert_eq!(values(&partition, ReadUncommitted).len(), stored);
    fixture.files.set_capacity(None);
    partition.append(plain(&["more"]).bytes(), Client).unwrap();
    assert_eq!(values(&partition, ReadUncommitted).len(), stored + 1);
    assert_eq!(values(&fixture.open(), ReadUncommitted).len(), stored + 1);
}

#[test]
fn a_deleted_partition_is_gone() {
    let fixture = Fixture::new(LogSettings::default());
    let partition = fixture.open();
    partition.append(plain(&["a"]).bytes(), Client).unwrap();
    let mut offsets = partition.subscribe();
    offsets.mark_unchanged();
    partition.delete().unwrap();
    assert!(offsets.has_changed().unwrap());
    assert_eq!(partition.read(0, 100, ReadUncommitted, true), Err(Error::Closed));
    assert_eq!(partition.append(plain(&["b"]).bytes(), Client), Err(Error::Closed));
    assert_eq!(after_power_cut(&fixture, 3).open().offsets(), Offsets::default());
}

#[derive(Debug, Clone)]
enum Step {
    /// A batch of so many records; whether to wait until it is durable.
    Append(usize, bool),
    Transaction {
        records: usize,
        commit: bool,
    },
    DeleteRecords(u8),
    Retention,
    Restart,
    PowerCut(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (1..5_usize, any::<bool>()).prop_map(|(records, wait)| Step::Append(records, wait)),
        4 => (1..4_usize, any::<bool>()).prop_map(|(records, commit)| Step::Transaction { records, commit }),
        1 => (0..100_u8).prop_map(Step::DeleteRecords),
        1 => Just(Step::Retention),
        1 => Just(Step::Restart),
        2 => any::<u64>().prop_map(Step::PowerCut),
    ]
}

/// A producer that keeps what it wrote and what was acknowledged.
struct Journey {
    fixture: Fixture,
    partition: Partition,
    /// By offset: the value, and whether its batch was acknowledged as durable.
    written: Vec<(i64, String)>,
    acknowledged: i64,
    start: i64,
    sequence: i32,
    /// Sequences begin anew after a power cut: what was not acknowledged may be gone or not.
    producer: i64,
    next: u32,
}

impl Journey {
    fn values(&mut self, count: usize) -> Vec<String> {
        (0..count)
            .map(|_| {
                self.next += 1;
                self.next.to_string()
            })
            .collect()
    }

    fn append(&mut self, count: usize, transactional: bool) -> i64 {
        let values = self.values(count);
        let refs: Vec<&str> = values.iter().map(String::as_str).collect();
        let mut batch = plain(&refs).by(self.producer, 0, self.sequence);
        batch.transactional = transactional;
        self.sequence += count as i32;
        let appended = self.partition.append(batch.bytes(), Client).unwrap();
        self.written.extend((appended.base_offset..).zip(values));
        appended.last_offset
    }

    async fn durable(&mut self, offset: i64) {
        self.partition.durable(offset).await.unwrap();
        self.acknowledged = self.acknowledged.max(offset);
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Append(count, wait) => {
                let last = self.append(count, false);
                if wait {
                    self.durable(last).await;
                }
            }
            Step::Transaction { records, commit } => {
                self.append(records, true);
                let marker = self.partition.end_transaction(self.producer, 0, commit, 0).unwrap();
                self.durable(marker.last_offset).await;
            }
            Step::DeleteRecords(percent) => {
                let Offsets { start, end, .. } = self.partition.offsets();
                let before = start + (end - start) * i64::from(percent) / 100;
                self.start = self.partition.delete_records(before).unwrap();
            }
            Step::Retention => {
                self.partition.enforce_retention().unwrap();
                self.start = self.partition.offsets().start;
            }
            Step::Restart => {
                self.partition.close().await.unwrap();
                self.acknowledged = self.partition.offsets().end - 1;
                self.partition = self.fixture.open();
            }
            Step::PowerCut(seed) => {
                self.fixture = after_power_cut(&self.fixture, seed);
                self.partition = self.fixture.open();
                let end = self.partition.offsets().end;
                assert!(end > self.acknowledged, "{end} acknowledged {}", self.acknowledged);
                self.written.retain(|(offset, _)| *offset < end);
                (self.producer, self.sequence) = (self.producer + 1, 0);
            }
        }
        self.check();
    }

    /// All that was written and is not deleted is there, in order, once.
    fn check(&self) {
        assert_eq!(self.partition.offsets().start, self.start);
        let seen = read_all(&self.partition, self.start, ReadUncommitted, 500);
        let seen: Vec<_> =
            seen.into_iter().map(|seen| (seen.offset, String::from_utf8(seen.value).unwrap())).collect();
        let kept: Vec<_> = self.written.iter().filter(|(at, _)| *at >= self.start).cloned().collect();
        assert_eq!(seen, kept);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn what_is_acknowledged_survives_power_cuts(steps in proptest::collection::vec(step(), 1..80)) {
        runtime().block_on(async {
            let fixture = Fixture::new(LogSettings { retention_bytes: 3000, ..small(700) });
            let partition = fixture.open();
            let mut journey = Journey {
                fixture, partition, written: Vec::new(), acknowledged: -1, start: 0, sequence: 0, producer: 1, next: 0,
            };
            for step in steps {
                journey.step(step).await;
            }
        });
    }
}
