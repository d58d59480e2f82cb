//! Every request in every version that is advertised has an answer that can be read.

use bytes::Bytes;
use kafka_protocol::{
    messages::*,
    protocol::{Encodable, Request},
};

use crate::{
    client::{Client, batch, create, fetch, produce, text, topic},
    platform::Platform,
};

/// Sends a request in all versions that are advertised, and looks at each answer.
async fn all<R: Request>(
    client: &mut Client,
    versions: &[api_versions_response::ApiVersion],
    request: impl Fn(i16) -> R,
    check: impl Fn(i16, R::Response),
) {
    let range = versions.iter().find(|v| v.api_key == R::KEY).expect("the request is advertised");
    for version in range.min_version.max(R::VERSIONS.min)..=range.max_version {
        let answer = client.ask(version, request(version)).await;
        check(version, answer);
    }
}

#[tokio::test]
async fn every_advertised_version_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    let versions = client.ask(0, ApiVersionsRequest::default()).await.api_keys;
    let v = &versions;
    let c = &mut client;
    assert_eq!(c.ask(7, create("t", 2)).await.topics[0].error_code, 0);
    let ok = 0;

    all(c, v, |_| ApiVersionsRequest::default(), |_, a| assert_eq!(a.api_keys.len(), v.len())).await;
    let named = || Some(vec![metadata_request::MetadataRequestTopic::default().with_name(Some(topic("t")))]);
    all(
        c,
        v,
        |_| MetadataRequest::default().with_topics(named()),
        |version, a| {
            assert_eq!((a.topics[0].error_code, a.topics[0].partitions.len()), (ok, 2));
            assert_eq!(a.topics[0].topic_id.is_nil(), version < 10);
            assert_eq!(&*a.brokers[0].host, "broker.test");
        },
    )
    .await;
    all(
        c,
        v,
        |_| produce("t", 0, batch(&["a", "b"])),
        |_, a| {
            assert_eq!(a.responses[0].partition_responses[0].error_code, ok);
        },
    )
    .await;
    all(
        c,
        v,
        |_| produce("t", 0, Bytes::from_static(b"rubbish")),
        |version, a| {
            let partition = &a.responses[0].partition_responses[0];
            assert_ne!(partition.error_code, ok);
            assert_eq!(partition.error_message.is_some(), version >= 8);
        },
    )
    .await;
    all(
        c,
        v,
        |_| fetch("t", 0, 0, 0),
        |_, a| {
            let partition = &a.responses[0].partitions[0];
            assert!(partition.error_code == ok && partition.records.as_ref().is_some_and(|r| !r.is_empty()));
        },
    )
    .await;
    all(c, v, |_| fetch("t", 0, 10_000, 0), |_, a| assert_eq!(a.responses[0].partitions[0].error_code, 1))
        .await;
    all(c, v, |_| list_offsets(-1), |_, a| assert!(a.topics[0].partitions[0].offset > 0)).await;
    all(c, v, |_| list_offsets(1_000), |_, a| assert_eq!(a.topics[0].partitions[0].offset, 0)).await;
    let epochs = |_| {
        let partition = offset_for_leader_epoch_request::OffsetForLeaderPartition::default();
        let wanted = offset_for_leader_epoch_request::OffsetForLeaderTopic::default()
            .with_topic(topic("t"))
            .with_partitions(vec![partition]);
        OffsetForLeaderEpochRequest::default().with_topics(vec![wanted])
    };
    all(c, v, epochs, |_, a| assert!(a.topics[0].partitions[0].end_offset > 0)).await;
    all(
        c,
        v,
        |version| find_coordinator(version, "g"),
        |version, a| {
            let port = if version >= 4 { a.coordinators[0].port } else { a.port };
            assert_eq!(port, i32::from(platform.address.port()));
        },
    )
    .await;
    all(c, v, |_| DescribeClusterRequest::default(), |_, a| assert_eq!(a.brokers.len(), 1)).await;
    groups(c, v).await;
    admin(c, v).await;
    transactions(c, v).await;
    platform.stop().await;
}

