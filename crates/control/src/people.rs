//! Who the caller is.

use std::sync::Arc;

use headwater_model::{Principal, Role};

use crate::{Error, Result, core::Core};

/// The caller as a person or a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The person's id; none for a workspace's token.
    pub user: Option<String>,
    /// Given name, or the token's name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// What they may do; none for a workspace's token.
    pub role: Option<Role>,
    /// The organisation.
    pub organisation: String,
}

/// People.
#[derive(Clone)]
pub struct People {
    pub(crate) core: Arc<Core>,
}

impl People {
    /// Who is calling.
    pub async fn profile(&self, who: &Principal) -> Result<Profile> {
        let read = self.core.store.read().await?;
        let organisation = read.organisations().await?.first().map(ToString::to_string).unwrap_or_default();
        let nobody = |name: &str| Profile {
            user: None,
            first_name: name.into(),
            last_name: String::new(),
            email: None,
            role: None,
            organisation: organisation.clone(),
        };
        match who {
            Principal::User { user, role, .. } => {
                let found = read.user(user).await?.ok_or_else(|| Error::not_found("user", user))?;
                Ok(Profile {
                    user: Some(found.id),
                    first_name: found.first_name,
                    last_name: found.last_name,
                    email: Some(found.email),
                    role: Some(*role),
                    organisation,
                })
            }
            Principal::Sdk { workspace, .. } | Principal::Broker { workspace, .. } => {
                Ok(nobody(workspace.as_str()))
            }
            Principal::Platform => Ok(nobody("Platform")),
        }
    }
}
