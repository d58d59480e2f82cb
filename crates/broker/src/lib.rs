//! An embedded broker that speaks Kafka's protocol: topics, consumer groups, transactions, SASL.
//!
//! [`Broker`] is what a host holds. Storage is [`log`] (partitions) and [`journal`] (everything else) over
//! [`storage`] and [`files`].

pub mod batch;
pub mod files;
pub mod journal;
pub mod log;
pub mod records;
pub mod storage;

mod auth;
mod broker;
mod catalogue;
mod error;
mod groups;
mod instruments;
mod keys;
mod local;
mod options;
mod readers;
mod requests;
mod server;
mod transactions;

pub use auth::{Access, Credential, NoAccess, ScramKeys};
pub use broker::Broker;
pub use catalogue::Traffic;
pub use error::{Error, Result};
pub use groups::{GroupInfo, GroupSettings, MemberInfo};
pub use local::{Content, TopicInfo};
pub use options::{Advertised, BrokerOptions, Security};
