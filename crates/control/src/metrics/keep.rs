//! Hands the figures of each second to the store.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use headwater_compute::ReplicaStatus;
use headwater_model::{DeploymentId, TopicId, WorkspaceId};

use super::names::{self, deployment, topic};
use crate::{
    Error, Result,
    core::Core,
    live::{Sample, TopicRates},
};

/// How often it is looked whose series leave.
const REMOVED: Duration = Duration::from_secs(60);
/// The same when there is something that is not known.
const UNKNOWN: Duration = Duration::from_secs(5);

/// Whose figures are kept.
#[derive(Default)]
struct Known {
    topics: HashSet<TopicId>,
    looked: Option<Instant>,
}

/// Keeps figures for as long as the platform runs. While the disk is slow it misses seconds; nobody waits for it.
pub(crate) async fn keep(core: Arc<Core>) {
    let mut samples = core.sampler.subscribe();
    let mut known = Known::default();
    let mut failing = false;
    while samples.changed().await.is_ok() {
        let sample = samples.borrow_and_update().clone();
        let outcome = keep_one(&core, &mut known, sample).await;
        if let Err(error) = &outcome
            && !failing
        {
            tracing::warn!(%error, "figures are not kept");
        }
        failing = outcome.is_err();
    }
}

async fn keep_one(core: &Arc<Core>, known: &mut Known, sample: Arc<Sample>) -> Result<()> {
    let wait = match sample.topics.keys().all(|id| known.topics.contains(id)) {
        true => REMOVED,
        false => UNKNOWN,
    };
    let mut owners = None;
    if known.looked.is_none_or(|looked| looked.elapsed() >= wait) {
        owners = Some(look(core, known).await?);
    }
    let figures = figures(&sample, &known.topics);
    let store = core.metrics.clone();
    let kept = tokio::task::spawn_blocking(move || {
        if let Some(owners) = owners {
            store.retain(|name| owners.contains(names::owner(name)))?;
        }
        store.append(sample.time.as_millisecond(), &figures)
    });
    match kept.await {
        Ok(refused) => refused.map(|_| ()).map_err(Error::from),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// Whose series there may be, by the beginnings of their names.
async fn look(core: &Core, known: &mut Known) -> Result<HashSet<String>> {
    let read = core.store.read().await?;
    known.topics = read.all_topics().await?.into_iter().map(|row| row.id).collect();
    known.looked = Some(Instant::now());
    let deployments = read.all_deployments().await?.into_iter().map(|row| names::of_deployment(row.id));
    Ok(deployments.chain(known.topics.iter().map(names::of_topic)).collect())
}

fn figures(sample: &Sample, topics: &HashSet<TopicId>) -> Vec<(String, f64)> {
    let mut figures = Vec::new();
    for (id, topic) in sample.topics.iter().filter(|(id, _)| topics.contains(id)) {
        of_topic(&mut figures, id, &topic.rates);
    }
    let mut deployments: BTreeMap<DeploymentId, Vec<&ReplicaStatus>> = BTreeMap::new();
    let mut workspaces: BTreeMap<DeploymentId, &WorkspaceId> = BTreeMap::new();
    for (workspace, replica) in sample.replicas.iter().filter(|(_, replica)| replica.is_alive()) {
        deployments.entry(replica.id.deployment).or_default().push(replica);
        workspaces.insert(replica.id.deployment, workspace);
    }
    for (id, replicas) in deployments {
        of_deployment(&mut figures, &names::of_deployment(id), replicas);
    }
    for lag in &sample.lags {
        let workspace = workspaces.get(&lag.deployment);
        let Some(topic) = workspace.and_then(|workspace| workspace.strip(lag.topic.as_str())) else {
            continue;
        };
        let name = names::lag(&names::of_deployment(lag.deployment), topic, &lag.group);
        figures.push((name, lag.records as f64));
    }
    figures
}

fn of_topic(figures: &mut Vec<(String, f64)>, id: &TopicId, rates: &TopicRates) {
    let of = names::of_topic(id);
    figures.extend([
        (format!("{of}{}", topic::BYTES_IN), rates.bytes_in_per_second.round()),
        (format!("{of}{}", topic::BYTES_OUT), rates.bytes_out_per_second.round()),
        (format!("{of}{}", topic::RECORDS_IN), to(rates.records_in_per_second, 100.0)),
        (format!("{of}{}", topic::RECORDS_OUT), to(rates.records_out_per_second, 100.0)),
    ]);
}

/// While a new version takes over there are two replicas of a number: the newer that runs stands for it.
fn of_deployment(figures: &mut Vec<(String, f64)>, of: &str, mut replicas: Vec<&ReplicaStatus>) {
    let running = replicas.iter().filter(|replica| replica.is_running()).count();
    figures.push((names::whole(of, deployment::RUNNING), running as f64));
    replicas.sort_by_key(|replica| (replica.id.index, replica.is_running(), replica.id.version));
    let mut placed: Vec<&ReplicaStatus> = Vec::new();
    for replica in &replicas {
        if placed.last().is_some_and(|last| last.id.index == replica.id.index) {
            placed.pop();
        }
        placed.push(replica);
    }
    for replica in &placed {
        let name = |figure| names::replica(of, figure, replica.id.index);
        figures.push((name(deployment::RESTARTS), f64::from(replica.restarts)));
        if let Some(used) = replica.usage.filter(|_| replica.is_running()) {
            figures.push((name(deployment::CPU), to(used.cpu_millicores, 10.0)));
            figures.push((name(deployment::MEMORY), used.memory_bytes as f64));
        }
    }
    // One alone is the whole.
    if placed.len() > 1 {
        let used =
            || replicas.iter().filter(|replica| replica.is_running()).filter_map(|replica| replica.usage);
        let cpu: f64 = used().map(|used| used.cpu_millicores).sum();
        let memory: u64 = used().map(|used| used.memory_bytes).sum();
        let restarts: u32 = placed.iter().map(|replica| replica.restarts).sum();
        figures.extend([
            (names::whole(of, deployment::CPU), to(cpu, 10.0)),
            (names::whole(of, deployment::MEMORY), memory as f64),
            (names::whole(of, deployment::RESTARTS), f64::from(restarts)),
        ]);
    }
}

/// Rounded to parts of one: what is beyond is noise, and noise takes room on the disk.
fn to(figure: f64, parts: f64) -> f64 {
    (figure * parts).round() / parts
}
