//! What the platform runs, in Prometheus' text form.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
    sync::atomic::AtomicU64,
};

use headwater_compute::ReplicaStatus;
use headwater_model::{Action, DeploymentId, Principal, Resource, TopicId, WorkspaceId};
use headwater_store::{Deployment, Topic};
use headwater_topics::{Content, Group};
use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::Metrics;
use crate::{Error, Result, live::Sample};

/// Consumer groups that are told of: clients name them as they like.
const GROUPS: usize = 2000;
/// What begins the names of all that is ours.
const PREFIX: &str = "headwater";

type Labels = Vec<(&'static str, String)>;

/// What is looked at once per question.
struct Seen {
    deployments: Vec<Deployment>,
    topics: Vec<Topic>,
    contents: BTreeMap<TopicId, Content>,
    groups: Vec<Group>,
}

impl Metrics {
    /// What the platform runs, in Prometheus' text form.
    pub async fn text(&self, who: &Principal) -> Result<String> {
        if !self.core.permits(who, Action::Read, &Resource::Metrics) {
            return Err(Error::Forbidden { action: "read", what: "platform's metrics" });
        }
        let read = self.core.store.read().await?;
        let seen = Seen {
            deployments: read.all_deployments().await?,
            topics: read.all_topics().await?,
            // A broker that does not answer is left out; the rest is worth knowing then.
            contents: self.core.kafka.contents().await.unwrap_or_default(),
            groups: self.core.kafka.groups().await.unwrap_or_default(),
        };
        drop(read);
        let sample = self.core.sampler.latest();
        let mut sheet = Sheet(Registry::with_prefix(PREFIX));
        deployments(&mut sheet, &seen, &sample);
        topics(&mut sheet, &seen, &sample);
        groups(&mut sheet, &seen);
        self.core.builds.register(&mut sheet.0);
        let (store, data_dir) = (self.core.metrics.clone(), self.core.settings.data_dir.clone());
        let sizes = tokio::task::spawn_blocking(move || (store.size(), metadata(&data_dir))).await;
        let (figures, metadata) = sizes.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        sheet.gauge("store_size_bytes", "Bytes of metadata on disk", metadata);
        sheet.gauge("figures_series", "Series of figures that are kept over time", figures.series as f64);
        sheet.gauge("figures_size_bytes", "Bytes of those figures on disk", figures.disk_bytes as f64);
        Ok(sheet.text())
    }
}

fn deployments(sheet: &mut Sheet, seen: &Seen, sample: &Sample) {
    let mut replicas: HashMap<DeploymentId, Vec<&ReplicaStatus>> = HashMap::new();
    for (_, replica) in &sample.replicas {
        replicas.entry(replica.id.deployment).or_default().push(replica);
    }
    let of = |row: &Deployment| replicas.get(&row.id).map_or(&[][..], Vec::as_slice);
    let labels = |row: &Deployment| -> Labels {
        vec![("workspace", row.workspace.to_string()), ("deployment", row.spec.name.clone())]
    };
    let rows = || seen.deployments.iter();
    let status = |row| with(labels(row), "status", format!("{:?}", row.status));
    sheet.gauges(
        "deployment_status",
        "1 for the status that a deployment has",
        rows().map(|row| (status(row), 1.0)),
    );
    let wanted =
        |row: &Deployment| (labels(row), if row.spec.running { f64::from(row.spec.replicas) } else { 0.0 });
    sheet.gauges("deployment_replicas_wanted", "Replicas that should run", rows().map(wanted));
    let running = |row| (labels(row), of(row).iter().filter(|replica| replica.is_running()).count() as f64);
    sheet.gauges("deployment_replicas_running", "Replicas that run", rows().map(running));
    let restarts = |row| (labels(row), of(row).iter().map(|replica| u64::from(replica.restarts)).sum());
    let help = "Runs that ended in error; begins anew with each version";
    sheet.counters("deployment_restarts", help, rows().map(restarts));
    let cores = |row: &Deployment| (labels(row), f64::from(row.spec.cpu_millicores) / 1000.0);
    sheet.gauges("deployment_cpu_limit_cores", "Cores that a replica may use", rows().map(cores));
    let memory = |row: &Deployment| (labels(row), f64::from(row.spec.memory_in_mb) * 1024.0 * 1024.0);
    sheet.gauges("deployment_memory_limit_bytes", "Memory that a replica may use", rows().map(memory));

    let public = rows().filter_map(|row| {
        let address = format!("{}-{}", row.spec.url_prefix.as_ref()?, row.workspace);
        Some((with(labels(row), "address", address), 1.0))
    });
    let help = "1 for the address of a public deployment, by which ingress_requests_total is told";
    sheet.gauges("deployment_address", help, public);

    // Of two versions side by side each replica is told, under its version.
    let used = || {
        rows().flat_map(|row| {
            let running = of(row).iter().filter(|replica| replica.is_running());
            running.filter_map(move |replica| {
                let labels = with(labels(row), "replica", replica.id.index);
                Some((with(labels, "version", replica.id.version), replica.usage?))
            })
        })
    };
    let cpu = used().map(|(labels, used)| (labels, used.cpu_millicores / 1000.0));
    sheet.gauges("replica_cpu_cores", "Cores that a replica uses", cpu);
    let memory = used().map(|(labels, used)| (labels, used.memory_bytes as f64));
    sheet.gauges("replica_memory_bytes", "Resident memory of a replica", memory);
}

fn topics(sheet: &mut Sheet, seen: &Seen, sample: &Sample) {
    let labels = |row: &Topic| -> Labels {
        vec![("workspace", row.workspace.to_string()), ("topic", row.name.clone())]
    };
    let totals = || {
        let rows = seen.topics.iter();
        rows.filter_map(|row| Some((labels(row), sample.topics.get(&row.id)?.total)))
    };
    let help = "Bytes appended, as sent, since the broker started";
    sheet.counters("topic_received_bytes", help, totals().map(|(labels, total)| (labels, total.bytes_in)));
    let help = "Records appended since the broker started";
    sheet.counters(
        "topic_received_records",
        help,
        totals().map(|(labels, total)| (labels, total.records_in)),
    );
    let help = "Bytes handed to readers since the broker started";
    sheet.counters("topic_sent_bytes", help, totals().map(|(labels, total)| (labels, total.bytes_out)));
    let help = "Records handed to readers since the broker started";
    sheet.counters("topic_sent_records", help, totals().map(|(labels, total)| (labels, total.records_out)));

    let held = || seen.topics.iter().filter_map(|row| Some((labels(row), seen.contents.get(&row.id)?)));
    let help = "Offsets from the first kept to the end, over all partitions";
    sheet.gauges("topic_records", help, held().map(|(labels, held)| (labels, held.records as f64)));
    let help = "Bytes on disk, over all partitions";
    sheet.gauges("topic_size_bytes", help, held().map(|(labels, held)| (labels, held.bytes as f64)));
    let partitions = |row: &Topic| (labels(row), f64::from(row.config.partitions));
    sheet.gauges("topic_partitions", "Partitions", seen.topics.iter().map(partitions));
}

fn groups(sheet: &mut Sheet, seen: &Seen) {
    let owners: HashMap<&TopicId, (&WorkspaceId, &str)> =
        seen.topics.iter().map(|row| (&row.id, (&row.workspace, row.name.as_str()))).collect();
    let lags =
        seen.groups.iter().flat_map(|group| group.topics().into_iter().map(move |topic| (group, topic)));
    let lags = lags.filter(|(group, topic)| group.of(Some(topic)).any(|partition| partition.lag.is_some()));
    let lags = lags.filter_map(|(group, topic)| {
        let (workspace, name) = owners.get(topic)?;
        let labels = vec![
            ("workspace", workspace.to_string()),
            ("group", group.name.clone()),
            ("topic", (*name).to_owned()),
        ];
        Some((labels, group.lag(Some(topic)) as f64))
    });
    sheet.gauges("group_lag_records", "Records that a consumer group has yet to read", lags.take(GROUPS));
    let members = |group: &Group| (vec![("group", group.name.clone())], group.members.len() as f64);
    sheet.gauges(
        "group_members",
        "Members of a consumer group",
        seen.groups.iter().map(members).take(GROUPS),
    );
}

fn with(mut labels: Labels, name: &'static str, value: impl ToString) -> Labels {
    labels.push((name, value.to_string()));
    labels
}

/// Bytes of the metadata's files.
fn metadata(data_dir: &Path) -> f64 {
    let files = ["store.db", "store.db-wal", "store.db-shm"];
    let size = |name| fs::metadata(data_dir.join(name)).map_or(0, |file| file.len());
    files.map(size).iter().sum::<u64>() as f64
}

/// Figures of one moment.
struct Sheet(Registry);

impl Sheet {
    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.gauges(name, help, [([] as [(&str, &str); 0], value)]);
    }

    fn gauges<L: Label>(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (L, f64)>) {
        let family = Family::<L, Gauge<f64, AtomicU64>>::default();
        for (labels, value) in values {
            family.get_or_create(&labels).set(value);
        }
        self.0.register(name, help, family);
    }

    /// Counters, whose names get `_total`.
    fn counters<L: Label>(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (L, u64)>) {
        let family = Family::<L, Counter>::default();
        for (labels, value) in values {
            family.get_or_create(&labels).inc_by(value);
        }
        self.0.register(name, help, family);
    }

    fn text(&self) -> String {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.0).expect("writing into memory does not fail");
        text
    }
}

/// What tells figures of one name apart.
trait Label: EncodeLabelSet + Clone + std::hash::Hash + Eq + std::fmt::Debug + Send + Sync + 'static {}
impl<T: EncodeLabelSet + Clone + std::hash::Hash + Eq + std::fmt::Debug + Send + Sync + 'static> Label for T {}
