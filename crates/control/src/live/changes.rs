//! The feed of changes.

use std::sync::Arc;

use headwater_model::{Action, Change, ChangeKind, Principal, Resource, WorkspaceId};
use headwater_store::{Changes, Event};
use tokio::sync::mpsc;

use super::FeedEvent;
use crate::core::Core;

/// Passes on the changes of what `who` may read, until the reader goes.
pub(super) async fn follow(
    core: Arc<Core>,
    who: Principal,
    mut feed: Changes,
    to: mpsc::Sender<FeedEvent<Change>>,
) {
    loop {
        let event = match feed.next().await {
            Ok(Event::Change(change)) if !core.permits(&who, Action::Read, &resource(&change)) => continue,
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

/// What a change is about. Even an id tells something, such as how many tokens there are.
fn resource(change: &Change) -> Resource {
    let of: fn(WorkspaceId) -> Resource = match change.kind {
        ChangeKind::Workspace => Resource::Workspace,
        ChangeKind::Topic => Resource::Topic,
        ChangeKind::Application => Resource::Application,
        ChangeKind::Deployment => Resource::Deployment,
        ChangeKind::Token => Resource::Tokens,
    };
    of(change.workspace_id.clone())
}
