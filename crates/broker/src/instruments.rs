//! What the broker counts of itself.

use std::{
    fmt,
    sync::{Weak, atomic::Ordering},
    time::Instant,
};

use kafka_protocol::messages::ApiKey;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder},
    metrics::{counter::Counter, family::Family, gauge::ConstGauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::broker::Inner;

/// Seconds at which answers are told apart.
const BUCKETS: [f64; 12] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// A kind of request, by Kafka's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Name(ApiKey);

impl EncodeLabelValue for Name {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        format!("{:?}", self.0).as_str().encode(encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Api {
    api: Name,
}

/// Counters of a broker.
pub(crate) struct Instruments {
    requests: Family<Api, Histogram, fn() -> Histogram>,
    pub(crate) received: Counter,
    pub(crate) sent: Counter,
    pub(crate) accepted: Counter,
}

impl Default for Instruments {
    fn default() -> Self {
        Self {
            requests: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            received: Counter::default(),
            sent: Counter::default(),
            accepted: Counter::default(),
        }
    }
}

impl Instruments {
    /// A request was answered that had been taken up at `begun`.
    pub(crate) fn answered(&self, api: ApiKey, begun: Instant) {
        let took = begun.elapsed().as_secs_f64();
        self.requests.get_or_create(&Api { api: Name(api) }).observe(took);
    }

    pub(crate) fn register(&self, registry: &mut Registry, broker: Weak<Inner>) {
        let help = "Time from a request to its answer, by kind; fetches wait for records";
        registry.register_with_unit("broker_request_duration", help, Unit::Seconds, self.requests.clone());
        registry.register("broker_received_bytes", "Bytes of requests", self.received.clone());
        registry.register("broker_sent_bytes", "Bytes of answers", self.sent.clone());
        registry.register(
            "broker_accepted_connections",
            "Connections that were accepted",
            self.accepted.clone(),
        );
        registry.register_collector(Box::new(Connections(broker)));
    }
}

/// Connections that are open now.
struct Connections(Weak<Inner>);

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connections")
    }
}

impl Collector for Connections {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(broker) = self.0.upgrade() else { return Ok(()) };
        let open = ConstGauge::new(broker.connections.load(Ordering::Relaxed) as i64);
        let help = "Connections that are open.";
        open.encode(encoder.encode_descriptor("broker_connections", help, None, open.metric_type())?)
    }
}
