//! Positions of groups, as clients commit them.

use headwater_broker::{BrokerOptions, NoAccess, Security};
use kafka_protocol::messages::{
    offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    *,
};
use std::sync::Arc;

use crate::{
    client::{batch, create, produce, text, topic},
    platform::{Platform, options},
};

#[tokio::test]
async fn positions_are_kept_wherever_they_are() {
    let folder = tempfile::tempdir().unwrap();
    // With sync on a position waits for the records before it.
    let options = BrokerOptions { sync: true, ..options(&folder) };
    let platform = Platform::start(options, Arc::new(NoAccess), Security::None).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(5, create("t", 2)).await.topics[0].error_code, 0);
    client.ask(9, produce("t", 0, batch(&["a", "b"]))).await;
    for offset in [-1, 0, 1, 2, 3, i64::MAX] {
        let partition = |index| {
            OffsetCommitRequestPartition::default().with_partition_index(index).with_committed_offset(offset)
        };
        let wanted = OffsetCommitRequestTopic::default().with_name(topic("t")).with_partitions(vec![
            partition(0),
            partition(7),
            partition(1),
        ]);
        let commit = OffsetCommitRequest::default()
            .with_group_id(GroupId(text("g")))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![wanted]);
        let answer = client.ask(8, commit).await;
        let codes: Vec<_> =
            answer.topics[0].partitions.iter().map(|p| (p.partition_index, p.error_code)).collect();
        assert_eq!(codes, [(0, 0), (7, 3), (1, 0)], "at {offset}");
        let kept: Vec<_> = platform.broker.group("g").unwrap().positions.into_values().collect();
        assert_eq!(kept, [offset, offset]);
    }
    platform.stop().await;
}
