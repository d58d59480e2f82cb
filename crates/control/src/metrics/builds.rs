//! What is told of builds.

use std::{sync::Arc, time::Instant};

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// Seconds at which builds are told apart: from a kept environment to a large installation.
const BUCKETS: [f64; 12] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 1800.0];

type Labels = [(&'static str, &'static str); 1];

/// How builds go. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(crate) struct Builds(Arc<Inner>);

struct Inner {
    queued: Gauge,
    running: Gauge,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
}

/// A build that waits for a builder.
pub(crate) struct Waiting(Builds);

/// A build under way; dropped before it has ended, it was cancelled.
pub(crate) struct Running {
    builds: Builds,
    begun: Instant,
    outcome: &'static str,
}

impl Default for Builds {
    fn default() -> Self {
        Self(Arc::new(Inner {
            queued: Gauge::default(),
            running: Gauge::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
        }))
    }
}

impl Builds {
    pub(crate) fn wait(&self) -> Waiting {
        self.0.queued.inc();
        Waiting(self.clone())
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let Inner { queued, running, durations } = &*self.0;
        registry.register("builds_queued", "Builds that wait for a builder", queued.clone());
        registry.register("builds_running", "Builds under way", running.clone());
        let help = "Time that builds took, by how they ended: succeeded, failed or cancelled";
        registry.register_with_unit("build_duration", help, Unit::Seconds, durations.clone());
    }
}

impl Waiting {
    pub(crate) fn begin(self) -> Running {
        let builds = self.0.clone();
        builds.0.running.inc();
        Running { builds, begun: Instant::now(), outcome: "cancelled" }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.queued.dec();
    }
}

impl Running {
    pub(crate) fn end(mut self, succeeded: bool) {
        self.outcome = if succeeded { "succeeded" } else { "failed" };
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Inner { running, durations, .. } = &*self.builds.0;
        running.dec();
        durations.get_or_create(&[("outcome", self.outcome)]).observe(self.begun.elapsed().as_secs_f64());
    }
}
