//! ListOffsets and OffsetForLeaderEpoch: where records are.

use std::collections::HashSet;

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        ListOffsetsRequest, ListOffsetsResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
        TopicName,
        list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse},
        offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult},
    },
};

use super::Context;
use crate::{error::code, groups::Outcome, log::Partition, records::lookup};

/// Instead of a timestamp: the offset after the last record.
const LATEST: i64 = -1;
/// Instead of a timestamp: the first offset kept.
const EARLIEST: i64 = -2;
/// Instead of a timestamp: the record with the largest timestamp.
const MAX_TIMESTAMP: i64 = -3;

/// What is asked of a partition.
struct Sought {
    index: i32,
    timestamp: i64,
    source: Outcome<Partition>,
}

pub(super) async fn list_offsets(cx: &Context, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let (version, committed) = (cx.version, request.isolation_level == 1);
    let sought = sought(cx, request);
    let by_time =
        sought.iter().flat_map(|(_, sought)| sought).any(|s| !matches!(s.timestamp, LATEST | EARLIEST));
    let answer = move || answer(version, committed, sought);
    match by_time {
        // Segments are walked and batches unpacked, which is no work for those who serve connections.
        true => tokio::task::spawn_blocking(answer).await.unwrap_or_default(),
        false => answer(),
    }
}

/// What is asked, each partition once.
fn sought(cx: &Context, request: ListOffsetsRequest) -> Vec<(TopicName, Vec<Sought>)> {
    let mut seen = HashSet::new();
    let topics = request.topics.into_iter().map(|topic| {
        let mut partitions = topic.partitions;
        partitions.retain(|p| seen.insert((topic.name.clone(), p.partition_index)));
        let partitions = partitions.into_iter().map(|p| {
            let source = match p.current_leader_epoch {
                1.. => Err(ResponseError::UnknownLeaderEpoch),
                _ => cx.partition(&topic.name, p.partition_index, Action::Read).map(|(_, found)| found),
            };
            Sought { index: p.partition_index, timestamp: p.timestamp, source }
        });
        (topic.name.clone(), partitions.collect())
    });
    topics.collect()
}

fn answer(version: i16, committed: bool, sought: Vec<(TopicName, Vec<Sought>)>) -> ListOffsetsResponse {
    let partition = |sought: Sought| {
        let found = sought.source.and_then(|p| find(version, &p, sought.timestamp, committed));
        let response = ListOffsetsPartitionResponse::default().with_partition_index(sought.index);
        match found {
            Ok((offset, timestamp)) => {
                let epoch = if version >= 4 { 0 } else { -1 };
                response.with_offset(offset).with_timestamp(timestamp).with_leader_epoch(epoch)
            }
            Err(error) => response.with_error_code(error.code()).with_offset(-1).with_timestamp(-1),
        }
    };
    let topics = sought.into_iter().map(|(name, sought)| {
        let partitions = sought.into_iter().map(partition).collect();
        ListOffsetsTopicResponse::default().with_partitions(partitions).with_name(name)
    });
    ListOffsetsResponse::default().with_topics(topics.collect())
}

/// The offset for a timestamp, and the timestamp of its record; −1 where there is none.
fn find(version: i16, partition: &Partition, timestamp: i64, committed: bool) -> Outcome<(i64, i64)> {
    let offsets = partition.offsets();
    let end = if committed { offsets.last_stable } else { offsets.end };
    let found = match timestamp {
        LATEST => return Ok((end, -1)),
        EARLIEST => return Ok((offsets.start, -1)),
        MAX_TIMESTAMP if version >= 7 => lookup::max_timestamp(partition),
        0.. => lookup::at_time(partition, timestamp),
        _ => return Err(ResponseError::InvalidRequest),
    };
    let found = found.map_err(|e| code(&e))?.filter(|(offset, _)| *offset < end);
    Ok(found.unwrap_or((-1, -1)))
}

pub(super) fn offset_for_leader_epoch(
    cx: &Context,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|p| {
            let response = EpochEndOffset::default().with_partition(p.partition);
            let found = match p.current_leader_epoch {
                1.. => Err(ResponseError::UnknownLeaderEpoch),
                _ => cx.partition(&topic.topic, p.partition, Action::Read),
            };
            match found {
                Ok((_, partition)) => {
                    let (epoch, end) = partition.end_offset_for_epoch(p.leader_epoch);
                    response.with_leader_epoch(epoch).with_end_offset(end)
                }
                Err(error) => response.with_error_code(error.code()),
            }
        });
        OffsetForLeaderTopicResult::default()
            .with_partitions(partitions.collect())
            .with_topic(topic.topic.clone())
    });
    OffsetForLeaderEpochResponse::default().with_topics(topics.collect())
}
