//! People, sessions, sign-in links, tokens. Secrets come in as hashes; that of the token which
//! deployments are given is also sealed.

use headwater_model::{ChangeKind, TokenId, WorkspaceId};
use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::{from_word, micros, now, time, time_opt, word};
use crate::{
    Error, Read, Result, Secret, Token, TokenKind, User, Write,
    entity::{session, sign_in_link, token, user},
};

/// A session or a one-time link: whose it is, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The person's id.
    pub user: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Read {
    /// All people, the first first.
    pub async fn users(&self) -> Result<Vec<User>> {
        let query = user::Entity::find().order_by_asc(user::Column::CreatedAt);
        query.all(&self.tx).await?.into_iter().map(to_user).collect()
    }

    /// One person; none when there is no row.
    pub async fn user(&self, id: &str) -> Result<Option<User>> {
        user::Entity::find_by_id(id).one(&self.tx).await?.map(to_user).transpose()
    }

    /// The session with this hash, expired ones included.
    pub async fn session(&self, hash: &str) -> Result<Option<Grant>> {
        let row = session::Entity::find_by_id(hash).one(&self.tx).await?;
        row.map(|row| Ok(Grant { user: row.user, expires_at: time(row.expires_at)? })).transpose()
    }

    /// All tokens with their hashes.
    pub async fn tokens(&self) -> Result<Vec<(String, Token)>> {
        let query = token::Entity::find().order_by_asc(token::Column::CreatedAt);
        query.all(&self.tx).await?.into_iter().map(|row| Ok((row.hash.clone(), to_token(row)?))).collect()
    }

    /// The secret of the workspace's SDK token that deployments are given: the oldest sealed one that is still valid.
    pub async fn sdk_secret(&self, workspace: &WorkspaceId) -> Result<Option<Secret>> {
        let rows = token::Entity::find()
            .filter(token::Column::Workspace.eq(workspace.as_str()))
            .filter(token::Column::Sealed.is_not_null())
            .order_by_asc(token::Column::CreatedAt)
            .all(&self.tx)
            .await?;
        let valid = rows.into_iter().find(|row| row.expires_at.is_none_or(|at| at > now()));
        let open = |row: token::Model| self.key.open_sealed(&place(&row.id), &row.sealed.unwrap_or_default());
        valid.map(open).transpose()
    }
}

impl Write {
    /// Adds a person.
    pub async fn create_user(&mut self, new: &User) -> Result<()> {
        if user::Entity::find().filter(user::Column::Email.eq(&new.email)).one(&self.tx).await?.is_some() {
            return Err(Error::exists("e-mail address", &new.email));
        }
        let row = user::Model {
            id: new.id.clone(),
            email: new.email.clone(),
            first_name: new.first_name.clone(),
            last_name: new.last_name.clone(),
            role: word(&new.role)?,
            created_at: micros(new.created_at),
        };
        user::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(&self.tx).await?;
        Ok(())
    }

