//! How a broker is run.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use crate::groups::GroupSettings;

/// How a broker is run. Defaults suit one machine.
#[derive(Debug, Clone)]
pub struct BrokerOptions {
    /// Where everything lies; made, readable by its owner alone, when it does not exist.
    pub data_dir: PathBuf,
    /// Whether acknowledgements wait for the disk: what was acknowledged then survives a power cut, and otherwise
    /// the end of the process.
    pub sync: bool,
    /// Whether a topic is made when a client asks for one that does not exist and wants it made.
    pub auto_create_topics: bool,
    /// Partitions of topics that are made without a number.
    pub default_partitions: i32,
    /// Connections at once, over all listeners.
    pub max_connections: usize,
    /// Connections at once of one workspace.
    pub max_workspace_connections: usize,
    /// Largest Produce, in bytes; no other request needs as much.
    pub max_request_bytes: usize,
    /// A connection without a request for so long is closed.
    pub idle_timeout: Duration,
    /// How long a client has to authenticate, where it must.
    pub login_timeout: Duration,
    /// A connection whose client takes nothing of an answer for so long is closed.
    pub write_timeout: Duration,
    /// Longest transaction that a producer may ask for.
    pub max_transaction_timeout: Duration,
    /// What consumer groups are held to.
    pub groups: GroupSettings,
}

impl BrokerOptions {
    /// The defaults, with everything in `data_dir`.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            sync: true,
            auto_create_topics: false,
            default_partitions: 1,
            max_connections: 4096,
            max_workspace_connections: 1024,
            max_request_bytes: 100 * 1024 * 1024,
            idle_timeout: Duration::from_secs(600),
            login_timeout: Duration::from_secs(15),
            write_timeout: Duration::from_secs(30),
            max_transaction_timeout: Duration::from_secs(900),
            groups: GroupSettings::default(),
        }
    }
}

/// The address that clients of a listener are told to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advertised {
    /// Host name or IP address.
    pub host: String,
    /// Port; 0 stands for the port that the listener is bound to.
    pub port: u16,
}

impl fmt::Display for Advertised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl FromStr for Advertised {
    type Err = headwater_model::Invalid;

    /// Reads `host:port`; an IPv6 address stands in brackets.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || Self::Err::new("advertised", format!("'{text}' is not host:port"));
        let (host, port) = text.rsplit_once(':').ok_or_else(invalid)?;
        let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        match (host.is_empty(), port.parse()) {
            (false, Ok(port)) => Ok(Self { host: host.to_owned(), port }),
            _ => Err(invalid()),
        }
    }
}

/// Whom a listener lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Everybody, as the platform itself; on loopback addresses only.
    None,
    /// Those who authenticate by SASL, over an unencrypted connection.
    Sasl,
}
