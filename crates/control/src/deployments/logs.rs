//! Output of replicas and builds: read on from a cursor over restarts and versions, searched, and told as a whole.

mod lines;
mod place;
mod search;
mod whole;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::{join_all, select_all};
use headwater_compute::{Attempt, Error as Refused, Levels, LogSource};
use headwater_model::{DeploymentId, Invalid};
use headwater_store::Deployment;
use jiff::Timestamp;
use tokio::{
    sync::{broadcast, mpsc},
    time::Instant,
};

pub(super) use search::search;
pub use search::{LogMatch, LogMatches, SearchLogs};
pub use whole::Pieces;
pub(super) use whole::whole;

use super::types::{LogEntry, LogPage};
use crate::{Error, FeedEvent, Result, core::Core};
use lines::{entry, levels_before, signed};
use place::Place;

/// Bytes read from one log at once.
const CHUNK: usize = 64 * 1024;
/// Longest wait before the list of runs is looked at again.
const LOOK: Duration = Duration::from_secs(5);

/// Whose output is meant; all that is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice {
    /// Number of the replica.
    pub replica: Option<u32>,
    /// Version of the deployment.
    pub version: Option<u32>,
    /// Run of the replica.
    pub attempt: Option<u32>,
}

impl Choice {
    /// Whether a run is meant.
    pub fn wants(&self, attempt: &Attempt) -> bool {
        let same = |wanted: Option<u32>, found: u32| wanted.is_none_or(|wanted| wanted == found);
        same(self.replica, attempt.replica.index)
            && same(self.version, attempt.replica.version)
            && same(self.attempt, attempt.number)
    }
}

/// Where reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begin<'a> {
    /// With the last 64 KiB of the newest run of each replica.
    #[default]
    Past,
    /// After what an earlier reader got.
    Cursor(&'a str),
    /// With the first line that is not older.
    Time(Timestamp),
}

/// A place in the logs of a deployment, or in that of a build.
pub(crate) enum Tail {
    /// Replicas.
    Runs {
        /// Whose.
        deployment: DeploymentId,
        /// Which.
        choice: Choice,
        /// By replica.
        at: BTreeMap<u32, Place>,
    },
    /// A build.
    Build {
        /// Whose.
        deployment: DeploymentId,
        /// Its id; none before the first build begins.
        build: Option<String>,
        /// From where.
        offset: i64,
        /// What the next line may continue.
        levels: Option<Levels>,
        /// All is read.
        end: bool,
    },
}

impl Tail {
    /// Output of runs.
    pub(crate) async fn of_runs(
        core: &Core,
        deployment: DeploymentId,
        choice: Choice,
        begin: Begin<'_>,
    ) -> Result<Self> {
        let at = match begin {
            Begin::Cursor(cursor) => place::parse(cursor, &choice)?,
            Begin::Time(from) => place::since(core, deployment, &choice, from).await?,
            Begin::Past => place::newest(&core.runtime.attempts(deployment).await?, &choice),
        };
        Ok(Self::Runs { deployment, choice, at })
    }

    /// The build of the version that should run, or of another.
    pub(crate) async fn of_build(
        core: &Core,
        row: &Deployment,
        version: Option<u32>,
        begin: Begin<'_>,
    ) -> Result<Self> {
        let build = build_of(core, row, version).await?;
        let offset = match begin {
            Begin::Cursor(cursor) => match cursor.split_once(':') {
                Some((id, offset)) if Some(id) == build.as_deref() => {
                    offset.parse().map_err(|_| foreign())?
                }
                _ => 0,
            },
            _ => 0,
        };
        Ok(Self::Build { deployment: row.id, build, offset, levels: None, end: false })
    }

    /// Where it stands, as text.
    pub(crate) fn cursor(&self) -> String {
        match self {
            Self::Build { build, offset, .. } => format!("{}:{offset}", build.as_deref().unwrap_or_default()),
            Self::Runs { at, .. } => place::write(at),
        }
    }

    /// What follows; when there is nothing it waits at most `wait`.
    pub(crate) async fn read(&mut self, core: &Core, wait: Duration) -> Result<LogPage> {
        let deadline = Instant::now() + wait;
        let mut events = core.runtime.events();
        loop {
            let entries = match self {
                Self::Runs { .. } => self.read_runs(core).await?,
                Self::Build { .. } => self.read_build(core, deadline).await?,
            };
            let end = self.has_ended();
            if !entries.is_empty() || Instant::now() >= deadline || end && self.ends() {
                return Ok(LogPage { entries, cursor: self.cursor(), end });
            }
            self.more(core, &mut events, deadline).await;
        }
    }

    fn has_ended(&self) -> bool {
        match self {
            Self::Runs { at, .. } => at.values().all(|place| place.end),
            Self::Build { end, .. } => *end,
        }
    }

    /// Whether nothing follows once it has ended: no other run, no other build.
    fn ends(&self) -> bool {
        match self {
            Self::Runs { choice, .. } => choice.attempt.is_some() && choice.version.is_some(),
            Self::Build { .. } => true,
        }
    }

