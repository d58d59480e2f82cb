//! Groups as an administrator asks for them.

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::{
    Outcome,
    coordinator::{Groups, group_key},
    offsets::Offsets,
};
use crate::{error::code, journal::Change};

/// A group as an administrator sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Description {
    pub(crate) state: &'static str,
    pub(crate) protocol_type: String,
    pub(crate) protocol: String,
    pub(crate) members: Vec<DescribedMember>,
}

/// A member as an administrator sees it.
#[derive(Debug, Clone)]
pub(crate) struct DescribedMember {
    pub(crate) id: String,
    pub(crate) instance: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) metadata: Bytes,
    pub(crate) assignment: Bytes,
}

impl Groups {
    /// Groups that have members or positions: name, state, protocol type.
    pub(crate) fn list(&self) -> Vec<(String, &'static str, String)> {
        let slots = self.slots();
        let described = slots.iter().filter_map(|slot| {
            let state = slot.state.lock();
            let description = state.group.describe();
            state.is_used().then(|| (slot.id.clone(), description.state, description.protocol_type))
        });
        described.collect()
    }

    /// A group as it is; a group that nobody has used is dead.
    pub(crate) fn describe(&self, group: &str) -> Description {
        let described = self.slot(group).and_then(|slot| {
            let state = slot.state.lock();
            state.is_used().then(|| state.group.describe())
        });
        described.unwrap_or(Description { state: "Dead", ..Description::default() })
    }

    /// Removes a group without members, with its positions; durable when this returns.
    pub(crate) async fn delete(&self, group: &str) -> Outcome<()> {
        let slot = self.slot(group).ok_or(ResponseError::GroupIdNotFound)?;
        let written = {
            let mut state = slot.state.lock();
            if !state.is_used() {
                return Err(ResponseError::GroupIdNotFound);
            }
            state.group.may_be_deleted()?;
            let places = state.offsets.places();
            let mut changes: Vec<_> =
                places.iter().flat_map(|place| state.offsets.forget_changes(group, place)).collect();
            changes.push(Change::Delete(group_key(group)));
            let written = self.inner.journal.apply(&changes).map_err(|e| code(&e))?;
            state.group.kill();
            state.offsets = Offsets::default();
            written
        };
        self.inner.groups.lock().remove(group);
        self.durable(written).await
    }
}