fn list_offsets(timestamp: i64) -> ListOffsetsRequest {
    let partition = list_offsets_request::ListOffsetsPartition::default().with_timestamp(timestamp);
    let wanted = list_offsets_request::ListOffsetsTopic::default()
        .with_name(topic("t"))
        .with_partitions(vec![partition]);
    ListOffsetsRequest::default().with_topics(vec![wanted])
}

fn find_coordinator(version: i16, key: &str) -> FindCoordinatorRequest {
    match version >= 4 {
        true => FindCoordinatorRequest::default().with_coordinator_keys(vec![text(key)]),
        false => FindCoordinatorRequest::default().with_key(text(key)),
    }
}

async fn groups(c: &mut Client, v: &[api_versions_response::ApiVersion]) {
    const UNKNOWN_MEMBER: i16 = 25;
    let group = || GroupId(text("g"));
    let protocol = || join_group_request::JoinGroupRequestProtocol::default().with_name(text("range"));
    let join = |version| {
        let join = JoinGroupRequest::default()
            .with_group_id(GroupId(text(&format!("g{version}"))))
            .with_session_timeout_ms(10_000)
            .with_protocol_type(text("consumer"))
            .with_protocols(vec![protocol()]);
        let join = if version >= 5 { join.with_group_instance_id(Some(text("i"))) } else { join };
        if version >= 1 { join.with_rebalance_timeout_ms(10_000) } else { join }
    };
    // Version 4 asks for an id first; static members and older clients are let in at once.
    all(c, v, join, |version, a| {
        assert_eq!(a.error_code, if version == 4 { 79 } else { 0 });
        assert!(!a.member_id.is_empty());
        assert_eq!(a.members.len(), usize::from(version != 4));
    })
    .await;
    let sync = |_| SyncGroupRequest::default().with_group_id(group()).with_member_id(text("m"));
    all(c, v, sync, |_, a| assert_eq!(a.error_code, UNKNOWN_MEMBER)).await;
    let beat = |_| HeartbeatRequest::default().with_group_id(group()).with_member_id(text("m"));
    all(c, v, beat, |_, a| assert_eq!(a.error_code, UNKNOWN_MEMBER)).await;
    let leave = |version| {
        let member = leave_group_request::MemberIdentity::default().with_member_id(text("m"));
        let leave = LeaveGroupRequest::default().with_group_id(group());
        if version >= 3 { leave.with_members(vec![member]) } else { leave.with_member_id(text("m")) }
    };
    all(c, v, leave, |version, a| {
        let code = if version >= 3 { a.members[0].error_code } else { a.error_code };
        assert_eq!(code, UNKNOWN_MEMBER);
    })
    .await;
    let commit = |_| {
        let position = offset_commit_request::OffsetCommitRequestPartition::default()
            .with_committed_offset(5)
            .with_committed_metadata(Some(text("note")));
        let position = offset_commit_request::OffsetCommitRequestTopic::default()
            .with_name(topic("t"))
            .with_partitions(vec![position]);
        OffsetCommitRequest::default()
            .with_group_id(group())
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![position])
    };
    all(c, v, commit, |_, a| assert_eq!(a.topics[0].partitions[0].error_code, 0)).await;
    let positions = |version| {
        if version >= 8 {
            let wanted = offset_fetch_request::OffsetFetchRequestTopics::default()
                .with_name(topic("t"))
                .with_partition_indexes(vec![0]);
            let wanted = offset_fetch_request::OffsetFetchRequestGroup::default()
                .with_group_id(group())
                .with_topics(Some(vec![wanted]));
            return OffsetFetchRequest::default().with_groups(vec![wanted]);
        }
        let wanted = offset_fetch_request::OffsetFetchRequestTopic::default()
            .with_name(topic("t"))
            .with_partition_indexes(vec![0]);
        OffsetFetchRequest::default().with_group_id(group()).with_topics(Some(vec![wanted]))
    };
    all(c, v, positions, |version, a| {
        let offset = match version >= 8 {
            true => a.groups[0].topics[0].partitions[0].committed_offset,
            false => a.topics[0].partitions[0].committed_offset,
        };
        assert_eq!(offset, 5);
    })
    .await;
    all(
        c,
        v,
        |_| ListGroupsRequest::default(),
        |_, a| assert!(a.groups.iter().any(|g| g.group_id == group())),
    )
    .await;
    let describe = |_| DescribeGroupsRequest::default().with_groups(vec![group()]);
    all(c, v, describe, |_, a| assert_eq!(&*a.groups[0].group_state, "Empty")).await;
    let forget = |_| {
        let wanted = offset_delete_request::OffsetDeleteRequestTopic::default()
            .with_name(topic("t"))
            .with_partitions(vec![offset_delete_request::OffsetDeleteRequestPartition::default()]);
        OffsetDeleteRequest::default().with_group_id(group()).with_topics(vec![wanted])
    };
    all(c, v, forget, |_, a| assert_eq!((a.error_code, a.topics[0].partitions[0].error_code), (0, 0))).await;
    let delete = |_| DeleteGroupsRequest::default().with_groups_names(vec![group()]);
    all(c, v, delete, |_, a| assert!(matches!(a.results[0].error_code, 0 | 69))).await;
}

