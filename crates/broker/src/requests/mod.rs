//! One file for each family of requests.

mod cluster;
mod commits;
mod configs;
mod fetch;
mod group_admin;
mod groups;
mod metadata;
mod offsets;
mod positions;
mod produce;
mod topics;
mod transactions;

use std::{collections::HashSet, hash::Hash, sync::Arc};

use headwater_model::{Action, Principal};
use kafka_protocol::{
    ResponseError,
    messages::{RequestKind, ResponseKind},
    protocol::StrBytes,
};
use tokio_util::sync::CancellationToken;

pub(crate) use cluster::{api_versions, unsupported};
pub(crate) use fetch::{IN_PLACE, fetch};
pub(crate) use produce::{Produced, produce, unsupported_produce};

use crate::{
    Advertised, Error, broker::Inner, catalogue::Topic, groups::Outcome, keys, log::Partition, storage,
};

/// Who asks, and by which version of the protocol.
pub(crate) struct Context {
    pub(crate) broker: Arc<Inner>,
    pub(crate) principal: Principal,
    pub(crate) client_id: String,
    /// The client's address, as Kafka shows it: `/10.0.0.7`.
    pub(crate) host: String,
    pub(crate) version: i16,
    /// Where clients of this listener are to connect.
    pub(crate) advertised: Advertised,
    /// The client has gone; long waits end.
    pub(crate) gone: CancellationToken,
}

/// Does what is asked, other than Produce and Fetch; none for requests that are not served here.
pub(crate) async fn dispatch(cx: &Context, request: RequestKind) -> Option<ResponseKind> {
    use RequestKind as R;
    Some(match request {
        R::ListOffsets(r) => offsets::list_offsets(cx, r).await.into(),
        R::OffsetForLeaderEpoch(r) => offsets::offset_for_leader_epoch(cx, r).into(),
        R::Metadata(r) => metadata::metadata(cx, r).await.into(),
        R::DescribeCluster(r) => cluster::describe_cluster(cx, &r).into(),
        R::FindCoordinator(r) => cluster::find_coordinator(cx, r).into(),
        R::JoinGroup(r) => groups::join_group(cx, r).await.into(),
        R::SyncGroup(r) => groups::sync_group(cx, r).await.into(),
        R::Heartbeat(r) => groups::heartbeat(cx, &r).into(),
        R::LeaveGroup(r) => groups::leave_group(cx, r).into(),
        R::OffsetCommit(r) => positions::offset_commit(cx, r).await.into(),
        R::OffsetFetch(r) => positions::offset_fetch(cx, r).into(),
        R::OffsetDelete(r) => positions::offset_delete(cx, r).await.into(),
        R::DescribeGroups(r) => group_admin::describe_groups(cx, r).into(),
        R::ListGroups(r) => group_admin::list_groups(cx, &r).into(),
        R::DeleteGroups(r) => group_admin::delete_groups(cx, r).await.into(),
        R::CreateTopics(r) => topics::create_topics(cx, r).await.into(),
        R::DeleteTopics(r) => topics::delete_topics(cx, r).await.into(),
        R::CreatePartitions(r) => topics::create_partitions(cx, r).await.into(),
        R::DeleteRecords(r) => topics::delete_records(cx, r).await.into(),
        R::DescribeConfigs(r) => configs::describe_configs(cx, r).into(),
        R::AlterConfigs(r) => configs::alter_configs(cx, r).await.into(),
        R::IncrementalAlterConfigs(r) => configs::incremental_alter_configs(cx, r).await.into(),
        R::InitProducerId(r) => transactions::init_producer_id(cx, r).await.into(),
        R::AddPartitionsToTxn(r) => transactions::add_partitions(cx, r).await.into(),
        R::AddOffsetsToTxn(r) => transactions::add_offsets(cx, r).await.into(),
        R::TxnOffsetCommit(r) => transactions::offset_commit(cx, r).await.into(),
        R::EndTxn(r) => transactions::end(cx, r).await.into(),
        _ => return None,
    })
}

