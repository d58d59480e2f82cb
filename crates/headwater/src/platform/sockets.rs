//! The platform's addresses, all taken before anything is started.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result};
use axum_server::tls_rustls::RustlsConfig;
use headwater_broker::Advertised;
use tokio::net::TcpListener;

use crate::config::Config;

/// Time for requests under way to end.
pub(super) const DRAIN: Duration = Duration::from_secs(5);

/// What the platform listens on.
pub(super) struct Sockets {
    pub(super) http: TcpListener,
    pub(super) http_addr: SocketAddr,
    pub(super) kafka: TcpListener,
    pub(super) kafka_addr: SocketAddr,
    /// What Kafka clients are told to connect to.
    pub(super) advertised: Advertised,
    pub(super) public: TcpListener,
    pub(super) public_addr: SocketAddr,
    pub(super) tls: Option<RustlsConfig>,
}

impl Sockets {
    /// Takes all addresses.
    pub(super) async fn bind(config: &Config) -> Result<Self> {
        let (http, http_addr) = listen("--http-addr", config.http.addr).await?;
        let (kafka, kafka_addr) = listen("--kafka-addr", config.kafka.addr).await?;
        let (public, public_addr) = listen("--public-addr", config.public.addr).await?;
        let advertised = match config.kafka.advertised.as_str() {
            "" => Advertised { host: reachable(kafka_addr).ip().to_string(), port: kafka_addr.port() },
            text => text.parse()?,
        };
        let tls =
            match (&config.http.tls_cert, &config.http.tls_key) {
                (Some(cert), Some(key)) => {
                    // An error says that a provider was chosen already.
                    let _ = rustls::crypto::ring::default_provider().install_default();
                    let tls = RustlsConfig::from_pem_file(cert, key).await;
                    Some(tls.with_context(|| {
                        format!("{} or {} is not usable PEM", cert.display(), key.display())
                    })?)
                }
                _ => None,
            };
        Ok(Self { http, http_addr, kafka, kafka_addr, advertised, public, public_addr, tls })
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The main port as programs on this machine reach it.
    pub(super) fn url(&self) -> String {
        format!("{}://{}", self.scheme(), reachable(self.http_addr))
    }

    /// The port by path as programs on this machine reach it.
    pub(super) fn public_url(&self) -> String {
        format!("{}://{}", self.scheme(), reachable(self.public_addr))
    }
}

async fn listen(flag: &str, addr: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(addr).await.with_context(|| {
        format!("{addr} cannot be listened on; stop what uses it or choose another with {flag}")
    })?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// An address that can be connected to: "all addresses" is none.
fn reachable(addr: SocketAddr) -> SocketAddr {
    match addr.ip().is_unspecified() {
        true => SocketAddr::from(([127, 0, 0, 1], addr.port())),
        false => addr,
    }
}
