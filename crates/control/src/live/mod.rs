//! Feeds that go on: changes, rates, logs and messages. Payloads are those of `docs/reference/live.md`.

mod types;

use futures::stream::BoxStream;
use headwater_model::{Change, DeploymentId, Principal, WorkspaceId};

pub use types::{Content, DeploymentUsage, Message, MessageBatch, Rates, ReplicaUsage, TopicRates};

use crate::{Error, LogEntry, Result};

/// A feed that was opened. It ends when the stream does; dropping it closes it.
pub struct Feed<T> {
    /// Where it stands.
    pub cursor: String,
    /// What happens, in order.
    pub events: BoxStream<'static, FeedEvent<T>>,
}

/// What happens on a feed.
#[derive(Debug)]
pub enum FeedEvent<T> {
    /// Something to show.
    Data {
        /// Reopening here continues after it.
        cursor: String,
        /// What.
        data: T,
    },
    /// What was missed is gone: read the state anew, then go on from here.
    Reset {
        /// Where the feed goes on.
        cursor: String,
    },
    /// The feed cannot go on; nothing follows.
    Failed(Error),
}

/// Which log of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogsFrom {
    /// The newest run of each replica of the version that serves, and the runs that follow.
    #[default]
    Run,
    /// The build of the version that should run.
    Build,
}

/// Feeds. Each has a bounded buffer: a slow reader loses its own oldest events.
#[derive(Clone)]
pub struct Live {}

impl Live {
    /// Changes of a workspace after `after`; without it from now.
    pub async fn changes(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _after: Option<i64>,
    ) -> Result<Feed<Change>> {
        todo!()
    }

    /// Once a second: traffic of a workspace's topics and usage of its replicas.
    pub async fn rates(&self, _who: &Principal, _workspace: &WorkspaceId) -> Result<Feed<Rates>> {
        todo!()
    }

    /// Output of a deployment; without `cursor` the last 64 KiB, then what follows.
    pub async fn logs(
        &self,
        _who: &Principal,
        _deployment: DeploymentId,
        _source: LogsFrom,
        _cursor: Option<&str>,
    ) -> Result<Feed<Vec<LogEntry>>> {
        todo!()
    }

    /// Records of a topic as they arrive; without `cursor` the last 20 first.
    pub async fn messages(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _topic: &str,
        _cursor: Option<&str>,
    ) -> Result<Feed<MessageBatch>> {
        todo!()
    }
}
