//! Fetch: record batches out, as soon as there are some.

mod noted;
mod supply;

use std::{sync::Arc, time::Duration};

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        FetchRequest, FetchResponse, TopicName,
        fetch_response::{AbortedTransaction, FetchableTopicResponse, PartitionData},
    },
};
use tokio::time::Instant;

use self::{
    noted::Reader,
    supply::{Supply, Waiting},
};
use super::Context;
use crate::{
    batch::Header,
    catalogue::Topic,
    error::code,
    groups::Outcome,
    log::{Fetched, Isolation, Offsets, Partition},
    records::batches,
    server::Room,
    storage,
};

/// Most bytes of one answer, whatever the client allows.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Reads of more bytes go to the blocking pool, so that they hold up nobody else; the way there takes longer than
/// a smaller read.
pub(crate) const IN_PLACE: usize = 256 * 1024;
/// Answers up to this size are given whether or not there is room for more.
const SMALL: usize = 64 * 1024;
/// What a fetch makes do with when there is no room for all that it could have.
const SHARE: usize = 1024 * 1024;
/// How long it waits for that at least.
const PATIENCE: Duration = Duration::from_secs(1);

/// A partition that is asked for.
struct Wanted {
    index: i32,
    offset: i64,
    max_bytes: usize,
    source: Outcome<(Arc<Topic>, Partition)>,
}

type Wishes = Vec<(TopicName, Vec<Wanted>)>;

/// How much may be read.
#[derive(Clone, Copy)]
struct Budget {
    bytes: usize,
    /// The first batch is given even when it is larger, so that readers get past it.
    at_least_one: bool,
    isolation: Isolation,
}

/// What became of a partition, and its offsets where it exists.
type Read = (i32, Outcome<Fetched>, Option<Offsets>);

/// What one look at all partitions finds.
struct Found {
    topics: Vec<(TopicName, Vec<Read>)>,
    bytes: usize,
    failed: bool,
}

/// The answer, and the room that it takes until it is sent.
pub(crate) type Answer = (FetchResponse, Option<Room>);

pub(crate) async fn fetch(cx: &Context, request: FetchRequest) -> Answer {
    if request.session_id != 0 {
        // There are no sessions: every fetch names all of its partitions.
        return refusal(ResponseError::FetchSessionIdNotFound);
    }
    let isolation = match request.isolation_level {
        1 => Isolation::ReadCommitted,
        _ => Isolation::ReadUncommitted,
    };
    let most = usize::try_from(request.max_bytes).unwrap_or(0).min(MAX_BYTES);
    let least = u64::try_from(request.min_bytes).unwrap_or(0);
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let deadline = Instant::now() + wait;
    let reader = Reader::of(cx);
    let mut wanted = wanted(cx, request);
    if let Some(reader) = &reader {
        reader.stands(&wanted, isolation);
    }
    let mut supply = Supply::of(&wanted, isolation);
    let mut waiting = None;
    let mut patient = !wait.is_zero();
    loop {
        while patient && !supply.suffices(least) {
            let waiting = match &mut waiting {
                Some(waiting) => waiting,
                None => {
                    let begun = waiting.insert(Waiting::new(&wanted, deadline));
                    // Looked at again after subscribing, so that no append is missed.
                    supply = Supply::of(&wanted, isolation);
                    if supply.suffices(least) {
                        break;
                    }
                    begun
                }
            };
            patient = waiting.changed(cx, &mut supply, isolation).await;
        }
        let bytes = usize::try_from(supply.bytes()).unwrap_or(usize::MAX).min(most);
        let (room, granted) = room(cx, bytes, deadline).await;
        let budget = Budget { bytes: granted.unwrap_or(0), at_least_one: granted.is_some(), isolation };
        // No waiting makes an answer larger than it may be.
        let full = granted.is_none_or(|granted| granted < bytes || granted == most);
        let Some((back, found)) = read(wanted, budget).await else {
            return refusal(ResponseError::UnknownServerError);
        };
        wanted = back;
        if !patient || full || found.failed || found.bytes as u64 >= least {
            count(&wanted, &found);
            if let Some(reader) = &reader {
                reader.given(&found);
            }
            return (respond(found), room);
        }
        // There was less than it seemed: what is waited for now is the next change.
        supply.forget();
    }
}

fn refusal(error: ResponseError) -> Answer {
    (FetchResponse::default().with_error_code(error.code()), None)
}

/// Makes room for an answer of so many bytes, or for fewer when many answers are under way: returns how many. None
/// when there is no room at all, so that the memory of all answers together stays bounded.
async fn room(cx: &Context, bytes: usize, deadline: Instant) -> (Option<Room>, Option<usize>) {
    if bytes <= SMALL {
        return (None, Some(bytes));
    }
    let load = &cx.broker.load;
    if let Some(room) = load.room_now(bytes) {
        return (Some(room), Some(bytes));
    }
    let share = bytes.min(SHARE);
    tokio::select! {
        room = load.room(share) => (Some(room), Some(share)),
        () = tokio::time::sleep_until(deadline.max(Instant::now() + PATIENCE)) => (None, None),
        () = cx.gone.cancelled() => (None, None),
    }
}

