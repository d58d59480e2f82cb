//! Which replicas are known to have consumed.

use headwater_model::{DeploymentId, ReplicaId};
use kafka_protocol::messages::{
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    *,
};

use crate::{
    client::{Client, batch, create, fetch, produce, text, topic},
    platform::{A, Platform, replica, replica_user},
};

const TOPIC: &str = "acme-demo-a-t";

struct Stage {
    platform: Platform,
    first: ReplicaId,
    second: ReplicaId,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// A topic with two partitions, one record in the first.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let platform = Platform::guarded(&folder).await;
        let mut client = platform.user(A).await;
        assert_eq!(client.ask(7, create(TOPIC, 2)).await.topics[0].error_code, 0);
        client.ask(9, produce(TOPIC, 0, batch(&["a"]))).await;
        let deployment = DeploymentId::new();
        let (first, second) = (replica(deployment, 0), replica(deployment, 1));
        Self { platform, first, second, _folder: folder }
    }

    async fn client(&self, replica: &ReplicaId) -> Client {
        self.platform.user(&replica_user(A, replica)).await
    }

    fn consumed(&self) -> [bool; 2] {
        [&self.first, &self.second].map(|replica| self.platform.broker.consumed(replica, TOPIC).is_some())
    }
}

#[tokio::test]
async fn a_replica_that_is_given_records_has_consumed() {
    let stage = Stage::new().await;
    let mut client = stage.client(&stage.first).await;
    for elsewhere in [fetch("acme-demo-a-none", 0, 0, 0), fetch(TOPIC, 0, 2, 0), fetch(TOPIC, 7, 0, 0)] {
        client.ask(11, elsewhere).await;
    }
    assert_eq!(stage.consumed(), [false, false]);
    let before = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64;
    let answer = client.ask(11, fetch(TOPIC, 0, 0, 0)).await;
    assert!(!answer.responses[0].partitions[0].records.as_ref().unwrap().is_empty());
    assert_eq!(stage.consumed(), [true, false]);
    assert!(stage.platform.broker.consumed(&stage.first, TOPIC).unwrap() >= before);
    // The workspace itself is no replica.
    stage.platform.user(A).await.ask(11, fetch(TOPIC, 0, 0, 0)).await;
    assert_eq!(stage.consumed(), [true, false]);
    stage.platform.stop().await;
}

#[tokio::test]
async fn a_replica_at_the_end_has_consumed_while_it_waits() {
    let stage = Stage::new().await;
    let mut client = stage.client(&stage.second).await;
    client.send(11, &fetch(TOPIC, 1, 0, 600_000)).await;
    let mut other = stage.platform.user(A).await;
    while !stage.consumed()[1] {
        other.ask(12, MetadataRequest::default().with_topics(None)).await;
    }
    assert_eq!(stage.consumed(), [false, true]);
    stage.platform.stop().await;
}

#[tokio::test]
async fn a_replica_that_commits_a_position_has_consumed() {
    let stage = Stage::new().await;
    let mut client = stage.client(&stage.first).await;
    let commit = |group: &str| {
        let position = OffsetCommitRequestPartition::default().with_committed_offset(1);
        let positions =
            OffsetCommitRequestTopic::default().with_name(topic(TOPIC)).with_partitions(vec![position]);
        OffsetCommitRequest::default()
            .with_group_id(GroupId(text(group)))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![positions])
    };
    let refused = client.ask(8, commit("acme-demo-b-g")).await;
    assert_ne!(refused.topics[0].partitions[0].error_code, 0);
    assert_eq!(stage.consumed(), [false, false]);
    let answer = client.ask(8, commit("acme-demo-a-g")).await;
    assert_eq!(answer.topics[0].partitions[0].error_code, 0);
    assert_eq!(stage.consumed(), [true, false]);
    stage.platform.stop().await;
}
