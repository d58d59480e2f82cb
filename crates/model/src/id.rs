//! Identifiers as types, so that one is never taken for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Invalid, name};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                $check(text)?;
                Ok(Self(text.to_owned()))
            }
        }
        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                $check(&text)?;
                Ok(Self(text))
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id; later ids sort after earlier ones.
            #[allow(clippy::new_without_default, reason = "an id is made on purpose, never by default")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }
        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                Uuid::parse_str(text)
                    .map(Self)
                    .map_err(|_| Invalid::new("id", format!("'{text}' is not a UUID")))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text_id!(
    /// An organisation: the owner of projects and people; a lower-case URL label.
    OrganisationId, name::organisation
);
text_id!(
    /// A project: one Git repository, `{organisation}-{project}`.
    ProjectId, name::workspace
);
text_id!(
    /// A workspace (environment): `{organisation}-{project}-{environment}`, at most 40 characters.
    WorkspaceId, name::workspace
);
text_id!(
    /// A topic as the broker names it: `{workspaceId}-{name}`.
    TopicId, name::topic
);
uuid_id!(
    /// An application: a folder with an `app.yaml` in a project's repository.
    ApplicationId
);
uuid_id!(
    /// A deployment: an application that should run at a version.
    DeploymentId
);
uuid_id!(
    /// A token; its secret is kept only as a hash.
    TokenId
);

/// A replica's place: the same after each restart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaId {
    /// The deployment.
    pub deployment: DeploymentId,
    /// The deployment's version (grows with each change that needs new replicas), from 1.
    pub version: u32,
    /// Number of the replica, from 0.
    pub index: u32,
}

impl WorkspaceId {
    /// The broker's name of this workspace's topic `name`; a full topic id is kept as it is.
    pub fn topic(&self, name: &str) -> Result<TopicId, Invalid> {
        match self.strip(name) {
            Some(_) => name.parse(),
            None => {
                name::topic(name)?;
                format!("{self}-{name}").parse()
            }
        }
    }

    /// What follows `{workspaceId}-` in `name`, when it starts so.
    pub fn strip<'a>(&self, name: &'a str) -> Option<&'a str> {
        name.strip_prefix(self.as_str())?.strip_prefix('-').filter(|rest| !rest.is_empty())
    }

    /// Whether ids may stand side by side: neither may be the other followed by `-…`, or names of one
    /// workspace could be read as another's.
    pub fn overlaps(&self, other: &WorkspaceId) -> bool {
        self == other || self.strip(other.as_str()).is_some() || other.strip(self.as_str()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ws(text: &str) -> WorkspaceId {
        text.parse().unwrap()
    }

    #[test]
    fn topic_ids_carry_the_workspace_once() {
        let ws = ws("acme-demo-prod");
        assert_eq!(ws.topic("cars").unwrap().as_str(), "acme-demo-prod-cars");
        assert_eq!(ws.topic("acme-demo-prod-cars").unwrap().as_str(), "acme-demo-prod-cars");
        assert!(ws.topic("bad name").is_err());
    }

    #[test]
    fn workspaces_that_could_be_mistaken_overlap() {
        assert!(ws("acme-demo").overlaps(&ws("acme-demo-prod")));
        assert!(!ws("acme-demo").overlaps(&ws("acme-demos")));
    }
}
