//! What all nouns share: the engines, the policy, the owner of background tasks.

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use headwater_compute::{Builder, Runtime};
use headwater_model::{Action, Authorize, Principal, Resource, WorkspaceId, access::Policy};
use headwater_repo::Repositories;
use headwater_store::Store;
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Error, Result, Settings,
    deployments::Reconcilers,
    live::Sampler,
    metrics::Builds,
    tokens::{Credentials, Replicas},
};

/// Rest before a loop that panicked begins anew.
const AFTER_PANIC: Duration = Duration::from_secs(1);

pub(crate) struct Core {
    pub(crate) store: Store,
    pub(crate) kafka: Arc<dyn headwater_topics::Topics>,
    pub(crate) repositories: Repositories,
    pub(crate) builder: Arc<dyn Builder>,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) routes: headwater_ingress::Routes,
    pub(crate) metrics: Arc<headwater_metrics::Store>,
    /// How builds go.
    pub(crate) builds: Builds,
    pub(crate) settings: Settings,
    pub(crate) policy: Policy,
    pub(crate) credentials: Credentials,
    /// What replicas sign in with.
    pub(crate) replicas: Replicas,
    pub(crate) sampler: Sampler,
    /// Wakes the reconciler of topics.
    pub(crate) topics_changed: Notify,
    /// One reconciler per deployment.
    pub(crate) reconcilers: Reconcilers,
    /// Held while a branch is scanned, so that an older look never overwrites a newer.
    pub(crate) scanning: tokio::sync::Mutex<()>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

impl Core {
    /// Runs a background task that ends with the platform.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let _ = stop.run_until_cancelled_owned(task).await;
        })
    }

    /// Runs a loop for as long as the platform does; when it panics it begins anew, since nobody else would do its work.
    pub(crate) fn keep<T>(
        self: &Arc<Self>,
        name: &'static str,
        task: impl Fn(Arc<Self>) -> T + Send + 'static,
    ) where
        T: Future<Output = ()> + Send + 'static,
    {
        let core = self.clone();
        self.spawn(async move {
            while AssertUnwindSafe(task(core.clone())).catch_unwind().await.is_err() {
                tracing::error!(name, "a background loop failed and begins anew");
                tokio::time::sleep(AFTER_PANIC).await;
            }
        });
    }

    pub(crate) fn permits(&self, who: &Principal, action: Action, what: &Resource) -> bool {
        self.policy.allowed(who, action, what)
    }

    /// Checks a question about a whole workspace or a list in it. Of a workspace that the caller cannot read it says
    /// what it says of one that does not exist.
    pub(crate) fn enter(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        action: Action,
        what: &Resource,
    ) -> Result<()> {
        if self.permits(who, action, what) {
            return Ok(());
        }
        match self.permits(who, Action::Read, &Resource::Workspace(workspace.clone())) {
            true => Err(forbidden(action, what)),
            false => Err(Error::not_found("workspace", workspace)),
        }
    }

    /// Checks a question about one object. Of an object that the caller cannot read it says what it says of one that
    /// does not exist.
    pub(crate) fn reach(
        &self,
        who: &Principal,
        action: Action,
        what: &Resource,
        id: impl ToString,
    ) -> Result<()> {
        if self.permits(who, action, what) {
            return Ok(());
        }
        match self.permits(who, Action::Read, what) {
            true => Err(forbidden(action, what)),
            false => Err(Error::not_found(noun(what), id)),
        }
    }
}

fn forbidden(action: Action, what: &Resource) -> Error {
    let action = match action {
        Action::Read => "read",
        Action::Create => "create",
        Action::Update => "change",
        Action::Delete => "delete",
        Action::Write => "write to",
    };
    Error::Forbidden { action, what: noun(what) }
}

fn noun(what: &Resource) -> &'static str {
    match what {
        Resource::Organisation => "organisation",
        Resource::Repository { .. } => "repository",
        Resource::Workspace(_) => "workspace",
        Resource::Topic(_) => "topic",
        Resource::BrokerCredentials(_) => "broker password",
        Resource::Application(_) => "application",
        Resource::Deployment(_) => "deployment",
        Resource::Tokens(_) => "token",
        Resource::Metrics => "platform's metrics",
        Resource::Profile => "profile",
    }
}
