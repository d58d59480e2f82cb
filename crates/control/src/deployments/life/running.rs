//! Running: all wanted replicas are well. It ends when one ends or fails its health check, or by a change.

use headwater_model::DeploymentStatus as Status;

use super::{Facts, Told, facts::ended};

pub(super) fn told(facts: &Facts<'_>, version: u32) -> Option<Told> {
    let row = facts.row;
    let well = facts.of(version).all(|replica| facts.ready.contains(&replica.id) || ended(replica));
    if !well {
        return None;
    }
    let reason = row.rollback.as_ref().filter(|undone| undone.to == version).map(|undone| {
        format!("Version {} was rolled back to version {}: {}", undone.from, undone.to, undone.reason)
    });
    // Of an older version no more is asked than that what is left of it is well.
    let good = (version != row.version || facts.all_ready()).then_some(version);
    Some(Told { good, ..Told::because(Status::Running, reason) })
}
