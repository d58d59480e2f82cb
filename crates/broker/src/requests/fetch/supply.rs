//! How much there is to read, kept up to date while more is waited for, without reading any of it.

use std::pin::Pin;

use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::{
    sync::watch,
    time::{Instant, Sleep},
};

use super::{Context, Wishes};
use crate::{
    log::{Isolation, Offsets, Partition},
    storage::Result,
};

/// About how many bytes each partition can give.
pub(super) struct Supply {
    each: Vec<u64>,
    bytes: u64,
    /// A partition cannot be read, which is an answer too.
    failed: bool,
    /// What there is was read already and did not suffice.
    stale: bool,
}

impl Supply {
    pub(super) fn of(wanted: &Wishes, isolation: Isolation) -> Self {
        let mut supply = Self { each: Vec::new(), bytes: 0, failed: false, stale: false };
        for want in wanted.iter().flat_map(|(_, partitions)| partitions) {
            let amount = match &want.source {
                Ok((_, partition)) => amount(partition, (want.offset, want.max_bytes), isolation),
                Err(_) => {
                    supply.failed = true;
                    Ok(0)
                }
            };
            supply.each.push(0);
            supply.note(supply.each.len() - 1, amount);
        }
        supply
    }

    /// All partitions together.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether it is time to read.
    pub(super) fn suffices(&self, least: u64) -> bool {
        !self.stale && (self.failed || self.bytes >= least)
    }

    /// Nothing suffices until something changes.
    pub(super) fn forget(&mut self) {
        self.stale = true;
    }

    fn note(&mut self, number: usize, amount: Result<u64>) {
        self.stale = false;
        match amount {
            Ok(amount) => {
                self.bytes = self.bytes - self.each[number] + amount;
                self.each[number] = amount;
            }
            Err(_) => self.failed = true,
        }
    }
}

/// What a partition can give to this request. Something is something even where less than a batch is allowed.
fn amount(partition: &Partition, (offset, most): (i64, usize), isolation: Isolation) -> Result<u64> {
    Ok(partition.available(offset, isolation)?.min((most as u64).max(1)))
}

/// A partition that is waited for.
struct Watched {
    /// Its place among those that are wanted.
    number: usize,
    partition: Partition,
    /// From where on it is to be read, and how many bytes at most.
    range: (i64, usize),
    changes: watch::Receiver<Offsets>,
}

/// Waits for changes of partitions; each is looked at again only when it has changed.
pub(super) struct Waiting {
    watched: FuturesUnordered<BoxFuture<'static, Watched>>,
    deadline: Pin<Box<Sleep>>,
}

impl Waiting {
    pub(super) fn new(wanted: &Wishes, deadline: Instant) -> Self {
        let wanted = wanted.iter().flat_map(|(_, partitions)| partitions).enumerate();
        let sources = wanted.filter_map(|(number, want)| Some((number, want, want.source.as_ref().ok()?)));
        let watched = sources.map(|(number, want, (_, partition))| {
            let (range, changes) = ((want.offset, want.max_bytes), partition.subscribe());
            next(Watched { number, partition: partition.clone(), range, changes })
        });
        Self { watched: watched.collect(), deadline: Box::pin(tokio::time::sleep_until(deadline)) }
    }

    /// Waits for a change and takes it into account; false when the time is up or nobody waits any more.
    pub(super) async fn changed(&mut self, cx: &Context, supply: &mut Supply, isolation: Isolation) -> bool {
        tokio::select! {
            Some(seen) = self.watched.next() => {
                supply.note(seen.number, amount(&seen.partition, seen.range, isolation));
                self.watched.push(next(seen));
                true
            }
            () = self.deadline.as_mut() => false,
            () = cx.gone.cancelled() => false,
        }
    }
}

fn next(mut watched: Watched) -> BoxFuture<'static, Watched> {
    Box::pin(async move {
        // The sender lives as long as the partition that is held here.
        let _ = watched.changes.changed().await;
        watched
    })
}
