//! One socket: reads what the client asks, writes what its channels carry.

use std::{collections::HashMap, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    channel,
    protocol::{Reply, Request},
};
use crate::{App, error::Error, extract::Credential, request_id::Scope};

/// Channels on one socket.
const MAX_CHANNELS: usize = 64;
/// Frames that wait for a slow client before its channels wait too.
const BACKLOG: usize = 64;
/// A client that takes no frame for so long is gone.
const STALLED: Duration = Duration::from_secs(30);
const PING: Duration = Duration::from_secs(15);
/// How often the credential is asked for again, so that a revoked one ends the socket.
const RECHECK: Duration = Duration::from_secs(1);

/// Serves a socket until either side ends it.
pub(super) async fn run(app: App, credential: Credential, socket: WebSocket) {
    let _open = app.instruments.open_socket();
    let (sink, stream) = socket.split();
    let (out, frames) = mpsc::channel(BACKLOG);
    let mut session = Session { app, credential, out, channels: HashMap::new(), tasks: JoinSet::new() };
    tokio::select! {
        () = write(sink, frames) => {}
        () = session.read(stream) => {}
    }
}

struct Session {
    app: App,
    credential: Credential,
    out: mpsc::Sender<Reply>,
    channels: HashMap<u64, AbortHandle>,
    /// Dropped with the session, which ends them all.
    tasks: JoinSet<()>,
}

impl Session {
    async fn read(&mut self, mut stream: SplitStream<WebSocket>) {
        let mut ping = interval(PING);
        let mut recheck = interval(RECHECK);
        recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        if self.answer(&text).await.is_err() {
                            return;
                        }
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                },
                _ = ping.tick() => {
                    // A full backlog says by itself that the client is not keeping up.
                    let _ = self.out.try_send(Reply::Ping);
                }
                _ = recheck.tick() => {
                    if self.credential.authenticate(&self.app.control).await.is_err() {
                        return;
                    }
                }
                Some(_) = self.tasks.join_next() => {
                    self.channels.retain(|_, task| !task.is_finished());
                }
            }
        }
    }

    /// Does what a frame asks. An error ends the socket: the caller is not known any more, or speaks nonsense.
    async fn answer(&mut self, text: &str) -> Result<(), Error> {
        match serde_json::from_str(text).map_err(|error| Error::invalid(error.to_string())) {
            Ok(Request::Open { ch, feed }) => {
                let who = self.credential.authenticate(&self.app.control).await?;
                if let Some(task) = self.channels.remove(&ch) {
                    task.abort();
                }
                if self.channels.len() >= MAX_CHANNELS {
                    let error =
                        Error::invalid(format!("A socket carries at most {MAX_CHANNELS} channels.")).body();
                    return self.send(Reply::Error { ch, error }).await;
                }
                let task = channel::run(self.app.control.clone(), who, ch, feed, self.out.clone());
                self.channels.insert(ch, self.tasks.spawn(Scope::current().run(task)));
                Ok(())
            }
            Ok(Request::Close { ch }) => {
                if let Some(task) = self.channels.remove(&ch) {
                    task.abort();
                }
                self.send(Reply::Closed { ch }).await
            }
            Ok(Request::Pong) => Ok(()),
            Err(error) => {
                // The frame may still name its channel, so that the client learns which one failed.
                let frame: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
                let ch = frame["ch"].as_u64().ok_or_else(|| Error::invalid("not a frame"))?;
                self.send(Reply::Error { ch, error: error.body() }).await
            }
        }
    }

    async fn send(&self, reply: Reply) -> Result<(), Error> {
        self.out.send(reply).await.map_err(|_| Error::invalid("the socket is gone"))
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut frames: mpsc::Receiver<Reply>) {
    while let Some(reply) = frames.recv().await {
        let Ok(text) = serde_json::to_string(&reply) else { continue };
        match timeout(STALLED, sink.send(Message::text(text))).await {
            Ok(Ok(())) => {}
            _ => return,
        }
    }
}
