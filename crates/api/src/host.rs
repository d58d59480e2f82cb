//! Only names that the platform knows are answered, so that no foreign page can reach it by a name of its own.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::error::Error;

/// The host names that are answered, without ports.
#[derive(Debug, Clone)]
pub struct Hosts(Arc<BTreeSet<String>>);

impl Hosts {
    /// Loopback names, the domain (with or without a port) and further names.
    pub fn new<'a>(domain: &'a str, further: impl IntoIterator<Item = &'a str>) -> Self {
        let names = ["localhost", "127.0.0.1", "[::1]"].into_iter().chain([domain]).chain(further);
        Self(Arc::new(names.map(|name| without_port(name).to_ascii_lowercase()).collect()))
    }

    /// Whether a `Host` header names one of them.
    pub fn allow(&self, host: &str) -> bool {
        self.0.contains(&without_port(host).to_ascii_lowercase())
    }
}

fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(at) if !host[at..].contains(']') => &host[..at],
        _ => host,
    }
}

/// Refuses other hosts.
pub(crate) async fn layer(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|v| v.to_str().ok());
    let host = named.or(request.uri().authority().map(|a| a.as_str()));
    if host.is_some_and(|host| hosts.allow(host)) {
        return next.run(request).await;
    }
    Error::new(StatusCode::MISDIRECTED_REQUEST, "unknown-host", "This host name is not served here.")
        .hint("Add it to http.allowed_hosts or http.domain in the configuration.")
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_do_not_matter_and_names_do() {
        let hosts = Hosts::new("stream.example:8443", ["other.example"]);
        for host in ["localhost:8000", "127.0.0.1", "[::1]:8000", "Stream.Example", "other.example:1"] {
            assert!(hosts.allow(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "x.localhost:8000", ""] {
            assert!(!hosts.allow(host), "{host}");
        }
    }
}
