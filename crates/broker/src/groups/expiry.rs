//! What groups leave behind, and when it goes.

use std::sync::Arc;

use super::{
    coordinator::{Groups, Slot, group_key},
    group::Phase,
    offsets::Offsets,
};
use crate::journal::Change;

impl Groups {
    /// Forgets positions of groups that nobody has been in for long, and groups of which nothing is left. To be
    /// called from time to time.
    pub(crate) fn sweep(&self) {
        let retention = i64::try_from(self.inner.settings.offsets_retention_ms).unwrap_or(i64::MAX);
        let before_ms = (self.inner.clock)().saturating_sub(retention);
        self.slots().iter().for_each(|slot| self.expire(slot, before_ms));
        self.inner.groups.lock().retain(|_, slot| !self.dispose(slot));
    }

    /// Forgets positions of a group without members that were committed before a time.
    fn expire(&self, slot: &Slot, before_ms: i64) {
        let mut state = slot.state.lock();
        if state.group.phase() != Phase::Empty || state.emptied_ms >= before_ms {
            return;
        }
        let places = state.offsets.expired(before_ms);
        if places.is_empty() {
            return;
        }
        let forget = |offsets: &Offsets| {
            places.iter().flat_map(|place| offsets.forget_changes(&slot.id, place)).collect::<Vec<_>>()
        };
        match self.inner.journal.apply(&forget(&state.offsets)) {
            Ok(_) => {
                tracing::info!(group = %slot.id, positions = places.len(), "positions have expired");
                places.iter().for_each(|place| state.offsets.forget(place));
            }
            Err(error) => tracing::warn!(group = %slot.id, %error, "positions cannot be removed yet"),
        }
    }

    /// Whether nothing is left of a group, on disk neither. The map of groups is locked by the caller.
    fn dispose(&self, slot: &Arc<Slot>) -> bool {
        // Somebody may be about to join, or to commit.
        if Arc::strong_count(slot) > 1 {
            return false;
        }
        let state = slot.state.lock();
        if !state.group.is_idle() || !state.offsets.is_empty() {
            return false;
        }
        let (journal, key) = (&self.inner.journal, group_key(&slot.id));
        journal.get(&key).is_none() || journal.apply(&[Change::Delete(key)]).is_ok()
    }
}
