//! One conversation with a `git http-backend`.

use std::{io, pin::pin, process::Stdio, time::Duration};

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::cgi::{self, Head};
use crate::{Error, Result};

/// How long Git waits for a client in all before it has moved [`PACE`] bytes. A place in the queue of conversations is
/// held meanwhile.
const IDLE: Duration = Duration::from_secs(60);
const PACE: usize = 4 << 10;
/// How long Git may take to clean up once it was asked to end.
const GRACE: Duration = Duration::from_secs(5);
/// Bytes that are read from Git at a time.
const CHUNK: usize = 64 << 10;
/// Most bytes of complaints that are kept.
const COMPLAINT: usize = 8 << 10;

/// A running `git http-backend`, the leader of its own process group.
pub(super) struct Exchange {
    child: Child,
    pipes: Option<(ChildStdin, ChildStdout, ChildStderr)>,
}

impl Exchange {
    pub(super) fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        let mut child = command.spawn().map_err(Error::io("starting git; is it installed?"))?;
        let pipes = child.stdin.take().zip(child.stdout.take()).zip(child.stderr.take());
        let pipes = pipes.map(|((input, output), complaints)| (input, output, complaints));
        Ok(Self { child, pipes })
    }

    /// Carries the request's body to Git and its answer to `output`, until Git is done, the client left or the
    /// platform stops. No process of it runs afterwards. Says whether the answer is whole.
    pub(super) async fn run<B>(
        &mut self,
        body: B,
        head: oneshot::Sender<Result<Head>>,
        output: &mpsc::Sender<Bytes>,
        stop: &CancellationToken,
    ) -> bool
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let Some((stdin, stdout, stderr)) = self.pipes.take() else { return false };
        let mut complaint = pin!(collect(stderr));
        let mut early = None;
        let done = {
            let mut talk = pin!(async {
                tokio::select! {
                    done = answer(stdout, head, output) => done,
                    error = feed(body, stdin) => Err(error),
                    () = output.closed() => Err(io::Error::other("the client left")),
                    () = stop.cancelled() => Err(io::Error::other("the platform stops")),
                }
            });
            loop {
                tokio::select! {
                    done = &mut talk => break done,
                    text = &mut complaint, if early.is_none() => early = Some(text),
                }
            }
        };
        if done.is_err() {
            self.signal(Signal::TERM);
        }
        let complaint = match early {
            Some(text) => text,
            None => match timeout(GRACE, &mut complaint).await {
                Ok(text) => text,
                Err(_) => {
                    self.signal(Signal::KILL);
                    complaint.await
                }
            },
        };
        let status = self.reap().await;
        if done.is_err() || !complaint.is_empty() {
            let cut = done.as_ref().err().map(ToString::to_string);
            tracing::debug!(?status, cut, complaint, "git http-backend ended");
        }
        done.is_ok()
    }

    async fn reap(&mut self) -> Option<std::process::ExitStatus> {
        if let Ok(status) = timeout(GRACE, self.child.wait()).await {
            return status.ok();
        }
        self.signal(Signal::KILL);
        self.child.wait().await.ok()
    }

    /// Signals Git and what it started. Only before it was reaped, as its number may be another's then.
    fn signal(&self, signal: Signal) {
        let group = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(Err(error)) = group.map(|group| kill_process_group(group, signal)) {
            tracing::debug!(%error, "signalling git failed");
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Closes an answer that is whole.
pub(super) async fn end(output: &mpsc::Sender<Bytes>) {
    // The client may have left.
    let _ = timeout(IDLE, output.send(Bytes::new())).await;
}

/// Sends Git's output on, the header block apart.
async fn answer(
    mut stdout: ChildStdout,
    head: oneshot::Sender<Result<Head>>,
    output: &mpsc::Sender<Bytes>,
) -> io::Result<()> {
    let mut read = BytesMut::with_capacity(CHUNK);
    let found = loop {
        let more = stdout.read_buf(&mut read).await?;
        match cgi::take(&mut read) {
            Ok(Some(found)) => break found,
            Ok(None) if more > 0 => {}
            bad => {
                let why = bad.err().unwrap_or("no headers");
                let _ = head.send(Err(Error::Git(format!("git http-backend answered with {why}"))));
                return Err(io::Error::other(why));
            }
        }
    };
    let gone = |_| io::Error::other("the client left");
    let mut patience = Patience::default();
    head.send(Ok(found)).map_err(|_| io::Error::other("the client left"))?;
    loop {
        if !read.is_empty() {
            let length = read.len();
            patience.with(output.send(read.split().freeze())).await?.map_err(gone)?;
            patience.moved(length);
        }
        read.reserve(CHUNK);
        if stdout.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
    }
}

/// Writes the request's body to Git. Returns only when that fails on the client's side: Git may end before it has read
/// all, and its answer says why.
async fn feed<B>(body: B, mut stdin: ChildStdin) -> io::Error
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut body = pin!(body);
    let mut patience = Patience::default();
    loop {
        let frame = match patience.with(body.frame()).await {
            Err(late) => return late,
            Ok(Some(Err(error))) => return io::Error::other(error),
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => break,
        };
        let Ok(data) = frame.into_data() else { continue };
        patience.moved(data.len());
        if stdin.write_all(&data).await.is_err() {
            break;
        }
    }
    drop(stdin);
    std::future::pending().await
}

/// How long a client is still waited for. One that moves a byte now and then does not hold its place for ever.
struct Patience {
    left: Duration,
    moved: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self { left: IDLE, moved: 0 }
    }
}

impl Patience {
    /// Waits for the client, and for nothing else: the time that Git takes is not the client's.
    async fn with<F: Future>(&mut self, client: F) -> io::Result<F::Output> {
        let begun = Instant::now();
        let done = timeout(self.left, client).await?;
        self.left = self.left.saturating_sub(begun.elapsed());
        Ok(done)
    }

    fn moved(&mut self, bytes: usize) {
        self.moved += bytes;
        if self.moved >= PACE {
            *self = Self::default();
        }
    }
}

/// The first of what Git complains of; all is read, so that it never waits.
async fn collect(mut stderr: ChildStderr) -> String {
    let (mut kept, mut read) = (Vec::new(), [0; 1024]);
    while let Ok(length @ 1..) = stderr.read(&mut read).await {
        let room = COMPLAINT - kept.len();
        kept.extend_from_slice(&read[..length.min(room)]);
    }
    String::from_utf8_lossy(&kept).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_trickles_is_not_waited_for() {
        let mut patience = Patience::default();
        for _ in 0..100 {
            patience.with(sleep(IDLE / 2)).await.unwrap();
            patience.moved(PACE);
        }
        patience.with(sleep(IDLE / 2)).await.unwrap();
        patience.moved(1);
        assert!(patience.with(sleep(IDLE * 2 / 3)).await.is_err());
    }
}
