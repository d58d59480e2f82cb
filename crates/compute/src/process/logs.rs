//! Which logs of runs have to go: before another run, and from time to time.

use std::{
    collections::HashSet,
    fs, io,
    sync::Arc,
    time::{Duration, SystemTime},
};

use headwater_model::DeploymentId;
use tokio::time::{MissedTickBehavior, interval};

use super::runtime::Shared;
use crate::{
    Attempt, Folders, Keeping, ReplicaId, folder,
    log::{numbers, trim},
};

/// Time between two looks for output that has become too old.
const SWEEP: Duration = Duration::from_secs(60);

/// Runs of a replica that logs are kept of.
const RUNS: usize = 20;
/// Versions of a deployment that logs are kept of, beside those that have replicas.
const VERSIONS: usize = 5;

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

/// Removes old output of all deployments for as long as the platform runs. Supervisors do so by themselves while they
/// write; what nobody writes to any more grows old as well.
pub(super) async fn sweep(shared: Arc<Shared>) {
    let mut clock = interval(SWEEP);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = clock.tick() => {}
            () = shared.cancelled.cancelled() => return,
        }
        let (folders, keeping) = (shared.folders.clone(), shared.keeping);
        let swept = tokio::task::spawn_blocking(move || sweep_all(&folders, &keeping)).await;
        if let Err(error) = swept.map_err(io::Error::other).flatten() {
            tracing::warn!(%error, "removing old output");
        }
    }
}

fn sweep_all(folders: &Folders, keeping: &Keeping) -> io::Result<()> {
    let entries = match fs::read_dir(folders.all_logs()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let name = entry?.file_name();
        if let Some(deployment) = name.to_str().and_then(|name| name.parse::<DeploymentId>().ok()) {
            trim(&folders.logs(deployment), keeping, SystemTime::now())?;
        }
    }
    Ok(())
}
