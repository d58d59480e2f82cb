//! All logs of a data folder.

use std::{fs, io, path::PathBuf, time::Duration};

use headwater_model::DeploymentId;

use crate::{
    Attempt, Error, Folders, LogChunk, LogFound, LogQuery, LogSource, ReplicaId, Result, Run,
    folder::remove,
    log::{self, numbers},
};

/// Reads the logs of builds and runs, wherever they come from.
#[derive(Debug, Clone)]
pub struct Logs {
    folders: Folders,
}

impl Logs {
    /// Those of a data folder.
    pub fn new(folders: Folders) -> Self {
        Self { folders }
    }

    /// See [`crate::Runtime::attempts`].
    pub async fn attempts(&self, deployment: DeploymentId) -> Result<Vec<Attempt>> {
        let folders = self.folders.clone();
        blocking("listing logs", move || kept(&folders, deployment)).await
    }

    /// See [`crate::Runtime::runs`].
    pub async fn runs(&self, deployment: DeploymentId) -> Result<Vec<Run>> {
        let folders = self.folders.clone();
        blocking("listing runs", move || {
            let mut all = Vec::new();
            for attempt in kept(&folders, deployment)? {
                match log::run(&folders.attempt_log(&attempt), attempt) {
                    Ok(run) => all.push(run),
                    // It left while it was looked at.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(all)
        })
        .await
    }

    /// See [`crate::Runtime::log`].
    pub async fn read(
        &self,
        source: &LogSource,
        offset: i64,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<LogChunk> {
        log::read(&self.folder(source)?, offset, max_bytes, wait).await
    }

    /// See [`crate::Runtime::search`].
    pub async fn search(&self, query: LogQuery) -> Result<LogFound> {
        let folders = query.sources.iter().map(|source| self.folder(source)).collect::<Result<Vec<_>>>()?;
        // Whoever asked may go: then nobody wants what is found.
        let _cancel = query.cancelled.clone().drop_guard();
        blocking("searching logs", move || log::search(&query, &folders)).await
    }

    /// See [`crate::Runtime::remove_log`].
    pub async fn remove(&self, source: &LogSource) -> Result<()> {
        let folder = self.folder(source)?;
        blocking("removing a log", move || remove(&folder)).await
    }

    /// See [`crate::Runtime::remove_logs`].
    pub async fn remove_all(&self, deployment: DeploymentId) -> Result<()> {
        let folder = self.folders.logs(deployment);
        blocking("removing logs", move || remove(&folder)).await
    }

    fn folder(&self, source: &LogSource) -> Result<PathBuf> {
        match source {
            LogSource::Build(id) if id.contains(['/', '\0']) || id.starts_with('.') => Err(Error::UnknownLog),
            LogSource::Build(id) => Ok(self.folders.build_log(id)),
            LogSource::Run(attempt) => Ok(self.folders.attempt_log(attempt)),
        }
    }
}

/// The runs whose logs are kept, oldest first.
fn kept(folders: &Folders, deployment: DeploymentId) -> io::Result<Vec<Attempt>> {
    let folder = folders.logs(deployment);
    let mut all = Vec::new();
    for version in numbers(&folder)? {
        for index in numbers(&folder.join(version.to_string()))? {
            let replica = ReplicaId { deployment, version, index };
            let runs = numbers(&folders.attempts(&replica))?;
            all.extend(runs.into_iter().map(|number| Attempt { replica: replica.clone(), number }));
        }
    }
    // When a run began: when its log was made.
    let began =
        |attempt: &Attempt| fs::metadata(folders.attempt_log(attempt)).and_then(|meta| meta.created()).ok();
    all.sort_by_cached_key(|attempt| (attempt.replica.version, began(attempt), attempt.clone()));
    Ok(all)
}

/// Work on files that takes its time.
async fn blocking<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let outcome = tokio::task::spawn_blocking(work).await.map_err(io::Error::other);
    outcome.flatten().map_err(Error::io(what))
}
