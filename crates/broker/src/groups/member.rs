//! A member of a consumer group.

use bytes::Bytes;
use headwater_model::ReplicaId;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{JoinAnswer, Millis, Outcome, SyncAnswer};

/// What a member tells of itself when it joins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// `group.instance.id` of a static member.
    pub(crate) instance: Option<String>,
    /// The client's name for itself.
    pub(crate) client_id: String,
    /// The client's address, as Kafka shows it: `/10.0.0.7`.
    pub(crate) client_host: String,
    /// The replica that it is, when it signed in as one.
    #[serde(default)]
    pub(crate) replica: Option<ReplicaId>,
    /// Silence after which the member is taken for dead.
    pub(crate) session_ms: Millis,
    /// How long the member may take to join again.
    pub(crate) rebalance_ms: Millis,
    /// Assignment strategies with the subscription for each, best first.
    pub(crate) protocols: Vec<(String, Bytes)>,
}

impl Profile {
    pub(crate) fn supports(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|(name, _)| name == protocol)
    }

    /// The subscription under a strategy; empty when the member does not know it.
    pub(crate) fn metadata(&self, protocol: &str) -> Bytes {
        let found = self.protocols.iter().find(|(name, _)| name == protocol);
        found.map(|(_, metadata)| metadata.clone()).unwrap_or_default()
    }
}

/// A member as the group keeps it.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) profile: Profile,
    /// What the leader gave it in this generation.
    pub(crate) assignment: Bytes,
    /// When it is taken for dead, unless it is heard of before.
    pub(crate) expires: Millis,
    /// Rank by first join: the oldest becomes leader.
    pub(crate) seniority: u64,
    pub(crate) joining: Option<oneshot::Sender<Outcome<JoinAnswer>>>,
    pub(crate) syncing: Option<oneshot::Sender<Outcome<SyncAnswer>>>,
}

impl Member {
    /// Heard of: the session begins again.
    pub(crate) fn touch(&mut self, now: Millis) {
        self.expires = now + self.profile.session_ms;
    }

    /// A member that waits for an answer on a connection that stands is alive.
    pub(crate) fn alive(&self, now: Millis) -> bool {
        now < self.expires || self.awaits_join() || self.syncing.as_ref().is_some_and(|w| !w.is_closed())
    }

    /// Whether it has joined, on a connection that stands.
    pub(crate) fn awaits_join(&self) -> bool {
        self.joining.as_ref().is_some_and(|w| !w.is_closed())
    }

    pub(crate) fn answer_join(&mut self, answer: Outcome<JoinAnswer>) {
        if let Some(waiter) = self.joining.take() {
            // The client may have gone; it will join again.
            let _ = waiter.send(answer);
        }
    }

    pub(crate) fn answer_sync(&mut self, answer: Outcome<SyncAnswer>) {
        if let Some(waiter) = self.syncing.take() {
            let _ = waiter.send(answer);
        }
    }
}
