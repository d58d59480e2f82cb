//! Figures over time: what deployments use and how topics flow, an hour by the second and a month by the minute.

mod builds;
mod keep;
mod names;
mod platform;

use std::sync::Arc;

use headwater_metrics::{Point, Range};
use headwater_model::{Action, DeploymentId, DeploymentSpec, Invalid, Principal, Resource, WorkspaceId};
use headwater_store::clock;
use jiff::{SignedDuration, Timestamp};

pub(crate) use builds::Builds;
pub(crate) use keep::keep;

use self::names::deployment;
use crate::{Result, core::Core, deployments, topics};

/// Series that are kept; those of a thousand deployments fit.
pub const MAX_SERIES: usize = 10_000;
/// Points when nobody says.
const POINTS: u32 = 300;
/// What is shown when nobody says.
const SPAN: SignedDuration = SignedDuration::from_hours(1);

/// What is to be shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// From when; an hour before the end.
    pub from: Option<Timestamp>,
    /// Until when; now.
    pub to: Option<Timestamp>,
    /// Points of a series at most, 10 to 2000; 300.
    pub points: Option<u32>,
}

/// Series over the same time.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Seconds from one point to the next.
    pub step_seconds: i64,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Those that have points.
    pub series: Vec<FigureSeries>,
}

/// A figure over time.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureSeries {
    /// `cpuMillicores`, `bytesInPerSecond`, …
    pub name: String,
    /// Of which replica; none is the whole.
    pub replica: Option<u32>,
    /// On which topic.
    pub topic: Option<String>,
    /// Of which consumer group.
    pub group: Option<String>,
    /// `millicores`, `bytes`, `count`, `records`, `bytesPerSecond`, `recordsPerSecond`.
    pub unit: &'static str,
    /// What the figure cannot exceed.
    pub limit: Option<f64>,
    /// What it was; gaps have no points.
    pub points: Vec<Point>,
}

/// Figures over time.
#[derive(Clone)]
pub struct Metrics {
    pub(crate) core: Arc<Core>,
}

impl Metrics {
    /// What a deployment used, and how far behind it was.
    pub async fn deployment(&self, who: &Principal, id: DeploymentId, wanted: Wanted) -> Result<Figures> {
        let row = deployments::find(&self.core, who, Action::Read, id).await?;
        let mut figures = self.query(names::of_deployment(id), wanted).await?;
        for series in &mut figures.series {
            series.limit = limit(&row.spec, series);
        }
        Ok(figures)
    }

    /// What a topic carried.
    pub async fn topic(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        topic: &str,
        wanted: Wanted,
    ) -> Result<Figures> {
        self.core.enter(who, workspace, Action::Read, &Resource::Topic(workspace.clone()))?;
        let row = topics::find(&self.core.store.read().await?, workspace, topic).await?;
        self.query(names::of_topic(&row.id), wanted).await
    }

    async fn query(&self, prefix: String, wanted: Wanted) -> Result<Figures> {
        let (from, to, points) = wanted.checked()?;
        let range = Range { from_ms: from.as_millisecond(), to_ms: to.as_millisecond() };
        let store = self.core.metrics.clone();
        let (prefix, answer) = tokio::task::spawn_blocking(move || {
            let answer = store.query(&prefix, range, points);
            (prefix, answer)
        })
        .await
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        let series = answer.series.into_iter().map(|series| {
            let name = names::parse(series.name.strip_prefix(&prefix).unwrap_or_default());
            FigureSeries {
                unit: unit(&name.figure),
                name: name.figure,
                replica: name.replica,
                topic: name.topic,
                group: name.group,
                limit: None,
                points: series.points,
            }
        });
        Ok(Figures { step_seconds: answer.step_seconds, from, to, series: series.collect() })
    }
}

impl Wanted {
    fn checked(self) -> Result<(Timestamp, Timestamp, usize)> {
        let to = self.to.unwrap_or_else(clock);
        let before = to.checked_sub(SPAN).unwrap_or(Timestamp::MIN);
        let from = self.from.unwrap_or(before);
        if from >= to {
            return Err(Invalid::new("from", "must be before 'to'").into());
        }
        match self.points.unwrap_or(POINTS) {
            points @ 10..=2000 => Ok((from, to, points as usize)),
            _ => Err(Invalid::new("points", "must be between 10 and 2000").into()),
        }
    }
}

fn unit(figure: &str) -> &'static str {
    match figure {
        deployment::CPU => "millicores",
        deployment::MEMORY => "bytes",
        deployment::LAG => "records",
        names::topic::BYTES_IN | names::topic::BYTES_OUT => "bytesPerSecond",
        names::topic::RECORDS_IN | names::topic::RECORDS_OUT => "recordsPerSecond",
        _ => "count",
    }
}

/// What the specification allows a replica, or all of them together.
fn limit(spec: &DeploymentSpec, series: &FigureSeries) -> Option<f64> {
    let replicas = if series.replica.is_some() { 1.0 } else { f64::from(spec.replicas) };
    match series.name.as_str() {
        deployment::CPU => Some(f64::from(spec.cpu_millicores) * replicas),
        deployment::MEMORY => Some(f64::from(spec.memory_in_mb) * 1024.0 * 1024.0 * replicas),
        _ => None,
    }
}
