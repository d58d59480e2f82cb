//! The platform's addresses, all taken before anything is started.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, Result};
use axum::http::uri::Authority;
use axum_server::tls_rustls::RustlsConfig;
use headwater_broker::Advertised;
use headwater_model::Hosts;
use tokio::net::TcpListener;

use crate::{admin, config::Config};

/// Time for requests under way to end.
pub(super) const DRAIN: Duration = Duration::from_secs(5);

/// What the platform listens on.
pub(super) struct Sockets {
    pub(super) admin: admin::Door,
    pub(super) http: TcpListener,
    http_addr: SocketAddr,
    pub(super) kafka: TcpListener,
    pub(super) kafka_addr: SocketAddr,
    /// What Kafka clients are told to connect to.
    pub(super) advertised: Advertised,
    pub(super) public: TcpListener,
    public_addr: SocketAddr,
    pub(super) tls: Option<RustlsConfig>,
    /// What clients call the HTTP port, with the port where it is not the scheme's own.
    pub(super) domain: String,
    /// The same as browsers on this machine reach it.
    authority: String,
}

impl Sockets {
    /// Takes all addresses.
    pub(super) async fn bind(config: &Config) -> Result<Self> {
        let admin = admin::bind(&config.data_dir)?;
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
        let domain = config.domain(http_addr.port());
        // Without a domain of its own the platform is called localhost, which leads to few addresses.
        let authority = match config.http.domain.is_empty() && !is_localhost(http_addr) {
            true => http_addr.to_string(),
            false => domain.clone(),
        };
        Ok(Self {
            admin,
            http,
            http_addr,
            kafka,
            kafka_addr,
            advertised,
            public,
            public_addr,
            tls,
            domain,
            authority,
        })
    }

    /// The Portal as browsers reach it.
    pub(super) fn portal_url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// The main port as programs on this machine reach it. With TLS that is by name: certificates are for names.
    pub(super) fn url(&self) -> String {
        match self.tls {
            Some(_) => self.portal_url(),
            None => format!("http://{}", reachable(self.http_addr)),
        }
    }

    /// The port by path as programs on this machine reach it; with TLS by name too.
    pub(super) fn public_url(&self) -> String {
        match self.tls {
            Some(_) => format!("https://{}:{}", host(&self.authority), self.public_addr.port()),
            None => format!("http://{}", reachable(self.public_addr)),
        }
    }

    /// The names that the HTTP ports answer to: those of the configuration and the addresses that were asked for.
    pub(super) fn hosts(&self, config: &Config) -> Hosts {
        let own = [self.http_addr, self.public_addr].map(|addr| reachable(addr).to_string());
        let further = config.http.allowed_hosts.iter().chain(&own);
        Hosts::new(&self.domain, further.map(String::as_str))
    }
}

/// Whether `localhost` leads to it.
fn is_localhost(addr: SocketAddr) -> bool {
    let ip = reachable(addr).ip();
    ip == IpAddr::from(Ipv4Addr::LOCALHOST) || ip == IpAddr::from(Ipv6Addr::LOCALHOST)
}

/// An authority without its port.
fn host(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |authority: Authority| authority.host().to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn bound(adjust: impl FnOnce(&mut Config)) -> (Config, Sockets) {
        let folder = tempfile::tempdir().unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
        (config.http.addr, config.kafka.addr, config.public.addr) = (any, any, any);
        adjust(&mut config);
        let sockets = Sockets::bind(&config).await.unwrap();
        (config, sockets)
    }

    #[tokio::test]
    async fn an_address_that_was_asked_for_is_answered() {
        let (config, sockets) = bound(|config| {
            config.http.addr = SocketAddr::from(([127, 0, 0, 2], 0));
            config.public.addr = SocketAddr::from(([127, 0, 0, 3], 0));
        })
        .await;
        let hosts = sockets.hosts(&config);
        assert!(hosts.allow("127.0.0.2:8000") && hosts.allow("127.0.0.3"));
        assert!(!hosts.allow("127.0.0.4"));
        assert_eq!(sockets.url(), format!("http://{}", sockets.http_addr));
        assert_eq!(sockets.portal_url(), sockets.url());
        let (_, sockets) = bound(|config| config.http.addr = SocketAddr::from(([0, 0, 0, 0], 0))).await;
        assert_eq!(sockets.portal_url(), format!("http://localhost:{}", sockets.http_addr.port()));
    }

    #[tokio::test]
    async fn with_tls_addresses_are_names() {
        let (_, mut sockets) = bound(|config| config.http.domain = "stream.example:8443".into()).await;
        assert!(sockets.url().starts_with("http://127.0.0.1:"));
        sockets.tls = Some(tls());
        assert_eq!(sockets.url(), "https://stream.example:8443");
        assert_eq!(sockets.public_url(), format!("https://stream.example:{}", sockets.public_addr.port()));
    }

    /// A configuration that only says that there is TLS.
    fn tls() -> RustlsConfig {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let nobody = std::sync::Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(nobody);
        RustlsConfig::from_config(std::sync::Arc::new(config))
    }

    #[test]
    fn hosts_of_domains_keep_their_brackets() {
        for (domain, expected) in
            [("a.example", "a.example"), ("a.example:1", "a.example"), ("[::1]:1", "[::1]")]
        {
            assert_eq!(host(domain), expected);
        }
    }
}
