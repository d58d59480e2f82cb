//! The payloads of feeds, as they are sent.

use std::collections::BTreeMap;

use headwater_model::DeploymentId;
use jiff::Timestamp;
use serde::Serialize;

/// A second's figures of a workspace.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rates {
    /// When they were taken.
    pub time: Timestamp,
    /// By topic name.
    pub topics: BTreeMap<String, TopicRates>,
    /// By deployment.
    pub deployments: BTreeMap<DeploymentId, DeploymentUsage>,
}

/// A topic's traffic, averaged over about three seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TopicRates {
    /// Bytes appended per second.
    pub bytes_in_per_second: f64,
    /// Bytes handed to readers per second.
    pub bytes_out_per_second: f64,
    /// Records appended per second.
    pub records_in_per_second: f64,
    /// Records handed to readers per second.
    pub records_out_per_second: f64,
}

/// What a deployment's replicas use.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentUsage {
    /// Thousandths of a core, all replicas together.
    pub cpu_millicores: f64,
    /// Resident bytes, all replicas together.
    pub memory_bytes: u64,
    /// Runs that ended in error, all replicas together.
    pub restarts: u32,
    /// Records that its groups are behind, all together; none when that is not known.
    pub lag: Option<u64>,
    /// Each that runs.
    pub replicas: Vec<ReplicaUsage>,
}

/// What a replica uses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaUsage {
    /// Number of the replica.
    pub index: u32,
    /// Thousandths of a core.
    pub cpu_millicores: f64,
    /// Resident bytes.
    pub memory_bytes: u64,
    /// Runs that ended in error.
    pub restarts: u32,
}

/// Some records, in the order of their arrival.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageBatch {
    /// The records.
    pub records: Vec<Message>,
    /// How many were passed over because more arrived than is shown.
    pub skipped: u64,
    /// How many were looked at since the last batch, those that do not match included.
    pub scanned: u64,
}

/// A record as people read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Partition.
    pub partition: i32,
    /// Offset within the partition.
    pub offset: i64,
    /// Its time stamp.
    pub time: Timestamp,
    /// Key.
    pub key: Option<Content>,
    /// Value; none is a tombstone.
    pub value: Option<Content>,
    /// Headers, in order.
    pub headers: Vec<(String, Option<Content>)>,
    /// Bytes of key and value.
    pub size: usize,
}

/// Bytes in the form that people read best.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// A JSON object or array (values only).
    Json(serde_json::Value),
    /// Readable text.
    Text(String),
    /// Anything else.
    Base64(String),
}
