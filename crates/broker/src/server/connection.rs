//! One client's connection: requests in, answers out, in order.

use std::{io, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesOrdered};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::{mpsc, watch},
};
use tokio_util::sync::CancellationToken;

use super::{
    decode::Malformed,
    frame::{Frames, NoFrame},
    listener::Listener,
    session::{Leave, Reply, Session},
};

/// Produce requests of a connection that wait for their acknowledgement at once.
const IN_FLIGHT: usize = 64;
/// Requests read ahead of the one that is served.
const READ_AHEAD: usize = 1;
/// Answers are sent together up to about this many bytes.
const COALESCE: usize = 64 * 1024;
/// How often credentials are looked at again. A change of them does not wait for the client's next request.
const RECHECK: Duration = Duration::from_secs(2);

/// Serves a connection to its end.
pub(super) async fn serve(listener: &Listener, socket: TcpStream) {
    let Ok(peer) = socket.peer_addr() else { return };
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%peer, %error, "connection ends");
        return;
    }
    let (reader, writer) = socket.into_split();
    let gone = CancellationToken::new();
    let session = Session::new(listener, format!("/{}", peer.ip()), gone.clone());
    let (leave, leaves) = watch::channel(session.leave());
    let (frames, requests) = mpsc::channel(READ_AHEAD);
    let mut answering = Answering { listener, session, writer, leave, waiting: FuturesOrdered::new() };
    let stopped = async {
        tokio::select! {
            () = listener.shutdown.cancelled() => {}
            () = listener.broker.stop.cancelled() => {}
        }
    };
    let reading = async {
        // Whoever is waited for learns that nobody waits any more.
        let _gone = gone.drop_guard();
        tokio::select! {
            () = stopped => Ok(()),
            unwelcome = unwelcome(listener, leaves.clone()) => Err(unwelcome),
            outcome = read(listener, reader, frames, leaves) => outcome,
        }
    };
    let (read, answered) = tokio::join!(reading, answering.run(requests));
    match (read, answered) {
        (Err(error @ (NoFrame::Size(..) | NoFrame::Revoked)), _) => {
            tracing::warn!(%peer, %error, "connection ends")
        }
        (_, Err(End::Malformed(error))) => tracing::warn!(%peer, %error, "connection ends"),
        (Err(error), _) => tracing::debug!(%peer, %error, "connection ends"),
        (_, Err(error)) => tracing::debug!(%peer, %error, "connection ends"),
        (Ok(()), Ok(())) => {}
    }
}

/// Reads requests until the client ends, is silent for too long, or nobody takes them any more.
async fn read(
    listener: &Listener,
    reader: OwnedReadHalf,
    requests: mpsc::Sender<Bytes>,
    leave: watch::Receiver<Leave>,
) -> Result<(), NoFrame> {
    let mut frames = Frames::new(reader);
    let idle = listener.broker.options.idle_timeout;
    loop {
        let next = frames.next(|| leave.borrow().sizes);
        let frame = tokio::select! {
            () = requests.closed() => return Ok(()),
            frame = tokio::time::timeout(idle, next) => frame.unwrap_or(Err(NoFrame::Closed))?,
        };
        listener.broker.instruments.received.inc_by(frame.len() as u64);
        if requests.send(frame).await.is_err() {
            return Ok(());
        }
    }
}

/// Waits until the client is no longer to be listened to: it has not said in time who it is, or what it said no
/// longer holds.
async fn unwelcome(listener: &Listener, mut leave: watch::Receiver<Leave>) -> NoFrame {
    let broker = &listener.broker;
    let known = leave.wait_for(|leave| leave.known);
    let login = match tokio::time::timeout(broker.options.login_timeout, known).await {
        Err(_) => return NoFrame::Stranger,
        Ok(leave) => leave.ok().and_then(|leave| leave.login.clone()),
    };
    let Some(login) = login else { return std::future::pending().await };
    let access = broker.gate.access();
    while login.stands(&*access) {
        tokio::time::sleep(RECHECK).await;
    }
    NoFrame::Revoked
}

/// Why a connection ends from our side.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    Io(#[from] io::Error),
}

type Waiting = BoxFuture<'static, Result<Bytes, Malformed>>;

struct Answering<'a> {
    listener: &'a Listener,
    session: Session<'a>,
    writer: OwnedWriteHalf,
    leave: watch::Sender<Leave>,
    waiting: FuturesOrdered<Waiting>,
}

impl Answering<'_> {
    /// Serves requests one after the other, as Kafka does; only Produce leaves its acknowledgement behind, so that
    /// many share one sync.
    async fn run(&mut self, mut requests: mpsc::Receiver<Bytes>) -> Result<(), End> {
        loop {
            let frame = tokio::select! {
                biased;
                Some(answer) = self.waiting.next(), if !self.waiting.is_empty() => {
                    self.send(answer?).await?;
                    continue;
                }
                frame = requests.recv(), if self.waiting.len() < IN_FLIGHT => frame,
            };
            let Some(frame) = frame else {
                return self.drain().await;
            };
            if !self.session.is_produce(&frame) {
                self.drain().await?;
            }
            match self.session.handle(frame).await? {
                Reply::Now(bytes) => self.send_in_turn(bytes).await?,
                // The room is given back once the client has the answer.
                Reply::Fetched(bytes, _room) => self.send_in_turn(bytes).await?,
                Reply::Later(answer) => self.waiting.push_back(answer),
                Reply::Silence => {}
                Reply::Last(bytes) => return self.send_in_turn(bytes).await,
            }
            self.leave.send_if_modified(|leave| {
                let changed = leave.known != self.session.is_known();
                if changed {
                    *leave = self.session.leave();
                }
                changed
            });
        }
    }

    async fn drain(&mut self) -> Result<(), End> {
        while let Some(answer) = self.waiting.next().await {
            self.send(answer?).await?;
        }
        Ok(())
    }

    async fn send_in_turn(&mut self, bytes: Bytes) -> Result<(), End> {
        self.drain().await?;
        Ok(self.write(&bytes).await?)
    }

    /// Writes to a client that takes it: one that takes nothing, or hardly anything, would hold the memory of its
    /// answers for ever.
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.listener.broker.instruments.sent.inc_by(bytes.len() as u64);
        let options = &self.listener.broker.options;
        let (writer, stalled) = (&mut self.writer, options.write_timeout);
        let write = async {
            let mut rest = bytes;
            while !rest.is_empty() {
                match tokio::time::timeout(stalled, writer.write(rest)).await?? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    written => rest = &rest[written..],
                }
            }
            Ok(())
        };
        tokio::time::timeout(options.idle_timeout, write).await?
    }

    /// Sends an answer together with those behind it that are ready.
    async fn send(&mut self, first: Bytes) -> Result<(), End> {
        let mut together: Option<BytesMut> = None;
        while let Some(Some(next)) = self.waiting.next().now_or_never() {
            let bytes = together.get_or_insert_with(|| BytesMut::from(&first[..]));
            bytes.extend_from_slice(&next?);
            if bytes.len() >= COALESCE {
                break;
            }
        }
        match together {
            Some(bytes) => self.write(&bytes).await?,
            None => self.write(&first).await?,
        }
        Ok(())
    }
}
