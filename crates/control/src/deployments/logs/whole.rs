//! Logs from their beginning, read as one in the order of time.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream::BoxStream};
use headwater_compute::{Budget, LogPosition, LogQuery, LogSource};
use jiff::Timestamp;

use super::{lines::entry, search::query};
use crate::{LogEntry, Result, core::Core};

/// Logs, in pieces that are read when they are asked for.
pub type Pieces = BoxStream<'static, Result<Vec<LogEntry>>>;

/// What a piece is at most.
const PIECE: Budget = Budget { scanned: 256 << 20, answered: 512 << 10, time: Duration::from_secs(5) };

/// All that the logs hold and that was written between the two times, piece by piece.
pub(in crate::deployments) fn whole(
    core: Arc<Core>,
    sources: Vec<LogSource>,
    from: Option<Timestamp>,
    to: Timestamp,
) -> Pieces {
    let query = move |after: Option<LogPosition>| LogQuery {
        from,
        to: Some(to),
        after,
        levels: false,
        budget: PIECE,
        ..query(sources.clone())
    };
    futures::stream::try_unfold((core, Some(None)), move |(core, at)| {
        let query = at.map(&query);
        async move {
            let Some(query) = query else { return Ok(None) };
            let sources = query.sources.clone();
            let found = core.runtime.search(query).await?;
            let told = found.matches.into_iter().map(|found| {
                let attempt = match &sources[found.source] {
                    LogSource::Run(attempt) => Some(attempt),
                    LogSource::Build(_) => None,
                };
                entry(found.line, attempt)
            });
            let entries: Vec<_> = told.collect();
            Ok(Some((entries, (core, found.next.map(Some)))))
        }
    })
    .boxed()
}
