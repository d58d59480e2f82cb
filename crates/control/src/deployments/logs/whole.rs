//! A log from its beginning.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream::BoxStream};
use headwater_compute::{Attempt, Error as Refused, LogChunk, LogSource};

use super::{
    CHUNK,
    lines::{entries, signed},
};
use crate::{LogEntry, Result, core::Core};

/// A log, in pieces that are read when they are asked for.
pub type Pieces = BoxStream<'static, Result<Vec<LogEntry>>>;

/// How far it was read.
struct At {
    offset: i64,
    /// Where the log ended when it was first looked at.
    size: Option<i64>,
}

/// All that a log holds now, piece by piece. What is written meanwhile is not chased: a busy log would never end.
pub(in crate::deployments) fn whole(core: Arc<Core>, source: LogSource, attempt: Option<Attempt>) -> Pieces {
    let begin = At { offset: 0, size: None };
    futures::stream::try_unfold((begin, core, source, attempt), |(at, core, source, attempt)| async move {
        let Some((chunk, at)) = next(&core, &source, at).await? else { return Ok(None) };
        let entries = entries(&chunk, attempt.as_ref());
        Ok(Some((entries, (at, core, source, attempt))))
    })
    .boxed()
}

async fn next(core: &Core, source: &LogSource, at: At) -> Result<Option<(LogChunk, At)>> {
    match piece(core, source, at).await {
        // There is none, or it left while it was read.
        Err(Refused::UnknownLog) => Ok(None),
        other => Ok(other?),
    }
}

async fn piece(core: &Core, source: &LogSource, at: At) -> headwater_compute::Result<Option<(LogChunk, At)>> {
    let size = match at.size {
        Some(size) => size,
        None => signed(core.runtime.log(source, -1, CHUNK, Duration::ZERO).await?.next),
    };
    let left = usize::try_from(size - at.offset).unwrap_or(0).min(CHUNK);
    if left == 0 {
        return Ok(None);
    }
    let chunk = core.runtime.log(source, at.offset, left, Duration::ZERO).await?;
    let at = At { offset: signed(chunk.next), size: Some(size) };
    Ok((!chunk.bytes.is_empty()).then_some((chunk, at)))
}
