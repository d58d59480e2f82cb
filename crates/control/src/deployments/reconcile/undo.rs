//! The platform's own roll back: an update whose replicas did not get well gives way to the last version that was.

use headwater_model::{DeploymentSpec, Outcome};
use headwater_store::{Deployment, Rollback, clock};

use crate::{Error, Result, core::Core};

/// Makes the last good version the one that should run. A row that moved on meanwhile is left alone.
pub(super) async fn roll_back(core: &Core, seen: &Deployment, reason: String) -> Result<()> {
    let Some(good) = seen.good_version else { return Ok(()) };
    let mut write = core.store.write(&seen.workspace).await?;
    let Some(mut row) = write.deployment(seen.id).await?.filter(|row| row.revision == seen.revision) else {
        return Ok(());
    };
    let (to, from) = (write.version(row.id, good).await?, write.version(row.id, row.version).await?);
    let to = to.ok_or_else(|| Error::not_found("version", good))?;
    if let Some(mut from) = from {
        from.outcome = Outcome::RolledBack;
        from.outcome_reason = Some(reason.clone());
        write.put_version(&from).await?;
    }
    tracing::info!(deployment = %row.id, from = row.version, to = good, %reason, "an update is rolled back");
    row.rollback = Some(Rollback { from: row.version, to: good, reason, at: clock() });
    row.version = good;
    row.commit = to.commit;
    row.build = to.build;
    row.update_status = None;
    row.spec = restored(to.spec, &row.spec);
    write.save_deployment(row).await?;
    Ok(write.commit().await?)
}

/// What a version says, but the name and the number of replicas that the deployment has now: those are of no version.
pub(crate) fn restored(version: DeploymentSpec, now: &DeploymentSpec) -> DeploymentSpec {
    DeploymentSpec { name: now.name.clone(), replicas: now.replicas, running: now.running, ..version }
}
