//! A workspace's credentials reach what it owns and nothing else, whatever is asked.

use std::collections::BTreeSet;

use kafka_protocol::messages::*;

use crate::{
    client::{Client, batch, create, fetch, produce, text, topic},
    platform::{A, B, Platform},
};

const TOPIC: i16 = 29;
const GROUP: i16 = 30;
const TRANSACTION: i16 = 53;

/// Notes what was asked, so that nothing that is served is left out.
struct Asked<'a>(&'a mut Client, BTreeSet<i16>);

impl Asked<'_> {
    async fn ask<R: kafka_protocol::protocol::Request>(&mut self, version: i16, request: R) -> R::Response {
        self.1.insert(R::KEY);
        self.0.ask(version, request).await
    }
}

#[tokio::test]
async fn others_are_out_of_reach_by_every_request() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    let (mut a, mut b) = (platform.user(A).await, platform.user(B).await);
    let own = format!("{A}-t");
    assert_eq!(a.ask(7, create(&own, 1)).await.topics[0].error_code, 0);
    assert_eq!(
        a.ask(9, produce(&own, 0, batch(&["secret"]))).await.responses[0].partition_responses[0].error_code,
        0
    );
    let id = {
        let wanted = metadata_request::MetadataRequestTopic::default().with_name(Some(topic(&own)));
        a.ask(12, MetadataRequest::default().with_topics(Some(vec![wanted]))).await.topics[0].topic_id
    };
    commit(&mut a, &own).await;

    // Names that do not exist are refused alike, so that nobody learns which do.
    for name in [own.as_str(), &format!("{A}-none"), "nobodys"] {
        let mut asked = Asked(&mut b, BTreeSet::new());
        records(&mut asked, name).await;
        administration(&mut asked, name).await;
        groups(&mut asked, name).await;
        transactions(&mut asked, name).await;
        listings(&mut asked, id).await;
        let mut served: BTreeSet<_> =
            asked.ask(3, ApiVersionsRequest::default()).await.api_keys.iter().map(|v| v.api_key).collect();
        // The exchange before there is a principal.
        served.retain(|key| ![17, 36].contains(key));
        assert_eq!(asked.1, served, "a request that is served was not tried");
    }

    // Nothing has happened, and the owner still reaches everything.
    let read = a.ask(12, fetch(&own, 0, 0, 0)).await;
    assert!(read.responses[0].partitions[0].records.as_ref().is_some_and(|r| !r.is_empty()));
    assert_eq!(platform.broker.offsets(&own).unwrap()[0].end, 1);
    let groups = platform.broker.groups();
    assert_eq!(groups.iter().map(|group| &group.name).collect::<Vec<_>>(), [&format!("{A}-g")]);
    platform.stop().await;
}

async fn commit(client: &mut Client, own: &str) {
    let position = offset_commit_request::OffsetCommitRequestPartition::default().with_committed_offset(1);
    let position = offset_commit_request::OffsetCommitRequestTopic::default()
        .with_name(topic(own))
        .with_partitions(vec![position]);
    let commit = OffsetCommitRequest::default()
        .with_group_id(GroupId(text(&format!("{A}-g"))))
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![position]);
    assert_eq!(client.ask(8, commit).await.topics[0].partitions[0].error_code, 0);
}

async fn records(b: &mut Asked<'_>, name: &str) {
    let wanted = metadata_request::MetadataRequestTopic::default().with_name(Some(topic(name)));
    let metadata = b.ask(12, MetadataRequest::default().with_topics(Some(vec![wanted]))).await;
    assert_eq!((metadata.topics[0].error_code, metadata.topics[0].partitions.len()), (TOPIC, 0));
    assert_eq!(
        b.ask(9, produce(name, 0, batch(&["x"]))).await.responses[0].partition_responses[0].error_code,
        TOPIC
    );
    let read = b.ask(12, fetch(name, 0, 0, 0)).await;
    let partition = &read.responses[0].partitions[0];
    assert_eq!((partition.error_code, partition.high_watermark), (TOPIC, -1));
    assert!(partition.records.as_ref().is_none_or(|r| r.is_empty()));
    let partition = list_offsets_request::ListOffsetsPartition::default().with_timestamp(-1);
    let wanted = list_offsets_request::ListOffsetsTopic::default()
        .with_name(topic(name))
        .with_partitions(vec![partition]);
    let offsets = b.ask(7, ListOffsetsRequest::default().with_topics(vec![wanted])).await;
    assert_eq!(
        (offsets.topics[0].partitions[0].error_code, offsets.topics[0].partitions[0].offset),
        (TOPIC, -1)
    );
    let wanted = offset_for_leader_epoch_request::OffsetForLeaderTopic::default()
        .with_topic(topic(name))
        .with_partitions(vec![Default::default()]);
    let epochs = b.ask(4, OffsetForLeaderEpochRequest::default().with_topics(vec![wanted])).await;
    assert_eq!(epochs.topics[0].partitions[0].error_code, TOPIC);
}

