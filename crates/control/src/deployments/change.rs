//! Changing a deployment: what follows from what is asked.

use headwater_model::{Action, DeploymentId, DeploymentSpec, DeploymentStatus, DeploymentType, Principal};
use headwater_store::{Deployment as Row, DeploymentVersion, Read, clock};

use super::{
    Deployments, UpdateDeployment, edit, ensure_topics, find, name_is_free, person, restored, version,
};
use crate::{
    Error, Result,
    code::{self, Source},
};

/// What someone wants of a deployment that stands.
struct Wish {
    spec: DeploymentSpec,
    source: Source,
    /// The version of before that is to run again.
    again: Option<DeploymentVersion>,
    /// A git reference was resolved anew.
    resolved: bool,
    /// What failed is to be tried once more, and a job that ended to be run.
    retry: bool,
}

impl Deployments {
    /// One try of a change; false when the row moved while the change was worked out.
    pub(super) async fn try_update(
        &self,
        who: &Principal,
        id: DeploymentId,
        change: &UpdateDeployment,
    ) -> Result<bool> {
        let old = find(&self.core, who, Action::Update, id).await?;
        if change.if_revision.is_some_and(|read_at| read_at != old.wish_revision) {
            return Err(Error::Stale { what: "deployment" });
        }
        let read = self.core.store.read().await?;
        let present = present(&read, &old).await?;
        let resolved = self.wanted_source(&read, &old, change).await?;
        let wish = Wish {
            resolved: resolved.is_some(),
            retry: change.running == Some(true) || resolved.is_some(),
            source: resolved.unwrap_or_else(|| Source::of(&present)),
            spec: old.spec.clone(),
            again: None,
        };
        let spec = edit::update(&read, &old, change, &wish.source.app.variables).await?;
        drop(read);
        self.apply(who, old, present, Wish { spec, ..wish }).await
    }

    /// One try to have a version of before run again.
    pub(super) async fn try_roll_back(&self, who: &Principal, id: DeploymentId, to: u32) -> Result<bool> {
        let old = find(&self.core, who, Action::Update, id).await?;
        let read = self.core.store.read().await?;
        let present = present(&read, &old).await?;
        let again = read.version(id, to).await?.ok_or_else(|| Error::not_found("version", to))?;
        drop(read);
        let mut spec = restored(again.spec.clone(), &old.spec);
        spec.running = true;
        // What followed the branch then must not follow it further.
        spec.git_reference = again.spec.git_reference.pinned(&again.commit);
        let source = Source::of(&again);
        let wish = Wish { spec, source, again: Some(again), resolved: true, retry: true };
        self.apply(who, old, present, wish).await
    }

    /// Writes a wish down; false when the row moved since `old` was read.
    async fn apply(&self, who: &Principal, old: Row, present: DeploymentVersion, wish: Wish) -> Result<bool> {
        let Wish { spec, source, again, resolved, retry } = wish;
        let replaced = source.tree != present.tree
            || source.app != present.app
            || edit::needs_new_version(&old.spec, &spec);
        let mut row = Row {
            spec,
            rollback: None,
            wish_revision: old.wish_revision + 1,
            updated_by: person(who),
            updated_at: clock(),
            ..old.clone()
        };
        if resolved {
            row.commit.clone_from(&source.commit);
        }
        let rerun = retry && row.spec.running && ran_to_its_end(&old);
        row.next_run_at = next_run(&old, &row, rerun && !replaced);

        let mut write = self.core.store.write(&old.workspace).await?;
        if write.deployment(old.id).await?.is_none_or(|now| now.revision != old.revision) {
            return Ok(false);
        }
        // The same content under another commit or reference needs no new replicas, only to be written down.
        let renamed = !replaced
            && (source.commit != present.commit || row.spec.git_reference != present.spec.git_reference);
        let fresh = match replaced {
            false => None,
            true => {
                row.version = write.latest_version(old.id).await? + 1;
                let made = again.as_ref().unwrap_or(&present);
                let same_code = source.tree == made.tree && source.app == made.app;
                let environment = made.environment.clone().filter(|_| same_code);
                row.build = made.build.clone().filter(|_| environment.is_some());
                let mut fresh = version(&row, source, environment);
                fresh.rolled_back_to = again.as_ref().map(|again| again.version);
                Some(fresh)
            }
        };
        let failed = old.status == DeploymentStatus::BuildFailed
            || old.update_status == Some(DeploymentStatus::BuildFailed);
        if failed && retry && fresh.is_none() {
            row.build = None;
        }
        foretell(&old, &mut row, fresh.is_some(), rerun);

        if row.spec.name != old.spec.name {
            name_is_free(&write, &row).await?;
        }
        let new_topics = ensure_topics(&mut write, &row).await?;
        let row = write.save_deployment(row).await?;
        if let Some(fresh) = fresh {
            write.put_version(&fresh).await?;
        } else if renamed && let Some(mut version) = write.version(row.id, row.version).await? {
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
        read: &Read,
        old: &Row,
        change: &UpdateDeployment,
    ) -> Result<Option<Source>> {
        let Some(reference) = &change.git_reference else { return Ok(None) };
        let place = read.workspace(&old.workspace).await?;
        let missing = || Error::not_found("application", old.spec.application_id);
        let application = read.application(old.spec.application_id).await?.ok_or_else(missing)?;
        code::source(&self.core, &place, &application.path, reference).await.map(Some)
    }
}

/// The version that should run by now.
async fn present(read: &Read, row: &Row) -> Result<DeploymentVersion> {
    if row.deleting {
        return Err(Error::not_found("deployment", row.id));
    }
    read.version(row.id, row.version).await?.ok_or_else(|| Error::not_found("version", row.version))
}

fn ran_to_its_end(row: &Row) -> bool {
    row.spec.deployment_type == DeploymentType::Job
        && matches!(row.status, DeploymentStatus::Completed | DeploymentStatus::RuntimeError)
}

/// When a job runs next.
fn next_run(old: &Row, row: &Row, rerun: bool) -> Option<jiff::Timestamp> {
    let now = clock();
    let same = row.spec.schedule == old.spec.schedule && row.spec.running == old.spec.running;
    match &row.spec.schedule {
        _ if !row.spec.running || row.spec.deployment_type == DeploymentType::Service => None,
        _ if rerun => Some(now),
        Some(_) | None if same && old.next_run_at.is_some() => old.next_run_at,
        Some(schedule) => schedule.next(now),
        None => None,
    }
}

/// Tells at once where a change leads, so that nobody reads the state of before as the outcome.
fn foretell(old: &Row, row: &mut Row, replaced: bool, rerun: bool) {
    use DeploymentStatus as S;
    let idle = matches!(
        old.status,
        S::Stopped | S::Completed | S::BuildFailed | S::RuntimeError | S::DeploymentFailed
    );
    let anew = replaced || rerun || row.build != old.build;
    let starts = row.spec.running && (!old.spec.running || (idle && anew));
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
