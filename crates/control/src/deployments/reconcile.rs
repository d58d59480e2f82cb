//! Makes what runs what the rows say: one task per deployment, woken by wishes, builds and replicas.

mod act;
mod build;
mod check;
mod probe;
mod task;
mod undo;

use std::{collections::HashMap, sync::Arc, time::Duration};

use headwater_model::DeploymentId;
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, broadcast::error::RecvError};

use crate::{Result, core::Core};
use task::Task;
pub(crate) use undo::restored;

/// How often a deployment is looked at when nothing wakes its task.
const LOOK: Duration = Duration::from_secs(10);
/// Builds at once.
const BUILDERS: usize = 2;

/// The tasks of all deployments.
pub(crate) struct Reconcilers {
    wakes: Mutex<HashMap<DeploymentId, Arc<Notify>>>,
    builders: Arc<Semaphore>,
    /// Which deployment was last to lead a public address to itself.
    labels: Mutex<HashMap<String, DeploymentId>>,
}

impl Default for Reconcilers {
    fn default() -> Self {
        Self {
            wakes: Mutex::default(),
            builders: Arc::new(Semaphore::new(BUILDERS)),
            labels: Mutex::default(),
        }
    }
}

/// Makes a deployment's task look, and starts it first when there is none.
pub(crate) fn wake(core: &Arc<Core>, id: DeploymentId) {
    let mut wakes = core.reconcilers.wakes.lock();
    if let Some(wake) = wakes.get(&id) {
        wake.notify_one();
        return;
    }
    let wake = Arc::new(Notify::new());
    wakes.insert(id, wake.clone());
    drop(wakes);
    let place = Place { core: core.clone(), id };
    let task = Task::new(core.clone(), id);
    core.spawn(async move {
        let _place = place;
        task.run(wake).await;
    });
}

/// A task's entry among [`Reconcilers`]. It leaves also when the task panics, so that the next wake starts another.
struct Place {
    core: Arc<Core>,
    id: DeploymentId,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.core.reconcilers.wakes.lock().remove(&self.id);
    }
}

/// Wakes tasks when replicas change, and sees to replicas that belong to no deployment.
pub(crate) async fn supervise(core: Arc<Core>) {
    let mut events = core.runtime.events();
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => wake(&core, event.id.deployment),
                Err(RecvError::Lagged(_)) => look.reset_immediately(),
                Err(RecvError::Closed) => { look.tick().await; }
            },
            _ = look.tick() => if let Err(error) = look_at_all(&core).await {
                tracing::warn!(%error, "looking at all deployments failed");
            },
        }
    }
}

async fn look_at_all(core: &Arc<Core>) -> Result<()> {
    let rows = core.store.read().await?.all_deployments().await?;
    rows.iter().for_each(|row| wake(core, row.id));
    for replica in core.runtime.list().await? {
        // Tasks of gone deployments find no row and end what is left.
        wake(core, replica.id.deployment);
    }
    Ok(())
}
