//! The broker as the process that it lives in uses it.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use headwater_broker::{
    Broker, Error,
    batch::Header,
    log::Isolation,
    records::{Compression, Record, batches, encode, recompress},
    storage,
};
use kafka_protocol::messages::*;

use crate::{
    client::{batch, fetch, produce},
    platform::Platform,
};

async fn make(broker: &Broker, settings: &[(&str, &str)]) {
    let settings: BTreeMap<_, _> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    broker.create_topic("t", None, 2, settings).await.unwrap();
}

fn record(key: Option<&'static str>, size: usize) -> Record {
    let timestamp = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64;
    let key = key.map(|k| Bytes::from_static(k.as_bytes()));
    Record { key, value: Some(vec![7; size].into()), timestamp, ..Record::default() }
}

fn ends(broker: &Broker) -> Vec<i64> {
    broker.offsets("t").unwrap().iter().map(|o| o.end).collect()
}

/// The headers of the batches of a partition, as a client gets them.
async fn stored(platform: &Platform) -> Vec<Header> {
    let answer = platform.client().await.ask(12, fetch("t", 0, 0, 0)).await;
    let records = answer.responses[0].partitions[0].records.clone().unwrap();
    batches(records).map(|(header, _)| header).collect()
}

#[tokio::test]
async fn appended_batches_are_no_larger_than_the_topic_allows() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    make(&platform.broker, &[("max.message.bytes", "2000")]).await;
    let records = vec![record(None, 100); 200];
    let offsets = platform.broker.append("t", vec![(0, records)]).await.unwrap();
    assert_eq!(offsets, [(0..200).collect::<Vec<_>>()]);
    let stored = stored(&platform).await;
    assert!(stored.len() > 10 && stored.iter().all(|h| h.size <= 2000));
    platform.stop().await;
}

#[tokio::test]
async fn nothing_is_appended_when_a_record_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let broker = &platform.broker;
    make(broker, &[("max.message.bytes", "2000"), ("cleanup.policy", "compact")]).await;
    let good = || (0, vec![record(Some("k"), 10)]);
    let too_large = broker.append("t", vec![good(), (1, vec![record(Some("k"), 3000)])]).await;
    assert!(matches!(too_large, Err(Error::Storage(storage::Error::TooLarge { max: 2000, .. }))));
    let keyless = broker.append("t", vec![good(), (1, vec![record(None, 10)])]).await;
    assert!(matches!(keyless, Err(Error::Invalid { .. })));
    let nowhere = broker.append("t", vec![good(), (2, vec![record(Some("k"), 10)])]).await;
    assert!(matches!(nowhere, Err(Error::UnknownTopic(_))));
    assert_eq!(ends(broker), [0, 0]);
    broker.append("t", vec![good(), (1, vec![record(Some("k"), 10)])]).await.unwrap();
    assert_eq!(ends(broker), [1, 1]);
    platform.stop().await;
}

#[tokio::test]
async fn appended_batches_are_compressed_as_the_topic_says() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    make(&platform.broker, &[("compression.type", "zstd")]).await;
    platform.broker.append("t", vec![(0, vec![record(None, 1000); 3])]).await.unwrap();
    assert_eq!(stored(&platform).await[0].compression(), Compression::Zstd as i16);
    let (records, next) =
        platform.broker.read("t", (0, 0), 1 << 20, Duration::ZERO, Isolation::ReadCommitted).await.unwrap();
    assert_eq!((records.len(), next), (3, 3));
    platform.stop().await;
}

#[tokio::test]
async fn a_batch_of_very_many_records_is_read_in_parts() {
    const COUNT: usize = 400_000;
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    make(&platform.broker, &[]).await;
    let tiny = Record { timestamp: record(None, 0).timestamp, ..Record::default() };
    let plain = encode(vec![tiny; COUNT].iter()).unwrap().freeze();
    let packed = recompress(&Header::parse(&plain).unwrap(), &plain, Compression::Zstd).unwrap().freeze();
    let answer = platform.client().await.ask(9, produce("t", 0, packed)).await;
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
    let (mut at, mut reads) = (0, 0);
    while at < COUNT as i64 {
        let read = platform.broker.read("t", (0, at), 1, Duration::ZERO, Isolation::ReadCommitted);
        let (records, next) = read.await.unwrap();
        assert_eq!((records[0].offset, records.len() as i64), (at, next - at), "none left out, none twice");
        (at, reads) = (next, reads + 1);
    }
    assert!(reads > 1);
    platform.stop().await;
}

/// A transaction's batch, as its producer sends it, and its abort.
async fn abort(platform: &Platform, batches: i32) {
    let mut client = platform.client().await;
    let id = || TransactionalId(crate::client::text("x"));
    let init = InitProducerIdRequest::default()
        .with_transactional_id(Some(id()))
        .with_transaction_timeout_ms(60_000);
    let begun = client.ask(4, init).await;
    let producer = (begun.producer_id.0, begun.producer_epoch);
    let wanted = add_partitions_to_txn_request::AddPartitionsToTxnTopic::default()
        .with_name(crate::client::topic("t"))
        .with_partitions(vec![0]);
    let add = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(id())
        .with_v3_and_below_producer_id(producer.0.into())
        .with_v3_and_below_producer_epoch(producer.1)
        .with_v3_and_below_topics(vec![wanted]);
    client.ask(3, add).await;
    for sequence in 0..batches {
        let batch = crate::client::batch_of(producer, sequence, true, &["aborted"]);
        let request = produce("t", 0, batch).with_transactional_id(Some(id()));
        assert_eq!(client.ask(9, request).await.responses[0].partition_responses[0].error_code, 0);
    }
    let end = EndTxnRequest::default()
        .with_transactional_id(id())
        .with_producer_id(producer.0.into())
        .with_producer_epoch(producer.1)
        .with_committed(false);
    assert_eq!(client.ask(3, end).await.error_code, 0);
}

#[tokio::test]
async fn a_read_without_time_gets_on_through_what_was_aborted() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    make(&platform.broker, &[]).await;
    abort(&platform, 20).await;
    platform.client().await.ask(9, produce("t", 0, batch(&["seen"]))).await;
    let read = |at, wait| platform.broker.read("t", (0, at), 1, wait, Isolation::ReadCommitted);
    let (records, next) = read(0, Duration::ZERO).await.unwrap();
    assert!(records.is_empty() && next == 1, "one step, and no longer than there is time");
    let (records, next) = read(next, Duration::from_secs(20)).await.unwrap();
    assert_eq!(records[0].value.as_deref(), Some(&b"seen"[..]));
    assert_eq!(next, 22);
    platform.stop().await;
}
