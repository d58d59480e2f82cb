//! Looks after what runs: measures it, and ends what uses more than it may and is held by nothing else.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{
    replica::Command,
    runtime::{Shared, Watched},
    state,
    usage::{Meter, usage},
};
use crate::{
    ReplicaId, StateFolder, StateUsage,
    limits::{Held, Reading},
    supervisor::Verdict,
};

/// Time between two samples of what replicas use.
const SAMPLE: Duration = Duration::from_secs(1);
/// Time between two looks at state folders.
const STATE: Duration = Duration::from_secs(5);
/// Looking takes at most one part in so many of the time.
const STATE_SHARE: u32 = 20;

/// Measures CPU and memory of all replicas once a second.
pub(super) async fn usages(shared: Arc<Shared>) {
    let mut clock = interval(SAMPLE);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = clock.tick() => {}
            () = shared.cancelled.cancelled() => return,
        }
        let all = shared.watched();
        if all.is_empty() {
            continue;
        }
        let Ok(readings) = spawn_blocking(move || read(all)).await else { return };
        for (id, watched, reading) in readings {
            let excess = watched.held.as_ref().and_then(|held| out_of_memory(held, reading));
            shared.measured(&id, &watched, |entry| {
                let before = entry.usage.map(|(_, before)| before);
                entry.usage = Some((usage(before, reading), reading));
            });
            if let Some(verdict) = excess {
                shared.tell(&id, Command::Exceeded { verdict, at_once: true });
            }
        }
    }
}

fn read(all: Vec<(ReplicaId, Watched)>) -> Vec<(ReplicaId, Watched, Reading)> {
    let mut meter = Meter::default();
    let mut readings = Vec::new();
    for (id, watched) in all {
        match meter.read(&watched) {
            Ok(reading) => readings.push((id, watched, reading)),
            Err(error) => tracing::warn!(%error, "reading what a replica uses"),
        }
    }
    readings
}

/// Whether a replica has run out of memory and goes on all the same: the kernel has ended one of its processes only, or
/// does not hold its memory.
fn out_of_memory(held: &Held, reading: Reading) -> Option<Verdict> {
    let reason = match (held.group.holds_memory(), held.group.ends_whole()) {
        (true, true) => return None,
        (true, false) => held.out_of_memory(held.group.incidents())?,
        (false, _) if reading.memory <= held.asked.memory_bytes => return None,
        (false, _) => held.used_more(),
    };
    Some(Verdict { reason, out_of_memory: true })
}

/// Measures the state folders of all replicas every few seconds.
pub(super) async fn state_folders(shared: Arc<Shared>) {
    let mut pause = STATE;
    loop {
        tokio::select! {
            () = sleep(pause) => {}
            () = shared.cancelled.cancelled() => return,
        }
        let all: Vec<(ReplicaId, Watched, StateFolder)> = shared
            .watched()
            .into_iter()
            .filter_map(|(id, watched)| watched.state.clone().map(|state| (id, watched, state)))
            .collect();
        let began = Instant::now();
        let paths: Vec<PathBuf> = all.iter().map(|(.., state)| state.path.clone()).collect();
        let Ok(sizes) = spawn_blocking(move || sizes(paths)).await else { return };
        pause = STATE.max(began.elapsed() * STATE_SHARE);
        for (id, watched, StateFolder { path, limit_bytes }) in all {
            let Some(&used_bytes) = sizes.get(&path) else { continue };
            let usage = StateUsage { used_bytes, limit_bytes };
            shared.measured(&id, &watched, |entry| entry.state = Some(usage));
            if used_bytes > limit_bytes {
                let verdict = Verdict { reason: state::excess(usage), out_of_memory: false };
                // It may put its state in order before it is ended at the next look.
                shared.tell(&id, Command::Exceeded { verdict, at_once: false });
            }
        }
    }
}

/// Each folder is looked at once, however many replicas share it.
fn sizes(mut paths: Vec<PathBuf>) -> HashMap<PathBuf, u64> {
    paths.sort();
    paths.dedup();
    let size = |path: &Path| {
        state::size(path).inspect_err(|error| {
            tracing::warn!(path = %path.display(), %error, "measuring a state folder");
        })
    };
    paths.into_iter().filter_map(|path| size(&path).ok().map(|size| (path, size))).collect()
}
