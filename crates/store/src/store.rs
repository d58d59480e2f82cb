//! Snapshots and mutations.

use std::{ops::Deref, path::Path, sync::Arc};

use headwater_model::{Change, ChangeKind, WorkspaceId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter,
    QuerySelect, sea_query::Expr,
};
use sea_orm_migration::MigratorTrait;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    Error, Result,
    changes::Heads,
    connect,
    entity::{change, workspace},
    key::Key,
    migrations::Migrator,
    rows,
};

/// Changes of a workspace that are kept; a reader that stands further back is told to read anew.
const KEEP: i64 = 10_000;
/// Old changes leave once in so many.
const PRUNE_EVERY: i64 = 256;

/// The metadata store. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    /// Held from the start of a mutation until its changes are announced, so that they are in order.
    writer: Arc<Mutex<DatabaseConnection>>,
    pub(crate) readers: DatabaseConnection,
    key: Arc<Key>,
    pub(crate) heads: Heads,
    keep: i64,
}

impl Store {
    /// Opens `store.db` and `secrets.key` in a data folder, makes what is missing and brings the tables up to date.
    pub async fn open(data_dir: &Path) -> Result<Self> {
        Self::connect(&connect::file_url(data_dir), &data_dir.join("secrets.key")).await
    }

    /// Opens the database at `url` with the key in the file `key`.
    pub async fn connect(url: &str, key: &Path) -> Result<Self> {
        Self::connect_keeping(url, key, KEEP).await
    }

    /// As [`Store::connect`], keeping `keep` changes of a workspace instead of 10,000.
    pub async fn connect_keeping(url: &str, key: &Path, keep: i64) -> Result<Self> {
        let (writer, readers) = connect::connect(url).await?;
        Migrator::up(&writer, None).await?;
        let key_file = key;
        let key = Key::open(key_file)?;
        if key.fresh && workspace::Entity::find().one(&writer).await?.is_some() {
            // A new key cannot open what the lost one sealed; it must not stay to be mistaken for that.
            std::fs::remove_file(key_file).map_err(Error::io("removing the fresh secrets.key"))?;
            return Err(Error::Sealed);
        }
        let inner = Inner {
            writer: Arc::new(Mutex::new(writer)),
            readers,
            key: Arc::new(key),
            heads: Heads::default(),
            keep,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A snapshot: all that is read through it is of one moment.
    pub async fn read(&self) -> Result<Read> {
        let tx = connect::snapshot(&self.inner.readers).await?;
        Ok(Read { tx, key: self.inner.key.clone() })
    }

    /// A mutation of a workspace, which it locks. [`Error::NotFound`] when there is none.
    pub async fn write(&self, workspace: &WorkspaceId) -> Result<Write> {
        let mut write = self.write_all().await?;
        write.lock(workspace).await?;
        Ok(write)
    }

    /// A mutation of what belongs to no workspace: people, sessions, new workspaces.
    pub async fn write_all(&self) -> Result<Write> {
        let guard = self.inner.writer.clone().lock_owned().await;
        let tx = sea_orm::TransactionTrait::begin(&*guard).await?;
        let read = Read { tx, key: self.inner.key.clone() };
        Ok(Write { read, guard, store: self.inner.clone(), scope: None, changed: false })
    }
}

/// A snapshot. The queries stand with their nouns in `rows`.
pub struct Read {
    pub(crate) tx: DatabaseTransaction,
    pub(crate) key: Arc<Key>,
}

impl Read {
    /// Last position of a workspace's change feed.
    pub async fn seq(&self, workspace: &WorkspaceId) -> Result<i64> {
        let seq = workspace::Entity::find_by_id(workspace.as_str())
            .select_only()
            .column(workspace::Column::Seq)
            .into_tuple::<i64>()
            .one(&self.tx)
            .await?;
        seq.ok_or_else(|| Error::not_found("workspace", workspace))
    }
}

/// A mutation. Reads what a [`Read`] does; dropped without [`Write::commit`] it leaves nothing.
pub struct Write {
    read: Read,
    guard: OwnedMutexGuard<DatabaseConnection>,
    store: Arc<Inner>,
    scope: Option<(WorkspaceId, i64)>,
    changed: bool,
}

impl Deref for Write {
    type Target = Read;
    fn deref(&self) -> &Read {
        &self.read
    }
}

impl Write {
    /// Makes all of it durable, then announces its changes. Once begun it is not undone by dropping the future.
    pub async fn commit(self) -> Result<()> {
        let Self { read, guard, store, scope, changed } = self;
        let commit = tokio::spawn(async move {
            if let (Some((workspace, seq)), true) = (&scope, changed) {
                rows::set_seq(&read.tx, workspace, *seq).await?;
            }
            read.tx.commit().await?;
            if let (Some((workspace, seq)), true) = (scope, changed) {
                store.heads.advance(&workspace, seq);
            }
            drop(guard);
            Ok(())
        });
        commit.await.unwrap_or_else(|panic| Err(Error::Corrupt(panic.to_string())))
    }

    /// Takes the lock of the workspace's row; an UPDATE does so on every engine.
    pub(crate) async fn lock(&mut self, workspace: &WorkspaceId) -> Result<()> {
        workspace::Entity::update_many()
            .col_expr(workspace::Column::Seq, Expr::col(workspace::Column::Seq))
            .filter(workspace::Column::Id.eq(workspace.as_str()))
            .exec(&self.tx)
            .await?;
        let seq = self.seq(workspace).await?;
        self.scope = Some((workspace.clone(), seq));
        Ok(())
    }

    /// Writes a line of the change feed.
    pub(crate) async fn change(&mut self, kind: ChangeKind, id: impl ToString, revision: i64) -> Result<()> {
        let keep = self.store.keep;
        let (workspace, seq) = self.scope.as_mut().expect("a row of a workspace is written under its lock");
        *seq += 1;
        self.changed = true;
        let (workspace, seq) = (workspace.clone(), *seq);
        let row = change::ActiveModel {
            workspace: Set(workspace.to_string()),
            seq: Set(seq),
            kind: Set(kind.as_str().into()),
            object: Set(id.to_string()),
            revision: Set(revision),
            at: Set(rows::now()),
        };
        change::Entity::insert(row).exec_without_returning(&self.tx).await?;
        if seq % PRUNE_EVERY.min(keep.max(1)) == 0 {
            change::Entity::delete_many()
                .filter(change::Column::Workspace.eq(workspace.as_str()))
                .filter(change::Column::Seq.lte(seq - keep))
                .exec(&self.tx)
                .await?;
        }
        Ok(())
    }
}

/// A row of the feed as it is told.
pub(crate) fn told(row: change::Model) -> Result<Change> {
    Ok(Change {
        workspace_id: row.workspace.parse()?,
        seq: row.seq,
        kind: row.kind.parse()?,
        id: row.object,
        revision: row.revision,
    })
}
