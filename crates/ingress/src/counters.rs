//! What is counted of requests to applications.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use http::StatusCode;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder},
    metrics::{MetricType, counter::ConstCounter},
    registry::Registry,
};

use crate::Routes;

/// Classes of answers.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counters of a label.
#[derive(Default)]
pub(crate) struct Counters {
    answers: [AtomicU64; CLASSES.len()],
    connect_failures: AtomicU64,
}

impl Counters {
    /// A visitor was answered.
    pub(crate) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        self.answers[class].fetch_add(1, Ordering::Relaxed);
    }

    /// A replica took no connection.
    pub(crate) fn connect_failed(&self) {
        self.connect_failures.fetch_add(1, Ordering::Relaxed);
    }
}

impl Routes {
    /// Adds what is counted of requests to a registry. The series of a label leave with it.
    pub fn register(&self, registry: &mut Registry) {
        registry.register_collector(Box::new(Told(self.clone())));
    }
}

/// The counters of all labels that are known.
struct Told(Routes);

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}

impl Collector for Told {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let all = self.0.counters();
        if all.is_empty() {
            return Ok(());
        }
        let help = "Answers to visitors of public applications, by address and class of status.";
        let mut answers = encoder.encode_descriptor("ingress_requests", help, None, MetricType::Counter)?;
        for (label, counters) in &all {
            for (class, count) in CLASSES.iter().zip(&counters.answers) {
                let labels = [("address", label.as_str()), ("code", *class)];
                told(answers.encode_family(&labels)?, count)?;
            }
        }
        let help = "Replicas that took no connection, by address.";
        let mut failures =
            encoder.encode_descriptor("ingress_connect_failures", help, None, MetricType::Counter)?;
        for (label, counters) in &all {
            told(failures.encode_family(&[("address", label.as_str())])?, &counters.connect_failures)?;
        }
        Ok(())
    }
}

fn told(encoder: MetricEncoder<'_>, count: &AtomicU64) -> fmt::Result {
    ConstCounter::new(count.load(Ordering::Relaxed)).encode(encoder)
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::prometheus_text;

    use super::*;

    fn text(registry: &Registry) -> String {
        let mut text = String::new();
        prometheus_text::encode(&mut text, registry).unwrap();
        text
    }

    #[test]
    fn counters_stay_with_their_label_and_leave_with_it() {
        let (routes, mut registry) = (Routes::new(), Registry::default());
        routes.register(&mut registry);
        assert_eq!(text(&registry), "");
        routes.set("dash-a-b", &[]);
        let counters = routes.get("dash-a-b").unwrap().counters.clone();
        counters.answered(StatusCode::NO_CONTENT);
        counters.connect_failed();
        routes.set("dash-a-b", &[([127, 0, 0, 1], 1).into()]);
        routes.get("dash-a-b").unwrap().counters.answered(StatusCode::OK);
        let told = text(&registry);
        for line in [
            "ingress_requests_total{address=\"dash-a-b\",code=\"2xx\"} 2\n",
            "ingress_requests_total{address=\"dash-a-b\",code=\"5xx\"} 0\n",
            "ingress_connect_failures_total{address=\"dash-a-b\"} 1\n",
        ] {
            assert!(told.contains(line), "{line} is not in\n{told}");
        }
        routes.remove("dash-a-b");
        assert_eq!(text(&registry), "");
    }
}
