//! Consumer groups as an administrator sees them.

use std::collections::HashSet;

use headwater_model::Action;
use kafka_protocol::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, DescribeGroupsRequest, DescribeGroupsResponse, GroupId,
    ListGroupsRequest, ListGroupsResponse,
    delete_groups_response::DeletableGroupResult,
    describe_groups_response::{DescribedGroup, DescribedGroupMember},
    list_groups_response::ListedGroup,
};

use super::{Context, error_code, once, text};
use kafka_protocol::protocol::StrBytes;

/// Operations on a group: read, delete, describe.
const OPERATIONS: i32 = 1 << 3 | 1 << 6 | 1 << 8;

pub(super) fn describe_groups(cx: &Context, request: DescribeGroupsRequest) -> DescribeGroupsResponse {
    let asked = once(request.groups, GroupId::clone);
    let groups = asked.into_iter().map(|id| match cx.group(&id, Action::Read) {
        Ok(()) => describe(cx, id, request.include_authorized_operations),
        Err(error) => DescribedGroup::default().with_error_code(error.code()).with_group_id(id),
    });
    DescribeGroupsResponse::default().with_groups(groups.collect())
}

fn describe(cx: &Context, id: GroupId, operations: bool) -> DescribedGroup {
    let group = cx.broker.groups.describe(&id);
    let stable = group.state == "Stable";
    let members = group.members.into_iter().map(|m| {
        let member = DescribedGroupMember::default()
            .with_group_instance_id(m.instance.filter(|_| cx.version >= 4).map(StrBytes::from_string))
            .with_member_id(text(m.id))
            .with_client_id(text(m.client_id))
            .with_client_host(text(m.client_host));
        match stable {
            true => member.with_member_metadata(m.metadata).with_member_assignment(m.assignment),
            false => member,
        }
    });
    let described = DescribedGroup::default()
        .with_group_id(id)
        .with_group_state(text(group.state))
        .with_protocol_type(text(group.protocol_type))
        .with_protocol_data(text(if stable { group.protocol } else { String::new() }))
        .with_members(members.collect());
    match operations && cx.version >= 3 {
        true => described.with_authorized_operations(OPERATIONS),
        false => described,
    }
}

pub(super) fn list_groups(cx: &Context, request: &ListGroupsRequest) -> ListGroupsResponse {
    // Each filter is looked up once for every group, and there may be very many filters.
    let set = |filter: &[StrBytes]| filter.iter().map(|f| f.to_lowercase()).collect::<HashSet<_>>();
    let (states, types) = (set(&request.states_filter), set(&request.types_filter));
    let wanted =
        |filter: &HashSet<String>, value: &str| filter.is_empty() || filter.contains(&value.to_lowercase());
    let groups = cx.broker.groups.list().into_iter().filter(|(id, state, _)| {
        cx.group(id, Action::Read).is_ok() && wanted(&states, state) && wanted(&types, "classic")
    });
    let listed = groups.map(|(id, state, protocol_type)| {
        let group =
            ListedGroup::default().with_group_id(GroupId(text(id))).with_protocol_type(text(protocol_type));
        let group = if cx.version >= 4 { group.with_group_state(text(state)) } else { group };
        if cx.version >= 5 { group.with_group_type(text("classic")) } else { group }
    });
    ListGroupsResponse::default().with_groups(listed.collect())
}

pub(super) async fn delete_groups(cx: &Context, request: DeleteGroupsRequest) -> DeleteGroupsResponse {
    let mut results = Vec::new();
    for id in once(request.groups_names, GroupId::clone) {
        let outcome = match cx.group(&id, Action::Delete) {
            Ok(()) => cx.broker.groups.delete(&id).await,
            Err(error) => Err(error),
        };
        results.push(DeletableGroupResult::default().with_error_code(error_code(&outcome)).with_group_id(id));
    }
    DeleteGroupsResponse::default().with_results(results)
}
