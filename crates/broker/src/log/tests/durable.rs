//! What becomes durable although nobody waits for it.

use std::time::Duration;

use super::fixture::*;
use crate::log::{Isolation::*, Origin::*, Partition};

fn fill(partition: &Partition, count: usize) {
    for i in 0..count {
        partition.append(plain(&[&i.to_string()]).bytes(), Client).unwrap();
    }
}

/// Records that a power cut now would leave.
fn left(fixture: &Fixture) -> usize {
    let files = fixture.files.power_cut(7);
    let (settings, now) = (fixture.settings.clone(), fixture.now.clone());
    let after = Fixture { files, settings, now, sync: fixture.sync };
    values(&after.open(), ReadUncommitted).len()
}

async fn wait_until_durable(fixture: &Fixture, count: usize) {
    let durable = async {
        while left(fixture) < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), durable).await.expect("nothing is synced");
}

#[tokio::test]
async fn what_is_left_is_synced_from_time_to_time() {
    for sync in [true, false] {
        let fixture = Fixture { sync, ..Fixture::new(small(1000)) };
        let partition = fixture.open();
        fill(&partition, 30);
        partition.sync_remainder();
        wait_until_durable(&fixture, 30).await;
    }
}

#[tokio::test]
async fn segments_do_not_pile_up_unsynced() {
    let fixture = Fixture::new(small(100));
    let partition = fixture.open();
    fill(&partition, 10);
    partition.sync_when_due();
    assert!(left(&fixture) < 10, "a few may wait");
    for _ in 0..50 {
        fill(&partition, 1);
        partition.sync_when_due();
    }
    wait_until_durable(&fixture, 60).await;
}
