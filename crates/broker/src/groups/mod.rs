//! Consumer groups: membership, assignments and positions.
//!
//! [`Group`] is the state machine of one group; it knows neither clock nor disk. [`Groups`] keeps all groups,
//! drives their time-outs and writes what must survive a restart.

mod admin;
mod coordinator;
mod describe;
mod expiry;
mod group;
mod join;
mod member;
mod offsets;
mod overview;
mod positions;
mod snapshot;
mod sync;

use bytes::Bytes;
use kafka_protocol::ResponseError;

pub(crate) use coordinator::Groups;
pub(crate) use group::Group;
pub(crate) use join::{Join, Refused};
pub(crate) use member::Profile;
pub(crate) use offsets::{Committed, Place};
pub use overview::{GroupInfo, MemberInfo};
pub(crate) use positions::Committer;
pub(crate) use sync::Sync;

/// Milliseconds on a clock that never goes back.
pub(crate) type Millis = u64;

/// A result with the protocol's error.
pub(crate) type Outcome<T> = Result<T, ResponseError>;

/// What groups are held to.
#[derive(Debug, Clone, Copy)]
pub struct GroupSettings {
    /// Shortest session time-out a member may ask for, in milliseconds.
    pub min_session_ms: u64,
    /// Longest session time-out a member may ask for, in milliseconds.
    pub max_session_ms: u64,
    /// How long a new group waits for more members before its first assignment, in milliseconds.
    pub initial_rebalance_delay_ms: u64,
    /// Most members of a group.
    pub max_members: usize,
    /// How long positions are kept once nobody is in the group and none was committed, in milliseconds.
    pub offsets_retention_ms: u64,
}

impl Default for GroupSettings {
    fn default() -> Self {
        Self {
            min_session_ms: 1_000,
            max_session_ms: 1_800_000,
            initial_rebalance_delay_ms: 150,
            max_members: 2_000,
            offsets_retention_ms: 7 * 24 * 3_600_000,
        }
    }
}

/// A generation's members as its leader learns them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JoinAnswer {
    pub(crate) member: String,
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<String>,
    pub(crate) protocol: Option<String>,
    pub(crate) leader: String,
    /// The leader keeps the assignment that stands.
    pub(crate) skip_assignment: bool,
    /// Filled for the leader alone.
    pub(crate) members: Vec<JoinedMember>,
}

/// A member as its group's leader learns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JoinedMember {
    pub(crate) id: String,
    pub(crate) instance: Option<String>,
    pub(crate) metadata: Bytes,
}

/// A member's part of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyncAnswer {
    pub(crate) protocol_type: Option<String>,
    pub(crate) protocol: Option<String>,
    pub(crate) assignment: Bytes,
}

#[cfg(test)]
mod tests;
