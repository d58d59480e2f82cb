//! What all connections of a broker share, and how much of it each may have.

use std::{collections::HashMap, sync::Arc};

use headwater_model::{Principal, WorkspaceId};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of fetched records that may be in memory at once, over all connections.
const FETCHED_MAX: usize = 256 * 1024 * 1024;
/// Bytes that are counted as one.
const UNIT: usize = 1024;

/// What connections take up. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(crate) struct Load {
    seats: Arc<Mutex<HashMap<WorkspaceId, usize>>>,
    fetched: Arc<Semaphore>,
}

impl Default for Load {
    fn default() -> Self {
        Self { seats: Arc::default(), fetched: Arc::new(Semaphore::new(FETCHED_MAX / UNIT)) }
    }
}

/// Room for an answer, until it is sent.
pub(crate) struct Room {
    _units: OwnedSemaphorePermit,
}

/// One of the connections that a workspace may have.
pub(crate) struct Seat {
    load: Load,
    workspace: Option<WorkspaceId>,
}

impl Load {
    /// A seat, unless the workspace has `most` already. The platform itself always has one.
    pub(crate) fn seat(&self, principal: &Principal, most: usize) -> Option<Seat> {
        let workspace = match principal {
            Principal::Broker { workspace, .. } | Principal::Sdk { workspace, .. } => Some(workspace.clone()),
            Principal::User { .. } | Principal::Platform => None,
        };
        if let Some(workspace) = &workspace {
            let mut seats = self.seats.lock();
            let taken = seats.entry(workspace.clone()).or_default();
            if *taken >= most {
                return None;
            }
            *taken += 1;
        }
        Some(Seat { load: self.clone(), workspace })
    }

    /// Room for so many bytes if there is some now.
    pub(crate) fn room_now(&self, bytes: usize) -> Option<Room> {
        let units = self.fetched.clone().try_acquire_many_owned(units(bytes)).ok()?;
        Some(Room { _units: units })
    }

    /// Room for so many bytes, as soon as there is some.
    pub(crate) async fn room(&self, bytes: usize) -> Room {
        let units = self.fetched.clone().acquire_many_owned(units(bytes)).await;
        Room { _units: units.expect("the semaphore is never closed") }
    }
}

fn units(bytes: usize) -> u32 {
    bytes.min(FETCHED_MAX).div_ceil(UNIT) as u32
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(workspace) = self.workspace.take() else { return };
        let mut seats = self.load.seats.lock();
        if let Some(taken) = seats.get_mut(&workspace) {
            *taken -= 1;
            if *taken == 0 {
                seats.remove(&workspace);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_has_its_seats_and_no_more() {
        let load = Load::default();
        let principal = |name: &str| Principal::Broker { workspace: name.parse().unwrap(), replica: None };
        let first = load.seat(&principal("acme-demo-a"), 1);
        assert!(first.is_some() && load.seat(&principal("acme-demo-a"), 1).is_none());
        assert!(load.seat(&principal("acme-demo-b"), 1).is_some());
        drop(first);
        assert!(load.seats.lock().is_empty());
        assert!(load.seat(&principal("acme-demo-a"), 1).is_some());
        assert!(load.seat(&Principal::Platform, 0).is_some());
    }

    #[tokio::test]
    async fn answers_share_the_memory_that_there_is() {
        let load = Load::default();
        let all = load.room_now(FETCHED_MAX + 1).unwrap();
        assert!(load.room_now(1).is_none());
        let waiting = tokio::spawn({
            let load = load.clone();
            async move { load.room(1024 * 1024).await }
        });
        drop(all);
        waiting.await.unwrap();
    }
}
