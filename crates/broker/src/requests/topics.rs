//! Making, growing, emptying and removing topics.

use std::{collections::HashSet, sync::Arc};

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse,
        DeleteRecordsRequest, DeleteRecordsResponse, DeleteTopicsRequest, DeleteTopicsResponse, TopicName,
        create_partitions_request::CreatePartitionsTopic,
        create_partitions_response::CreatePartitionsTopicResult,
        create_topics_request::CreatableTopic,
        create_topics_response::{CreatableTopicConfigs, CreatableTopicResult},
        delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult},
        delete_topics_request::DeleteTopicState,
        delete_topics_response::DeletableTopicResult,
    },
};
use uuid::Uuid;

use super::{Context, failure, some, text};
use crate::{
    Error, Result,
    broker::NODE_ID,
    catalogue::{self, NewTopic, Overrides, Topic, settings},
    error::code,
    groups::Outcome,
};

pub(super) async fn create_topics(cx: &Context, request: CreateTopicsRequest) -> CreateTopicsResponse {
    let mut seen = HashSet::new();
    let repeated: HashSet<_> =
        request.topics.iter().filter(|t| !seen.insert(t.name.clone())).map(|t| t.name.clone()).collect();
    let mut results = Vec::new();
    for topic in request.topics {
        let result = CreatableTopicResult::default().with_name(topic.name.clone());
        let made = match repeated.contains(&topic.name) {
            true => Err(Error::invalid(ResponseError::InvalidRequest, "the topic is named twice")),
            false => create(cx, topic, request.validate_only).await,
        };
        results.push(match made {
            Ok((id, new)) => created(cx.version, result, id, &new),
            Err(error) => {
                let (code, message) = failure(&error);
                result.with_error_code(code).with_error_message(message)
            }
        });
    }
    CreateTopicsResponse::default().with_topics(results)
}

async fn create(cx: &Context, topic: CreatableTopic, validate_only: bool) -> Result<(Uuid, NewTopic)> {
    cx.topic(&topic.name, Action::Create).map_err(|e| refused(e, &topic.name))?;
    if !matches!(topic.replication_factor, -1 | 1) {
        let reason = format!("there is one broker, so a replication factor of {}", topic.replication_factor);
        return Err(Error::invalid(
            ResponseError::InvalidReplicationFactor,
            reason + " is not possible; use 1",
        ));
    }
    let settings: Overrides = topic
        .configs
        .iter()
        .filter_map(|c| c.value.as_ref().map(|value| (c.name.to_string(), value.to_string())))
        .collect();
    let new = NewTopic {
        owner: cx.broker.gate.owner_of(&topic.name),
        partitions: partition_count(cx, &topic)?,
        settings,
        name: topic.name.to_string(),
    };
    cx.broker.catalogue.check(&new)?;
    match validate_only {
        true => Ok((Uuid::nil(), new)),
        false => Ok((cx.broker.catalogue.create(new.clone()).await?.id, new)),
    }
}

/// The number of partitions; assignments may only say what is so anyway.
fn partition_count(cx: &Context, topic: &CreatableTopic) -> Result<i32> {
    if topic.assignments.is_empty() {
        let count = topic.num_partitions;
        return Ok(if count == -1 { cx.broker.options.default_partitions } else { count });
    }
    if topic.num_partitions != -1 || topic.replication_factor != -1 {
        let reason = "give either assignments or numbers of partitions and replicas";
        return Err(Error::invalid(ResponseError::InvalidRequest, reason));
    }
    let mut indexes: Vec<_> = topic.assignments.iter().map(|a| a.partition_index).collect();
    indexes.sort_unstable();
    let here = topic.assignments.iter().all(|a| a.broker_ids == [NODE_ID]);
    match here && indexes.iter().copied().eq(0..indexes.len() as i32) {
        true => Ok(indexes.len() as i32),
        false => Err(Error::invalid(ResponseError::InvalidReplicaAssignment, assignment_rule())),
    }
}

fn assignment_rule() -> String {
    format!("each partition, counted from 0, has its one replica on broker {NODE_ID}")
}

fn refused(error: ResponseError, name: &str) -> Error {
    Error::invalid(error, format!("topic '{name}' is outside of what these credentials reach"))
}

fn created(version: i16, result: CreatableTopicResult, id: Uuid, new: &NewTopic) -> CreatableTopicResult {
    if version < 5 {
        return result;
    }
    let configs = settings::SETTINGS.iter().map(|setting| {
        let set = new.settings.get(setting.name);
        CreatableTopicConfigs::default()
            .with_name(text(setting.name))
            .with_value(some(set.map_or(setting.default, String::as_str)))
            .with_config_source(super::configs::source(set.is_some()))
    });
    let result = result
        .with_num_partitions(new.partitions)
        .with_replication_factor(1)
        .with_configs(Some(configs.collect()));
    if version >= 7 { result.with_topic_id(id) } else { result }
}

