//! Who may do what. One table, asked by HTTP, the live socket, Kafka and Git alike.

use serde::{Deserialize, Serialize};

use crate::{ReplicaId, TokenId, WorkspaceId};

/// What a person may do in their organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Everything, people and settings included.
    Admin,
    /// Everything but the organisation itself.
    Manager,
    /// Builds and runs; does not manage people.
    Editor,
    /// Looks.
    Viewer,
    /// Nothing.
    None,
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person, or a token that acts for one.
    User {
        /// The person's id.
        user: String,
        /// Their role.
        role: Role,
        /// The token used, when it was not a browser session.
        token: Option<TokenId>,
    },
    /// A workspace's SDK token: it lives inside user code, so it streams and creates topics, no more.
    Sdk {
        /// The one workspace it reaches.
        workspace: WorkspaceId,
        /// The token used; that of a replica is derived from this one.
        token: TokenId,
        /// The replica whose own it is.
        replica: Option<ReplicaId>,
    },
    /// Credentials at the broker: a workspace's, or those of one of its replicas.
    Broker {
        /// The one workspace it reaches.
        workspace: WorkspaceId,
        /// The replica whose own they are.
        replica: Option<ReplicaId>,
    },
    /// The platform itself, or the person at the machine through the admin socket.
    Platform,
}

impl Principal {
    /// The replica that calls, when it says so by credentials of its own.
    pub fn replica(&self) -> Option<&ReplicaId> {
        match self {
            Self::Sdk { replica, .. } | Self::Broker { replica, .. } => replica.as_ref(),
            Self::User { .. } | Self::Platform => None,
        }
    }
}

/// A thing that is acted on. Objects of a workspace name it, so that tenancy is checked with every question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// The organisation: people, settings.
    Organisation,
    /// A project's repository.
    Repository {
        /// The workspaces that live on it.
        workspaces: Vec<WorkspaceId>,
    },
    /// A workspace, or a list inside it.
    Workspace(WorkspaceId),
    /// A topic of a workspace, its records and its consumer groups.
    Topic(WorkspaceId),
    /// The broker's password of a workspace.
    BrokerCredentials(WorkspaceId),
    /// An application of a workspace.
    Application(WorkspaceId),
    /// A deployment of a workspace, with its logs and metrics.
    Deployment(WorkspaceId),
    /// The tokens of a workspace.
    Tokens(WorkspaceId),
    /// Figures of the whole platform; for those who administer it.
    Metrics,
    /// Who the caller is.
    Profile,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// Look at it; list it.
    Read,
    /// Make a new one.
    Create,
    /// Change it.
    Update,
    /// Remove it.
    Delete,
    /// Stream into it, push to it.
    Write,
}

/// Decides. The default implementation of [`decide`] is the policy; an implementation may only be stricter.
pub trait Authorize: Send + Sync {
    /// Whether `who` may do `action` on `what`.
    fn allowed(&self, who: &Principal, action: Action, what: &Resource) -> bool {
        decide(who, action, what)
    }
}

/// The policy table as it stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy;
impl Authorize for Policy {}

/// The policy: deny unless a line below says otherwise.
pub fn decide(who: &Principal, action: Action, what: &Resource) -> bool {
    match who {
        Principal::Platform => true,
        Principal::User { role, .. } => user(*role, action, what),
        Principal::Sdk { workspace, .. } => match what {
            Resource::Workspace(ws) | Resource::BrokerCredentials(ws) => {
                ws == workspace && action == Action::Read
            }
            Resource::Topic(ws) => {
                ws == workspace && matches!(action, Action::Read | Action::Create | Action::Write)
            }
            Resource::Profile => action == Action::Read,
            _ => false,
        },
        Principal::Broker { workspace, .. } => match what {
            Resource::Topic(ws) => ws == workspace,
            _ => false,
        },
    }
}

fn user(role: Role, action: Action, what: &Resource) -> bool {
    use Resource as R;
    let read = action == Action::Read;
    match role {
        Role::Admin => true,
        Role::Manager => read || !matches!(what, R::Organisation),
        Role::Editor => {
            read && !matches!(what, R::Tokens(_) | R::Metrics)
                || !matches!(what, R::Organisation | R::Tokens(_) | R::Metrics)
        }
        // The broker's password would let a viewer write; they look through the API instead.
        Role::Viewer => match what {
            R::Profile => true,
            R::BrokerCredentials(_) | R::Tokens(_) | R::Metrics => false,
            _ => read,
        },
        Role::None => matches!(what, R::Profile) && read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ws(text: &str) -> WorkspaceId {
        text.parse().unwrap()
    }
    fn user(role: Role) -> Principal {
        Principal::User { user: "u".into(), role, token: None }
    }

    #[test]
    fn sdk_tokens_stream_and_nothing_else() {
        let sdk = Principal::Sdk { workspace: ws("a-b-c"), token: TokenId::new(), replica: None };
        let mine = ws("a-b-c");
        assert!(decide(&sdk, Action::Create, &Resource::Topic(mine.clone())));
        assert!(decide(&sdk, Action::Read, &Resource::BrokerCredentials(mine.clone())));
        assert!(!decide(&sdk, Action::Delete, &Resource::Topic(mine.clone())));
        assert!(!decide(&sdk, Action::Create, &Resource::Deployment(mine.clone())));
        assert!(!decide(&sdk, Action::Write, &Resource::Repository { workspaces: vec![mine] }));
        assert!(!decide(&sdk, Action::Read, &Resource::Topic(ws("a-b-d"))));
    }

    #[test]
    fn viewers_never_see_what_lets_them_write() {
        let viewer = user(Role::Viewer);
        assert!(decide(&viewer, Action::Read, &Resource::Deployment(ws("a-b-c"))));
        assert!(!decide(&viewer, Action::Read, &Resource::BrokerCredentials(ws("a-b-c"))));
        assert!(!decide(&viewer, Action::Update, &Resource::Deployment(ws("a-b-c"))));
        assert!(!decide(&user(Role::None), Action::Read, &Resource::Workspace(ws("a-b-c"))));
    }
}
