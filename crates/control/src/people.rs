//! Who the caller is.

use headwater_model::{Principal, Role};

use crate::Result;

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
pub struct People {}

impl People {
    /// Who is calling.
    pub async fn profile(&self, _who: &Principal) -> Result<Profile> {
        todo!()
    }
}
