//! The coordinator over partitions and a journal whose syncs can be made to fail.

use std::{collections::HashSet, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures::future::join_all;
use kafka_protocol::ResponseError as E;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::super::*;
use crate::{
    catalogue::{Catalogue, NewTopic},
    files::memory::MemoryFiles,
    groups::{GroupSettings, Groups, Place},
    journal::Journal,
    log::{Origin, Partition},
    records::{Record, encode},
    storage::{Storage, Syncer},
};

const TIMEOUT: i64 = 60_000;

struct House {
    files: MemoryFiles,
    catalogue: Catalogue,
    transactions: Transactions,
    _folder: tempfile::TempDir,
}

impl House {
    /// With a topic of two partitions.
    async fn new() -> Self {
        let files = MemoryFiles::new();
        let storage = Storage::with(Arc::new(files.clone()), Syncer::new(true), Arc::new(|| 1_000));
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&storage, folder.path().join("journal")).unwrap();
        let catalogue =
            Catalogue::open(storage.clone(), journal.clone(), folder.path().join("topics")).unwrap();
        let (tasks, stop, clock) = (TaskTracker::new(), CancellationToken::new(), storage.clock.clone());
        let settings = GroupSettings::default();
        let groups = Groups::open(journal.clone(), settings, clock.clone(), tasks.clone(), stop.clone());
        let transactions = Transactions::open(journal, groups, catalogue.clone(), clock, tasks, stop);
        let topic = NewTopic { name: "t".into(), owner: None, partitions: 2, settings: Default::default() };
        catalogue.create(topic).await.unwrap();
        Self { files, catalogue, transactions, _folder: folder }
    }

    /// A producer that has written to both partitions.
    async fn written(&self) -> (i64, i16) {
        let producer = self.transactions.init("x", TIMEOUT, None).await.unwrap();
        self.transactions.add("x", producer, &[place(0), place(1)], None).await.unwrap();
        for index in 0..2 {
            self.partition(index).append(batch(producer), Origin::Platform).unwrap();
        }
        producer
    }

    fn partition(&self, index: i32) -> Partition {
        self.catalogue.get("t").unwrap().partition(index).unwrap()
    }

    /// The end of a partition, and how far readers of committed records see.
    fn ends(&self, index: i32) -> (i64, i64) {
        let offsets = self.partition(index).offsets();
        (offsets.end, offsets.last_stable)
    }
}

fn place(index: i32) -> Place {
    ("t".into(), index)
}

/// The first batch of a producer's transaction.
fn batch(producer: (i64, i16)) -> BytesMut {
    let record = Record { value: Some(Bytes::from_static(b"v")), timestamp: 1_000, ..Default::default() };
    let mut bytes = encode([record].iter()).unwrap();
    bytes[22] |= 1 << 4;
    bytes[43..51].copy_from_slice(&producer.0.to_be_bytes());
    bytes[51..53].copy_from_slice(&producer.1.to_be_bytes());
    bytes[53..57].copy_from_slice(&0_i32.to_be_bytes());
    bytes
}

#[tokio::test]
async fn producers_that_begin_at_once_get_epochs_of_their_own() {
    let house = House::new().await;
    for _ in 0..3 {
        let begun = join_all((0..16).map(|_| house.transactions.init("x", TIMEOUT, None))).await;
        let begun: Vec<_> = begun.into_iter().map(Result::unwrap).collect();
        assert_eq!(begun.iter().collect::<HashSet<_>>().len(), 16, "{begun:?}");
        let last = begun.iter().max_by_key(|(_, epoch)| *epoch).unwrap();
        house.transactions.add("x", *last, &[place(0)], None).await.unwrap();
        house.transactions.end("x", *last, true).await.unwrap();
    }
}

#[tokio::test]
async fn no_marker_precedes_its_decision() {
    let house = House::new().await;
    let producer = house.written().await;
    house.files.fail_syncs(Some("journal"));
    assert_eq!(house.transactions.end("x", producer, true).await, Err(E::ConcurrentTransactions));
    house.transactions.tick().await;
    assert_eq!((house.ends(0), house.ends(1)), ((1, 0), (1, 0)));
}

#[tokio::test]
async fn a_broken_partition_holds_up_no_other() {
    let house = House::new().await;
    let producer = house.written().await;
    house.files.fail_syncs(Some("/0/"));
    assert_eq!(house.transactions.end("x", producer, true).await, Err(E::ConcurrentTransactions));
    assert_eq!(house.ends(1), (2, 2));
    house.transactions.tick().await;
    assert_eq!(house.transactions.end("x", producer, true).await, Err(E::ConcurrentTransactions));
    assert_eq!(house.ends(1), (2, 2), "it has its marker");
    // Once the partition has gone with its topic, nothing is left to do.
    house.files.fail_syncs(None);
    house.catalogue.delete("t".into(), |_| Ok(0)).await.unwrap();
    house.transactions.tick().await;
    assert_eq!(house.transactions.end("x", producer, true).await, Ok(()));
}

#[tokio::test]
async fn a_partition_that_a_later_epoch_has_written_to_is_done() {
    let house = House::new().await;
    let (id, epoch) = house.written().await;
    house.partition(0).end_transaction(id, epoch + 5, false, 0).unwrap();
    assert_eq!(house.transactions.end("x", (id, epoch), true).await, Ok(()));
    assert_eq!((house.ends(0), house.ends(1)), ((2, 2), (2, 2)));
}

#[tokio::test]
async fn what_nobody_will_end_is_aborted_at_the_start() {
    let house = House::new().await;
    house.written().await;
    for index in 0..2 {
        house.partition(index).append(batch((7_777, 3)), Origin::Platform).unwrap();
    }
    house.transactions.start().await;
    for index in 0..2 {
        let open = house.partition(index).open_transactions();
        assert_eq!(open.len(), 1);
        assert_ne!(open[0].producer_id, 7_777);
        assert_eq!(house.ends(index), (3, 0), "the other goes on");
    }
}
