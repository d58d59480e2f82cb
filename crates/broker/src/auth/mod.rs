//! Who connects, and what they reach.

mod plain;
mod sasl;
mod scram;
mod tenancy;

use headwater_model::{Principal, WorkspaceId};

pub(crate) use sasl::{Login, MECHANISMS, Mechanism, Sasl, Step};
pub use scram::ScramKeys;
pub(crate) use tenancy::Gate;

/// What the host knows of credentials and workspaces. Asked on every connection and request, so it answers from
/// memory.
pub trait Access: Send + Sync {
    /// What a username stands for; none for one that does not exist.
    fn credential(&self, username: &str) -> Option<Credential>;

    /// The workspace that a name without a recorded owner belongs to: the longest id that the name equals or
    /// starts with, followed by `-`.
    fn owner_of(&self, name: &str) -> Option<WorkspaceId>;
}

/// A username's proof and what it stands for.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Who the user is at the broker: [`Principal::Broker`] or [`Principal::Platform`].
    pub principal: Principal,
    /// What its password is checked against, for PLAIN and SCRAM-SHA-256 alike.
    pub keys: ScramKeys,
}

/// No users and no workspaces: for a broker without authentication.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAccess;

impl Access for NoAccess {
    fn credential(&self, _username: &str) -> Option<Credential> {
        None
    }

    fn owner_of(&self, _name: &str) -> Option<WorkspaceId> {
        None
    }
}
