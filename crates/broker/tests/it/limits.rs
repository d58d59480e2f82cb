//! What one client may take from the others: memory, connections, time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use headwater_broker::{Access, BrokerOptions, Credential, NoAccess, ScramKeys, Security};
use headwater_model::{Principal, WorkspaceId};
use kafka_protocol::messages::*;

use crate::{
    client::{PATIENCE, batch, create, fetch, produce, text, topic},
    platform::{A, B, Platform, Workspaces, options, password},
};

#[tokio::test]
async fn what_is_asked_twice_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 2)).await.topics[0].error_code, 0);

    let named = metadata_request::MetadataRequestTopic::default().with_name(Some(topic("t")));
    let metadata = MetadataRequest::default().with_topics(Some(vec![named; 1000]));
    assert_eq!(client.ask(12, metadata).await.topics.len(), 1);

    let resource = |kind, name| {
        describe_configs_request::DescribeConfigsResource::default()
            .with_resource_type(kind)
            .with_resource_name(text(name))
            .with_configuration_keys(None)
    };
    let resources = [resource(2, "t"), resource(2, "t"), resource(4, "1"), resource(4, "01")];
    let configs = client.ask(4, DescribeConfigsRequest::default().with_resources(resources.to_vec())).await;
    let sizes: Vec<_> = configs.results.iter().map(|r| (r.error_code, r.configs.is_empty())).collect();
    assert_eq!(sizes, [(0, false), (0, false), (42, true)]);

    let groups = DescribeGroupsRequest::default().with_groups(vec![GroupId(text("g")); 1000]);
    assert_eq!(client.ask(5, groups).await.groups.len(), 1);

    let partition = list_offsets_request::ListOffsetsPartition::default().with_timestamp(0);
    let partitions = vec![partition.clone(), partition.clone().with_partition_index(1), partition];
    let wanted =
        list_offsets_request::ListOffsetsTopic::default().with_name(topic("t")).with_partitions(partitions);
    let offsets = ListOffsetsRequest::default().with_topics(vec![wanted.clone(), wanted]);
    let offsets = client.ask(7, offsets).await;
    assert_eq!(offsets.topics.iter().map(|t| t.partitions.len()).collect::<Vec<_>>(), [2, 0]);
    platform.stop().await;
}

#[tokio::test]
async fn only_produce_may_be_large() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    let large = "x".repeat(5 << 20);
    let answer = client.ask(9, produce("t", 0, batch(&[&large]))).await;
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 10, "read, and refused by the topic");
    let named = metadata_request::MetadataRequestTopic::default().with_name(Some(topic(&large[..30_000])));
    let metadata = MetadataRequest::default().with_topics(Some(vec![named; 160]));
    client.send(9, &metadata).await;
    assert!(client.frame().await.is_none());
    platform.stop().await;
}

#[tokio::test]
async fn strangers_do_not_stay() {
    let folder = tempfile::tempdir().unwrap();
    let login_timeout = Duration::from_millis(500);
    let options = BrokerOptions { login_timeout, ..options(&folder) };
    let platform = Platform::start(options, Workspaces::two(), Security::Sasl).await;
    let mut known = platform.user(A).await;
    let mut stranger = platform.client().await;
    assert!(stranger.frame().await.is_none());
    assert_eq!(known.ask(12, MetadataRequest::default().with_topics(None)).await.brokers.len(), 1);
    platform.stop().await;
}

#[tokio::test]
async fn a_workspace_has_so_many_connections_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let options = BrokerOptions { max_workspace_connections: 1, ..options(&folder) };
    let platform = Platform::start(options, Workspaces::two(), Security::Sasl).await;
    let first = platform.user(A).await;
    let mut second = platform.client().await;
    assert_eq!(second.plain(A, &password(A)).await, 58);
    assert!(second.frame().await.is_none());
    drop(platform.user(B).await);
    drop(first);
    // The place is free once the broker has seen the first go.
    while platform.client().await.plain(A, &password(A)).await != 0 {}
    platform.stop().await;
}

/// One user, whose password may change and who may go.
struct Changing(Mutex<Option<ScramKeys>>);

impl Access for Changing {
    fn credential(&self, username: &str) -> Option<Credential> {
        let keys = self.0.lock().unwrap().clone().filter(|_| username == A)?;
        Some(Credential {
            principal: Principal::Broker { workspace: A.parse().unwrap(), replica: None },
            keys,
        })
    }

    fn owner_of(&self, name: &str) -> Option<WorkspaceId> {
        let workspace: WorkspaceId = A.parse().unwrap();
        workspace.strip(name).is_some().then_some(workspace)
    }
}

#[tokio::test]
async fn credentials_that_changed_end_their_connections() {
    let folder = tempfile::tempdir().unwrap();
    let access = Arc::new(Changing(Mutex::new(Some(ScramKeys::new(&password(A))))));
    let platform = Platform::start(options(&folder), access.clone(), Security::Sasl).await;
    for now in [Some(ScramKeys::new("another")), None] {
        *access.0.lock().unwrap() = Some(ScramKeys::new(&password(A)));
        let mut client = platform.user(A).await;
        assert_eq!(client.ask(12, MetadataRequest::default().with_topics(None)).await.brokers.len(), 1);
        *access.0.lock().unwrap() = now;
        assert!(client.frame().await.is_none(), "ended although it asks nothing");
    }
    platform.stop().await;
}

#[tokio::test]
async fn a_client_that_takes_no_answers_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let write_timeout = Duration::from_millis(200);
    let options = BrokerOptions { write_timeout, ..options(&folder) };
    let platform = Platform::start(options, Arc::new(NoAccess), Security::None).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    // More than the buffers of a connection hold.
    let large = batch(&[&"x".repeat(1_000_000)]);
    for _ in 0..32 {
        client.ask(9, produce("t", 0, large.clone())).await;
    }
    let mut request = fetch("t", 0, 0, 0).with_max_bytes(i32::MAX);
    request.topics[0].partitions[0].partition_max_bytes = i32::MAX;
    for _ in 0..4 {
        client.send(12, &request).await;
    }
    let gone = async {
        while platform.broker.connections() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("the connection is held");
    platform.stop().await;
}

#[tokio::test]
async fn a_produce_names_so_many_partitions_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    let mut request = produce("t", 0, Bytes::new());
    let data = request.topic_data[0].partition_data[0].clone();
    request.topic_data[0].partition_data = vec![data; 30_000];
    client.send(9, &request).await;
    assert!(client.frame().await.is_none());
    platform.stop().await;
}
