//! Health checks and schedules as clients write and read them.

use headwater_model::{HealthCheck, HealthProbe, Schedule};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// When a replica counts as well.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HealthCheck)]
pub(super) struct HealthView {
    #[serde(rename = "type")]
    probe: Probe,
    /// Of `Http`: what is asked for; `/` when not given.
    #[serde(default)]
    path: Option<String>,
    /// Seconds that a replica has to get well, 5 to 3600; 60 when not given. An update that does not make it is rolled
    /// back.
    #[serde(default)]
    timeout_seconds: Option<u32>,
}

/// What is looked at: the process, its port, an answer of 2xx or 3xx, or that it has read from an input topic.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = HealthCheckType)]
enum Probe {
    Process,
    Tcp,
    Http,
    Consumed,
}

impl From<HealthCheck> for HealthView {
    fn from(check: HealthCheck) -> Self {
        let (probe, path) = match check.probe {
            HealthProbe::Process => (Probe::Process, None),
            HealthProbe::Tcp => (Probe::Tcp, None),
            HealthProbe::Http { path } => (Probe::Http, Some(path)),
            HealthProbe::Consumed => (Probe::Consumed, None),
        };
        Self { probe, path, timeout_seconds: Some(check.timeout_seconds) }
    }
}

impl TryFrom<HealthView> for HealthCheck {
    type Error = Error;

    fn try_from(view: HealthView) -> Result<Self> {
        let path = view.path.filter(|path| !path.is_empty());
        let probe = match (view.probe, path) {
            (Probe::Http, path) => HealthProbe::Http { path: path.unwrap_or_else(|| "/".into()) },
            (_, Some(_)) => return Err(Error::invalid("healthCheck.path: is for type Http")),
            (Probe::Process, None) => HealthProbe::Process,
            (Probe::Tcp, None) => HealthProbe::Tcp,
            (Probe::Consumed, None) => HealthProbe::Consumed,
        };
        Ok(Self { probe, timeout_seconds: view.timeout_seconds.unwrap_or(Self::TIMEOUT_SECONDS) })
    }
}

/// A schedule that was sent; an empty one is none.
pub(super) fn schedule(text: String) -> Result<Option<Schedule>> {
    match text.trim() {
        "" => Ok(None),
        text => Ok(Some(text.parse()?)),
    }
}

/// Tells a member that is null from one that is not sent.
pub(super) fn sent<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    member: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(member).map(Some)
}