impl Context {
    /// A topic, none when it does not exist. Names that the client may not reach are refused alike, whether they
    /// exist or not.
    fn topic(&self, name: &str, action: Action) -> Outcome<Option<Arc<Topic>>> {
        let topic = self.broker.catalogue.get(name);
        let gate = &self.broker.gate;
        let allowed = match &topic {
            Some(topic) if topic.owner.is_some() => gate.owned(&self.principal, action, topic.owner.as_ref()),
            _ => gate.name(&self.principal, action, name),
        };
        if allowed { Ok(topic) } else { Err(ResponseError::TopicAuthorizationFailed) }
    }

    /// Whether a topic that exists may be seen.
    fn sees(&self, topic: &Topic) -> bool {
        self.topic(&topic.name, Action::Read).is_ok()
    }

    fn existing(&self, name: &str, action: Action) -> Outcome<Arc<Topic>> {
        self.topic(name, action)?.ok_or(ResponseError::UnknownTopicOrPartition)
    }

    fn partition(&self, topic: &str, index: i32, action: Action) -> Outcome<(Arc<Topic>, Partition)> {
        let topic = self.existing(topic, action)?;
        let partition = topic.partition(index).ok_or(ResponseError::UnknownTopicOrPartition)?;
        Ok((topic, partition))
    }

    fn group(&self, group: &str, action: Action) -> Outcome<()> {
        if !self.broker.gate.name(&self.principal, action, group) {
            return Err(ResponseError::GroupAuthorizationFailed);
        }
        if keys::is_storable(group) { Ok(()) } else { Err(ResponseError::InvalidGroupId) }
    }

    fn transactional_id(&self, id: &str) -> Outcome<()> {
        if !self.broker.gate.name(&self.principal, Action::Write, id) {
            return Err(ResponseError::TransactionalIdAuthorizationFailed);
        }
        if keys::is_storable(id) { Ok(()) } else { Err(ResponseError::InvalidRequest) }
    }
}

/// The protocol's number of an outcome.
fn error_code(outcome: &Outcome<()>) -> i16 {
    outcome.as_ref().err().map_or(0, ResponseError::code)
}

fn text(text: impl Into<String>) -> StrBytes {
    StrBytes::from_string(text.into())
}

fn some(text: &str) -> Option<StrBytes> {
    Some(StrBytes::from_string(text.to_owned()))
}

/// A failure in numbers and words.
fn failure(error: &Error) -> (i16, Option<StrBytes>) {
    let words = match error {
        Error::Storage(error) => words(error),
        // It names a folder of this machine, which is nobody's business elsewhere.
        Error::Folder { .. } => unwell(error),
        other => other.to_string(),
    };
    (error.code().code(), some(&words))
}

/// What a client is told of a failure of the log: paths and the operating system's reasons are for our own log.
fn words(error: &storage::Error) -> String {
    use storage::Error as S;
    match error {
        S::Io { .. } | S::Corrupt { .. } | S::ReadOnly(_) => unwell(error),
        other => other.to_string(),
    }
}

fn unwell(error: &dyn std::fmt::Display) -> String {
    tracing::error!(%error, "a request fails");
    "the broker's storage has failed; its log says why".to_owned()
}

/// Leaves out entries whose key was there before: an answer is not to grow with how often the same is asked.
fn once<T, K: Hash + Eq>(mut entries: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = HashSet::with_capacity(entries.len());
    entries.retain(|entry| seen.insert(key(entry)));
    entries
}

fn owned(text: &Option<StrBytes>) -> Option<String> {
    text.as_ref().map(|t| t.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_the_storage_name_no_paths() {
        let path = || "/srv/data/x".to_owned();
        let failures = [
            storage::Error::Io { path: path(), reason: "refused".into() },
            storage::Error::Corrupt { path: path(), reason: "torn".into() },
            storage::Error::ReadOnly(path()),
        ];
        for error in failures.map(Error::Storage) {
            let (code, message) = failure(&error);
            assert_eq!(code, ResponseError::KafkaStorageError.code());
            assert!(!message.unwrap().contains("/srv"));
        }
        let (_, message) = failure(&Error::Storage(storage::Error::TooLarge { size: 2, max: 1 }));
        assert!(message.unwrap().contains("the topic allows 1"));
    }
}
