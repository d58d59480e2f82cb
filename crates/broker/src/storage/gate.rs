//! Group commit: whoever waits for durability shares a sync with all who wait at that time.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Error, Result, Syncer};

/// What a gate makes durable.
pub(crate) trait Target: Send + Sync + 'static {
    /// Makes durable all that is written; returns the position after it. `commit` is called as soon as waiters
    /// may be answered; what follows in the same call is house-keeping.
    fn sync(&self, commit: &mut dyn FnMut(i64)) -> Result<()>;
}

/// How far a log is durable.
#[derive(Debug, Clone, Default)]
struct Progress {
    /// All before this position is durable.
    covered: i64,
    /// A sync is under way.
    busy: bool,
    /// A sync failed: nothing more will be durable.
    failed: Option<Error>,
}

/// The gate of one log.
pub(crate) struct Gate {
    progress: watch::Sender<Progress>,
}

impl Gate {
    /// A gate for a log that is durable up to `covered`.
    pub(crate) fn new(covered: i64) -> Self {
        Self { progress: watch::Sender::new(Progress { covered, ..Progress::default() }) }
    }

    /// Fails once a sync has failed.
    pub(crate) fn check(&self) -> Result<()> {
        match &self.progress.borrow().failed {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// Whether all before `position` is durable.
    pub(crate) fn covers(&self, position: i64) -> bool {
        self.progress.borrow().covered >= position
    }

    /// Ends all writing and waiting with `error`; the first failure stays.
    pub(crate) fn fail(&self, error: Error) -> Error {
        let mut kept = error.clone();
        self.progress.send_modify(|p| kept = p.failed.get_or_insert(error).clone());
        kept
    }

    /// Waits until all before `position` is durable, starting a sync of `target` when none is under way.
    pub(crate) async fn wait<T: Target>(
        self: &Arc<Self>,
        syncer: &Syncer,
        target: &Arc<T>,
        position: i64,
    ) -> Result<()> {
        let mut progress = self.progress.subscribe();
        loop {
            if self.claim(position)? {
                self.lead_elsewhere(syncer, target);
            }
            let done = |p: &Progress| p.covered >= position || p.failed.is_some() || !p.busy;
            progress.wait_for(done).await.map_err(|_| Error::Closed)?;
            if progress.borrow().covered >= position {
                return Ok(());
            }
        }
    }

    /// Runs a sync here and now; blocks. Only a failed sync ends the log, other failures are the caller's.
    pub(crate) fn run(&self, sync: impl FnOnce(&mut dyn FnMut(i64)) -> Result<()>) -> Result<()> {
        let outcome =
            sync(&mut |position| self.progress.send_modify(|p| p.covered = p.covered.max(position)));
        outcome.map_err(|error| match error {
            Error::ReadOnly(_) => self.settle(error),
            other => other,
        })
    }

    /// Starts a sync that nobody waits for, unless one is under way.
    pub(crate) fn start<T: Target>(self: &Arc<Self>, syncer: &Syncer, target: &Arc<T>) {
        if let Ok(true) = self.claim(i64::MAX) {
            self.lead_elsewhere(syncer, target);
        }
    }

    fn lead_elsewhere<T: Target>(self: &Arc<Self>, syncer: &Syncer, target: &Arc<T>) {
        let (gate, target) = (self.clone(), target.clone());
        syncer.run(move || gate.lead(&*target));
    }

    /// Whether the caller has to lead a sync to reach `position`.
    fn claim(&self, position: i64) -> Result<bool> {
        let mut outcome = Ok(false);
        self.progress.send_if_modified(|p| {
            outcome = match &p.failed {
                Some(error) => Err(error.clone()),
                None => Ok(p.covered < position && !p.busy),
            };
            p.busy |= matches!(outcome, Ok(true));
            false
        });
        outcome
    }

    /// Leads a claimed sync. The next may begin once waiters are answered; whatever happens, the gate is free after.
    fn lead(&self, target: &dyn Target) {
        let mut free = Free { gate: self, committed: false, done: false };
        let outcome = target.sync(&mut |position| {
            free.committed = true;
            self.progress.send_modify(|p| {
                p.covered = p.covered.max(position);
                p.busy = false;
            });
        });
        free.done = true;
        if let Err(error) = outcome {
            self.settle(error);
        }
    }

    /// Makes a failed sync final.
    fn settle(&self, error: Error) -> Error {
        let error = match error {
            Error::Closed | Error::ReadOnly(_) => error,
            other => Error::ReadOnly(other.to_string()),
        };
        tracing::error!(%error, "sync failed, the log is read-only from now on");
        self.fail(error)
    }
}

/// Frees the gate of a leader that is gone; one that panicked has failed.
struct Free<'a> {
    gate: &'a Gate,
    committed: bool,
    done: bool,
}

impl Drop for Free<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.gate.fail(Error::ReadOnly("the sync was cut short".into()));
        }
        if !self.committed {
            self.gate.progress.send_modify(|p| p.busy = false);
        }
    }
}
