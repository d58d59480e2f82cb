//! Fetch: record batches out, as soon as there are some.

use std::{sync::Arc, time::Duration};

use futures::future::select_all;
use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        FetchRequest, FetchResponse, TopicName,
        fetch_response::{AbortedTransaction, FetchableTopicResponse, PartitionData},
    },
};
use tokio::sync::watch;

use super::Context;
use crate::{
    catalogue::Topic,
    error::code,
    groups::Outcome,
    log::{Fetched, Isolation, Offsets, Partition},
    storage,
};

/// Most bytes of one answer, whatever the client allows.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A partition that is asked for.
struct Wanted {
    index: i32,
    offset: i64,
    max_bytes: usize,
    source: Outcome<(Arc<Topic>, Partition)>,
}

/// What one look at all partitions finds.
struct Found {
    topics: Vec<(TopicName, Vec<(i32, Outcome<Fetched>, Option<Offsets>)>)>,
    bytes: usize,
    failed: bool,
}

pub(super) async fn fetch(cx: &Context, request: FetchRequest) -> FetchResponse {
    if request.session_id != 0 {
        // There are no sessions: every fetch names all of its partitions.
        return FetchResponse::default().with_error_code(ResponseError::FetchSessionIdNotFound.code());
    }
    let isolation = match request.isolation_level {
        1 => Isolation::ReadCommitted,
        _ => Isolation::ReadUncommitted,
    };
    let most = usize::try_from(request.max_bytes).unwrap_or(0).min(MAX_BYTES);
    let least = usize::try_from(request.min_bytes).unwrap_or(0);
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let wanted = wanted(cx, request);
    let enough = |found: &Found| found.failed || found.bytes >= least || wait.is_zero();
    let mut found = look(&wanted, most, isolation);
    if !enough(&found) {
        let deadline = tokio::time::Instant::now() + wait;
        let mut changes = subscribe(&wanted);
        loop {
            // Looked at again after subscribing, so that no append is missed.
            found = look(&wanted, most, isolation);
            if enough(&found) || !changed(cx, &mut changes, deadline).await {
                break;
            }
        }
    }
    count(&wanted, &found);
    respond(found)
}

fn wanted(cx: &Context, request: FetchRequest) -> Vec<(TopicName, Vec<Wanted>)> {
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

/// Reads what there is. The first batch is given even when it is larger than allowed, so that readers get past it.
fn look(wanted: &[(TopicName, Vec<Wanted>)], most: usize, isolation: Isolation) -> Found {
    let mut found = Found { topics: Vec::with_capacity(wanted.len()), bytes: 0, failed: false };
    for (name, partitions) in wanted {
        let mut read = Vec::with_capacity(partitions.len());
        for want in partitions {
            let budget = want.max_bytes.min(most.saturating_sub(found.bytes));
            let first = found.bytes == 0;
            let outcome = want.source.as_ref().map_err(|e| *e).and_then(|(_, partition)| {
                partition.read(want.offset, budget, isolation, first).map_err(|e| refused(&e))
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

fn subscribe(wanted: &[(TopicName, Vec<Wanted>)]) -> Vec<watch::Receiver<Offsets>> {
    let partitions = wanted.iter().flat_map(|(_, partitions)| partitions);
    partitions.filter_map(|w| w.source.as_ref().ok()).map(|(_, partition)| partition.subscribe()).collect()
}

/// Waits until a partition changes; false when the time is up or nobody waits any more.
async fn changed(
    cx: &Context,
    changes: &mut [watch::Receiver<Offsets>],
    deadline: tokio::time::Instant,
) -> bool {
    let any = async {
        match changes.is_empty() {
            true => std::future::pending().await,
            false => drop(select_all(changes.iter_mut().map(|c| Box::pin(c.changed()))).await),
        }
    };
    tokio::select! {
        () = any => true,
        () = tokio::time::sleep_until(deadline) => false,
        () = cx.gone.cancelled() => false,
    }
}

fn count(wanted: &[(TopicName, Vec<Wanted>)], found: &Found) {
    for ((_, partitions), (_, read)) in wanted.iter().zip(&found.topics) {
        for (want, (_, outcome, _)) in partitions.iter().zip(read) {
            if let (Ok((topic, _)), Ok(fetched)) = (&want.source, outcome) {
                topic.count_out(fetched.records.len() as u64);
            }
        }
    }
}

fn respond(found: Found) -> FetchResponse {
    let topic = |(name, partitions): (TopicName, Vec<(i32, Outcome<Fetched>, Option<Offsets>)>)| {
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
