//! The embedded broker beside Apache Kafka, with librdkafka as the client of both.

mod latency;
mod throughput;

use std::{path::Path, time::Duration};

use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
};

use crate::{
    peers::{self, Broker, Kind},
    report::{Findings, Section, Unit},
};

/// How much is measured.
pub(crate) struct Plan {
    rounds: usize,
    produce: Duration,
    latency: Duration,
    peers: Vec<Kind>,
    cases: Vec<Case>,
}

/// One shape of load.
#[derive(Debug, Clone, Copy)]
struct Case {
    /// Bytes of a record's value.
    size: usize,
    partitions: i32,
}

impl Plan {
    /// The whole, under a quarter of an hour; or (`quick`) a smoke run.
    pub(crate) fn new(quick: bool, rounds: Option<usize>, mut peers: Vec<Kind>) -> Self {
        let seconds = |whole, smoke| Duration::from_secs(if quick { smoke } else { whole });
        // Headwater first: the last peer is what the first is compared with.
        peers.sort();
        peers.dedup();
        let cases = [(100, 1), (100, 6), (1024, 1), (1024, 6)];
        Self {
            rounds: rounds.unwrap_or(if quick { 1 } else { 3 }),
            produce: seconds(4, 1),
            latency: seconds(10, 2),
            peers,
            cases: cases.map(|(size, partitions)| Case { size, partitions }).to_vec(),
        }
    }
}

/// Runs every round of every peer in turn.
pub(crate) fn run(plan: &Plan, binary: &Path, dir: &Path) -> anyhow::Result<Section> {
    let mut findings = Findings::default();
    for sync in [true, false] {
        for round in 1..=plan.rounds {
            for &peer in &plan.peers {
                eprintln!("{}, sync {}, round {round}", peer.name(), if sync { "on" } else { "off" });
                one_round(plan, peer, sync, binary, dir, &mut findings)?;
            }
        }
    }
    Ok(Section {
        key: "broker",
        title: "Broker".into(),
        method: method(plan)?,
        peers: plan.peers.iter().map(|peer| peer.name().into()).collect(),
        rows: findings.rows(),
    })
}

fn one_round(
    plan: &Plan,
    peer: Kind,
    sync: bool,
    binary: &Path,
    dir: &Path,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let (mut broker, started) = Broker::start(peer, sync, binary, dir)?;
    let address = broker.address();
    let mode = if sync { "sync" } else { "no sync" };
    let mut add = |measure: String, unit, aim, value| {
        findings.add(peer.name(), format!("{mode}: {measure}"), unit, Some(aim), value);
    };
    warm_up(&address, plan.produce)?;
    for &case in &plan.cases {
        let Case { size, partitions } = case;
        let topic = format!("load-{size}-{partitions}");
        create_topic(&address, &topic, partitions)?;
        let shape = format!("{size} B, {partitions} partition{}", if partitions == 1 { "" } else { "s" });
        let produced = throughput::produce(&address, &topic, case, plan.produce)?;
        add(format!("produce {shape}"), Unit::RecordsPerSecond, 1.0, produced.per_second());
        let consumed = throughput::consume(&address, &topic, case, produced.records)?;
        add(format!("consume {shape}"), Unit::RecordsPerSecond, 1.0, consumed.per_second());
    }
    create_topic(&address, "latency", 1)?;
    let latency = latency::measure(&address, "latency", plan.latency)?;
    for (name, value) in [("p50", latency.p50), ("p99", latency.p99), ("p99.9", latency.p999)] {
        add(format!("produce → consumer at 1,000 /s, {name}"), Unit::Milliseconds, 0.5, value);
    }
    let (now, highest) = broker.memory()?;
    add("memory after the load".into(), Unit::Bytes, 0.1, now);
    add("memory at its highest".into(), Unit::Bytes, 0.1, highest);
    add("start on an empty folder".into(), Unit::Milliseconds, 0.1, started.as_secs_f64() * 1e3);
    let again = broker.restart()?;
    add("start on the loaded folder".into(), Unit::Milliseconds, 0.1, again.as_secs_f64() * 1e3);
    Ok(())
}

/// A load that is not counted, so that caches are warm and Java has compiled what is hot.
fn warm_up(address: &str, time: Duration) -> anyhow::Result<()> {
    let case = Case { size: 100, partitions: 2 };
    create_topic(address, "warm-up", case.partitions)?;
    let produced = throughput::produce(address, "warm-up", case, time)?;
    throughput::consume(address, "warm-up", case, produced.records)?;
    Ok(())
}

fn create_topic(address: &str, name: &str, partitions: i32) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", address).create()?;
    let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    for result in runtime.block_on(admin.create_topics([&topic], &AdminOptions::new()))? {
        result.map_err(|(topic, code)| anyhow::anyhow!("topic {topic} cannot be made: {code}"))?;
    }
    Ok(())
}

fn method(plan: &Plan) -> anyhow::Result<String> {
    let (client, version) = (rdkafka::util::get_rdkafka_version().1, peers::apache_kafka_version()?);
    Ok(format!(
        "`headwater broker` and Apache Kafka {version} (KRaft, one node, Java's options as in its start script) in turn, \
         {} rounds each, every round on a new folder after {} s of load that is not counted. Client: librdkafka {client} on \
         the same machine, its defaults but `acks=all`, a longer \
         queue to produce and `fetch.queue.backoff.ms=1` to consume. Produce: {} s without compression until the last \
         acknowledgement; consume: all of it from the beginning. Latency: from the call that produces (`linger.ms=0`) to the \
         record in the consumer, default fetch settings, {} s. *Sync* is Headwater's default and Kafka's \
         `log.flush.interval.messages=1`; *no sync* is `--no-sync` and Kafka's default. Start: from the process to the first \
         answer with metadata. Ratios are Headwater's number over Kafka's; **bold** misses the aim.",
        plan.rounds,
        plan.produce.as_secs(),
        plan.produce.as_secs(),
        plan.latency.as_secs(),
    ))
}
