//! Produce: record batches in.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures::future::{BoxFuture, join_all};
use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        ProduceRequest, ProduceResponse, TopicName,
        produce_request::PartitionProduceData,
        produce_response::{PartitionProduceResponse, TopicProduceResponse},
    },
};

use super::{Context, failure, some, text, words};
use crate::{
    Error,
    batch::{Header, validate},
    catalogue::settings::Intake,
    error::code,
    groups::Outcome,
    log::{Appended, Origin, Partition},
    records::intake,
    server::Malformed,
    storage,
};

/// What becomes of a Produce: everything is appended when this is returned.
pub(crate) enum Produced {
    /// The client wants no answer.
    Silence,
    /// The client wants no answer, and something failed: only the end of the connection tells it.
    Failed(ResponseError),
    /// The answer, once the records are as durable as was asked.
    Answer(BoxFuture<'static, ProduceResponse>),
}

/// A refused batch: the code, and the reason when there is more to say.
struct Refused(ResponseError, Option<String>);

impl From<ResponseError> for Refused {
    fn from(error: ResponseError) -> Self {
        Self(error, None)
    }
}

impl From<storage::Error> for Refused {
    fn from(error: storage::Error) -> Self {
        Self(code(&error), Some(words(&error)))
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let (_, reason) = failure(&error);
        Self(error.code(), reason.map(|reason| reason.to_string()))
    }
}

type Outcomes = Vec<(i32, Result<(Partition, Appended), Refused>)>;

/// Appends what is asked, in order.
pub(crate) fn produce(cx: &Context, request: ProduceRequest) -> Produced {
    let acks = request.acks;
    let transactional_id = request.transactional_id.as_ref().map(|id| id.to_string());
    let admissible: Outcome<()> = match &transactional_id {
        _ if !(-1..=1).contains(&acks) => Err(ResponseError::InvalidRequiredAcks),
        Some(id) => cx.transactional_id(id),
        None => Ok(()),
    };
    let mut topics = Vec::new();
    let mut failed = None;
    for topic in request.topic_data {
        let mut outcomes: Outcomes = Vec::new();
        for data in topic.partition_data {
            let index = data.index;
            let appended = match admissible {
                Ok(()) => append(cx, (acks, transactional_id.as_deref()), &topic.name, data),
                Err(error) => Err(error.into()),
            };
            failed = failed.or(appended.as_ref().err().map(|refused| refused.0));
            outcomes.push((index, appended));
        }
        // Copied, as the request's frame would be kept until the records are durable.
        topics.push((TopicName(text(&**topic.name)), outcomes));
    }
    match (acks, failed) {
        (0, None) => Produced::Silence,
        (0, Some(error)) => Produced::Failed(error),
        _ => Produced::Answer(Box::pin(answer(cx.version, acks == -1, topics))),
    }
}

fn append(
    cx: &Context,
    (acks, transactional_id): (i16, Option<&str>),
    name: &TopicName,
    data: PartitionProduceData,
) -> Result<(Partition, Appended), Refused> {
    let (topic, partition) = cx.partition(name, data.index, Action::Write)?;
    let records = data.records.ok_or(ResponseError::InvalidRecord)?;
    // A header that cannot be read is refused by the log, with the reason.
    let header = Header::parse(&records).ok();
    let transactional = header.filter(Header::is_transactional);
    let _admission = match (transactional, transactional_id) {
        (None, _) => None,
        (Some(_), None) => return Err(ResponseError::InvalidTxnState.into()),
        (Some(header), Some(id)) => {
            let producer = (header.producer_id, header.producer_epoch);
            let place = (topic.name.clone(), data.index);
            Some(cx.broker.transactions.admit(id, producer, &place)?)
        }
    };
    let batch = match taken_in(&Intake::of(&topic.overrides()), header.as_ref(), &records)? {
        Some(changed) => changed,
        None => BytesMut::from(&records[..]),
    };
    let appended = partition.append(batch, Origin::Client)?;
    if !appended.duplicate {
        let count = appended.last_offset - appended.base_offset + 1;
        topic.count_in(records.len() as u64, count as u64);
    }
    if acks != -1 {
        partition.sync_when_due();
    }
    Ok((partition, appended))
}

/// The batch as the topic wants it kept; none when it is kept as it came.
fn taken_in(intake: &Intake, header: Option<&Header>, batch: &Bytes) -> Result<Option<BytesMut>, Refused> {
    // Only what the log would take is looked into.
    let Some(header) = header.filter(|_| *intake != Intake::default() && validate(batch).is_ok()) else {
        return Ok(None);
    };
    Ok(intake::taken_in(intake, header, batch)?)
}

/// Waits for all partitions at once, and says what became of each.
async fn answer(version: i16, durable: bool, topics: Vec<(TopicName, Outcomes)>) -> ProduceResponse {
    let answer = async |(index, outcome): (i32, Result<(Partition, Appended), Refused>)| {
        let outcome = match outcome {
            Ok((partition, appended)) if durable => {
                partition.durable(appended.last_offset).await.map(|()| appended).map_err(Refused::from)
            }
            other => other.map(|(_, appended)| appended),
        };
        respond(version, index, outcome)
    };
    let topic = async |(name, outcomes): (TopicName, Outcomes)| {
        let partitions = join_all(outcomes.into_iter().map(&answer)).await;
        TopicProduceResponse::default().with_name(name).with_partition_responses(partitions)
    };
    ProduceResponse::default().with_responses(join_all(topics.into_iter().map(topic)).await)
}

fn respond(version: i16, index: i32, outcome: Result<Appended, Refused>) -> PartitionProduceResponse {
    let response = PartitionProduceResponse::default().with_index(index);
    match outcome {
        Ok(appended) => {
            let response = response
                .with_base_offset(appended.base_offset)
                .with_log_append_time_ms(appended.append_time_ms);
            match version >= 5 {
                true => response.with_log_start_offset(appended.log_start_offset),
                false => response,
            }
        }
        Err(Refused(error, reason)) => {
            let response =
                response.with_error_code(error.code()).with_base_offset(-1).with_log_append_time_ms(-1);
            match (version >= 8, reason) {
                (true, Some(reason)) => response.with_error_message(some(&reason)),
                _ => response,
            }
        }
    }
}

/// The answer to a Produce of versions 0 to 2, which are advertised and not served: each partition has the error.
/// None when the client wants no answer.
pub(crate) fn unsupported_produce(
    version: i16,
    correlation_id: i32,
    mut body: Bytes,
) -> Result<Option<BytesMut>, Malformed> {
    let short = |_| Malformed("Produce ends early".into());
    let acks = body.try_get_i16().map_err(short)?;
    let _timeout = body.try_get_i32().map_err(short)?;
    let mut answer = BytesMut::new();
    answer.put_i32(0);
    answer.put_i32(correlation_id);
    let topics = body.try_get_i32().map_err(short)?;
    answer.put_i32(topics);
    for _ in 0..topics {
        let name = take(&mut body, |b| b.try_get_i16().map(i32::from))?;
        answer.put_i16(name.len() as i16);
        answer.put_slice(&name);
        let partitions = body.try_get_i32().map_err(short)?;
        answer.put_i32(partitions);
        for _ in 0..partitions {
            answer.put_i32(body.try_get_i32().map_err(short)?);
            take(&mut body, |b| b.try_get_i32())?;
            answer.put_i16(ResponseError::UnsupportedVersion.code());
            answer.put_i64(-1);
            if version >= 2 {
                answer.put_i64(-1);
            }
        }
    }
    if version >= 1 {
        answer.put_i32(0);
    }
    Ok((acks != 0).then_some(answer))
}

/// Takes bytes that their length precedes; a negative length is none.
fn take(
    body: &mut Bytes,
    len: impl FnOnce(&mut Bytes) -> Result<i32, bytes::TryGetError>,
) -> Result<Bytes, Malformed> {
    let short = || Malformed("Produce ends early".into());
    let len = usize::try_from(len(body).map_err(|_| short())?).unwrap_or(0);
    if len > body.len() {
        return Err(short());
    }
    Ok(body.split_to(len))
}
