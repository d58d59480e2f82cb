//! Configuration: defaults ← `headwater.toml` ← `HEADWATER__A__B` ← flags.
//!
//! Unknown keys are refused and all problems are reported at once.

mod check;
mod load;

use std::{net::SocketAddr, path::PathBuf};

use headwater_compute::Keeping;
use serde::{Deserialize, Serialize};

pub use load::{Problems, load};

/// All that can be set. Relative paths are relative to the working directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder of all state.
    pub data_dir: PathBuf,
    /// The HTTP port: Portal, APIs, Git, public applications by host.
    pub http: Http,
    /// The Kafka port.
    pub kafka: Kafka,
    /// Public applications by path.
    pub public: Public,
    /// Builds and replicas.
    pub compute: Compute,
    /// Names of what the first start makes.
    pub first_start: FirstStart,
    /// What the platform says about itself.
    pub log: Log,
}

/// The HTTP port.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The domain that clients use, with the port where it is not the scheme's own; empty means
    /// `localhost:PORT`. Public applications answer at `{urlPrefix}-{workspace}.DOMAIN`.
    pub domain: String,
    /// Further host names that are answered.
    pub allowed_hosts: Vec<String>,
    /// PEM file with the certificate chain; switches TLS on.
    pub tls_cert: Option<PathBuf>,
    /// PEM file with its private key.
    pub tls_key: Option<PathBuf>,
    /// Serves without TLS beyond loopback.
    pub insecure: bool,
}

/// The Kafka port.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The `HOST:PORT` that clients are told; empty means the listening address.
    pub advertised: String,
    /// Whether acknowledgements wait for the disk (`acks=all` survives a power cut).
    pub sync: bool,
}

/// Public applications by path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Public {
    /// Where it listens.
    pub addr: SocketAddr,
}

/// Builds and replicas.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compute {
    /// Runs user code also on a machine where nothing keeps it from the platform's own files.
    pub allow_unconfined: bool,
    /// Output of deployments.
    pub logs: Logs,
}

/// How much output of deployments is kept: whichever bound is met first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// Days.
    pub days: u32,
    /// MiB of one run of a replica.
    pub run_mib: u32,
    /// MiB of all runs of a deployment together.
    pub deployment_mib: u32,
}

impl Logs {
    /// The same for the runtime.
    pub fn keeping(&self) -> Keeping {
        let bytes = |mib: u32| u64::from(mib) << 20;
        Keeping {
            run_bytes: bytes(self.run_mib),
            deployment_bytes: bytes(self.deployment_mib),
            days: self.days,
        }
    }
}

/// Names of what the first start makes; later starts ignore them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstStart {
    /// Organisation.
    pub organisation: String,
    /// Project: a Git repository.
    pub project: String,
    /// Environment: the last part of the workspace id.
    pub environment: String,
    /// E-mail address of the administrator.
    pub administrator: String,
}

/// What the platform says about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For people or for programs.
    pub format: LogFormat,
    /// Which events: `info`, `headwater_broker=debug,info`, …
    pub filter: String,
}

/// Form of the platform's own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// A JSON object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            data_dir: ".headwater".into(),
            http: Http {
                addr: loopback(8000),
                domain: String::new(),
                allowed_hosts: Vec::new(),
                tls_cert: None,
                tls_key: None,
                insecure: false,
            },
            kafka: Kafka { addr: loopback(9092), advertised: String::new(), sync: true },
            public: Public { addr: loopback(8001) },
            compute: Compute {
                allow_unconfined: false,
                logs: Logs { days: 30, run_mib: 1024, deployment_mib: 2048 },
            },
            first_start: FirstStart {
                organisation: "headwater".into(),
                project: "demo".into(),
                environment: "dev".into(),
                administrator: "admin@localhost".into(),
            },
            log: Log { format: LogFormat::Pretty, filter: "info".into() },
        }
    }
}

impl Config {
    /// The domain for a bound HTTP port.
    pub fn domain(&self, http_port: u16) -> String {
        match self.http.domain.as_str() {
            "" => format!("localhost:{http_port}"),
            domain => domain.to_ascii_lowercase(),
        }
    }

    /// Whether the HTTP port speaks TLS.
    pub fn tls(&self) -> bool {
        self.http.tls_cert.is_some()
    }
}

impl Log {
    /// Begins to write the platform's own log, to standard error.
    pub fn start(&self) {
        let filter = tracing_subscriber::EnvFilter::try_new(&self.filter)
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        match self.format {
            LogFormat::Pretty => builder.with_target(false).init(),
            LogFormat::Json => builder.json().init(),
        }
    }
}
