//! As many records a second as one librdkafka producer or consumer moves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{bail, ensure};
use rdkafka::{
    ClientConfig, ClientContext, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    message::DeliveryResult,
    producer::{BaseProducer, BaseRecord, Producer, ProducerContext},
};

use super::Case;

const PATIENCE: Duration = Duration::from_secs(60);

/// Records moved in a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    /// How many.
    pub(crate) records: u64,
    /// In how long.
    pub(crate) time: Duration,
}

impl Moved {
    /// Records a second.
    pub(crate) fn per_second(self) -> f64 {
        self.records as f64 / self.time.as_secs_f64()
    }
}

/// Counts what could not be delivered; the rest is not reported, as reports cost the client time.
#[derive(Clone, Default)]
struct Failures(Arc<AtomicU64>);

impl ClientContext for Failures {}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Produces for `time` to all partitions in turn; counted until the last acknowledgement.
pub(crate) fn produce(address: &str, topic: &str, case: Case, time: Duration) -> anyhow::Result<Moved> {
    let failures = Failures::default();
    let producer: BaseProducer<Failures> = ClientConfig::new()
        .set("bootstrap.servers", address)
        .set("acks", "all")
        .set("queue.buffering.max.messages", "1000000")
        .set("queue.buffering.max.kbytes", "262144")
        .set("delivery.report.only.error", "true")
        .create_with_context(failures.clone())?;
    // The topic is known before the clock starts.
    producer.client().fetch_metadata(Some(topic), PATIENCE)?;
    let value: Vec<u8> = (0..case.size).map(|i| i as u8).collect();
    let started = Instant::now();
    let mut records = 0;
    while records % 1_000 != 0 || started.elapsed() < time {
        let partition = (records % case.partitions as u64) as i32;
        let record = BaseRecord::<(), _>::to(topic).payload(&value).partition(partition);
        match producer.send(record) {
            Ok(()) => records += 1,
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                producer.poll(Duration::from_millis(1));
            }
            Err((error, _)) => return Err(error.into()),
        }
    }
    producer.flush(PATIENCE)?;
    let moved = Moved { records, time: started.elapsed() };
    let failed = failures.0.load(Ordering::Relaxed);
    ensure!(failed == 0, "{failed} of {records} records were not acknowledged");
    Ok(moved)
}

/// Consumes the topic's first `records` records, from the first request to the last record.
pub(crate) fn consume(address: &str, topic: &str, case: Case, records: u64) -> anyhow::Result<Moved> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", address)
        .set("group.id", "bench")
        // By default the client rests for a second whenever the broker was faster than the reader.
        .set("fetch.queue.backoff.ms", "1")
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let mut positions = TopicPartitionList::new();
    for partition in 0..case.partitions {
        positions.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    let started = Instant::now();
    consumer.assign(&positions)?;
    for read in 0..records {
        match consumer.poll(PATIENCE) {
            Some(message) => drop(message?),
            None => bail!("{read} of {records} records came"),
        }
    }
    Ok(Moved { records, time: started.elapsed() })
}
