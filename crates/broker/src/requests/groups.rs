//! Membership of consumer groups.

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
        LeaveGroupResponse, SyncGroupRequest, SyncGroupResponse,
        join_group_response::JoinGroupResponseMember, leave_group_response::MemberResponse,
    },
    protocol::StrBytes,
};

use super::{Context, error_code, owned, text};
use crate::groups::{Join, JoinAnswer, Outcome, Profile, Refused, Sync};

pub(super) async fn join_group(cx: &Context, request: JoinGroupRequest) -> JoinGroupResponse {
    let member = request.member_id.to_string();
    let refused = |error| Refused { error, member: member.clone() };
    let joined = match cx.group(&request.group_id, Action::Read) {
        Err(error) => Err(refused(error)),
        Ok(()) => {
            let group = request.group_id.to_string();
            tokio::select! {
                joined = cx.broker.groups.join(&group, wish(cx, request)) => joined,
                () = cx.gone.cancelled() => Err(refused(ResponseError::CoordinatorNotAvailable)),
            }
        }
    };
    match joined {
        Ok(answer) => joined_response(cx.version, answer),
        Err(Refused { error, member }) => JoinGroupResponse::default()
            .with_error_code(error.code())
            .with_generation_id(-1)
            .with_protocol_name(if cx.version >= 7 { None } else { Some(StrBytes::new()) })
            .with_member_id(text(member)),
    }
}

fn wish(cx: &Context, request: JoinGroupRequest) -> Join {
    let millis = |ms: i32| u64::try_from(ms).unwrap_or(0);
    let rebalance = if cx.version >= 1 { request.rebalance_timeout_ms } else { request.session_timeout_ms };
    let protocols = request.protocols.into_iter();
    Join {
        member: request.member_id.to_string(),
        protocol_type: request.protocol_type.to_string(),
        profile: Profile {
            instance: owned(&request.group_instance_id),
            client_id: cx.client_id.clone(),
            client_host: cx.host.clone(),
            replica: cx.principal.replica().cloned(),
            session_ms: millis(request.session_timeout_ms),
            rebalance_ms: millis(rebalance),
            // Copied, as the request's frame would be kept as long as the member.
            protocols: protocols
                .map(|p| (p.name.to_string(), bytes::Bytes::copy_from_slice(&p.metadata)))
                .collect(),
        },
        id_required: cx.version >= 4,
        may_skip_assignment: cx.version >= 9,
    }
}

fn joined_response(version: i16, answer: JoinAnswer) -> JoinGroupResponse {
    let members = answer.members.into_iter().map(|m| {
        JoinGroupResponseMember::default()
            .with_member_id(text(m.id))
            .with_group_instance_id(m.instance.filter(|_| version >= 5).map(StrBytes::from_string))
            .with_metadata(m.metadata)
    });
    JoinGroupResponse::default()
        .with_generation_id(answer.generation)
        .with_protocol_type(answer.protocol_type.filter(|_| version >= 7).map(StrBytes::from_string))
        .with_protocol_name(Some(text(answer.protocol.unwrap_or_default())))
        .with_leader(text(answer.leader))
        .with_skip_assignment(version >= 9 && answer.skip_assignment)
        .with_member_id(text(answer.member))
        .with_members(members.collect())
}

pub(super) async fn sync_group(cx: &Context, request: SyncGroupRequest) -> SyncGroupResponse {
    let synced = match cx.group(&request.group_id, Action::Read) {
        Err(error) => Err(error),
        Ok(()) => {
            let assignments = request.assignments.iter();
            let sync = Sync {
                member: request.member_id.to_string(),
                instance: owned(&request.group_instance_id),
                generation: request.generation_id,
                protocol_type: owned(&request.protocol_type),
                protocol: owned(&request.protocol_name),
                assignments: assignments
                    .map(|a| (a.member_id.to_string(), bytes::Bytes::copy_from_slice(&a.assignment)))
                    .collect(),
            };
            tokio::select! {
                synced = cx.broker.groups.sync(&request.group_id, sync) => synced,
                () = cx.gone.cancelled() => Err(ResponseError::CoordinatorNotAvailable),
            }
        }
    };
    let response = SyncGroupResponse::default();
    match synced {
        Ok(answer) if cx.version >= 5 => response
            .with_protocol_type(answer.protocol_type.map(StrBytes::from_string))
            .with_protocol_name(answer.protocol.map(StrBytes::from_string))
            .with_assignment(answer.assignment),
        Ok(answer) => response.with_assignment(answer.assignment),
        Err(error) => response.with_error_code(error.code()),
    }
}

pub(super) fn heartbeat(cx: &Context, request: &HeartbeatRequest) -> HeartbeatResponse {
    let beat = || -> Outcome<()> {
        cx.group(&request.group_id, Action::Read)?;
        let instance = request.group_instance_id.as_deref();
        cx.broker.groups.heartbeat(&request.group_id, &request.member_id, instance, request.generation_id)
    };
    HeartbeatResponse::default().with_error_code(error_code(&beat()))
}

pub(super) fn leave_group(cx: &Context, request: LeaveGroupRequest) -> LeaveGroupResponse {
    let response = LeaveGroupResponse::default();
    if let Err(error) = cx.group(&request.group_id, Action::Read) {
        return response.with_error_code(error.code());
    }
    let leave =
        |member: &str, instance: Option<&str>| cx.broker.groups.leave(&request.group_id, member, instance);
    if cx.version < 3 {
        let left = leave(&request.member_id, None).map(drop);
        return response.with_error_code(error_code(&left));
    }
    let members = request.members.iter().map(|m| {
        let left = leave(&m.member_id, m.group_instance_id.as_deref());
        MemberResponse::default()
            .with_error_code(left.as_ref().err().map_or(0, ResponseError::code))
            .with_member_id(left.map_or(m.member_id.clone(), text))
            .with_group_instance_id(m.group_instance_id.clone())
    });
    response.with_members(members.collect())
}