/// Reads here and now when it is little.
async fn read(wanted: Wishes, budget: Budget) -> Option<(Wishes, Found)> {
    let look = move || {
        let found = look(&wanted, budget);
        (wanted, found)
    };
    match budget.bytes <= IN_PLACE {
        true => Some(look()),
        false => tokio::task::spawn_blocking(look).await.ok(),
    }
}

fn wanted(cx: &Context, request: FetchRequest) -> Wishes {
    let partition = |name: &TopicName, p: kafka_protocol::messages::fetch_request::FetchPartition| {
        let source = cx.partition(name, p.partition, Action::Read);
        // There is one leader epoch, 0; a client that knows a later one has met another broker.
        let source = match p.current_leader_epoch {
            1.. => source.and(Err(ResponseError::UnknownLeaderEpoch)),
            _ => source,
        };
        let max_bytes = usize::try_from(p.partition_max_bytes).unwrap_or(0);
        Wanted { index: p.partition, offset: p.fetch_offset, max_bytes, source }
    };
    let topics = request.topics.into_iter();
    let topic = |t: kafka_protocol::messages::fetch_request::FetchTopic| {
        let partitions = t.partitions.into_iter().map(|p| partition(&t.topic, p)).collect();
        (t.topic, partitions)
    };
    topics.map(topic).collect()
}

/// Reads what there is.
fn look(wanted: &Wishes, budget: Budget) -> Found {
    let mut found = Found { topics: Vec::with_capacity(wanted.len()), bytes: 0, failed: false };
    for (name, partitions) in wanted {
        let mut read = Vec::with_capacity(partitions.len());
        for want in partitions {
            let bytes = want.max_bytes.min(budget.bytes.saturating_sub(found.bytes));
            let first = budget.at_least_one && found.bytes == 0;
            let outcome = want.source.as_ref().map_err(|e| *e).and_then(|(_, partition)| {
                partition.read(want.offset, bytes, budget.isolation, first).map_err(|e| refused(&e))
            });
            match &outcome {
                Ok(fetched) => found.bytes += fetched.records.len(),
                Err(_) => found.failed = true,
            }
            let offsets = want.source.as_ref().ok().map(|(_, partition)| partition.offsets());
            read.push((want.index, outcome, offsets));
        }
        found.topics.push((name.clone(), read));
    }
    found
}

fn refused(error: &storage::Error) -> ResponseError {
    if !matches!(error, storage::Error::OffsetOutOfRange { .. } | storage::Error::Closed) {
        tracing::error!(%error, "records cannot be read");
    }
    code(error)
}

fn count(wanted: &Wishes, found: &Found) {
    for ((_, partitions), (_, read)) in wanted.iter().zip(&found.topics) {
        for (want, (_, outcome, _)) in partitions.iter().zip(read) {
            if let (Ok((topic, _)), Ok(fetched)) = (&want.source, outcome) {
                topic.count_out(fetched.records.len() as u64, records(want.offset, fetched));
            }
        }
    }
}

/// Records from an offset on, told by the headers of their batches.
fn records(from: i64, fetched: &Fetched) -> u64 {
    let of = |header: Header| match header.is_control() {
        true => 0,
        false => {
            (header.next_offset() - header.base_offset.max(from)).clamp(0, i64::from(header.count.max(0)))
        }
    };
    let records: i64 = batches(fetched.records.clone()).map(|(header, _)| of(header)).sum();
    records.unsigned_abs()
}

fn respond(found: Found) -> FetchResponse {
    let topic = |(name, partitions): (TopicName, Vec<Read>)| {
        let partitions =
            partitions.into_iter().map(|(index, outcome, offsets)| partition(index, outcome, offsets));
        FetchableTopicResponse::default().with_topic(name).with_partitions(partitions.collect())
    };
    FetchResponse::default().with_responses(found.topics.into_iter().map(topic).collect())
}

fn partition(index: i32, outcome: Outcome<Fetched>, offsets: Option<Offsets>) -> PartitionData {
    let data = PartitionData::default().with_partition_index(index);
    match outcome {
        Ok(fetched) => {
            let aborted = fetched.aborted.iter().map(|a| {
                AbortedTransaction::default()
                    .with_producer_id(a.producer_id.into())
                    .with_first_offset(a.first_offset)
            });
            data.with_high_watermark(fetched.offsets.end)
                .with_last_stable_offset(fetched.offsets.last_stable)
                .with_log_start_offset(fetched.offsets.start)
                .with_aborted_transactions(Some(aborted.collect()))
                .with_records(Some(fetched.records))
        }
        Err(error) => {
            let data = data.with_error_code(error.code()).with_high_watermark(-1);
            match offsets {
                Some(offsets) => data
                    .with_high_watermark(offsets.end)
                    .with_last_stable_offset(offsets.last_stable)
                    .with_log_start_offset(offsets.start),
                None => data,
            }
        }
    }
}
