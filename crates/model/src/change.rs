//! The feed of changes that keeps every screen live.

use serde::{Deserialize, Serialize};

use crate::WorkspaceId;

/// What kind of object changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// The workspace itself.
    Workspace,
    /// A topic.
    Topic,
    /// An application, or the repository it lives in.
    Application,
    /// A deployment: its wish or its observed state.
    Deployment,
    /// A token.
    Token,
}

impl ChangeKind {
    /// The name that is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Topic => "topic",
            Self::Application => "application",
            Self::Deployment => "deployment",
            Self::Token => "token",
        }
    }
}

impl std::str::FromStr for ChangeKind {
    type Err = crate::Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Workspace, Self::Topic, Self::Application, Self::Deployment, Self::Token]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| crate::Invalid::new("kind", format!("'{text}' is not a kind of change")))
    }
}

/// One committed change. `seq` grows by one within a workspace, in commit order, without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Whose object it is.
    pub workspace_id: WorkspaceId,
    /// Position in the workspace's feed, from 1.
    pub seq: i64,
    /// What changed.
    pub kind: ChangeKind,
    /// Its id.
    pub id: String,
    /// The object's revision after the change; −1 when it is gone.
    pub revision: i64,
}