async fn administration(b: &mut Asked<'_>, name: &str) {
    assert_eq!(b.ask(7, create(name, 1)).await.topics[0].error_code, TOPIC);
    let delete = DeleteTopicsRequest::default().with_topic_names(vec![topic(name)]);
    assert_eq!(b.ask(5, delete).await.responses[0].error_code, TOPIC);
    let wanted =
        create_partitions_request::CreatePartitionsTopic::default().with_name(topic(name)).with_count(5);
    let grown = b.ask(3, CreatePartitionsRequest::default().with_topics(vec![wanted])).await;
    assert_eq!(grown.results[0].error_code, TOPIC);
    let partition = delete_records_request::DeleteRecordsPartition::default().with_offset(-1);
    let wanted = delete_records_request::DeleteRecordsTopic::default()
        .with_name(topic(name))
        .with_partitions(vec![partition]);
    let emptied = b.ask(2, DeleteRecordsRequest::default().with_topics(vec![wanted])).await;
    assert_eq!(emptied.topics[0].partitions[0].error_code, TOPIC);
    let resource = describe_configs_request::DescribeConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(text(name))
        .with_configuration_keys(None);
    let configs = b.ask(4, DescribeConfigsRequest::default().with_resources(vec![resource])).await;
    assert_eq!((configs.results[0].error_code, configs.results[0].configs.len()), (TOPIC, 0));
    let resource = alter_configs_request::AlterConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(text(name));
    let altered = b.ask(2, AlterConfigsRequest::default().with_resources(vec![resource])).await;
    assert_eq!(altered.responses[0].error_code, TOPIC);
    let resource = incremental_alter_configs_request::AlterConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(text(name));
    let altered = b.ask(1, IncrementalAlterConfigsRequest::default().with_resources(vec![resource])).await;
    assert_eq!(altered.responses[0].error_code, TOPIC);
}

async fn groups(b: &mut Asked<'_>, name: &str) {
    let group = || GroupId(text(&format!("{A}-g")));
    let found = b.ask(4, FindCoordinatorRequest::default().with_coordinator_keys(vec![group().0])).await;
    assert_eq!(found.coordinators[0].error_code, GROUP);
    let protocol = join_group_request::JoinGroupRequestProtocol::default().with_name(text("range"));
    let join = JoinGroupRequest::default()
        .with_group_id(group())
        .with_session_timeout_ms(10_000)
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![protocol]);
    assert_eq!(b.ask(9, join).await.error_code, GROUP);
    assert_eq!(b.ask(5, SyncGroupRequest::default().with_group_id(group())).await.error_code, GROUP);
    assert_eq!(b.ask(4, HeartbeatRequest::default().with_group_id(group())).await.error_code, GROUP);
    assert_eq!(b.ask(5, LeaveGroupRequest::default().with_group_id(group())).await.error_code, GROUP);
    let described = b.ask(5, DescribeGroupsRequest::default().with_groups(vec![group()])).await;
    assert_eq!(described.groups[0].error_code, GROUP);
    let deleted = b.ask(2, DeleteGroupsRequest::default().with_groups_names(vec![group()])).await;
    assert_eq!(deleted.results[0].error_code, GROUP);
    assert_eq!(b.ask(0, OffsetDeleteRequest::default().with_group_id(group())).await.error_code, GROUP);

    // Others' topics by a group of one's own, and one's own topics by others' groups.
    for (group, code) in [(group(), None), (GroupId(text(&format!("{B}-g"))), Some(TOPIC))] {
        let position = offset_commit_request::OffsetCommitRequestTopic::default()
            .with_name(topic(name))
            .with_partitions(vec![Default::default()]);
        let commit = OffsetCommitRequest::default()
            .with_group_id(group.clone())
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![position]);
        let error = b.ask(8, commit).await.topics[0].partitions[0].error_code;
        assert!(error == code.unwrap_or(GROUP) || error == TOPIC, "{error}");
        let wanted = offset_fetch_request::OffsetFetchRequestTopics::default()
            .with_name(topic(name))
            .with_partition_indexes(vec![0]);
        let wanted = offset_fetch_request::OffsetFetchRequestGroup::default()
            .with_group_id(group)
            .with_topics(Some(vec![wanted]));
        let found = b.ask(8, OffsetFetchRequest::default().with_groups(vec![wanted])).await;
        match code {
            None => assert_eq!(found.groups[0].error_code, GROUP),
            Some(code) => assert_eq!(found.groups[0].topics[0].partitions[0].error_code, code),
        }
    }
}

