//! Producer ids, none of which is ever given twice.

use parking_lot::Mutex;

use crate::{
    journal::{Change, Journal},
    keys::{Key, Kind},
    storage,
};

/// Ids set aside with one write.
const BLOCK: i64 = 1000;

/// Gives out producer ids.
pub(crate) struct ProducerIds {
    journal: Journal,
    state: Mutex<State>,
}

struct State {
    /// Ids that are durably set aside and not given out.
    free: std::ops::Range<i64>,
    /// The first id that is not set aside.
    reserved: i64,
}

impl ProducerIds {
    /// Goes on after the ids that were set aside before.
    pub(crate) fn open(journal: Journal) -> Self {
        let stored = journal.get(&key()).and_then(|v| v.first_chunk().copied());
        let reserved = stored.map_or(0, i64::from_be_bytes);
        Self { journal, state: Mutex::new(State { free: 0..0, reserved }) }
    }

    /// An id that was never given before and never will be again.
    pub(crate) async fn next(&self) -> storage::Result<i64> {
        loop {
            let (block, written) = {
                let mut state = self.state.lock();
                if let Some(id) = state.free.next() {
                    return Ok(id);
                }
                let block = state.reserved..state.reserved + BLOCK;
                let value = bytes::Bytes::copy_from_slice(&block.end.to_be_bytes());
                let written = self.journal.apply(&[Change::Put(key(), value)])?;
                state.reserved = block.end;
                (block, written)
            };
            // Even with sync off: an id given twice would mix up two producers' sequences and transactions.
            self.journal.synced(written).await?;
            let mut state = self.state.lock();
            if state.free.is_empty() {
                state.free = block;
            }
        }
    }
}

fn key() -> bytes::Bytes {
    Key::new(Kind::Cluster).name("producer-ids").build()
}
