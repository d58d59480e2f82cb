//! The build log: phases with their times, output of tools, and the reason of a failure.

use std::{io, path::Path, time::Instant};

use parking_lot::Mutex;

use crate::{
    BuildPhase, Error, Result, Stream,
    log::{self, Lines, LogWriter},
};

/// Output that is looked through for the reason of a failure, in lines.
const REMEMBERED: usize = 200;

/// Writes the log of one build. It ends the log when it goes.
pub(super) struct Report {
    inner: Mutex<Inner>,
    began: Instant,
    folder: std::path::PathBuf,
}

struct Inner {
    log: LogWriter,
    recent: std::collections::VecDeque<String>,
}

impl Report {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let io = || Error::io("opening the build log");
        // A build that was cut short begins again under its id, and its log goes on.
        log::resume(folder).map_err(io())?;
        let log = LogWriter::open(folder).map_err(io())?;
        let inner = Mutex::new(Inner { log, recent: Default::default() });
        Ok(Self { inner, began: Instant::now(), folder: folder.to_owned() })
    }

    /// Says what is being done.
    pub(super) fn phase(&self, phase: BuildPhase, text: &str) {
        let word = match phase {
            BuildPhase::Resolving => "resolving",
            BuildPhase::Installing => "installing",
            BuildPhase::Copying => "copying",
            BuildPhase::Ready => "ready",
        };
        self.say(&format!("[{:.1} s] {word}: {text}", self.began.elapsed().as_secs_f64()));
    }

    /// Says something.
    pub(super) fn say(&self, text: &str) {
        let outcome = self.inner.lock().log.remark(text);
        warn(outcome);
    }

    /// Output of a tool.
    pub(super) fn output(&self, lines: &mut Lines, bytes: &[u8]) {
        let mut out = Vec::new();
        let mut inner = self.inner.lock();
        let now = inner.log.now();
        match bytes.is_empty() {
            true => lines.finish(now, &mut out),
            false => lines.feed(bytes, now, &mut out),
        }
        for line in String::from_utf8_lossy(&out).lines() {
            if inner.recent.len() == REMEMBERED {
                inner.recent.pop_front();
            }
            inner.recent.extend(line.splitn(3, ' ').nth(2).map(str::to_owned));
        }
        let outcome = inner.log.append(&out);
        drop(inner);
        warn(outcome.map_err(io::Error::from));
    }

    /// The output so far, at most the last lines.
    pub(super) fn recent(&self) -> Vec<String> {
        self.inner.lock().recent.iter().cloned().collect()
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        warn(log::end(&self.folder));
    }
}

/// A build goes on without its log.
fn warn(outcome: io::Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "writing a build log");
    }
}

/// Both outputs of a tool.
pub(super) fn lines() -> (Lines, Lines) {
    (Lines::new(Stream::Out), Lines::new(Stream::Err))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_a_build_that_begins_again_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        drop(Report::open(dir.path()).unwrap());
        assert!(log::ended(dir.path()));
        let again = Report::open(dir.path()).unwrap();
        assert!(!log::ended(dir.path()));
        drop(again);
        assert!(log::ended(dir.path()));
    }
}