async fn admin(c: &mut Client, v: &[api_versions_response::ApiVersion]) {
    all(c, v, |version| create(&format!("new{version}"), 1), |_, a| assert_eq!(a.topics[0].error_code, 0))
        .await;
    all(c, v, |_| create("bad name", 1), |_, a| assert_eq!(a.topics[0].error_code, 17)).await;
    let grow = |version: i16| {
        let wanted = create_partitions_request::CreatePartitionsTopic::default()
            .with_name(topic("t"))
            .with_count(3 + i32::from(version));
        CreatePartitionsRequest::default().with_topics(vec![wanted])
    };
    all(c, v, grow, |_, a| assert_eq!(a.results[0].error_code, 0)).await;
    let truncate = |_| {
        let partition = delete_records_request::DeleteRecordsPartition::default().with_offset(1);
        let wanted = delete_records_request::DeleteRecordsTopic::default()
            .with_name(topic("t"))
            .with_partitions(vec![partition]);
        DeleteRecordsRequest::default().with_topics(vec![wanted])
    };
    all(c, v, truncate, |_, a| assert_eq!(a.topics[0].partitions[0].low_watermark, 1)).await;
    let configs = |version| {
        let resource = |kind, name| {
            describe_configs_request::DescribeConfigsResource::default()
                .with_resource_type(kind)
                .with_resource_name(text(name))
                .with_configuration_keys(None)
        };
        let request = DescribeConfigsRequest::default()
            .with_resources(vec![resource(2, "t"), resource(4, "1")])
            .with_include_synonyms(true);
        if version >= 3 { request.with_include_documentation(true) } else { request }
    };
    all(c, v, configs, |_, a| {
        let value = a.results[0].configs.iter().find(|s| &*s.name == "retention.ms").unwrap();
        assert_eq!(value.value.as_deref(), Some("604800000"));
        assert!(!value.synonyms.is_empty() && a.results[1].configs.len() > 20);
    })
    .await;
    let alter = |_| {
        let config = alter_configs_request::AlterableConfig::default()
            .with_name(text("retention.ms"))
            .with_value(Some(text("1000")));
        let resource = alter_configs_request::AlterConfigsResource::default()
            .with_resource_type(2)
            .with_resource_name(text("t"))
            .with_configs(vec![config]);
        AlterConfigsRequest::default().with_resources(vec![resource])
    };
    all(c, v, alter, |_, a| assert_eq!(a.responses[0].error_code, 0)).await;
    let alter = |_| {
        let config = incremental_alter_configs_request::AlterableConfig::default()
            .with_name(text("cleanup.policy"))
            .with_config_operation(2)
            .with_value(Some(text("compact")));
        let resource = incremental_alter_configs_request::AlterConfigsResource::default()
            .with_resource_type(2)
            .with_resource_name(text("t"))
            .with_configs(vec![config]);
        IncrementalAlterConfigsRequest::default().with_resources(vec![resource])
    };
    all(c, v, alter, |_, a| assert_eq!(a.responses[0].error_code, 0)).await;
    let delete = |version: i16| {
        let name = topic(&format!("new{}", version.max(2)));
        match version >= 6 {
            true => DeleteTopicsRequest::default()
                .with_topics(vec![delete_topics_request::DeleteTopicState::default().with_name(Some(name))]),
            false => DeleteTopicsRequest::default().with_topic_names(vec![name]),
        }
    };
    all(c, v, delete, |version, a| {
        assert_eq!(a.responses[0].error_code, if version == 2 { 3 } else { 0 }, "version {version}");
    })
    .await;
}

