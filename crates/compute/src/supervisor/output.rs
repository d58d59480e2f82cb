//! A program's output on its way into the log.

use std::{io, path::Path, time::Duration};

use jiff::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::unix::pipe,
    process::{ChildStderr, ChildStdout},
    time::{Instant, timeout_at},
};

use super::outcome::Causes;
use crate::{
    Keeping, Stream,
    log::{Lines, LogWriter},
};

/// Output taken at a time, in bytes.
const READ: usize = 32 * 1024;
/// Longest that output is taken after the program has ended.
const LEFT: Duration = Duration::from_secs(2);

/// The log of a run. When the disk takes no more the run goes on: what cannot be kept is counted, and told later.
pub(super) struct Journal {
    log: LogWriter,
    lost: usize,
    why: String,
}

impl Journal {
    /// The log in `folder`, which is one of `all`.
    pub(super) fn open(folder: &Path, keeping: Keeping, all: &Path) -> io::Result<Self> {
        let log = LogWriter::open(folder)?.keeping(keeping, Some(all));
        Ok(Self { log, lost: 0, why: String::new() })
    }

    /// The time for lines that are written now.
    fn now(&mut self) -> Timestamp {
        self.log.now()
    }

    pub(super) fn append(&mut self, lines: &[u8]) {
        let kept = match self.tell_lost() {
            Ok(()) => self.log.append(lines).map_err(|unkept| (unkept.kept, unkept.into())),
            Err(error) => Err((0, error)),
        };
        if let Err((kept, error)) = kept {
            self.lost += lines[kept..].iter().filter(|byte| **byte == b'\n').count();
            self.why = error.to_string();
        }
    }

    pub(super) fn remark(&mut self, text: &str) {
        // A remark that cannot be kept is told in other places as well.
        let _ = self.tell_lost().and_then(|()| self.log.remark(text));
    }

    fn tell_lost(&mut self) -> io::Result<()> {
        if self.lost > 0 {
            self.log.remark(&format!("{} lines of output could not be kept: {}", self.lost, self.why))?;
            self.lost = 0;
        }
        Ok(())
    }
}

/// Both outputs of a program on their way into the log.
pub(super) struct Output<'a> {
    out: Option<pipe::Receiver>,
    err: Option<pipe::Receiver>,
    out_lines: Lines,
    err_lines: Lines,
    out_bytes: Vec<u8>,
    err_bytes: Vec<u8>,
    causes: &'a mut Causes,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        out: Option<std::process::ChildStdout>,
        err: Option<std::process::ChildStderr>,
        causes: &'a mut Causes,
    ) -> io::Result<Self> {
        let out = out.map(|out| ChildStdout::from_std(out)?.into_owned_fd()).transpose()?;
        let err = err.map(|err| ChildStderr::from_std(err)?.into_owned_fd()).transpose()?;
        Ok(Self {
            out: out.map(pipe::Receiver::from_owned_fd).transpose()?,
            err: err.map(pipe::Receiver::from_owned_fd).transpose()?,
            out_lines: Lines::new(Stream::Out),
            err_lines: Lines::new(Stream::Err),
            out_bytes: vec![0; READ],
            err_bytes: vec![0; READ],
            causes,
        })
    }

    /// Moves what is there on one of the two outputs; waits when there is nothing. The program waits in turn while
    /// the disk is slower than it.
    pub(super) async fn pump(&mut self, log: &mut Journal) -> io::Result<()> {
        let mut lines = Vec::new();
        tokio::select! {
            read = some(&mut self.out, &mut self.out_bytes) => match read? {
                0 => { self.out = None; self.out_lines.finish(log.now(), &mut lines); }
                n => self.out_lines.feed(&self.out_bytes[..n], log.now(), &mut lines),
            },
            read = some(&mut self.err, &mut self.err_bytes) => {
                match read? {
                    0 => { self.err = None; self.err_lines.finish(log.now(), &mut lines); }
                    n => self.err_lines.feed(&self.err_bytes[..n], log.now(), &mut lines),
                }
                self.causes.remember(&lines);
            }
        }
        log.append(&lines);
        Ok(())
    }

    /// Moves what is left once the program has ended. Someone else may still hold an output open, so this is bounded.
    pub(super) async fn drain(&mut self, log: &mut Journal) -> io::Result<()> {
        let bound = Instant::now() + LEFT;
        // The clock is asked as well: a read that always finds something never waits.
        while (self.out.is_some() || self.err.is_some()) && Instant::now() < bound {
            match timeout_at(bound, self.pump(log)).await {
                Ok(moved) => moved?,
                Err(_) => break,
            }
        }
        let mut lines = Vec::new();
        self.out_lines.finish(log.now(), &mut lines);
        self.err_lines.finish(log.now(), &mut lines);
        log.append(&lines);
        Ok(())
    }
}

async fn some(output: &mut Option<impl AsyncRead + Unpin>, bytes: &mut [u8]) -> io::Result<usize> {
    match output {
        Some(output) => output.read(bytes).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_kept_is_told_later() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), Keeping::default(), folder.path()).unwrap();
        journal.append(b"t out first\n");
        let text = || {
            let path = folder.path().join(format!("{:020}.log", 0));
            std::fs::read_to_string(path).unwrap()
        };
        let full = Journal { log: LogWriter::full(folder.path()).unwrap(), lost: 0, why: String::new() };
        let open = std::mem::replace(&mut journal, full);
        journal.append(b"t out second\nt out third\n");
        journal.append(b"t out fourth\n");
        assert_eq!((journal.lost, text().as_str()), (3, "t out first\n"));
        journal.log = open.log;
        journal.append(b"t out fifth\n");
        assert!(text().contains("platform 3 lines of output could not be kept: No space left"), "{}", text());
        assert!(text().ends_with("t out fifth\n"));
    }
}
