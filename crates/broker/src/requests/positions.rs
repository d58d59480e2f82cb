//! Positions of consumer groups.

use std::collections::BTreeMap;

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse,
        OffsetFetchRequest, OffsetFetchResponse, TopicName,
        offset_commit_request::OffsetCommitRequestPartition,
        offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic},
        offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic},
        offset_fetch_response::{
            OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
            OffsetFetchResponseTopic, OffsetFetchResponseTopics,
        },
    },
    protocol::StrBytes,
};

use super::{
    Context,
    commits::{Reader, Wish, settle},
    owned, some, text,
};
use crate::groups::{Committed, Committer, Outcome, Place};

pub(super) async fn offset_commit(cx: &Context, request: OffsetCommitRequest) -> OffsetCommitResponse {
    let wish = |topic: &TopicName, p: &OffsetCommitRequestPartition| {
        let committed = Committed {
            offset: p.committed_offset,
            leader_epoch: if cx.version >= 6 { p.committed_leader_epoch } else { -1 },
            metadata: owned(&p.committed_metadata),
        };
        Wish::new(cx, topic, p.partition_index, committed)
    };
    let wishes = request
        .topics
        .iter()
        .map(|t| (t.name.clone(), t.partitions.iter().map(|p| wish(&t.name, p)).collect()))
        .collect();
    let (settled, accepted) = settle(cx, wishes).await;
    let reader = Reader::of(cx, &accepted);
    let committer = Committer {
        member: &request.member_id,
        instance: request.group_instance_id.as_deref(),
        generation: request.generation_id_or_member_epoch,
        deployment: cx.principal.replica().map(|replica| replica.deployment),
    };
    let committed = match cx.group(&request.group_id, Action::Read) {
        Ok(()) => cx.broker.groups.commit(&request.group_id, &committer, accepted).await,
        Err(error) => Err(error),
    };
    if committed.is_ok() {
        reader.note();
    }
    let topics = settled.into_iter().map(|(name, partitions)| {
        let partitions = partitions.into_iter().map(|(index, outcome)| {
            let outcome = outcome.and(committed);
            OffsetCommitResponsePartition::default()
                .with_partition_index(index)
                .with_error_code(super::error_code(&outcome))
        });
        OffsetCommitResponseTopic::default().with_name(name).with_partitions(partitions.collect())
    });
    OffsetCommitResponse::default().with_topics(topics.collect())
}

/// A position as it is answered.
struct Found {
    index: i32,
    outcome: Outcome<Option<Committed>>,
}

type FoundTopics = BTreeMap<String, Vec<Found>>;

pub(super) fn offset_fetch(cx: &Context, request: OffsetFetchRequest) -> OffsetFetchResponse {
    let response = OffsetFetchResponse::default();
    let stable = request.require_stable;
    if cx.version >= 8 {
        let groups = request.groups.iter().map(|group| {
            let names = group.topics.as_ref().map(|topics| {
                topics.iter().map(|t| (t.name.to_string(), t.partition_indexes.clone())).collect()
            });
            let answer = OffsetFetchResponseGroup::default().with_group_id(group.group_id.clone());
            match find(cx, &group.group_id, names, stable) {
                Ok(found) => answer.with_topics(found.into_iter().map(grouped_topic).collect()),
                Err(error) => answer.with_error_code(error.code()),
            }
        });
        return response.with_groups(groups.collect());
    }
    let names: Option<Vec<_>> = request
        .topics
        .as_ref()
        .map(|topics| topics.iter().map(|t| (t.name.to_string(), t.partition_indexes.clone())).collect());
    let asked = names.clone().unwrap_or_default();
    match find(cx, &request.group_id, names, stable) {
        Ok(found) => response.with_topics(found.into_iter().map(|t| topic(cx, t)).collect()),
        Err(error) if cx.version >= 2 => response.with_error_code(error.code()),
        // Version 1 has errors beside partitions only.
        Err(error) => {
            let failed = |(name, indexes): (String, Vec<i32>)| {
                let found = indexes.into_iter().map(|index| Found { index, outcome: Err(error) });
                topic(cx, (name, found.collect()))
            };
            response.with_topics(asked.into_iter().map(failed).collect())
        }
    }
}