    /// Adds a session under the hash of its secret; ended ones leave on the way.
    pub async fn create_session(&mut self, hash: &str, grant: &Grant) -> Result<()> {
        session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(now())).exec(&self.tx).await?;
        let row = session::ActiveModel {
            hash: Set(hash.into()),
            user: Set(grant.user.clone()),
            created_at: Set(now()),
            expires_at: Set(micros(grant.expires_at)),
        };
        session::Entity::insert(row).exec_without_returning(&self.tx).await?;
        Ok(())
    }

    /// Ends a session.
    pub async fn delete_session(&mut self, hash: &str) -> Result<()> {
        session::Entity::delete_by_id(hash).exec(&self.tx).await?;
        Ok(())
    }

    /// Adds a one-time sign-in link; expired ones leave on the way.
    pub async fn create_link(&mut self, hash: &str, grant: &Grant) -> Result<()> {
        sign_in_link::Entity::delete_many()
            .filter(sign_in_link::Column::ExpiresAt.lte(now()))
            .exec(&self.tx)
            .await?;
        let row = sign_in_link::ActiveModel {
            hash: Set(hash.into()),
            user: Set(grant.user.clone()),
            created_at: Set(now()),
            expires_at: Set(micros(grant.expires_at)),
        };
        sign_in_link::Entity::insert(row).exec_without_returning(&self.tx).await?;
        Ok(())
    }

    /// Takes a one-time link: answers it and removes it. None when it is unknown or used.
    pub async fn take_link(&mut self, hash: &str) -> Result<Option<Grant>> {
        let Some(row) = sign_in_link::Entity::find_by_id(hash).one(&self.tx).await? else { return Ok(None) };
        sign_in_link::Entity::delete_by_id(hash).exec(&self.tx).await?;
        Ok(Some(Grant { user: row.user, expires_at: time(row.expires_at)? }))
    }

    /// Adds a token under the hash of its secret. A `sealed` secret will be given to deployments, so it is the platform's
    /// own and never one that somebody else holds. The token of a workspace needs that workspace's lock.
    pub async fn create_token(&mut self, new: &Token, hash: &str, sealed: Option<&Secret>) -> Result<()> {
        let (kind, workspace, user, role) = match &new.kind {
            TokenKind::Sdk(workspace) => ("sdk", Some(workspace.to_string()), None, None),
            TokenKind::Personal { user, role } => ("personal", None, Some(user.clone()), Some(word(role)?)),
        };
        let row = token::Model {
            id: new.id.to_string(),
            hash: hash.into(),
            kind: kind.into(),
            workspace,
            user,
            role,
            name: new.name.clone(),
            sealed: sealed.map(|secret| self.key.seal(&place(&new.id.to_string()), secret)),
            created_at: micros(new.created_at),
            last_used_at: new.last_used_at.map(micros),
            expires_at: new.expires_at.map(micros),
        };
        token::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(&self.tx).await?;
        self.token_changed(&new.kind, new.id, 1).await
    }

    /// Removes a token. That of a workspace needs that workspace's lock.
    pub async fn delete_token(&mut self, id: TokenId) -> Result<()> {
        let row = token::Entity::find_by_id(id.to_string()).one(&self.tx).await?;
        let token = to_token(row.ok_or_else(|| Error::not_found("token", id))?)?;
        token::Entity::delete_by_id(id.to_string()).exec(&self.tx).await?;
        self.token_changed(&token.kind, id, -1).await
    }

    /// Records when tokens were last presented.
    pub async fn tokens_used(&mut self, used: &[(TokenId, Timestamp)]) -> Result<()> {
        for (id, at) in used {
            token::Entity::update_many()
                .col_expr(token::Column::LastUsedAt, Expr::value(micros(*at)))
                .filter(token::Column::Id.eq(id.to_string()))
                .exec(&self.tx)
                .await?;
        }
        Ok(())
    }

    async fn token_changed(&mut self, kind: &TokenKind, id: TokenId, revision: i64) -> Result<()> {
        match kind {
            TokenKind::Sdk(_) => self.change(ChangeKind::Token, id, revision).await,
            TokenKind::Personal { .. } => Ok(()),
        }
    }
}

fn place(id: &str) -> String {
    format!("token/{id}")
}

fn to_user(row: user::Model) -> Result<User> {
    Ok(User {
        id: row.id,
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        role: from_word(row.role)?,
        created_at: time(row.created_at)?,
    })
}

fn to_token(row: token::Model) -> Result<Token> {
    let kind = match (row.workspace, row.user, row.role) {
        (Some(workspace), None, None) => TokenKind::Sdk(workspace.parse()?),
        (None, Some(user), Some(role)) => TokenKind::Personal { user, role: from_word(role)? },
        _ => return Err(Error::Corrupt(format!("token {} belongs to nobody", row.id))),
    };
    Ok(Token {
        id: row.id.parse()?,
        name: row.name,
        kind,
        created_at: time(row.created_at)?,
        last_used_at: time_opt(row.last_used_at)?,
        expires_at: time_opt(row.expires_at)?,
    })
}
