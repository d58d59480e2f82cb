//! What the broker is: versions, cluster, coordinators.

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        api_versions_response::ApiVersion, describe_cluster_response::DescribeClusterBroker,
        find_coordinator_response::Coordinator, *,
    },
};

use super::{Context, error_code, once, some, text};
use crate::{broker::NODE_ID, server::APIS};

/// Everything that is served.
pub(crate) fn api_versions(error_code: i16) -> ApiVersionsResponse {
    let api = |(key, range): &(ApiKey, kafka_protocol::protocol::VersionRange)| {
        ApiVersion::default()
            .with_api_key(*key as i16)
            .with_min_version(range.min)
            .with_max_version(range.max)
    };
    ApiVersionsResponse::default().with_error_code(error_code).with_api_keys(APIS.iter().map(api).collect())
}

/// The answer with an error to a request whose version is not served, where the answer has room for one.
pub(crate) fn unsupported(api: ApiKey, code: i16) -> Option<ResponseKind> {
    Some(match api {
        ApiKey::Fetch => FetchResponse::default().with_error_code(code).into(),
        ApiKey::FindCoordinator => FindCoordinatorResponse::default().with_error_code(code).into(),
        ApiKey::Heartbeat => HeartbeatResponse::default().with_error_code(code).into(),
        ApiKey::ListGroups => ListGroupsResponse::default().with_error_code(code).into(),
        ApiKey::InitProducerId => InitProducerIdResponse::default().with_error_code(code).into(),
        ApiKey::AddPartitionsToTxn => AddPartitionsToTxnResponse::default().with_error_code(code).into(),
        ApiKey::AddOffsetsToTxn => AddOffsetsToTxnResponse::default().with_error_code(code).into(),
        ApiKey::EndTxn => EndTxnResponse::default().with_error_code(code).into(),
        ApiKey::DescribeCluster => DescribeClusterResponse::default().with_error_code(code).into(),
        _ => return None,
    })
}

pub(super) fn describe_cluster(cx: &Context, request: &DescribeClusterRequest) -> DescribeClusterResponse {
    let response = DescribeClusterResponse::default().with_cluster_id(text(&cx.broker.cluster_id));
    if cx.version >= 1 && request.endpoint_type != 1 {
        return response
            .with_error_code(ResponseError::UnsupportedEndpointType.code())
            .with_error_message(some("this broker has no controller endpoints"))
            .with_endpoint_type(request.endpoint_type);
    }
    let broker = DescribeClusterBroker::default()
        .with_broker_id(NODE_ID.into())
        .with_host(text(&cx.advertised.host))
        .with_port(i32::from(cx.advertised.port));
    response.with_controller_id(NODE_ID.into()).with_brokers(vec![broker])
}

/// The one broker coordinates everything that the client may reach.
pub(super) fn find_coordinator(cx: &Context, request: FindCoordinatorRequest) -> FindCoordinatorResponse {
    let response = FindCoordinatorResponse::default();
    let (host, port) = (text(&cx.advertised.host), i32::from(cx.advertised.port));
    let allowed = |key: &str| match request.key_type {
        0 => cx.group(key, Action::Read),
        1 => cx.transactional_id(key),
        _ => Err(ResponseError::InvalidRequest),
    };
    if cx.version >= 4 {
        let find = |key: &kafka_protocol::protocol::StrBytes| {
            let found = Coordinator::default().with_key(key.clone());
            match allowed(key) {
                Ok(()) => found.with_node_id(NODE_ID.into()).with_host(host.clone()).with_port(port),
                Err(error) => found.with_node_id((-1).into()).with_port(-1).with_error_code(error.code()),
            }
        };
        let keys = once(request.coordinator_keys, kafka_protocol::protocol::StrBytes::clone);
        return response.with_coordinators(keys.iter().map(find).collect());
    }
    match allowed(&request.key) {
        Ok(()) => response.with_node_id(NODE_ID.into()).with_host(host).with_port(port),
        outcome => response.with_node_id((-1).into()).with_port(-1).with_error_code(error_code(&outcome)),
    }
}
