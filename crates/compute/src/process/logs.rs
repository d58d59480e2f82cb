//! Which logs of runs there are, and which have to go.

use std::{collections::HashSet, fs, io, path::Path};

use headwater_model::DeploymentId;

use crate::{Attempt, Folders, ReplicaId, folder};

/// Runs of a replica that logs are kept of.
const RUNS: usize = 20;
/// Versions of a deployment that logs are kept of, beside those that have replicas.
const VERSIONS: usize = 5;

/// The runs whose logs are kept, oldest first.
pub(super) fn kept(folders: &Folders, deployment: DeploymentId) -> io::Result<Vec<Attempt>> {
    let folder = folders.logs(deployment);
    let mut all = Vec::new();
    for version in numbers(&folder)? {
        for index in numbers(&folder.join(version.to_string()))? {
            let replica = ReplicaId { deployment, version, index };
            let runs = numbers(&folders.attempts(&replica))?;
            all.extend(runs.into_iter().map(|number| Attempt { replica: replica.clone(), number }));
        }
    }
    let age = |attempt: &Attempt| began(&folders.attempt_log(attempt));
    all.sort_by_cached_key(|attempt| (attempt.replica.version, age(attempt), attempt.clone()));
    Ok(all)
}

/// When a run began: when its log was made.
fn began(folder: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(folder).and_then(|meta| meta.created()).ok()
}

/// Removes the logs of earlier runs and versions before a replica runs once more, but for those versions that have
/// replicas; answers the number of its last run.
pub(super) fn make_room(folders: &Folders, id: &ReplicaId, running: &HashSet<u32>) -> io::Result<u32> {
    let runs = numbers(&folders.attempts(id))?;
    let early = runs.iter().rev().skip(RUNS - 1);
    let mut old: Vec<_> =
        early.map(|number| folders.attempt_log(&Attempt { replica: id.clone(), number: *number })).collect();
    let folder = folders.logs(id.deployment);
    let versions = numbers(&folder)?;
    let early = versions.iter().rev().filter(|version| **version != id.version).skip(VERSIONS - 1);
    old.extend(
        early.filter(|version| !running.contains(version)).map(|version| folder.join(version.to_string())),
    );
    for path in old {
        // One that stays is tried again next time.
        if let Err(error) = folder::remove(&path) {
            tracing::warn!(path = %path.display(), %error, "removing an old log");
        }
    }
    Ok(runs.last().copied().unwrap_or(0))
}

/// The numbers that name folders in `folder`, in order.
fn numbers(folder: &Path) -> io::Result<Vec<u32>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut all = Vec::new();
    for entry in entries {
        all.extend(entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
    }
    all.sort_unstable();
    Ok(all)
}
