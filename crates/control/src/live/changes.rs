//! The feed of changes.

use headwater_model::Change;
use headwater_store::{Changes, Event};
use tokio::sync::mpsc;

use super::FeedEvent;

/// Passes changes on until the reader goes.
pub(super) async fn follow(mut feed: Changes, to: mpsc::Sender<FeedEvent<Change>>) {
    loop {
        let event = match feed.next().await {
            Ok(Event::Change(change)) => FeedEvent::Data { cursor: change.seq.to_string(), data: change },
            Ok(Event::Reset { seq }) => FeedEvent::Reset { cursor: seq.to_string() },
            Err(error) => FeedEvent::Failed(error.into()),
        };
        let last = matches!(event, FeedEvent::Failed(_));
        if to.send(event).await.is_err() || last {
            return;
        }
    }
}
