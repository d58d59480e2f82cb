//! `headwater serve`: the platform.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use figment::value::Value;

use crate::{config, platform};

/// What the command line sets; everything else comes from `headwater.toml` and `HEADWATER__…` variables.
#[derive(Debug, Args)]
pub struct Serve {
    /// Configuration file; headwater.toml when there is one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of all state
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where the Portal, the APIs and Git answer; port 0 takes a free one
    #[arg(long, value_name = "IP:PORT")]
    http_addr: Option<SocketAddr>,
    /// Where Kafka clients are served; port 0 takes a free one
    #[arg(long, value_name = "IP:PORT")]
    kafka_addr: Option<SocketAddr>,
    /// Where public applications answer by path; port 0 takes a free one
    #[arg(long, value_name = "IP:PORT")]
    public_addr: Option<SocketAddr>,
    /// Domain that clients use, with the port where it is not the scheme's own
    #[arg(long)]
    domain: Option<String>,
    /// Certificate chain in PEM; switches TLS on
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// Private key in PEM
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Serve without encryption beyond this machine
    #[arg(long)]
    insecure: bool,
    /// Deploy the demo pipeline, once
    #[arg(long)]
    demo: bool,
    /// Print the configuration that would be used and stop
    #[arg(long)]
    print_config: bool,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    pub fn run(self) -> anyhow::Result<()> {
        let config = config::load(self.config.as_deref(), self.flags())?;
        if self.print_config {
            println!("{}", serde_json::to_string_pretty(&config)?);
            return Ok(());
        }
        config.log.start();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(platform::run(config, self.demo))
    }

    fn flags(&self) -> Vec<(&'static str, Value)> {
        let path = |path: &PathBuf| path.display().to_string();
        let text = [
            ("data_dir", self.data_dir.as_ref().map(path)),
            ("http.addr", self.http_addr.map(|addr| addr.to_string())),
            ("kafka.addr", self.kafka_addr.map(|addr| addr.to_string())),
            ("public.addr", self.public_addr.map(|addr| addr.to_string())),
            ("http.domain", self.domain.clone()),
            ("http.tls_cert", self.tls_cert.as_ref().map(path)),
            ("http.tls_key", self.tls_key.as_ref().map(path)),
        ];
        let mut flags: Vec<_> =
            text.into_iter().filter_map(|(key, value)| Some((key, Value::from(value?)))).collect();
        if self.insecure {
            flags.push(("http.insecure", Value::from(true)));
        }
        flags
    }
}
