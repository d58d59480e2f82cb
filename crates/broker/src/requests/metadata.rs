//! Metadata: topics, partitions and where to find them.

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        MetadataRequest, MetadataResponse, TopicName,
        metadata_request::MetadataRequestTopic,
        metadata_response::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic},
    },
};

use super::{Context, once, some, text};
use crate::{
    broker::NODE_ID,
    catalogue::{NewTopic, Overrides, Topic},
    error::Error,
    groups::Outcome,
};

/// Operations on topics, as bits of `topic_authorized_operations`, with the action that each needs.
const OPERATIONS: [(i32, Action); 8] = [
    (3, Action::Read),
    (4, Action::Write),
    (5, Action::Create),
    (6, Action::Delete),
    (7, Action::Update),
    (8, Action::Read),
    (10, Action::Read),
    (11, Action::Update),
];

pub(super) async fn metadata(cx: &Context, request: MetadataRequest) -> MetadataResponse {
    let broker = MetadataResponseBroker::default()
        .with_node_id(NODE_ID.into())
        .with_host(text(&cx.advertised.host))
        .with_port(i32::from(cx.advertised.port));
    let operations = request.include_topic_authorized_operations;
    let mut topics = Vec::new();
    match request.topics {
        Some(asked) if cx.version > 0 || !asked.is_empty() => {
            for topic in once(asked, |t| (t.name.clone(), t.topic_id)) {
                topics.push(find(cx, topic, request.allow_auto_topic_creation, operations).await);
            }
        }
        _ => {
            let all = cx.broker.catalogue.all();
            topics.extend(all.iter().filter(|t| cx.sees(t)).map(|t| describe(cx, t, operations)));
        }
    }
    MetadataResponse::default()
        .with_brokers(vec![broker])
        .with_cluster_id(some(&cx.broker.cluster_id))
        .with_controller_id(NODE_ID.into())
        .with_topics(topics)
}

async fn find(
    cx: &Context,
    asked: MetadataRequestTopic,
    may_create: bool,
    operations: bool,
) -> MetadataResponseTopic {
    let unknown = MetadataResponseTopic::default().with_name(asked.name.clone());
    let Some(name) = &asked.name else {
        // Ids of others' topics are as unknown as those that nobody has.
        return match cx.broker.catalogue.by_id(asked.topic_id).filter(|t| cx.sees(t)) {
            Some(topic) => describe(cx, &topic, operations),
            None => {
                unknown.with_topic_id(asked.topic_id).with_error_code(ResponseError::UnknownTopicId.code())
            }
        };
    };
    let found = match cx.topic(name, Action::Read) {
        Ok(None) if may_create && cx.broker.options.auto_create_topics => create(cx, name).await,
        Ok(found) => found.ok_or(ResponseError::UnknownTopicOrPartition),
        Err(error) => Err(error),
    };
    match found {
        Ok(topic) => describe(cx, &topic, operations),
        Err(error) => unknown.with_error_code(error.code()),
    }
}

async fn create(cx: &Context, name: &str) -> Outcome<std::sync::Arc<Topic>> {
    cx.topic(name, Action::Create)?;
    let new = NewTopic {
        name: name.to_owned(),
        owner: cx.broker.gate.owner_of(name),
        partitions: cx.broker.options.default_partitions,
        settings: Overrides::new(),
    };
    match cx.broker.catalogue.create(new).await {
        Ok(topic) => Ok(topic),
        // Another client was faster.
        Err(Error::Exists(name)) => cx.existing(&name, Action::Read),
        Err(error) => Err(error.code()),
    }
}

fn describe(cx: &Context, topic: &Topic, operations: bool) -> MetadataResponseTopic {
    let partition = |index| {
        MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(NODE_ID.into())
            .with_leader_epoch(if cx.version >= 7 { 0 } else { -1 })
            .with_replica_nodes(vec![NODE_ID.into()])
            .with_isr_nodes(vec![NODE_ID.into()])
    };
    let described = MetadataResponseTopic::default()
        .with_name(Some(TopicName(text(&topic.name))))
        .with_partitions((0..topic.partition_count()).map(partition).collect());
    let described = if cx.version >= 10 { described.with_topic_id(topic.id) } else { described };
    if !(operations && cx.version >= 8) {
        return described;
    }
    let allowed = OPERATIONS.iter().filter(|(_, action)| cx.topic(&topic.name, *action).is_ok());
    described.with_topic_authorized_operations(allowed.fold(0, |bits, (bit, _)| bits | 1 << bit))
}
