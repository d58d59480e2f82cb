//! A topic in force.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use headwater_model::WorkspaceId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::settings::{self, Overrides};
use crate::{
    keys::{Key, Kind, Parts},
    log::{LogSettings, Partition},
};

/// Counters of a topic since the broker started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes appended, as sent (compressed).
    pub bytes_in: u64,
    /// Bytes handed to readers.
    pub bytes_out: u64,
    /// Records appended.
    pub records_in: u64,
    /// Records handed to readers.
    pub records_out: u64,
}

/// A topic as it is kept in the journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: Uuid,
    pub(super) owner: Option<WorkspaceId>,
    pub(super) partitions: i32,
    pub(super) settings: Overrides,
}

impl Record {
    pub(super) fn key(name: &str) -> Bytes {
        Key::new(Kind::Topic).name(name).build()
    }

    pub(super) fn encode(&self) -> Bytes {
        serde_json::to_vec(self).expect("a topic is plain data").into()
    }

    pub(super) fn read(key: &[u8], value: &[u8]) -> Option<(String, Self)> {
        Some((Parts::of(key).name()?.to_owned(), serde_json::from_slice(value).ok()?))
    }
}

/// A topic.
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) id: Uuid,
    /// Whose it is, when recorded.
    pub(crate) owner: Option<WorkspaceId>,
    pub(super) partitions: ArcSwap<Vec<Partition>>,
    pub(super) overrides: ArcSwap<Overrides>,
    /// Shared with the partitions, which follow changes.
    pub(super) log_settings: Arc<ArcSwap<LogSettings>>,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    records_in: AtomicU64,
    records_out: AtomicU64,
}

impl Topic {
    pub(super) fn new(name: String, record: &Record) -> Self {
        Self {
            name,
            id: record.id,
            owner: record.owner.clone(),
            partitions: ArcSwap::default(),
            log_settings: Arc::new(ArcSwap::from_pointee(settings::log_settings(&record.settings))),
            overrides: ArcSwap::from_pointee(record.settings.clone()),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            records_in: AtomicU64::new(0),
            records_out: AtomicU64::new(0),
        }
    }

    /// All partitions, by number.
    pub(crate) fn partitions(&self) -> Arc<Vec<Partition>> {
        self.partitions.load_full()
    }

    pub(crate) fn partition(&self, index: i32) -> Option<Partition> {
        self.partitions.load().get(usize::try_from(index).ok()?).cloned()
    }

    pub(crate) fn partition_count(&self) -> i32 {
        self.partitions.load().len() as i32
    }

    /// What is set otherwise than the default.
    pub(crate) fn overrides(&self) -> Arc<BTreeMap<String, String>> {
        self.overrides.load_full()
    }

    pub(super) fn record(&self) -> Record {
        Record {
            id: self.id,
            owner: self.owner.clone(),
            partitions: self.partition_count(),
            settings: (**self.overrides.load()).clone(),
        }
    }

    pub(crate) fn count_in(&self, bytes: u64, records: u64) {
        self.bytes_in.fetch_add(bytes, Ordering::Relaxed);
        self.records_in.fetch_add(records, Ordering::Relaxed);
    }

    pub(crate) fn count_out(&self, bytes: u64, records: u64) {
        self.bytes_out.fetch_add(bytes, Ordering::Relaxed);
        self.records_out.fetch_add(records, Ordering::Relaxed);
    }

    pub(crate) fn traffic(&self) -> Traffic {
        Traffic {
            bytes_in: self.bytes_in.load(Ordering::Relaxed),
            bytes_out: self.bytes_out.load(Ordering::Relaxed),
            records_in: self.records_in.load(Ordering::Relaxed),
            records_out: self.records_out.load(Ordering::Relaxed),
        }
    }
}
