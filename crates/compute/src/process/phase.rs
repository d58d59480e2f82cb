//! Where a replica is in its life.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{identity::Handle, run::Found};
use crate::{Exit, ReplicaState, Restart, supervisor::Running};

/// A supervisor that does not show its program within this has failed.
pub(super) const START: Duration = Duration::from_secs(30);

/// Where a replica is.
pub(super) enum Phase {
    Launch,
    /// Its supervisor stands and has not shown the program yet; it has so long to do so.
    Begun(Handle, Running, Instant),
    Running(Handle, Running),
    Waiting {
        exit: Exit,
        until: Timestamp,
    },
    /// Another platform process left it to be started, for the first time or again; that takes its variables.
    Left {
        exit: Option<Exit>,
    },
    Ended {
        exit: Exit,
    },
}

impl Phase {
    /// Of a replica that another platform process left; `again` says whether it is started again when it ends.
    pub(super) fn of(found: Found, again: Restart) -> Self {
        match found {
            Found::Begun(handle, running) => Self::Begun(handle, running, Instant::now() + START),
            Found::Running(handle, running) => Self::Running(handle, running),
            Found::Nothing => Self::Left { exit: None },
            Found::Ended { exit, .. } if again == Restart::Never => Self::Ended { exit },
            // It did nothing wrong.
            Found::Ended { restarted: true, .. } => Self::Left { exit: None },
            Found::Ended { exit, .. } => Self::Left { exit: Some(exit) },
        }
    }

    /// As it is shown.
    pub(super) fn state(&self) -> ReplicaState {
        match self {
            Self::Launch | Self::Begun(..) | Self::Left { exit: None } => ReplicaState::Starting,
            Self::Running(_, running) => {
                ReplicaState::Running { pid: running.program.as_ref().unwrap_or(&running.supervisor).pid }
            }
            Self::Waiting { exit, until } => ReplicaState::Waiting { exit: exit.clone(), until: *until },
            Self::Left { exit: Some(exit) } => {
                ReplicaState::Waiting { exit: exit.clone(), until: Timestamp::now() }
            }
            Self::Ended { exit } => ReplicaState::Ended { exit: exit.clone() },
        }
    }

    /// How the last run ended, while none runs.
    pub(super) fn exit(&self) -> Option<&Exit> {
        match self {
            Self::Waiting { exit, .. } | Self::Left { exit: Some(exit) } | Self::Ended { exit } => Some(exit),
            _ => None,
        }
    }

    /// When the present run began, or the last one, which was `before`. One that is being started has not begun.
    pub(super) fn started_at(&self, before: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            Self::Running(_, running) => Some(running.started_at),
            Self::Launch | Self::Begun(..) | Self::Left { exit: None } => None,
            Self::Waiting { .. } | Self::Left { .. } | Self::Ended { .. } => before,
        }
    }
}
