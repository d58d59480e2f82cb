//! What partitions and journals share: the filesystem, the clock and the way to durability.

mod append;
mod error;
mod gate;
mod handles;
mod syncer;

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

pub(crate) use append::AppendFile;
pub use error::{Error, Result};
pub(crate) use gate::{Gate, Target};
pub(crate) use handles::{Handles, Lazy};
pub use syncer::Syncer;

use crate::files::{Files, OsFiles};

/// Milliseconds since 1970 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Files of old segments and indexes kept open at once, over all partitions.
const OPEN_FILES: usize = 512;

/// The surroundings of every partition and journal of a broker. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    pub(crate) files: Arc<dyn Files>,
    pub(crate) handles: Arc<Handles>,
    pub(crate) syncer: Syncer,
    pub(crate) clock: Clock,
}

impl Storage {
    /// The operating system's files and clock. Without `sync` nothing waits for the disk: what was acknowledged
    /// survives the end of the process, but not a power cut.
    pub fn new(sync: bool) -> Self {
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64);
        Self::with(Arc::new(OsFiles), Syncer::new(sync), Arc::new(clock))
    }

    /// Surroundings of the caller's choice.
    pub fn with(files: Arc<dyn Files>, syncer: Syncer, clock: Clock) -> Self {
        Self { files, handles: Arc::new(Handles::new(OPEN_FILES)), syncer, clock }
    }

    /// Waits until no sync is under way; partitions and journals are to be closed before.
    pub async fn close(&self) {
        self.syncer.close().await;
    }

    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }
}
