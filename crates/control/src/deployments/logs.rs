//! Output of replicas and builds, read on from a cursor over restarts and versions.

mod lines;
mod whole;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::{join_all, select_all};
use headwater_compute::{Attempt, Error as Refused, LogSource, ReplicaId};
use headwater_model::{DeploymentId, Invalid};
use headwater_store::Deployment;
use tokio::{
    sync::{broadcast, mpsc},
    time::Instant,
};

pub use whole::Pieces;
pub(super) use whole::whole;

use super::types::{LogEntry, LogPage};
use crate::{Error, FeedEvent, Result, core::Core};
use lines::{entries, signed};

/// What is shown of the past when no cursor is given, per replica.
const PAST: i64 = 64 * 1024;
/// Bytes read from one log at once.
const CHUNK: usize = 64 * 1024;
/// Longest wait before the list of runs is looked at again.
const LOOK: Duration = Duration::from_secs(5);

/// A place in the logs of a deployment, or in that of a build.
pub(crate) enum Tail {
    /// Replicas.
    Runs {
        /// Whose.
        deployment: DeploymentId,
        /// One replica only.
        only: Option<u32>,
        /// By replica: the run that is read, and from where.
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
        /// All is read.
        end: bool,
    },
}

/// A place in the output of one replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    version: u32,
    attempt: u32,
    offset: i64,
    end: bool,
}

impl Tail {
    /// Runs: after `cursor`, or before the last 64 KiB of the newest run of each replica.
    pub(crate) async fn of_runs(
        core: &Core,
        deployment: DeploymentId,
        only: Option<u32>,
        cursor: Option<&str>,
    ) -> Result<Self> {
        let at = match cursor {
            Some(cursor) => parse(cursor)?,
            None => newest(&core.runtime.attempts(deployment).await?),
        };
        Ok(Self::Runs { deployment, only, at })
    }

    /// The build of the version that should run.
    pub(crate) fn of_build(row: &Deployment, cursor: Option<&str>) -> Result<Self> {
        let build = row.build.clone();
        let offset = match cursor.and_then(|cursor| cursor.split_once(':')) {
            Some((id, offset)) if Some(id) == build.as_deref() => offset.parse().map_err(|_| foreign())?,
            _ => 0,
        };
        Ok(Self::Build { deployment: row.id, build, offset, end: false })
    }

    /// Where it stands, as text.
    pub(crate) fn cursor(&self) -> String {
        match self {
            Self::Build { build, offset, .. } => format!("{}:{offset}", build.as_deref().unwrap_or_default()),
            Self::Runs { at, .. } => {
                let place = |(index, place): (&u32, &Place)| {
                    format!("{index}.{}.{}:{}", place.version, place.attempt, place.offset)
                };
                at.iter().map(place).collect::<Vec<_>>().join(",")
            }
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
            let end = self.ended();
            if !entries.is_empty()
                || Instant::now() >= deadline
                || (end && matches!(self, Self::Build { .. }))
            {
                return Ok(LogPage { entries, cursor: self.cursor(), end });
            }
            self.more(core, &mut events, deadline).await;
        }
    }

    fn ended(&self) -> bool {
        match self {
            Self::Runs { at, .. } => at.values().all(|place| place.end),
            Self::Build { end, .. } => *end,
        }
    }

    /// One chunk of each replica's output, runs that ended being followed by the next.
    async fn read_runs(&mut self, core: &Core) -> Result<Vec<LogEntry>> {
        let Self::Runs { deployment, only, at } = self else { return Ok(Vec::new()) };
        let attempts = core.runtime.attempts(*deployment).await?;
        let wanted = |index: u32| only.is_none_or(|only| only == index);
        for attempt in attempts.iter().filter(|attempt| wanted(attempt.replica.index)) {
            at.entry(attempt.replica.index).or_insert_with(|| Place::begin(attempt, 0));
        }
        at.retain(|index, _| wanted(*index));
        let reads =
            at.iter_mut().map(|(index, place)| read_place(core, *deployment, *index, place, &attempts));
        let mut entries: Vec<_> = join_all(reads).await.into_iter().collect::<Result<Vec<_>>>()?.concat();
        entries.sort_by_key(|entry: &LogEntry| entry.time);
        Ok(entries)
    }