    /// One chunk of each replica's output, merged by time.
    async fn read_runs(&mut self, core: &Core) -> Result<Vec<LogEntry>> {
        let Self::Runs { deployment, choice, at } = self else { return Ok(Vec::new()) };
        let mut attempts = core.runtime.attempts(*deployment).await?;
        attempts.retain(|attempt| choice.wants(attempt));
        // Replicas that are new; those that only older versions had are not.
        let newest = at.values().map(|place| place.version).max();
        for attempt in attempts.iter().filter(|attempt| newest <= Some(attempt.replica.version)) {
            at.entry(attempt.replica.index).or_insert_with(|| Place::begin(attempt, 0));
        }
        at.retain(|index, _| choice.replica.is_none_or(|only| only == *index));
        let reads = at.iter_mut().map(|(index, place)| place.read(core, *deployment, *index, &attempts));
        let read = join_all(reads).await.into_iter().collect::<Result<Vec<_>>>()?;
        let horizon = read.iter().filter_map(place::Read::horizon).min();
        let mut entries = Vec::new();
        for ((index, place), read) in at.iter_mut().zip(read) {
            let attempt = place.attempt(*deployment, *index);
            place.tell(read, &attempt, horizon, &mut entries);
        }
        entries.sort_by_key(|entry: &LogEntry| entry.time);
        Ok(entries)
    }

    async fn read_build(&mut self, core: &Core, deadline: Instant) -> Result<Vec<LogEntry>> {
        let Self::Build { deployment, build, offset, levels, end } = self else { return Ok(Vec::new()) };
        if build.is_none() {
            // Opened before the deployment was first built.
            let row = core.store.read().await?.deployment(*deployment).await?;
            *build = row.ok_or_else(|| Error::not_found("deployment", *deployment))?.build;
        }
        let Some(build) = build else { return Ok(Vec::new()) };
        let source = LogSource::Build(build.clone());
        let wait = deadline.saturating_duration_since(Instant::now());
        match core.runtime.log(&source, *offset, CHUNK, wait).await {
            Ok(chunk) => {
                if levels.is_none() {
                    *levels = Some(levels_before(core, &source, chunk.offset).await?);
                }
                *end = chunk.end;
                *offset = signed(chunk.next);
                let levels = levels.get_or_insert_default();
                let told = chunk.lines().map(|mut line| {
                    line.level = levels.next(line.offset, line.stream, &line.text);
                    entry(line, None)
                });
                Ok(told.collect())
            }
            // Queued: the log begins with the build.
            Err(Refused::UnknownLog) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until there may be something new.
    async fn more(
        &self,
        core: &Core,
        events: &mut broadcast::Receiver<headwater_compute::ReplicaEvent>,
        deadline: Instant,
    ) {
        let limit = deadline.min(Instant::now() + LOOK);
        let Self::Runs { deployment, at, .. } = self else {
            let limit = deadline.min(Instant::now() + Duration::from_millis(200));
            return tokio::time::sleep_until(limit).await;
        };
        let open = at.iter().filter(|(_, place)| !place.end).map(|(index, place)| {
            let source = LogSource::Run(place.attempt(*deployment, *index));
            let offset = place.offset;
            Box::pin(async move {
                match core.runtime.log(&source, offset, CHUNK, LOOK).await {
                    Ok(chunk) if !chunk.bytes.is_empty() || chunk.end => {}
                    _ => std::future::pending().await,
                }
            })
        });
        let open: Vec<_> = open.collect();
        let output = async {
            match open.is_empty() {
                true => std::future::pending().await,
                false => select_all(open).await,
            }
        };
        let news = async {
            while let Ok(event) = events.recv().await {
                if event.id.deployment == *deployment {
                    break;
                }
            }
        };
        tokio::select! {
            _ = output => {}
            () = news => {}
            () = tokio::time::sleep_until(limit) => {}
        }
    }
}

/// Passes a log on until its reader goes; one that nothing follows also ends by itself.
pub(crate) async fn follow_log(core: Arc<Core>, mut tail: Tail, to: mpsc::Sender<FeedEvent<Vec<LogEntry>>>) {
    loop {
        let page = match tail.read(&core, LOOK).await {
            Ok(page) => page,
            Err(error) => {
                let _ = to.send(FeedEvent::Failed(error)).await;
                return;
            }
        };
        let (some, done) = (!page.entries.is_empty(), page.end && tail.ends());
        let event = FeedEvent::Data { cursor: page.cursor, data: page.entries };
        if some && to.send(event).await.is_err() || done {
            return;
        }
    }
}

/// The build of the version that should run, or of another.
pub(super) async fn build_of(core: &Core, row: &Deployment, version: Option<u32>) -> Result<Option<String>> {
    let Some(version) = version.filter(|version| *version != row.version) else {
        return Ok(row.build.clone());
    };
    let kept = core.store.read().await?.version(row.id, version).await?;
    Ok(kept.ok_or_else(|| Error::not_found("version", version))?.build)
}

fn foreign() -> Invalid {
    Invalid::new("cursor", "is not one that this log gave")
}
