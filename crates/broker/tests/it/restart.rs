//! What survives a stop.

use headwater_broker::{Broker, NoAccess, log::Isolation};
use headwater_model::access::Policy;
use kafka_protocol::messages::*;
use std::{sync::Arc, time::Duration};

use crate::{
    client::{Client, batch, batch_of, create, produce, text, topic},
    platform::{Platform, options},
};

async fn begin(client: &mut Client, id: &str) -> (i64, i16) {
    let init = InitProducerIdRequest::default()
        .with_transactional_id(Some(TransactionalId(text(id))))
        .with_transaction_timeout_ms(60_000);
    let begun = client.ask(4, init).await;
    assert_eq!(begun.error_code, 0);
    (begun.producer_id.0, begun.producer_epoch)
}

async fn add(client: &mut Client, id: &str, producer: (i64, i16), name: &str) -> i16 {
    let wanted = add_partitions_to_txn_request::AddPartitionsToTxnTopic::default()
        .with_name(topic(name))
        .with_partitions(vec![0]);
    let add = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(TransactionalId(text(id)))
        .with_v3_and_below_producer_id(producer.0.into())
        .with_v3_and_below_producer_epoch(producer.1)
        .with_v3_and_below_topics(vec![wanted]);
    let added = client.ask(3, add).await;
    added.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
}

async fn write(client: &mut Client, id: &str, batch: bytes::Bytes) -> i16 {
    let request = produce("t", 0, batch).with_transactional_id(Some(TransactionalId(text(id))));
    client.ask(9, request).await.responses[0].partition_responses[0].error_code
}

async fn end(client: &mut Client, id: &str, producer: (i64, i16), commit: bool) -> i16 {
    let end = EndTxnRequest::default()
        .with_transactional_id(TransactionalId(text(id)))
        .with_producer_id(producer.0.into())
        .with_producer_epoch(producer.1)
        .with_committed(commit);
    client.ask(3, end).await.error_code
}

/// The values that a reader of committed records sees.
async fn committed(broker: &Broker) -> Vec<String> {
    let (mut values, mut offset) = (Vec::new(), 0);
    loop {
        let read =
            broker.read("t", (0, offset), 1 << 20, Duration::ZERO, Isolation::ReadCommitted).await.unwrap();
        let value = |r: &headwater_broker::records::Record| {
            String::from_utf8(r.value.as_ref().unwrap().to_vec()).unwrap()
        };
        values.extend(read.0.iter().map(value));
        if read.0.is_empty() {
            return values;
        }
        offset = read.1;
    }
}

#[tokio::test]
async fn topics_records_and_positions_are_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 3)).await.topics[0].error_code, 0);
    client.ask(9, produce("t", 0, batch(&["a", "b"]))).await;
    let position = offset_commit_request::OffsetCommitRequestPartition::default().with_committed_offset(1);
    let position = offset_commit_request::OffsetCommitRequestTopic::default()
        .with_name(topic("t"))
        .with_partitions(vec![position]);
    let commit = OffsetCommitRequest::default()
        .with_group_id(GroupId(text("g")))
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![position]);
    assert_eq!(client.ask(8, commit).await.topics[0].partitions[0].error_code, 0);
    let cluster = client.ask(0, DescribeClusterRequest::default()).await.cluster_id;
    let info = platform.broker.topic("t").unwrap();
    platform.stop().await;

    let platform = Platform::open(&folder).await;
    assert_eq!(platform.broker.topic("t").unwrap(), info);
    assert_eq!(committed(&platform.broker).await, ["a", "b"]);
    assert_eq!(
        platform.broker.group("g").unwrap().positions.into_iter().collect::<Vec<_>>(),
        [(("t".to_owned(), 0), 1)]
    );
    assert_eq!(platform.client().await.ask(0, DescribeClusterRequest::default()).await.cluster_id, cluster);
    // A deleted topic takes its positions with it.
    platform.broker.delete_topic("t").await.unwrap();
    assert!(platform.broker.groups().is_empty());
    platform.stop().await;
    let platform = Platform::open(&folder).await;
    assert!(platform.broker.topics().is_empty() && platform.broker.groups().is_empty());
    platform.stop().await;
}

