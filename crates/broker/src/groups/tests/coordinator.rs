//! All groups, on a disk that fills up and a clock that the test moves.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use kafka_protocol::ResponseError as E;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::super::*;
use crate::{
    files::memory::MemoryFiles,
    journal::{Change, Journal},
    storage::{Storage, Syncer},
};

const RETENTION: i64 = 1_000;
const PLAIN: Committer<'_> = Committer { member: "", instance: None, generation: -1, deployment: None };

struct House {
    files: MemoryFiles,
    now: Arc<AtomicI64>,
    journal: Journal,
    groups: Groups,
}

impl House {
    fn open(files: &MemoryFiles, now: i64) -> Self {
        let now = Arc::new(AtomicI64::new(now));
        let clock = now.clone();
        let clock = Arc::new(move || clock.load(Ordering::Relaxed));
        let storage = Storage::with(Arc::new(files.clone()), Syncer::new(true), clock);
        let journal = Journal::open(&storage, "/data/journal".into()).unwrap();
        let settings = GroupSettings {
            initial_rebalance_delay_ms: 0,
            offsets_retention_ms: RETENTION as u64,
            ..GroupSettings::default()
        };
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let groups = Groups::open(journal.clone(), settings, storage.clock.clone(), tasks, stop);
        Self { files: files.clone(), now, journal, groups }
    }

    fn new() -> Self {
        Self::open(&MemoryFiles::new(), 1)
    }

    async fn commit(&self, group: &str, offset: i64) -> Outcome<()> {
        self.groups.commit(group, &PLAIN, vec![position(offset)]).await
    }

    /// A member that works in a group; returns its id.
    async fn member(&self, group: &str) -> String {
        let join = Join {
            member: String::new(),
            protocol_type: "consumer".into(),
            profile: Profile {
                instance: Some("one".into()),
                client_id: "c".into(),
                client_host: "/127.0.0.1".into(),
                replica: None,
                session_ms: 10_000,
                rebalance_ms: 10_000,
                protocols: vec![("range".into(), Bytes::new())],
            },
            id_required: true,
            may_skip_assignment: true,
        };
        let joined = self.groups.join(group, join).await.unwrap();
        let sync = Sync {
            member: joined.member.clone(),
            instance: Some("one".into()),
            generation: joined.generation,
            protocol_type: None,
            protocol: None,
            assignments: HashMap::new(),
        };
        self.groups.sync(group, sync).await.unwrap();
        joined.member
    }

    fn pass(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }

    /// Sweeps until nothing is kept of any group, in memory or on disk.
    async fn sweep_all(&self) {
        let swept = async {
            loop {
                self.groups.sweep();
                if self.groups.slots().is_empty() && self.journal.scan(b"").is_empty() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), swept).await.expect("something is left");
    }
}

fn place() -> Place {
    ("t".into(), 0)
}

fn position(offset: i64) -> (Place, Committed) {
    (place(), Committed { offset, leader_epoch: -1, metadata: None })
}

#[tokio::test]
async fn a_group_without_members_and_positions_leaves_nothing_behind() {
    let house = House::new();
    let member = house.member("g").await;
    assert_eq!(house.journal.scan(b"").len(), 1);
    house.groups.sweep();
    assert_eq!(house.groups.slots().len(), 1, "a group with a member stays");
    house.groups.leave("g", &member, None).unwrap();
    assert!(house.journal.scan(b"").is_empty());
    house.sweep_all().await;
}

#[tokio::test]
async fn refused_commits_make_no_group() {
    let house = House::new();
    for (who, error) in [
        (Committer { member: "stranger", ..PLAIN }, E::UnknownMemberId),
        (Committer { instance: Some("one"), ..PLAIN }, E::UnknownMemberId),
        (Committer { member: "stranger", generation: 1, ..PLAIN }, E::IllegalGeneration),
    ] {
        assert_eq!(house.groups.commit("g", &who, vec![position(1)]).await, Err(error));
    }
    assert!(house.groups.slots().is_empty());
}

#[tokio::test]
async fn positions_expire_when_nobody_has_been_there_for_long() {
    let house = House::new();
    house.commit("plain", 1).await.unwrap();
    let member = house.member("joined").await;
    let who = Committer { member: &member, instance: Some("one"), generation: 1, ..PLAIN };
    house.groups.commit("joined", &who, vec![position(2)]).await.unwrap();
    house.pass(RETENTION + 1);
    house.groups.sweep();
    assert!(house.groups.look("plain").is_none());
    assert_eq!(
        house.groups.look("joined").unwrap().positions.len(),
        1,
        "somebody may still read on from there"
    );
    house.groups.leave("joined", &member, None).unwrap();
    // It counts from the time the last member left, over a restart too.
    let house = House::open(&house.files, 1 + RETENTION + 1);
    house.pass(RETENTION);
    house.groups.sweep();
    assert_eq!(house.groups.look("joined").unwrap().positions.len(), 1);
    house.pass(1);
    house.sweep_all().await;
}

#[tokio::test]
async fn positions_of_unknown_age_are_as_young_as_the_broker() {
    let files = MemoryFiles::new();
    let house = House::open(&files, 1);
    let value = Bytes::from_static(br#"{"offset":7,"leader_epoch":-1,"metadata":null}"#);
    house.journal.apply(&[Change::Put(offsets::offset_key("g", &place()), value)]).unwrap();
    let house = House::open(&files, 1_000_000);
    house.groups.sweep();
    assert_eq!(house.groups.position("g", &place()).0.map(|c| c.offset), Some(7));
    house.pass(RETENTION + 1);
    house.sweep_all().await;
}

#[tokio::test]
async fn a_full_disk_leaves_groups_as_they_were() {
    let house = House::new();
    house.commit("g", 1).await.unwrap();
    let noted = house.groups.commit_in_transaction("g", &PLAIN, 9, vec![position(2)]).await;
    noted.unwrap();
    house.files.set_capacity(Some(0));
    let groups = std::collections::BTreeSet::from(["g".to_owned()]);
    assert_eq!(house.groups.delete("g").await, Err(E::KafkaStorageError));
    assert_eq!(house.groups.forget("g", &[place()]).await, Err(E::KafkaStorageError));
    assert!(house.groups.forget_topic("t", Vec::new()).is_err());
    assert!(house.groups.end_transaction(&groups, 9, true, Vec::new()).await.is_err());
    house.pass(RETENTION + 1);
    house.groups.sweep();
    assert_eq!(house.groups.position("g", &place()), (Some(position(1).1), true));
    house.files.set_capacity(None);
    house.groups.end_transaction(&groups, 9, true, Vec::new()).await.unwrap();
    assert_eq!(house.groups.position("g", &place()), (Some(position(2).1), false));
    house.groups.delete("g").await.unwrap();
    assert!(house.journal.scan(b"").is_empty());
    house.commit("g", 3).await.unwrap();
}
