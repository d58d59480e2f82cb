//! When a replica counts as well.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// How it is found out whether a replica is well.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum HealthProbe {
    /// Its process has run for a moment.
    #[default]
    Process,
    /// It accepts connections on its port.
    Tcp,
    /// It answers `GET path` on its port with 2xx or 3xx.
    Http {
        /// The path, from `/`, with its query.
        path: String,
    },
    /// It has read from one of its input topics.
    Consumed,
}

/// How a replica is looked at, and how long it may take until it is well for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheck {
    /// What is looked at.
    #[serde(flatten)]
    pub probe: HealthProbe,
    /// Seconds that a replica has to get well; an update that does not make it is rolled back.
    pub timeout_seconds: u32,
}

impl HealthCheck {
    /// Seconds that a replica has when nobody chose.
    pub const TIMEOUT_SECONDS: u32 = 60;

    /// What holds when nobody chose: who is public listens, everyone else runs.
    pub fn of(public: bool) -> Self {
        let probe = if public { HealthProbe::Tcp } else { HealthProbe::Process };
        Self { probe, timeout_seconds: Self::TIMEOUT_SECONDS }
    }

    pub(super) fn validate(&self) -> Result<(), Invalid> {
        super::range("healthCheck.timeoutSeconds", self.timeout_seconds, 5, 3600)?;
        let HealthProbe::Http { path } = &self.probe else { return Ok(()) };
        let plain = path.bytes().all(|byte| byte.is_ascii_graphic());
        match path.starts_with('/') && plain && path.len() <= 1000 {
            true => Ok(()),
            false => Err(Invalid::new(
                "healthCheck.path",
                "starts with '/' and has at most 1000 characters of ASCII without blanks",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_one_object() {
        let text = r#"{"type":"http","path":"/healthz","timeoutSeconds":30}"#;
        let check: HealthCheck = serde_json::from_str(text).unwrap();
        assert_eq!(check.probe, HealthProbe::Http { path: "/healthz".into() });
        assert_eq!(serde_json::to_string(&check).unwrap(), text);
        check.validate().unwrap();
    }

    #[test]
    fn odd_paths_and_times_are_refused() {
        for (path, timeout_seconds) in
            [("healthz", 60), ("/a b", 60), ("/\r\nHost: x", 60), ("/", 4), ("/", 3601)]
        {
            let check = HealthCheck { probe: HealthProbe::Http { path: path.into() }, timeout_seconds };
            assert!(check.validate().is_err(), "{path} {timeout_seconds}");
        }
    }
}
