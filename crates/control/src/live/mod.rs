//! Feeds that go on: changes, rates, logs and messages. Payloads are those of `docs/reference/live.md`.

mod changes;
mod lags;
mod messages;
mod sampler;
mod scan;
mod types;

use std::sync::Arc;

use futures::stream::BoxStream;
use headwater_model::{Action, Change, DeploymentId, Principal, Resource, WorkspaceId};
use tokio::sync::mpsc;

pub(crate) use lags::Lag;
pub(crate) use sampler::{Sample, Sampler, sample};
pub use scan::FeedFrom;
pub use types::{Content, DeploymentUsage, Message, MessageBatch, Rates, ReplicaUsage, TopicRates};

use crate::{Begin, Choice, Error, LogEntry, Result, core::Core, deployments};

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

/// Which records of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessagesWish {
    /// Where it was left; goes before `from`.
    pub cursor: Option<String>,
    /// Where it begins, and then passes nothing over. None is with the last 20, and passes over what is too much.
    pub from: Option<FeedFrom>,
    /// A text that is to be found in the key, the value or a header; with it nothing is passed over either.
    pub filter: Option<String>,
}

/// Events that a feed holds for a reader that is slower than it.
const BUFFER: usize = 64;
/// The same where an event may have hundreds of kilobytes: a socket carries many such feeds.
const LARGE: usize = 1;

/// Feeds. Each has a bounded buffer and reads no further while it is full: a slow reader slows nobody else.
#[derive(Clone)]
pub struct Live {
    pub(crate) core: Arc<Core>,
}

impl Live {
    /// Changes of a workspace after `after`, of what the caller may read; without it from now.
    pub async fn changes(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        after: Option<i64>,
    ) -> Result<Feed<Change>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Workspace(workspace.clone()))?;
        let feed = self.core.store.changes(workspace, after).await?;
        let (core, who) = (self.core.clone(), who.clone());
        Ok(self.feed(BUFFER, feed.seq().to_string(), |to| changes::follow(core, who, feed, to)))
    }

    /// Once a second: traffic of a workspace's topics, and usage of its replicas for those who may read deployments.
    pub async fn rates(&self, who: &Principal, workspace: &WorkspaceId) -> Result<Feed<Rates>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Workspace(workspace.clone()))?;
        self.core.store.read().await?.seq(workspace).await?;
        let samples = self.core.sampler.subscribe();
        let usage = self.core.permits(who, Action::Read, &Resource::Deployment(workspace.clone()));
        let workspace = workspace.clone();
        Ok(self.feed(LARGE, String::new(), move |to| sampler::follow(samples, workspace, usage, to)))
    }

    /// Output of a deployment from where `begin` says, then what follows.
    pub async fn logs(
        &self,
        who: &Principal,
        deployment: DeploymentId,
        source: LogsFrom,
        choice: Choice,
        begin: Begin<'_>,
    ) -> Result<Feed<Vec<LogEntry>>> {
        let row = deployments::find(&self.core, who, Action::Read, deployment).await?;
        let tail = match source {
            LogsFrom::Run => deployments::Tail::of_runs(&self.core, row.id, choice, begin).await?,
            LogsFrom::Build => deployments::Tail::of_build(&self.core, &row, choice.version, begin).await?,
        };
        let core = self.core.clone();
        Ok(self.feed(LARGE, tail.cursor(), |to| deployments::follow_log(core, tail, to)))
    }

    /// Records of a topic as they arrive, from where they are wished.
    pub async fn messages(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        topic: &str,
        wish: MessagesWish,
    ) -> Result<Feed<MessageBatch>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Topic(workspace.clone()))?;
        let row = crate::topics::find(&self.core.store.read().await?, workspace, topic).await?;
        let filter = scan::Filter::new(wish.filter.as_deref().unwrap_or_default())?;
        let kafka = self.core.kafka.clone();
        if wish.from.is_none() && filter.is_none() {
            let (cursor, reader) = messages::Reader::open(kafka, row.id, wish.cursor.as_deref()).await?;
            return Ok(self.feed(LARGE, cursor, |to| reader.follow(to)));
        }
        let places = wish.cursor.as_deref().map(messages::parse).transpose()?;
        let from = wish.from.unwrap_or(FeedFrom::Latest);
        let scan = scan::Scan::open(kafka, row.id, places, &from, filter).await?;
        Ok(self.feed(LARGE, scan.cursor(), |to| scan.follow(to)))
    }

    /// A feed fed by a task of its own, which ends with the platform or with its reader.
    fn feed<T: Send + 'static, F>(
        &self,
        buffer: usize,
        cursor: String,
        source: impl FnOnce(mpsc::Sender<FeedEvent<T>>) -> F,
    ) -> Feed<T>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (to, mut from) = mpsc::channel(buffer);
        let source = source(to.clone());
        self.core.spawn(async move {
            tokio::select! {
                () = source => {}
                () = to.closed() => {}
            }
        });
        let events = futures::stream::poll_fn(move |cx| from.poll_recv(cx));
        Feed { cursor, events: Box::pin(events) }
    }
}