async fn transactions(b: &mut Asked<'_>, name: &str) {
    let id = |workspace: &str| TransactionalId(text(&format!("{workspace}-x")));
    let init = |workspace: &str| {
        InitProducerIdRequest::default()
            .with_transactional_id(Some(id(workspace)))
            .with_transaction_timeout_ms(60_000)
    };
    assert_eq!(b.ask(4, init(A)).await.error_code, TRANSACTION);
    let coordinator = FindCoordinatorRequest::default().with_key_type(1).with_coordinator_keys(vec![id(A).0]);
    assert_eq!(b.ask(4, coordinator).await.coordinators[0].error_code, TRANSACTION);
    assert_eq!(b.ask(3, EndTxnRequest::default().with_transactional_id(id(A))).await.error_code, TRANSACTION);
    let add = |workspace: &str, group: &str| {
        AddOffsetsToTxnRequest::default()
            .with_transactional_id(id(workspace))
            .with_group_id(GroupId(text(&format!("{group}-g"))))
    };
    assert_eq!(b.ask(3, add(A, B)).await.error_code, TRANSACTION);
    assert_eq!(b.ask(3, add(B, A)).await.error_code, GROUP);
    let own = b.ask(4, init(B)).await;
    assert_eq!(own.error_code, 0);
    let wanted = add_partitions_to_txn_request::AddPartitionsToTxnTopic::default()
        .with_name(topic(name))
        .with_partitions(vec![0]);
    let partitions = |workspace: &str| {
        AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(id(workspace))
            .with_v3_and_below_producer_id(own.producer_id)
            .with_v3_and_below_producer_epoch(own.producer_epoch)
            .with_v3_and_below_topics(vec![wanted.clone()])
    };
    for workspace in [A, B] {
        let added = b.ask(3, partitions(workspace)).await;
        let code = added.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code;
        assert_eq!(code, TOPIC);
    }
    let position = txn_offset_commit_request::TxnOffsetCommitRequestTopic::default()
        .with_name(topic(name))
        .with_partitions(vec![Default::default()]);
    let commit = TxnOffsetCommitRequest::default()
        .with_transactional_id(id(A))
        .with_group_id(GroupId(text(&format!("{A}-g"))))
        .with_topics(vec![position]);
    assert_ne!(b.ask(3, commit).await.topics[0].partitions[0].error_code, 0);
    let foreign = produce(&format!("{B}-t"), 0, batch(&["x"])).with_transactional_id(Some(id(A)));
    assert_eq!(b.ask(9, foreign).await.responses[0].partition_responses[0].error_code, TRANSACTION);
}

async fn listings(b: &mut Asked<'_>, id: uuid::Uuid) {
    let all = b.ask(12, MetadataRequest::default().with_topics(None)).await;
    assert!(all.topics.is_empty(), "{:?}", all.topics);
    assert!(b.ask(4, ListGroupsRequest::default()).await.groups.is_empty());
    assert_eq!(b.ask(1, DescribeClusterRequest::default()).await.brokers.len(), 1);
    // By id, others' topics are as unknown as those that nobody has.
    for id in [id, uuid::Uuid::new_v4()] {
        let wanted = metadata_request::MetadataRequestTopic::default().with_topic_id(id).with_name(None);
        let found = b.ask(12, MetadataRequest::default().with_topics(Some(vec![wanted]))).await;
        assert_eq!((found.topics[0].error_code, &found.topics[0].name), (100, &None));
        let wanted = delete_topics_request::DeleteTopicState::default().with_topic_id(id).with_name(None);
        let deleted = b.ask(6, DeleteTopicsRequest::default().with_topics(vec![wanted])).await;
        assert_eq!((deleted.responses[0].error_code, &deleted.responses[0].name), (100, &None));
    }
}

#[tokio::test]
async fn the_recorded_owner_decides_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    let broker = &platform.broker;
    let name = format!("{A}-looks-like-mine");
    broker.create_topic(&name, Some(B.parse().unwrap()), 1, Default::default()).await.unwrap();
    let (mut a, mut b) = (platform.user(A).await, platform.user(B).await);
    assert_eq!(a.ask(12, fetch(&name, 0, 0, 0)).await.responses[0].partitions[0].error_code, TOPIC);
    assert_eq!(b.ask(12, fetch(&name, 0, 0, 0)).await.responses[0].partitions[0].error_code, 0);
    assert_eq!(a.ask(7, create(&name, 1)).await.topics[0].error_code, TOPIC);
    let seen = b.ask(12, MetadataRequest::default().with_topics(None)).await;
    assert_eq!(seen.topics.len(), 1);
    // What is made over the wire belongs to whoever made it.
    let own = format!("{A}-own");
    assert_eq!(a.ask(7, create(&own, 1)).await.topics[0].error_code, 0);
    assert_eq!(broker.topic(&own).unwrap().owner, Some(A.parse().unwrap()));
    assert_eq!(a.ask(7, create("nobodys", 1)).await.topics[0].error_code, TOPIC);
    platform.stop().await;
}
