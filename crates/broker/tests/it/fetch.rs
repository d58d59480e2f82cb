//! Reading over the wire: waiting, limits, order.

use kafka_protocol::messages::*;

use crate::{
    client::{PATIENCE, batch, create, fetch, produce, text, topic},
    platform::Platform,
};

#[tokio::test]
async fn a_waiting_fetch_is_answered_by_the_append() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let (mut reader, mut writer) = (platform.client().await, platform.client().await);
    assert_eq!(writer.ask(7, create("t", 2)).await.topics[0].error_code, 0);
    // Two partitions; the one that is written to is the second.
    let mut request = fetch("t", 0, 0, 600_000);
    let mut second = request.topics[0].partitions[0].clone();
    second.partition = 1;
    request.topics[0].partitions.push(second);
    reader.send(12, &request).await;
    assert_eq!(
        writer.ask(9, produce("t", 1, batch(&["news"]))).await.responses[0].partition_responses[0].error_code,
        0
    );
    let answer = tokio::time::timeout(PATIENCE, reader.answer::<FetchRequest>(12)).await.unwrap();
    assert!(answer.responses[0].partitions[0].records.as_ref().unwrap().is_empty());
    assert!(!answer.responses[0].partitions[1].records.as_ref().unwrap().is_empty());
    platform.stop().await;
}

#[tokio::test]
async fn a_waiting_fetch_is_answered_when_its_topic_goes() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let (mut reader, mut writer) = (platform.client().await, platform.client().await);
    assert_eq!(writer.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    reader.send(12, &fetch("t", 0, 0, 600_000)).await;
    let delete = DeleteTopicsRequest::default().with_topic_names(vec![topic("t")]);
    assert_eq!(writer.ask(5, delete).await.responses[0].error_code, 0);
    let answer = reader.answer::<FetchRequest>(12).await;
    assert_ne!(answer.responses[0].partitions[0].error_code, 0);
    platform.stop().await;
}

#[tokio::test]
async fn enough_is_waited_for_and_no_more_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let (mut reader, mut writer) = (platform.client().await, platform.client().await);
    assert_eq!(writer.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    let one = batch(&["x"]);
    reader.send(12, &fetch("t", 0, 0, 600_000).with_min_bytes(2 * one.len() as i32)).await;
    for _ in 0..2 {
        writer.ask(9, produce("t", 0, one.clone())).await;
    }
    let answer = reader.answer::<FetchRequest>(12).await;
    assert_eq!(answer.responses[0].partitions[0].records.as_ref().unwrap().len(), 2 * one.len());
    // Less than a batch is allowed: the first is given whole, so that the reader gets on.
    let answer = reader.ask(12, fetch("t", 0, 0, 0).with_max_bytes(1)).await;
    assert_eq!(answer.responses[0].partitions[0].records.as_ref().unwrap().len(), one.len());
    platform.stop().await;
}

#[tokio::test]
async fn less_than_enough_is_given_when_the_time_is_up() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let (mut reader, mut writer) = (platform.client().await, platform.client().await);
    assert_eq!(writer.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    let one = batch(&["x"]);
    reader.send(12, &fetch("t", 0, 0, 700).with_min_bytes(1 << 20)).await;
    for _ in 0..3 {
        writer.ask(9, produce("t", 0, one.clone())).await;
    }
    let answer = reader.answer::<FetchRequest>(12).await;
    assert_eq!(answer.responses[0].partitions[0].records.as_ref().unwrap().len(), 3 * one.len());
    platform.stop().await;
}

#[tokio::test]
async fn large_reads_come_whole() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    let large = batch(&[&"x".repeat(900_000)]);
    for _ in 0..3 {
        client.ask(9, produce("t", 0, large.clone())).await;
    }
    let mut request = fetch("t", 0, 0, 0);
    request.topics[0].partitions[0].partition_max_bytes = 1 << 23;
    let answer = client.ask(12, request).await;
    assert_eq!(answer.responses[0].partitions[0].records.as_ref().unwrap().len(), 3 * large.len());
    platform.stop().await;
}

#[tokio::test]
async fn answers_come_in_the_order_of_requests() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    let before: Vec<_> = (0..100).map(|i| batch(&[&i.to_string()])).collect();
    for batch in before {
        client.send(9, &produce("t", 0, batch)).await;
    }
    client.send(3, &ApiVersionsRequest::default()).await;
    for expected in 2..=102 {
        let frame = client.frame().await.unwrap();
        assert_eq!(i32::from_be_bytes(frame[..4].try_into().unwrap()), expected);
    }
    assert_eq!(platform.broker.offsets("t").unwrap()[0].end, 100);
    platform.stop().await;
}

#[tokio::test]
async fn produce_without_acknowledgement_is_kept_and_a_failure_ends_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    client.send(9, &produce("t", 0, batch(&["x"])).with_acks(0)).await;
    assert_eq!(client.ask(3, ApiVersionsRequest::default()).await.error_code, 0);
    assert_eq!(platform.broker.offsets("t").unwrap()[0].end, 1);
    client.send(9, &produce("nowhere", 0, batch(&["x"])).with_acks(0)).await;
    assert!(client.frame().await.is_none());
    platform.stop().await;
}

#[tokio::test]
async fn topics_are_made_when_allowed_and_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let auto =
        headwater_broker::BrokerOptions { auto_create_topics: true, ..crate::platform::options(&folder) };
    let access = std::sync::Arc::new(headwater_broker::NoAccess);
    let platform = Platform::start(auto, access, headwater_broker::Security::None).await;
    let mut client = platform.client().await;
    let ask = |name: &str, create| {
        let wanted = metadata_request::MetadataRequestTopic::default().with_name(Some(topic(name)));
        MetadataRequest::default().with_topics(Some(vec![wanted])).with_allow_auto_topic_creation(create)
    };
    assert_eq!(client.ask(9, ask("t", false)).await.topics[0].error_code, 3);
    assert_eq!(client.ask(9, ask("t", true)).await.topics[0].error_code, 0);
    assert_eq!(client.ask(9, ask("t t", true)).await.topics[0].error_code, 17);
    let id = client.ask(12, ask("t", false)).await.topics[0].topic_id;
    let by_id = metadata_request::MetadataRequestTopic::default().with_topic_id(id).with_name(None);
    let found = client.ask(12, MetadataRequest::default().with_topics(Some(vec![by_id]))).await;
    assert_eq!(found.topics[0].name.as_ref().map(|n| n.0.clone()), Some(text("t")));
    platform.stop().await;
}

#[tokio::test]
async fn records_that_are_handed_out_are_counted_from_the_offset_on() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(7, create("t", 1)).await.topics[0].error_code, 0);
    client.ask(9, produce("t", 0, batch(&["a", "b", "c"]))).await;
    client.ask(9, produce("t", 0, batch(&["d"]))).await;
    client.ask(12, fetch("t", 0, 1, 0)).await;
    let traffic = platform.broker.traffic()["t"];
    assert_eq!((traffic.records_in, traffic.records_out), (4, 3));
    platform.stop().await;
}