pub(super) async fn delete_topics(cx: &Context, request: DeleteTopicsRequest) -> DeleteTopicsResponse {
    let by_name = |name: TopicName| DeleteTopicState::default().with_name(Some(name));
    let asked = request.topics.into_iter().chain(request.topic_names.into_iter().map(by_name));
    let mut responses = Vec::new();
    for state in asked {
        let result = DeletableTopicResult::default().with_name(state.name.clone());
        let result = if cx.version >= 6 { result.with_topic_id(state.topic_id) } else { result };
        responses.push(match delete(cx, &state).await {
            Ok(topic) if cx.version >= 6 => {
                result.with_name(Some(TopicName(text(&topic.name)))).with_topic_id(topic.id)
            }
            Ok(_) => result,
            Err(error) => {
                let (code, message) = failure(&error);
                let result = result.with_error_code(code);
                if cx.version >= 5 { result.with_error_message(message) } else { result }
            }
        });
    }
    DeleteTopicsResponse::default().with_responses(responses)
}

async fn delete(cx: &Context, state: &DeleteTopicState) -> Result<Arc<Topic>> {
    let found = match &state.name {
        Some(name) => cx.existing(name, Action::Delete),
        None => {
            let topic = cx.broker.catalogue.by_id(state.topic_id);
            topic.filter(|t| cx.topic(&t.name, Action::Delete).is_ok()).ok_or(ResponseError::UnknownTopicId)
        }
    };
    let topic = found.map_err(|e| unreachable_topic(e, state.name.as_deref()))?;
    cx.broker.delete_topic(&topic.name).await?;
    Ok(topic)
}

fn unreachable_topic(error: ResponseError, name: Option<&kafka_protocol::protocol::StrBytes>) -> Error {
    let name = name.map(|n| n.to_string()).unwrap_or_default();
    match error {
        ResponseError::UnknownTopicOrPartition => Error::UnknownTopic(name),
        ResponseError::UnknownTopicId => Error::invalid(error, "no topic has this id"),
        other => refused(other, &name),
    }
}

pub(super) async fn create_partitions(
    cx: &Context,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let mut seen = HashSet::new();
    let mut results = Vec::new();
    for topic in request.topics {
        let result = CreatePartitionsTopicResult::default().with_name(topic.name.clone());
        let grown = match seen.insert(topic.name.clone()) {
            true => grow(cx, &topic, request.validate_only).await,
            false => Err(Error::invalid(ResponseError::InvalidRequest, "the topic is named twice")),
        };
        results.push(match grown {
            Ok(()) => result,
            Err(error) => {
                let (code, message) = failure(&error);
                result.with_error_code(code).with_error_message(message)
            }
        });
    }
    CreatePartitionsResponse::default().with_results(results)
}

async fn grow(cx: &Context, asked: &CreatePartitionsTopic, validate_only: bool) -> Result<()> {
    let topic =
        cx.existing(&asked.name, Action::Update).map_err(|e| unreachable_topic(e, Some(&asked.name)))?;
    catalogue::check_growth(&topic, asked.count)?;
    if let Some(assignments) = asked.assignments.as_ref().filter(|a| !a.is_empty()) {
        let added = (asked.count - topic.partition_count()) as usize;
        if assignments.len() != added || assignments.iter().any(|a| a.broker_ids != [NODE_ID]) {
            return Err(Error::invalid(ResponseError::InvalidReplicaAssignment, assignment_rule()));
        }
    }
    match validate_only {
        true => Ok(()),
        false => cx.broker.catalogue.grow(topic.name.clone(), asked.count).await,
    }
}

pub(super) async fn delete_records(cx: &Context, request: DeleteRecordsRequest) -> DeleteRecordsResponse {
    let mut topics = Vec::new();
    for topic in request.topics {
        let mut partitions = Vec::new();
        for p in &topic.partitions {
            let result = DeleteRecordsPartitionResult::default().with_partition_index(p.partition_index);
            partitions.push(match truncate(cx, &topic.name, p.partition_index, p.offset).await {
                Ok(start) => result.with_low_watermark(start),
                Err(error) => result.with_low_watermark(-1).with_error_code(error.code()),
            });
        }
        topics.push(DeleteRecordsTopicResult::default().with_name(topic.name).with_partitions(partitions));
    }
    DeleteRecordsResponse::default().with_topics(topics)
}

async fn truncate(cx: &Context, topic: &str, index: i32, offset: i64) -> Outcome<i64> {
    let (_, partition) = cx.partition(topic, index, Action::Delete)?;
    let deleted = tokio::task::spawn_blocking(move || partition.delete_records(offset)).await;
    deleted.map_err(|_| ResponseError::UnknownServerError)?.map_err(|e| code(&e))
}
