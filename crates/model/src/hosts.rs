//! The host names that a listener answers to, so that no foreign page can reach it by a name of its own.

use std::{collections::BTreeSet, sync::Arc};

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
