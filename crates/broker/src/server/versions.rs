//! The requests that are served, and in which versions.

use bytes::Bytes;
use kafka_protocol::{
    messages::{ApiKey, RequestKind},
    protocol::VersionRange,
};

use super::decode::{self, Malformed};

macro_rules! apis {
    ($($key:ident($request:ident) $min:literal..=$max:literal,)*) => {
        /// Every request that is advertised, with its versions.
        pub(crate) const APIS: &[(ApiKey, VersionRange)] =
            &[$((ApiKey::$key, VersionRange { min: $min, max: $max }),)*];

        /// Decodes the body of a request.
        pub(crate) fn decode(api: ApiKey, version: i16, body: &Bytes) -> Result<RequestKind, Malformed> {
            match api {
                $(ApiKey::$key => decode::body::<kafka_protocol::messages::$request>(body, version)
                    .map(RequestKind::$key),)*
                other => Err(Malformed(format!("{other:?} is not served"))),
            }
        }
    };
}

// Fetch ends before topic ids replace names (13), transactions before their second protocol (KIP-890), group
// requests before those of the new group protocol (KIP-848). Produce is advertised from 0 on, as librdkafka
// otherwise takes the broker for one that knows no compression.
apis! {
    Produce(ProduceRequest) 0..=11,
    Fetch(FetchRequest) 4..=12,
    ListOffsets(ListOffsetsRequest) 1..=7,
    Metadata(MetadataRequest) 0..=12,
    OffsetCommit(OffsetCommitRequest) 2..=8,
    OffsetFetch(OffsetFetchRequest) 1..=8,
    FindCoordinator(FindCoordinatorRequest) 0..=4,
    JoinGroup(JoinGroupRequest) 0..=9,
    Heartbeat(HeartbeatRequest) 0..=4,
    LeaveGroup(LeaveGroupRequest) 0..=5,
    SyncGroup(SyncGroupRequest) 0..=5,
    DescribeGroups(DescribeGroupsRequest) 0..=5,
    ListGroups(ListGroupsRequest) 0..=5,
    SaslHandshake(SaslHandshakeRequest) 0..=1,
    ApiVersions(ApiVersionsRequest) 0..=3,
    CreateTopics(CreateTopicsRequest) 2..=7,
    DeleteTopics(DeleteTopicsRequest) 1..=6,
    DeleteRecords(DeleteRecordsRequest) 0..=2,
    InitProducerId(InitProducerIdRequest) 0..=4,
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest) 2..=4,
    AddPartitionsToTxn(AddPartitionsToTxnRequest) 0..=3,
    AddOffsetsToTxn(AddOffsetsToTxnRequest) 0..=3,
    EndTxn(EndTxnRequest) 0..=3,
    TxnOffsetCommit(TxnOffsetCommitRequest) 0..=3,
    DescribeConfigs(DescribeConfigsRequest) 1..=4,
    AlterConfigs(AlterConfigsRequest) 0..=2,
    SaslAuthenticate(SaslAuthenticateRequest) 0..=2,
    CreatePartitions(CreatePartitionsRequest) 0..=3,
    DeleteGroups(DeleteGroupsRequest) 0..=2,
    IncrementalAlterConfigs(IncrementalAlterConfigsRequest) 0..=1,
    OffsetDelete(OffsetDeleteRequest) 0..=0,
    DescribeCluster(DescribeClusterRequest) 0..=1,
}

/// The versions served of a request; none when it is not served.
pub(crate) fn served(api: ApiKey) -> Option<VersionRange> {
    APIS.iter().find(|(key, _)| *key == api).map(|(_, range)| *range)
}
