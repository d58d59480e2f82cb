//! ListOffsets and OffsetForLeaderEpoch: where records are.

use headwater_model::Action;
use kafka_protocol::{
    ResponseError,
    messages::{
        ListOffsetsRequest, ListOffsetsResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
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

pub(super) fn list_offsets(cx: &Context, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let committed = request.isolation_level == 1;
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|p| {
            let found = match p.current_leader_epoch {
                1.. => Err(ResponseError::UnknownLeaderEpoch),
                _ => cx.partition(&topic.name, p.partition_index, Action::Read),
            };
            let found = found.and_then(|(_, partition)| find(cx.version, &partition, p.timestamp, committed));
            let response = ListOffsetsPartitionResponse::default().with_partition_index(p.partition_index);
            match found {
                Ok((offset, timestamp)) => {
                    let epoch = if cx.version >= 4 { 0 } else { -1 };
                    response.with_offset(offset).with_timestamp(timestamp).with_leader_epoch(epoch)
                }
                Err(error) => response.with_error_code(error.code()).with_offset(-1).with_timestamp(-1),
            }
        });
        ListOffsetsTopicResponse::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name.clone())
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
