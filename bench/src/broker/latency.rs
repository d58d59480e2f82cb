//! How long a record takes from a producer to a waiting consumer.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer},
};

use crate::stats::percentile;

const PATIENCE: Duration = Duration::from_secs(60);
const INTERVAL: Duration = Duration::from_millis(1);
/// Records at the beginning that find connections and code cold and are not counted.
const COLD: usize = 1_000;

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Latency {
    /// Half of the records took no longer.
    pub(crate) p50: f64,
    /// 99 % took no longer.
    pub(crate) p99: f64,
    /// 99.9 % took no longer.
    pub(crate) p999: f64,
}

/// Produces 1,000 records a second for `time` (and a second more before) while a consumer waits for them.
pub(crate) fn measure(address: &str, topic: &str, time: Duration) -> anyhow::Result<Latency> {
    let count = COLD + (time.as_secs_f64() / INTERVAL.as_secs_f64()) as usize;
    let consumer = waiting_consumer(address, topic)?;
    let reader = thread::spawn(move || read(&consumer, count));
    let sent = send(address, topic, count)?;
    let arrived = reader.join().ok().context("the reader stopped")??;
    let milliseconds: Vec<f64> = sent
        .iter()
        .zip(&arrived)
        .skip(COLD)
        .map(|(sent, arrived)| arrived.saturating_duration_since(*sent).as_secs_f64() * 1e3)
        .collect();
    let at = |share| percentile(&milliseconds, share).context("no records were measured");
    Ok(Latency { p50: at(0.5)?, p99: at(0.99)?, p999: at(0.999)? })
}

fn waiting_consumer(address: &str, topic: &str) -> anyhow::Result<BaseConsumer> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", address)
        .set("group.id", "bench-latency")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let mut position = TopicPartitionList::new();
    position.add_partition_offset(topic, 0, Offset::Beginning)?;
    consumer.assign(&position)?;
    Ok(consumer)
}

/// When each record arrived, by its number.
fn read(consumer: &BaseConsumer, count: usize) -> anyhow::Result<Vec<Instant>> {
    let mut arrived = Vec::with_capacity(count);
    while arrived.len() < count {
        let message = consumer.poll(PATIENCE).context("no record came")??;
        let now = Instant::now();
        let number = message.payload().and_then(|p| p.get(..8)?.try_into().ok()).map(u64::from_be_bytes);
        anyhow::ensure!(number == Some(arrived.len() as u64), "records came out of order");
        arrived.push(now);
    }
    Ok(arrived)
}

/// When each record was given to the client. A late record does not move the ones after it.
fn send(address: &str, topic: &str, count: usize) -> anyhow::Result<Vec<Instant>> {
    let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
        .set("bootstrap.servers", address)
        .set("acks", "all")
        .set("linger.ms", "0")
        .create()?;
    producer.client().fetch_metadata(Some(topic), PATIENCE)?;
    let mut value = [0; 100];
    let mut sent = Vec::with_capacity(count);
    let started = Instant::now();
    for number in 0..count {
        let due = started + INTERVAL * number as u32;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        value[..8].copy_from_slice(&(number as u64).to_be_bytes());
        sent.push(Instant::now());
        producer
            .send(BaseRecord::<(), _>::to(topic).payload(&value[..]).partition(0))
            .map_err(|(error, _)| error)?;
    }
    producer.flush(PATIENCE)?;
    Ok(sent)
}