/// The positions that are asked for, or all.
fn find(
    cx: &Context,
    group: &str,
    names: Option<Vec<(String, Vec<i32>)>>,
    stable: bool,
) -> Outcome<FoundTopics> {
    cx.group(group, Action::Read)?;
    let readable = |topic: &str| cx.topic(topic, Action::Read).map(drop);
    let asked: Vec<Place> = match names {
        Some(names) => names
            .into_iter()
            .flat_map(|(n, indexes)| indexes.into_iter().map(move |i| (n.clone(), i)))
            .collect(),
        None => cx.broker.groups.places(group).into_iter().filter(|(t, _)| readable(t).is_ok()).collect(),
    };
    let mut found = FoundTopics::new();
    for place in asked {
        let outcome = readable(&place.0).and_then(|()| match cx.broker.groups.position(group, &place) {
            (_, true) if stable => Err(ResponseError::UnstableOffsetCommit),
            (committed, _) => Ok(committed),
        });
        found.entry(place.0).or_default().push(Found { index: place.1, outcome });
    }
    Ok(found)
}

/// Offset, leader epoch, note and error of a position; −1 where there is none.
fn parts(outcome: Outcome<Option<Committed>>) -> (i64, i32, Option<StrBytes>, i16) {
    match outcome {
        Ok(Some(c)) => (c.offset, c.leader_epoch, some(&c.metadata.unwrap_or_default()), 0),
        Ok(None) => (-1, -1, some(""), 0),
        Err(error) => (-1, -1, some(""), error.code()),
    }
}

fn topic(cx: &Context, (name, found): (String, Vec<Found>)) -> OffsetFetchResponseTopic {
    let partitions = found.into_iter().map(|found| {
        let (offset, epoch, metadata, error) = parts(found.outcome);
        OffsetFetchResponsePartition::default()
            .with_partition_index(found.index)
            .with_committed_offset(offset)
            .with_committed_leader_epoch(if cx.version >= 5 { epoch } else { -1 })
            .with_metadata(metadata)
            .with_error_code(error)
    });
    OffsetFetchResponseTopic::default().with_name(TopicName(text(name))).with_partitions(partitions.collect())
}

fn grouped_topic((name, found): (String, Vec<Found>)) -> OffsetFetchResponseTopics {
    let partitions = found.into_iter().map(|found| {
        let (offset, epoch, metadata, error) = parts(found.outcome);
        OffsetFetchResponsePartitions::default()
            .with_partition_index(found.index)
            .with_committed_offset(offset)
            .with_committed_leader_epoch(epoch)
            .with_metadata(metadata)
            .with_error_code(error)
    });
    OffsetFetchResponseTopics::default()
        .with_name(TopicName(text(name)))
        .with_partitions(partitions.collect())
}

pub(super) async fn offset_delete(cx: &Context, request: OffsetDeleteRequest) -> OffsetDeleteResponse {
    let response = OffsetDeleteResponse::default();
    if let Err(error) = cx.group(&request.group_id, Action::Delete) {
        return response.with_error_code(error.code());
    }
    let readable = |topic: &str| cx.topic(topic, Action::Read).map(drop);
    let places: Vec<Place> = request
        .topics
        .iter()
        .filter(|t| readable(&t.name).is_ok())
        .flat_map(|t| t.partitions.iter().map(|p| (t.name.to_string(), p.partition_index)))
        .collect();
    let forgotten = match cx.broker.groups.forget(&request.group_id, &places).await {
        Ok(outcomes) => places.into_iter().zip(outcomes).collect::<BTreeMap<_, _>>(),
        Err(error) => return response.with_error_code(error.code()),
    };
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|p| {
            let place = (topic.name.to_string(), p.partition_index);
            let outcome = readable(&topic.name).and(forgotten.get(&place).copied().unwrap_or(Ok(())));
            OffsetDeleteResponsePartition::default()
                .with_partition_index(p.partition_index)
                .with_error_code(super::error_code(&outcome))
        });
        OffsetDeleteResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    response.with_topics(topics.collect())
}
