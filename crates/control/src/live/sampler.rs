//! Once a second: how much flows through topics, and what replicas use.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use headwater_compute::ReplicaStatus;
use headwater_model::{DeploymentId, TopicId, WorkspaceId};
use headwater_store::clock;
use headwater_topics::Traffic;
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use super::{DeploymentUsage, FeedEvent, Lag, Rates, ReplicaUsage, TopicRates, lags::lags};
use crate::{Result, core::Core};

/// Rates are differences over this many samples.
const WINDOW: usize = 3;
const EVERY: Duration = Duration::from_secs(1);

/// The figures of the last second.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    pub(crate) time: Timestamp,
    pub(crate) topics: BTreeMap<TopicId, TopicSample>,
    /// Replicas, whatever they do, with the workspace of each.
    pub(crate) replicas: Vec<(WorkspaceId, ReplicaStatus)>,
    /// How far behind the groups are that replicas have joined.
    pub(crate) lags: Vec<Lag>,
}

/// A topic in the last second.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TopicSample {
    /// Averages over about three seconds, which are calm enough to look at.
    pub(crate) calm: TopicRates,
    /// Rates of the second alone.
    pub(crate) rates: TopicRates,
    /// Counters since the broker started.
    pub(crate) total: Traffic,
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

    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Sample>> {
        self.0.subscribe()
    }
}

/// Takes samples for as long as the platform runs.
pub(crate) async fn sample(core: Arc<Core>) {
    let mut counters: VecDeque<(Instant, BTreeMap<TopicId, Traffic>)> = VecDeque::new();
    let mut owners = HashMap::new();
    // In the middle of seconds, so that a tick that is early or late falls into the second that it is of.
    let millis = clock().as_millisecond().rem_euclid(1000);
    let first =
        tokio::time::Instant::now() + Duration::from_millis((1500 - millis).rem_euclid(1000).unsigned_abs());
    let mut tick = tokio::time::interval_at(first, EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tick.tick().await;
        let time = clock();
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
        let deployments: BTreeSet<_> = replicas.iter().map(|(_, replica)| replica.id.deployment).collect();
        let lags = match core.kafka.groups().await {
            Ok(groups) => lags(&groups, &deployments),
            Err(error) => {
                tracing::debug!(%error, "no consumer groups");
                Vec::new()
            }
        };
        let sample = Sample { time, topics: topics(&counters), replicas, lags };
        core.sampler.0.send_replace(Arc::new(sample));
    }
}

fn topics(counters: &VecDeque<(Instant, BTreeMap<TopicId, Traffic>)>) -> BTreeMap<TopicId, TopicSample> {
    let (Some(first), Some(last)) = (counters.front(), counters.back()) else { return BTreeMap::new() };
    let before = counters.iter().rev().nth(1).unwrap_or(last);
    let sample = |(id, total): (&TopicId, &Traffic)| {
        let since = |(then, counters): &(Instant, BTreeMap<TopicId, Traffic>)| {
            // A topic that is new began at nothing.
            rates(total, &counters.get(id).copied().unwrap_or_default(), last.0 - *then)
        };
        (id.clone(), TopicSample { calm: since(first), rates: since(before), total: *total })
    };
    last.1.iter().map(sample).collect()
}

fn rates(after: &Traffic, before: &Traffic, time: Duration) -> TopicRates {
    let seconds = time.as_secs_f64();
    let per_second = |after: u64, before: u64| match seconds > 0.0 {
        true => after.saturating_sub(before) as f64 / seconds,
        false => 0.0,
    };
    TopicRates {
        bytes_in_per_second: per_second(after.bytes_in, before.bytes_in),
        bytes_out_per_second: per_second(after.bytes_out, before.bytes_out),
        records_in_per_second: per_second(after.records_in, before.records_in),
        records_out_per_second: per_second(after.records_out, before.records_out),
    }
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
    let of = |replica: ReplicaStatus| Some((owners.get(&replica.id.deployment)?.clone(), replica));
    Ok(all.into_iter().filter_map(of).collect())
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
        |(id, topic): (&TopicId, &TopicSample)| Some((workspace.strip(id.as_str())?.to_owned(), topic.calm));
    let mut deployments: BTreeMap<_, DeploymentUsage> = BTreeMap::new();
    let replicas = sample.replicas.iter().filter(|(of, _)| of == workspace);
    for replica in replicas.map(|(_, replica)| replica).filter(|replica| replica.is_alive()) {
        let total = deployments.entry(replica.id.deployment).or_default();
        total.restarts += replica.restarts;
        let Some(used) = replica.usage.filter(|_| replica.is_running()) else { continue };
        total.cpu_millicores += used.cpu_millicores;
        total.memory_bytes += used.memory_bytes;
        total.replicas.push(ReplicaUsage {
            index: replica.id.index,
            cpu_millicores: used.cpu_millicores,
            memory_bytes: used.memory_bytes,
            restarts: replica.restarts,
        });
    }
    for lag in &sample.lags {
        if let Some(total) = deployments.get_mut(&lag.deployment) {
            *total.lag.get_or_insert(0) += lag.records;
        }
    }
    Rates { time: sample.time, topics: sample.topics.iter().filter_map(named).collect(), deployments }
}
