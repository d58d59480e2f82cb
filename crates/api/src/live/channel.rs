//! One channel: a feed on its way into the socket.

use futures::StreamExt;
use headwater_control::{Begin, Choice, Control, FeedEvent, LogEntry, LogsFrom, MessagesWish, Result};
use headwater_model::Principal;
use serde::Serialize;
use tokio::sync::mpsc;

use super::protocol::{Beginning, Feed, LogSource, Reply};
use crate::error::Error;

/// Opens `feed` and carries it until it ends or the socket goes. A full socket makes it wait: the feed behind it has
/// a bounded buffer of its own and says so when something was passed over.
pub(super) async fn run(control: Control, who: Principal, ch: u64, feed: Feed, out: mpsc::Sender<Reply>) {
    let live = &control.live;
    match feed {
        Feed::Changes { workspace_id, after } => {
            carry(ch, live.changes(&who, &workspace_id, after).await, out).await
        }
        Feed::Rates { workspace_id } => carry(ch, live.rates(&who, &workspace_id).await, out).await,
        Feed::Logs { deployment_id, source, replica, version, attempt, from, cursor } => {
            let source = match source {
                Some(LogSource::Build) => LogsFrom::Build,
                Some(LogSource::Run) | None => LogsFrom::Run,
            };
            let choice = Choice { replica, version, attempt };
            let begin = match (&cursor, from) {
                (Some(cursor), _) => Begin::Cursor(cursor),
                (None, Some(from)) => Begin::Time(from),
                (None, None) => Begin::Past,
            };
            let feed = live.logs(&who, deployment_id, source, choice, begin).await;
            carry(ch, feed.map(|feed| shaped(feed, |entries| Lines { entries })), out).await;
        }
        Feed::Messages { workspace_id, topic, cursor, from, filter } => {
            let feed = match from.map(Beginning::place).transpose() {
                Ok(from) => {
                    let wish = MessagesWish { cursor, from, filter };
                    live.messages(&who, &workspace_id, &topic, wish).await
                }
                Err(wrong) => Err(wrong.into()),
            };
            carry(ch, feed, out).await;
        }
    }
}

/// Lines of a log, as they are sent.
#[derive(Serialize)]
struct Lines {
    entries: Vec<LogEntry>,
}

/// A feed whose data is sent in another shape.
fn shaped<T: 'static, U: 'static>(
    feed: headwater_control::Feed<T>,
    shape: impl Fn(T) -> U + Send + 'static,
) -> headwater_control::Feed<U> {
    let events = feed.events.map(move |event| match event {
        FeedEvent::Data { cursor, data } => FeedEvent::Data { cursor, data: shape(data) },
        FeedEvent::Reset { cursor } => FeedEvent::Reset { cursor },
        FeedEvent::Failed(error) => FeedEvent::Failed(error),
    });
    headwater_control::Feed { cursor: feed.cursor, events: events.boxed() }
}

async fn carry<T: Serialize>(ch: u64, feed: Result<headwater_control::Feed<T>>, out: mpsc::Sender<Reply>) {
    let mut feed = match feed {
        Ok(feed) => feed,
        Err(error) => return send(&out, failed(ch, error)).await.unwrap_or_default(),
    };
    if send(&out, Reply::Opened { ch, cursor: feed.cursor }).await.is_none() {
        return;
    }
    while let Some(event) = feed.events.next().await {
        let reply = match event {
            FeedEvent::Data { cursor, data } => match serde_json::to_value(&data) {
                Ok(data) => Reply::Event { ch, cursor, data },
                Err(error) => {
                    tracing::error!(%error, "an event cannot be written as JSON");
                    continue;
                }
            },
            FeedEvent::Reset { cursor } => Reply::Reset { ch, cursor },
            FeedEvent::Failed(error) => return send(&out, failed(ch, error)).await.unwrap_or_default(),
        };
        if send(&out, reply).await.is_none() {
            return;
        }
    }
    send(&out, Reply::Closed { ch }).await.unwrap_or_default();
}

fn failed(ch: u64, error: headwater_control::Error) -> Reply {
    Reply::Error { ch, error: Error::from(error).body() }
}

/// Nothing when the socket is gone.
async fn send(out: &mpsc::Sender<Reply>, reply: Reply) -> Option<()> {
    out.send(reply).await.ok()
}