#[tokio::test]
async fn transactions_go_on_and_aborted_records_are_never_seen() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    let x = begin(&mut client, "x").await;
    assert_eq!(write(&mut client, "x", batch_of(x, 0, true, &["early"])).await, 48, "not added yet");
    assert_eq!(add(&mut client, "x", x, "t").await, 0);
    assert_eq!(write(&mut client, "x", batch_of(x, 0, true, &["aborted"])).await, 0);
    assert_eq!(end(&mut client, "x", x, false).await, 0);
    assert_eq!(add(&mut client, "x", x, "t").await, 0);
    assert_eq!(write(&mut client, "x", batch_of(x, 1, true, &["open"])).await, 0);
    let y = begin(&mut client, "y").await;
    assert_eq!(add(&mut client, "y", y, "t").await, 0);
    assert_eq!(write(&mut client, "y", batch_of(y, 0, true, &["left"])).await, 0);
    assert!(committed(&platform.broker).await.is_empty());
    platform.stop().await;

    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    // Begun before, committed after.
    assert_eq!(write(&mut client, "x", batch_of(x, 2, true, &["more"])).await, 0);
    assert_eq!(write(&mut client, "x", batch_of(x, 2, true, &["more"])).await, 0, "sent twice, kept once");
    assert_eq!(end(&mut client, "x", x, true).await, 0);
    // The other's successor aborts what it left, and the old one is shut out.
    let successor = begin(&mut client, "y").await;
    assert!(successor.1 > y.1 && successor.0 == y.0);
    assert_eq!(write(&mut client, "y", batch_of(y, 1, true, &["late"])).await, 47);
    assert_eq!(end(&mut client, "y", y, true).await, 90);
    assert_eq!(committed(&platform.broker).await, ["open", "more"]);
    platform.stop().await;
}

#[tokio::test]
async fn producer_ids_are_never_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut given = std::collections::HashSet::new();
    for _ in 0..3 {
        let platform = Platform::open(&folder).await;
        let mut client = platform.client().await;
        for _ in 0..1500 {
            let id =
                client.ask(4, InitProducerIdRequest::default().with_transactional_id(None)).await.producer_id;
            assert!(given.insert(id), "{id:?} was given before");
        }
        platform.stop().await;
    }
}

#[tokio::test]
async fn a_transaction_that_is_open_for_too_long_is_aborted() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    let init = InitProducerIdRequest::default()
        .with_transactional_id(Some(TransactionalId(text("x"))))
        .with_transaction_timeout_ms(10);
    let begun = client.ask(4, init).await;
    let x = (begun.producer_id.0, begun.producer_epoch);
    assert_eq!(add(&mut client, "x", x, "t").await, 0);
    assert_eq!(write(&mut client, "x", batch_of(x, 0, true, &["slow"])).await, 0);
    // What is written outside of transactions is readable once the other has ended.
    client.ask(9, produce("t", 0, batch(&["after"]))).await;
    let wait = Duration::from_secs(20);
    let (records, _) =
        platform.broker.read("t", (0, 0), 1 << 20, wait, Isolation::ReadCommitted).await.unwrap();
    assert_eq!(records[0].value.as_deref(), Some(&b"after"[..]));
    assert_eq!(end(&mut client, "x", x, true).await, 90);
    platform.stop().await;
}

#[tokio::test]
async fn a_stopped_broker_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::open(options(&folder), Arc::new(NoAccess), Arc::new(Policy)).await.unwrap();
    broker.create_topic("t", None, 1, Default::default()).await.unwrap();
    broker.shutdown().await;
    let record = headwater_broker::records::Record::default();
    assert!(broker.append("t", vec![(0, vec![record])]).await.is_err());
}
