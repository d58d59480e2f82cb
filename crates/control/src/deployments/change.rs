//! Changing a deployment: what follows from what is asked.

use headwater_model::{Action, DeploymentId, DeploymentStatus, DeploymentType, Principal};
use headwater_store::clock;

use super::{Deployments, UpdateDeployment, edit, ensure_topics, find, name_is_free, person, version};
use crate::{
    Error, Result,
    code::{self, Source},
};

impl Deployments {
    /// One try of a change; false when the row moved while the change was worked out.
    pub(super) async fn try_update(
        &self,
        who: &Principal,
        id: DeploymentId,
        change: &UpdateDeployment,
    ) -> Result<bool> {
        let old = find(&self.core, who, Action::Update, id).await?;
        if change.if_revision.is_some_and(|read_at| read_at != old.revision) {
            return Err(Error::Stale { what: "deployment" });
        }
        if old.deleting {
            return Err(Error::not_found("deployment", id));
        }
        let read = self.core.store.read().await?;
        let present =
            read.version(id, old.version).await?.ok_or_else(|| Error::not_found("version", old.version))?;
        let source = self.wanted_source(&read, &old, change).await?.unwrap_or_else(|| Source::of(&present));
        let spec = edit::update(&read, &old, change, &source.app.variables).await?;
        drop(read);

        let rerun = change.running == Some(true) && ran_to_its_end(&old);
        let replaced = rerun || source.tree != present.tree || edit::needs_new_version(&old.spec, &spec);
        let retry = change.running == Some(true) || change.git_reference.is_some();
        let mut row = old.clone();
        row.spec = spec;
        if change.git_reference.is_some() {
            row.commit.clone_from(&source.commit);
        }
        row.updated_by = person(who);
        row.updated_at = clock();
        // The same content under another commit or reference needs no new replicas, only to be written down.
        let renamed = !replaced
            && (source.commit != present.commit || row.spec.git_reference != present.spec.git_reference);
        let fresh = replaced.then(|| {
            row.version += 1;
            row.build = None;
            let same_code = source.tree == present.tree && source.app == present.app;
            let made = present.environment.clone().filter(|_| same_code);
            row.build = present.build.clone().filter(|_| made.is_some());
            version(&row, source, made)
        });
        if retry && old.status == DeploymentStatus::BuildFailed
            || old.update_status == Some(DeploymentStatus::BuildFailed)
        {
            row.build = row.build.filter(|_| !retry);
        }
        foretell(&old, &mut row, fresh.is_some());

        let mut write = self.core.store.write(&old.workspace).await?;
        if write.deployment(id).await?.is_none_or(|now| now.revision != old.revision) {
            return Ok(false);
        }
        if row.spec.name != old.spec.name {
            name_is_free(&write, &row).await?;
        }
        let new_topics = ensure_topics(&mut write, &row).await?;
        let row = write.save_deployment(row).await?;
        if let Some(fresh) = fresh {
            write.put_version(&fresh).await?;
        } else if renamed && let Some(mut version) = write.version(id, row.version).await? {
            // Read again: a build may have written its environment meanwhile.
            version.commit.clone_from(&row.commit);
            version.spec.git_reference = row.spec.git_reference.clone();
            write.put_version(&version).await?;
        }
        write.commit().await?;
        self.announce(row.id, new_topics);
        Ok(true)
    }

    /// The source that a change asks for; none when it leaves the code alone.
    async fn wanted_source(
        &self,
        read: &headwater_store::Read,
        old: &headwater_store::Deployment,
        change: &UpdateDeployment,
    ) -> Result<Option<Source>> {
        let Some(reference) = &change.git_reference else { return Ok(None) };
        let place = read.workspace(&old.workspace).await?;
        let missing = || Error::not_found("application", old.spec.application_id);
        let application = read.application(old.spec.application_id).await?.ok_or_else(missing)?;
        code::source(&self.core, &place, &application.path, reference).await.map(Some)
    }
}

fn ran_to_its_end(row: &headwater_store::Deployment) -> bool {
    row.spec.deployment_type == DeploymentType::Job
        && matches!(row.status, DeploymentStatus::Completed | DeploymentStatus::RuntimeError)
}

/// Tells at once where a change leads, so that nobody reads the state of before as the outcome.
fn foretell(old: &headwater_store::Deployment, row: &mut headwater_store::Deployment, replaced: bool) {
    use DeploymentStatus as S;
    let idle = matches!(
        old.status,
        S::Stopped | S::Completed | S::BuildFailed | S::RuntimeError | S::DeploymentFailed
    );
    let starts = row.spec.running && (!old.spec.running || (idle && (replaced || row.build != old.build)));
    let next = if row.build.is_some() { S::QueuedForDeployment } else { S::QueuedForBuild };
    if !row.spec.running && old.spec.running && old.status != S::Stopped {
        row.status = S::Stopping;
        row.status_reason = None;
    } else if starts {
        row.status = next;
        row.status_reason = None;
    } else if replaced && row.spec.running {
        row.update_status = Some(next);
    }
}
