//! Idempotent and transactional producers.

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest,
        AddPartitionsToTxnResponse, EndTxnRequest, EndTxnResponse, InitProducerIdRequest,
        InitProducerIdResponse, TopicName, TxnOffsetCommitRequest, TxnOffsetCommitResponse,
        add_partitions_to_txn_response::{AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult},
        txn_offset_commit_request::TxnOffsetCommitRequestPartition,
        txn_offset_commit_response::{TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic},
    },
};

use super::{
    Context,
    commits::{Reader, Wish, settle},
    error_code, owned,
};
use crate::groups::{Committed, Committer, Outcome, Place};

/// Clients of older versions know only one word for a producer that is shut out.
fn fenced(outcome: Outcome<()>, knows: bool) -> Outcome<()> {
    match outcome {
        Err(ResponseError::ProducerFenced) if !knows => Err(ResponseError::InvalidProducerEpoch),
        other => other,
    }
}

pub(super) async fn init_producer_id(cx: &Context, request: InitProducerIdRequest) -> InitProducerIdResponse {
    let response = InitProducerIdResponse::default();
    match init(cx, &request).await {
        Ok((id, epoch)) => response.with_producer_id(id.into()).with_producer_epoch(epoch),
        Err(error) => {
            let outcome = fenced(Err(error), cx.version >= 4);
            response
                .with_error_code(error_code(&outcome))
                .with_producer_id((-1).into())
                .with_producer_epoch(-1)
        }
    }
}

async fn init(cx: &Context, request: &InitProducerIdRequest) -> Outcome<(i64, i16)> {
    let Some(id) = &request.transactional_id else {
        return Ok((cx.broker.transactions.producer_id().await?, 0));
    };
    cx.transactional_id(id)?;
    let most = cx.broker.options.max_transaction_timeout.as_millis() as i64;
    let timeout = i64::from(request.transaction_timeout_ms);
    if !(1..=most).contains(&timeout) {
        return Err(ResponseError::InvalidTransactionTimeout);
    }
    let expected = (request.producer_id.0 >= 0).then_some((request.producer_id.0, request.producer_epoch));
    cx.broker.transactions.init(id, timeout, expected).await
}

pub(super) async fn add_partitions(
    cx: &Context,
    request: AddPartitionsToTxnRequest,
) -> AddPartitionsToTxnResponse {
    let producer = (request.v3_and_below_producer_id.0, request.v3_and_below_producer_epoch);
    let id = request.v3_and_below_transactional_id;
    let places: Vec<(Place, Outcome<()>)> = request
        .v3_and_below_topics
        .iter()
        .flat_map(|t| t.partitions.iter().map(|p| (t.name.to_string(), *p)))
        .map(|place| {
            let outcome = cx.partition(&place.0, place.1, Action::Write).map(drop);
            (place, outcome)
        })
        .collect();
    let outcome = match cx.transactional_id(&id) {
        Err(error) => Err(error),
        // Either all are taken in or none.
        Ok(()) if places.iter().any(|(_, o)| o.is_err()) => Err(ResponseError::OperationNotAttempted),
        Ok(()) => {
            let places: Vec<_> = places.iter().map(|(place, _)| place.clone()).collect();
            cx.broker.transactions.add(&id, producer, &places, None).await
        }
    };
    let outcome = fenced(outcome, cx.version >= 2);
    let mut outcomes = places.into_iter().map(|(_, own)| own.and(outcome));
    let topics = request.v3_and_below_topics.into_iter().map(|topic| {
        let results = topic.partitions.iter().zip(outcomes.by_ref()).map(|(index, outcome)| {
            AddPartitionsToTxnPartitionResult::default()
                .with_partition_index(*index)
                .with_partition_error_code(error_code(&outcome))
        });
        AddPartitionsToTxnTopicResult::default()
            .with_results_by_partition(results.collect())
            .with_name(topic.name)
    });
    AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(topics.collect())
}

pub(super) async fn add_offsets(cx: &Context, request: AddOffsetsToTxnRequest) -> AddOffsetsToTxnResponse {
    let producer = (request.producer_id.0, request.producer_epoch);
    let allowed = cx
        .transactional_id(&request.transactional_id)
        .and_then(|()| cx.group(&request.group_id, Action::Read));
    let outcome = match allowed {
        Ok(()) => {
            let group = request.group_id.as_str();
            cx.broker.transactions.add(&request.transactional_id, producer, &[], Some(group)).await
        }
        Err(error) => Err(error),
    };
    AddOffsetsToTxnResponse::default().with_error_code(error_code(&fenced(outcome, cx.version >= 2)))
}

pub(super) async fn offset_commit(cx: &Context, request: TxnOffsetCommitRequest) -> TxnOffsetCommitResponse {
    let wish = |topic: &TopicName, p: &TxnOffsetCommitRequestPartition| {
        let committed = Committed {
            offset: p.committed_offset,
            leader_epoch: if cx.version >= 2 { p.committed_leader_epoch } else { -1 },
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
    let noted = note(cx, &request, accepted).await;
    if noted.is_ok() {
        reader.note();
    }
    let topics = settled.into_iter().map(|(name, partitions)| {
        let partitions = partitions.into_iter().map(|(index, outcome)| {
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(index)
                .with_error_code(error_code(&outcome.and(noted)))
        });
        TxnOffsetCommitResponseTopic::default().with_name(name).with_partitions(partitions.collect())
    });
    TxnOffsetCommitResponse::default().with_topics(topics.collect())
}

async fn note(
    cx: &Context,
    request: &TxnOffsetCommitRequest,
    accepted: Vec<(Place, Committed)>,
) -> Outcome<()> {
    cx.transactional_id(&request.transactional_id)?;
    cx.group(&request.group_id, Action::Read)?;
    let producer = (request.producer_id.0, request.producer_epoch);
    let admission =
        cx.broker.transactions.admit_group(&request.transactional_id, producer, &request.group_id);
    // This answer has had one word for it in all versions.
    let _admission = admission.map_err(|error| match error {
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        other => other,
    })?;
    let (generation, member) = match cx.version >= 3 {
        true => (request.generation_id, &*request.member_id),
        false => (-1, ""),
    };
    let deployment = cx.principal.replica().map(|replica| replica.deployment);
    let instance = request.group_instance_id.as_deref();
    let committer = Committer { member, instance, generation, deployment };
    let groups = &cx.broker.groups;
    groups.commit_in_transaction(&request.group_id, &committer, producer.0, accepted).await
}

pub(super) async fn end(cx: &Context, request: EndTxnRequest) -> EndTxnResponse {
    let producer = (request.producer_id.0, request.producer_epoch);
    let outcome = match cx.transactional_id(&request.transactional_id) {
        Ok(()) => cx.broker.transactions.end(&request.transactional_id, producer, request.committed).await,
        Err(error) => Err(error),
    };
    EndTxnResponse::default().with_error_code(error_code(&fenced(outcome, cx.version >= 2)))
}