async fn transactions(c: &mut Client, v: &[api_versions_response::ApiVersion]) {
    let id = || TransactionalId(text("x"));
    let init = |_| {
        InitProducerIdRequest::default().with_transactional_id(Some(id())).with_transaction_timeout_ms(60_000)
    };
    all(c, v, init, |_, a| assert_eq!(a.error_code, 0)).await;
    let producer = c.ask(4, init(4)).await;
    let (pid, epoch) = (producer.producer_id, producer.producer_epoch);
    let add = |_| {
        let wanted = add_partitions_to_txn_request::AddPartitionsToTxnTopic::default()
            .with_name(topic("t"))
            .with_partitions(vec![0]);
        AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(id())
            .with_v3_and_below_producer_id(pid)
            .with_v3_and_below_producer_epoch(epoch)
            .with_v3_and_below_topics(vec![wanted])
    };
    all(c, v, add, |_, a| {
        assert_eq!(a.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code, 0);
    })
    .await;
    let add = |_| {
        AddOffsetsToTxnRequest::default()
            .with_transactional_id(id())
            .with_producer_id(pid)
            .with_producer_epoch(epoch)
            .with_group_id(GroupId(text("g")))
    };
    all(c, v, add, |_, a| assert_eq!(a.error_code, 0)).await;
    let commit = |_| {
        let position =
            txn_offset_commit_request::TxnOffsetCommitRequestPartition::default().with_committed_offset(9);
        let position = txn_offset_commit_request::TxnOffsetCommitRequestTopic::default()
            .with_name(topic("t"))
            .with_partitions(vec![position]);
        TxnOffsetCommitRequest::default()
            .with_transactional_id(id())
            .with_group_id(GroupId(text("g")))
            .with_producer_id(pid)
            .with_producer_epoch(epoch)
            .with_topics(vec![position])
    };
    all(c, v, commit, |_, a| assert_eq!(a.topics[0].partitions[0].error_code, 0)).await;
    let end = |_| {
        EndTxnRequest::default()
            .with_transactional_id(id())
            .with_producer_id(pid)
            .with_producer_epoch(epoch)
            .with_committed(true)
    };
    all(c, v, end, |_, a| assert_eq!(a.error_code, 0)).await;
}

#[tokio::test]
async fn unknown_versions_get_the_protocols_error_or_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;

    // Clients that come with a newer ApiVersions read version 0.
    client.send(4, &ApiVersionsRequest::default().with_client_software_name(text("x"))).await;
    let answer = client.answer::<ApiVersionsRequest>(0).await;
    assert_eq!(answer.error_code, 35);
    let api = |key: ApiKey| answer.api_keys.iter().find(|v| v.api_key == key as i16).unwrap();
    assert_eq!(api(ApiKey::Produce).min_version, 0, "or librdkafka compresses nothing");

    // A newer Fetch has room for the error.
    assert_eq!(client.ask(13, FetchRequest::default()).await.error_code, 35);

    // An old Produce is answered in its own shape.
    let mut old = bytes::BytesMut::new();
    for part in
        [&[0, 0, 0, 2, 0, 0, 0, 77][..], &[0xff, 0xff], &[0, 1, 0, 0, 0, 9], &[0, 0, 0, 1, 0, 1, b't']]
    {
        old.extend_from_slice(part);
    }
    old.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 2, 1, 1]);
    client.send_frame(&old).await;
    let answer = client.frame().await.unwrap();
    assert_eq!(
        &answer[..],
        [&[0, 0, 0, 77, 0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1, 0, 0, 0, 3, 0, 35][..], &[0xff; 16], &[0; 4]]
            .concat()
    );

    // What has no answer ends the connection, and that one only.
    let mut other = platform.client().await;
    let mut unknown = bytes::BytesMut::new();
    RequestHeader::default().with_request_api_key(999).encode(&mut unknown, 1).unwrap();
    client.send_frame(&unknown).await;
    assert!(client.frame().await.is_none());
    assert_eq!(other.ask(3, ApiVersionsRequest::default()).await.error_code, 0);
    platform.stop().await;
}