    async fn read_build(&mut self, core: &Core, deadline: Instant) -> Result<Vec<LogEntry>> {
        let Self::Build { deployment, build, offset, end } = self else { return Ok(Vec::new()) };
        if build.is_none() {
            // Opened before the deployment was first built.
            let row = core.store.read().await?.deployment(*deployment).await?;
            *build = row.ok_or_else(|| Error::not_found("deployment", *deployment))?.build;
        }
        let Some(build) = build else { return Ok(Vec::new()) };
        let wait = deadline.saturating_duration_since(Instant::now());
        match core.runtime.log(&LogSource::Build(build.clone()), *offset, CHUNK, wait).await {
            Ok(chunk) => {
                *end = chunk.end;
                *offset = signed(chunk.next);
                Ok(entries(&chunk, None))
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

/// Passes a log on until its reader goes; a build's also ends by itself.
pub(crate) async fn follow_log(core: Arc<Core>, mut tail: Tail, to: mpsc::Sender<FeedEvent<Vec<LogEntry>>>) {
    loop {
        let page = match tail.read(&core, LOOK).await {
            Ok(page) => page,
            Err(error) => {
                let _ = to.send(FeedEvent::Failed(error)).await;
                return;
            }
        };
        let (some, done) = (!page.entries.is_empty(), page.end && matches!(tail, Tail::Build { .. }));
        let event = FeedEvent::Data { cursor: page.cursor, data: page.entries };
        if some && to.send(event).await.is_err() || done {
            return;
        }
    }
}

impl Place {
    fn begin(attempt: &Attempt, offset: i64) -> Self {
        Self { version: attempt.replica.version, attempt: attempt.number, offset, end: false }
    }

    fn attempt(&self, deployment: DeploymentId, index: u32) -> Attempt {
        let replica = ReplicaId { deployment, version: self.version, index };
        Attempt { replica, number: self.attempt }
    }

    fn is_before(&self, attempt: &Attempt) -> bool {
        (self.version, self.attempt) < (attempt.replica.version, attempt.number)
    }
}

async fn read_place(
    core: &Core,
    deployment: DeploymentId,
    index: u32,
    place: &mut Place,
    attempts: &[Attempt],
) -> Result<Vec<LogEntry>> {
    loop {
        let attempt = place.attempt(deployment, index);
        let later = attempts.iter().filter(|later| later.replica.index == index && place.is_before(later));
        let next = later.min_by_key(|later| (later.replica.version, later.number));
        if !place.end {
            let source = LogSource::Run(attempt.clone());
            match core.runtime.log(&source, place.offset, CHUNK, Duration::ZERO).await {
                Ok(chunk) => {
                    place.offset = signed(chunk.next);
                    place.end = chunk.end;
                    if !chunk.bytes.is_empty() {
                        return Ok(entries(&chunk, Some(&attempt)));
                    }
                }
                // Older output leaves; what follows it is still there.
                Err(Refused::UnknownLog) => place.end = true,
                Err(error) => return Err(error.into()),
            }
        }
        match next {
            Some(next) if place.end => *place = Place::begin(next, 0),
            _ => return Ok(Vec::new()),
        }
    }
}

/// The newest run of each replica of the newest version.
fn newest(attempts: &[Attempt]) -> BTreeMap<u32, Place> {
    let version = attempts.iter().map(|attempt| attempt.replica.version).max();
    let mut at = BTreeMap::new();
    for attempt in attempts.iter().filter(|attempt| Some(attempt.replica.version) == version) {
        let place = at.entry(attempt.replica.index).or_insert_with(|| Place::begin(attempt, -PAST));
        if place.is_before(attempt) {
            *place = Place::begin(attempt, -PAST);
        }
    }
    at
}

fn parse(cursor: &str) -> Result<BTreeMap<u32, Place>> {
    let place = |part: &str| {
        let (run, offset) = part.split_once(':')?;
        let mut numbers = run.split('.').map(|number| number.parse().ok());
        let (index, version, attempt) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let offset = offset.parse().ok()?;
        Some((index, Place { version, attempt, offset, end: false }))
    };
    let places: Option<_> = cursor.split(',').filter(|part| !part.is_empty()).map(place).collect();
    places.ok_or_else(|| foreign().into())
}

fn foreign() -> Invalid {
    Invalid::new("cursor", "is not one that this log gave")
}
