//! Following a workspace's change feed.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use headwater_model::{Change, WorkspaceId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::watch;

use crate::{
    Error, Result, Store,
    entity::change,
    store::{Inner, told},
};

/// Changes that are read at once.
const PAGE: u64 = 500;

/// The last announced position of each workspace that someone follows.
#[derive(Default)]
pub(crate) struct Heads(std::sync::Mutex<HashMap<WorkspaceId, watch::Sender<i64>>>);

impl Heads {
    fn watch(&self, workspace: &WorkspaceId) -> watch::Receiver<i64> {
        let mut heads = self.0.lock().expect("no holder of this lock panics");
        heads.entry(workspace.clone()).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    pub(crate) fn advance(&self, workspace: &WorkspaceId, seq: i64) {
        let mut heads = self.0.lock().expect("no holder of this lock panics");
        if let Some(head) = heads.get(workspace) {
            if head.receiver_count() == 0 {
                heads.remove(workspace);
            } else {
                head.send_replace(seq);
            }
        }
    }
}

/// What happens on the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The next change.
    Change(Change),
    /// Changes in between are gone: read the state anew; the feed goes on after `seq`.
    Reset {
        /// Where the feed stands.
        seq: i64,
    },
}

/// A reader of a workspace's feed. The rows are read from the database, an announcement only wakes it: nothing is lost,
/// doubled or out of order, however slow the reader is.
pub struct Changes {
    store: Arc<Inner>,
    workspace: WorkspaceId,
    head: watch::Receiver<i64>,
    seq: i64,
    page: VecDeque<Change>,
}

impl Store {
    /// Follows a workspace's feed after `after`; without it from now. [`Error::NotFound`] when there is no such
    /// workspace.
    pub async fn changes(&self, workspace: &WorkspaceId, after: Option<i64>) -> Result<Changes> {
        let head = self.inner.heads.watch(workspace);
        let now = self.read().await?.seq(workspace).await?;
        let (store, workspace) = (self.inner.clone(), workspace.clone());
        Ok(Changes { store, workspace, head, seq: after.unwrap_or(now), page: VecDeque::new() })
    }
}

impl Changes {
    /// Where the reader stands: the last position it was given.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// The next event, waiting for it. Safe to drop while waiting.
    pub async fn next(&mut self) -> Result<Event> {
        loop {
            if let Some(change) = self.page.pop_front() {
                self.seq = change.seq;
                return Ok(Event::Change(change));
            }
            self.head.borrow_and_update();
            if let Some(reset) = self.load().await? {
                self.seq = reset;
                return Ok(Event::Reset { seq: reset });
            }
            if self.page.is_empty() && self.head.changed().await.is_err() {
                return Err(Error::not_found("workspace", &self.workspace));
            }
        }
    }

    /// Reads the next page, or says where the feed stands when the reader's place in it is gone.
    async fn load(&mut self) -> Result<Option<i64>> {
        let read = Store { inner: self.store.clone() }.read().await?;
        let head = read.seq(&self.workspace).await?;
        if self.seq == head {
            return Ok(None);
        }
        let rows = change::Entity::find()
            .filter(change::Column::Workspace.eq(self.workspace.as_str()))
            .filter(change::Column::Seq.gt(self.seq))
            .order_by_asc(change::Column::Seq)
            .limit(PAGE)
            .all(&read.tx)
            .await?;
        match rows.first() {
            Some(first) if first.seq == self.seq + 1 => {
                self.page = rows.into_iter().map(told).collect::<Result<_>>()?;
                Ok(None)
            }
            _ => Ok(Some(head)),
        }
    }
}
