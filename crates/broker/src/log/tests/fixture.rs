//! Partitions to test, and batches to put into them.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use arc_swap::ArcSwap;
use bytes::{Bytes, BytesMut};
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

use crate::{
    batch::Header,
    files::memory::MemoryFiles,
    log::{Fetched, Isolation, LogSettings, Partition},
    storage::{Storage, Syncer},
};

/// A partition on a disk in memory, with a clock that is set by hand.
pub(super) struct Fixture {
    pub(super) files: MemoryFiles,
    pub(super) settings: Arc<ArcSwap<LogSettings>>,
    pub(super) now: Arc<AtomicI64>,
    pub(super) sync: bool,
}

impl Fixture {
    pub(super) fn new(settings: LogSettings) -> Self {
        let files = MemoryFiles::new();
        let (settings, now) =
            (Arc::new(ArcSwap::from_pointee(settings)), Arc::new(AtomicI64::new(1_000_000)));
        Self { files, settings, now, sync: true }
    }

    pub(super) fn storage(&self) -> Storage {
        let now = self.now.clone();
        let clock = Arc::new(move || now.load(Ordering::SeqCst));
        Storage::with(Arc::new(self.files.clone()), Syncer::new(self.sync), clock)
    }

    pub(super) fn dir(&self) -> PathBuf {
        Path::new("/data/topic-0").to_owned()
    }

    pub(super) fn open(&self) -> Partition {
        Partition::open(&self.storage(), self.dir(), self.settings.clone()).unwrap()
    }

    pub(super) fn at(&self, now_ms: i64) {
        self.now.store(now_ms, Ordering::SeqCst);
    }

    /// The names of the partition's files with this ending.
    pub(super) fn files(&self, ending: &str) -> Vec<String> {
        use crate::files::Files;
        let names = self.files.list(&self.dir()).unwrap();
        names.into_iter().filter(|name| name.ends_with(ending)).collect()
    }
}

/// Small segments, so that there are many.
pub(super) fn small(segment_bytes: u64) -> LogSettings {
    LogSettings { segment_bytes, ..LogSettings::default() }
}

/// A batch to be made.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) producer: Option<(i64, i16, i32)>,
    pub(super) transactional: bool,
    pub(super) values: Vec<Vec<u8>>,
    pub(super) timestamp: i64,
}

pub(super) fn plain(values: &[&str]) -> Batch {
    Batch {
        producer: None,
        transactional: false,
        values: values.iter().map(|value| value.as_bytes().to_vec()).collect(),
        timestamp: 1_000_000,
    }
}

impl Batch {
    pub(super) fn by(self, id: i64, epoch: i16, sequence: i32) -> Self {
        Self { producer: Some((id, epoch, sequence)), ..self }
    }

    pub(super) fn transactional(self) -> Self {
        Self { transactional: true, ..self }
    }

    pub(super) fn at(self, timestamp: i64) -> Self {
        Self { timestamp, ..self }
    }

    /// The batch as a client sends it; the timestamp of its records grows by one.
    pub(super) fn bytes(&self) -> BytesMut {
        let (producer_id, producer_epoch, sequence) = self.producer.unwrap_or((-1, -1, -1));
        let record = |(i, value): (usize, &Vec<u8>)| Record {
            transactional: self.transactional,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: -1,
            producer_id,
            producer_epoch,
            timestamp_type: TimestampType::Creation,
            offset: i as i64,
            sequence: sequence.wrapping_add(i as i32),
            timestamp: self.timestamp + i as i64,
            key: None,
            value: Some(Bytes::copy_from_slice(value)),
            headers: Default::default(),
        };
        let records: Vec<_> = self.values.iter().enumerate().map(record).collect();
        let mut out = BytesMut::new();
        let options = RecordEncodeOptions { version: 2, compression: Compression::None };
        RecordBatchEncoder::encode(&mut out, &records, &options).unwrap();
        out
    }
}

/// A record as a reader gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) offset: i64,
    pub(super) timestamp: i64,
    pub(super) value: Vec<u8>,
}

/// What a client makes of a fetch: as Kafka's clients do, it drops control batches, what is before `from`, and
/// with `ReadCommitted` the records of aborted transactions. Returns the offset to go on with.
pub(super) fn decode(fetched: &Fetched, from: i64, isolation: Isolation) -> (Vec<Seen>, i64) {
    let (mut seen, mut next, mut rest) = (Vec::new(), from, fetched.records.clone());
    let mut coming = fetched.aborted.clone();
    let mut aborted = std::collections::HashSet::new();
    while !rest.is_empty() {
        let header = Header::parse(&rest).unwrap();
        let mut data = rest.split_to(header.size);
        assert!(crate::batch::check_sum(&data, &header), "a torn batch was read");
        next = header.next_offset();
        while let Some(first) = coming.first().filter(|first| first.first_offset <= header.last_offset()) {
            aborted.insert(first.producer_id);
            coming.remove(0);
        }
        if let Some(abort) = crate::batch::is_abort(&data, &header) {
            if abort {
                aborted.remove(&header.producer_id);
            }
            continue;
        }
        let hidden = header.is_transactional() && aborted.contains(&header.producer_id);
        if hidden && isolation == Isolation::ReadCommitted {
            continue;
        }
        for record in RecordBatchDecoder::decode(&mut data).unwrap().records {
            if record.offset >= from {
                let value = record.value.unwrap().to_vec();
                seen.push(Seen { offset: record.offset, timestamp: record.timestamp, value });
            }
        }
    }
    (seen, next)
}

/// All that a reader sees from `from` on, in fetches of `max_bytes`.
pub(super) fn read_all(
    partition: &Partition,
    from: i64,
    isolation: Isolation,
    max_bytes: usize,
) -> Vec<Seen> {
    let (mut all, mut next) = (Vec::new(), from);
    loop {
        let fetched = partition.read(next, max_bytes, isolation, true).unwrap();
        if fetched.records.is_empty() {
            return all;
        }
        let (seen, after) = decode(&fetched, next, isolation);
        assert!(after > next, "a fetch must get on");
        all.extend(seen);
        next = after;
    }
}

/// The values that a reader sees.
pub(super) fn values(partition: &Partition, isolation: Isolation) -> Vec<String> {
    let seen = read_all(partition, partition.offsets().start, isolation, 1000);
    seen.into_iter().map(|seen| String::from_utf8(seen.value).unwrap()).collect()
}
