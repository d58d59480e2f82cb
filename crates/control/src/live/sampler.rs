//! Once a second: how much flows through topics, and what replicas use.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use headwater_compute::{ReplicaState, ReplicaStatus};
use headwater_model::{DeploymentId, TopicId, WorkspaceId};
use headwater_store::clock;
use headwater_topics::Traffic;
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use super::{DeploymentUsage, FeedEvent, Rates, ReplicaUsage, TopicRates};
use crate::{Result, core::Core};

/// Rates are differences over this many samples.
const WINDOW: usize = 3;
const EVERY: Duration = Duration::from_secs(1);

/// The figures of the last second.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    pub(crate) time: Timestamp,
    pub(crate) topics: BTreeMap<TopicId, TopicRates>,
    /// Replicas that use something, with the workspace of each.
    pub(crate) replicas: Vec<(WorkspaceId, ReplicaStatus)>,
}

/// The latest sample, for all who look.
pub(crate) struct Sampler(watch::Sender<Arc<Sample>>);

impl Default for Sampler {
    fn default() -> Self {
        Self(watch::Sender::new(Arc::default()))
    }
}

impl Sampler {
    pub(crate) fn latest(&self) -> Arc<Sample> {
        self.0.borrow().clone()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Arc<Sample>> {
        self.0.subscribe()
    }
}

/// Takes samples for as long as the platform runs.
pub(crate) async fn sample(core: Arc<Core>) {
    let mut counters: VecDeque<(Instant, BTreeMap<TopicId, Traffic>)> = VecDeque::new();
    let mut owners = HashMap::new();
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match core.kafka.traffic().await {
            Ok(now) => {
                if counters.back().is_some_and(|(_, before)| now.keys().any(|id| !before.contains_key(id))) {
                    // Perhaps made through Kafka: rows follow soon.
                    core.topics_changed.notify_one();
                }
                counters.push_back((Instant::now(), now));
                counters.drain(..counters.len().saturating_sub(WINDOW + 1));
            }
            Err(error) => {
                tracing::debug!(%error, "no traffic counters");
                counters.clear();
            }
        }
        let replicas = match usage(&core, &mut owners).await {
            Ok(replicas) => replicas,
            Err(error) => {
                tracing::debug!(%error, "no usage figures");
                Vec::new()
            }
        };
        core.sampler.0.send_replace(Arc::new(Sample { time: clock(), topics: rates(&counters), replicas }));
    }
}

fn rates(counters: &VecDeque<(Instant, BTreeMap<TopicId, Traffic>)>) -> BTreeMap<TopicId, TopicRates> {
    let (Some((since, before)), Some((now, after))) = (counters.front(), counters.back()) else {
        return BTreeMap::new();
    };
    let seconds = (*now - *since).as_secs_f64();
    if seconds <= 0.0 {
        return BTreeMap::new();
    }
    let per_second = |after: u64, before: u64| after.saturating_sub(before) as f64 / seconds;
    let rate = |(id, after): (&TopicId, &Traffic)| {
        // A topic that is new within the window began at nothing.
        let before = before.get(id).copied().unwrap_or_default();
        let rates = TopicRates {
            bytes_in_per_second: per_second(after.bytes_in, before.bytes_in),
            bytes_out_per_second: per_second(after.bytes_out, before.bytes_out),
            records_in_per_second: per_second(after.records_in, before.records_in),
        };
        (id.clone(), rates)
    };
    after.iter().map(rate).collect()
}

async fn usage(
    core: &Core,
    owners: &mut HashMap<DeploymentId, WorkspaceId>,
) -> Result<Vec<(WorkspaceId, ReplicaStatus)>> {
    let all = core.runtime.list().await?;
    let present: HashSet<_> = all.iter().map(|replica| replica.id.deployment).collect();
    owners.retain(|id, _| present.contains(id));
    if present.iter().any(|id| !owners.contains_key(id)) {
        let rows = core.store.read().await?.all_deployments().await?;
        owners.extend(rows.into_iter().map(|row| (row.id, row.workspace)));
    }
    let runs = |replica: &ReplicaStatus| matches!(replica.state, ReplicaState::Running { .. });
    let of = |replica: ReplicaStatus| Some((owners.get(&replica.id.deployment)?.clone(), replica));
    Ok(all.into_iter().filter(runs).filter_map(of).collect())
}

/// Passes a workspace's figures on, with those of deployments when `usage`; a reader that is slower than a second misses
/// some, never older ones.
pub(super) async fn follow(
    mut samples: watch::Receiver<Arc<Sample>>,
    workspace: WorkspaceId,
    usage: bool,
    to: mpsc::Sender<FeedEvent<Rates>>,
) {
    while samples.changed().await.is_ok() {
        let sample = samples.borrow_and_update().clone();
        let mut data = of_workspace(&sample, &workspace);
        if !usage {
            data.deployments.clear();
        }
        let event = FeedEvent::Data { cursor: String::new(), data };
        if to.send(event).await.is_err() {
            return;
        }
    }
}

fn of_workspace(sample: &Sample, workspace: &WorkspaceId) -> Rates {
    let named =
        |(id, rates): (&TopicId, &TopicRates)| Some((workspace.strip(id.as_str())?.to_owned(), *rates));
    let mut deployments: BTreeMap<_, DeploymentUsage> = BTreeMap::new();
    for (_, replica) in sample.replicas.iter().filter(|(of, _)| of == workspace) {
        let Some(used) = replica.usage else { continue };
        let total = deployments.entry(replica.id.deployment).or_default();
        total.cpu_millicores += used.cpu_millicores;
        total.memory_bytes += used.memory_bytes;
        total.replicas.push(ReplicaUsage {
            index: replica.id.index,
            cpu_millicores: used.cpu_millicores,
            memory_bytes: used.memory_bytes,
        });
    }
    Rates { time: sample.time, topics: sample.topics.iter().filter_map(named).collect(), deployments }
}
