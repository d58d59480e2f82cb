//! What a token may do about tokens: never more, or for longer, than itself.

use headwater_model::{Invalid, Principal, Role};
use headwater_store::{Read, Token, TokenKind, User};
use jiff::Timestamp;

use super::credentials::rank;
use crate::{Error, Result};

/// A personal token for the caller, or of the administrator when the platform asks.
pub(super) fn personal(who: &Principal, wanted: Option<Role>, users: Vec<User>) -> Result<TokenKind> {
    let (user, most) = match who {
        Principal::User { user, role, .. } => (user.clone(), *role),
        Principal::Platform => {
            let admin = users.into_iter().find(|user| user.role == Role::Admin);
            (admin.ok_or_else(|| Error::not_found("user", "administrator"))?.id, Role::Admin)
        }
        _ => return Err(Error::Forbidden { action: "create", what: "token" }),
    };
    let role = wanted.unwrap_or(most);
    match rank(role) <= rank(most) {
        true => Ok(TokenKind::Personal { user, role }),
        false => Err(Invalid::new("role", format!("{role:?} is more than your own, {most:?}")).into()),
    }
}

/// When a token that `who` makes ends: as wished, but with the token that they use at the latest.
pub(super) async fn until(
    who: &Principal,
    wanted: Option<Timestamp>,
    read: &Read,
) -> Result<Option<Timestamp>> {
    let Principal::User { token: Some(used), .. } = who else { return Ok(wanted) };
    let mut all = read.tokens().await?.into_iter().map(|(_, token)| token);
    // Revoked since it was shown.
    let used =
        all.find(|token| token.id == *used).ok_or(Error::Forbidden { action: "create", what: "token" })?;
    Ok([wanted, used.expires_at].into_iter().flatten().min())
}

/// Refuses a token that would revoke another of its person that may do more. A person may revoke all of theirs.
pub(super) async fn may_revoke(who: &Principal, target: &Token, read: &Read) -> Result<()> {
    let Principal::User { user, role: own, token: Some(used) } = who else { return Ok(()) };
    let TokenKind::Personal { role, .. } = &target.kind else { return Ok(()) };
    // A token never acts with more than its person's role.
    let person = read.user(user).await?.map_or(Role::None, |person| person.role);
    let reach = rank(*role).min(rank(person));
    match *used == target.id || rank(*own) >= reach {
        true => Ok(()),
        false => Err(Error::Forbidden { action: "delete", what: "token" }),
    }
}
