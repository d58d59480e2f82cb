//! An update: the version before serves until the new one is well. One that does not get well is rolled back to the last
//! version that was.

use headwater_compute::{ReplicaState, ReplicaStatus};
use headwater_model::DeploymentStatus as Status;

use super::{Facts, Plan, Told, facts::ids, runtime_error, state, trouble::trouble};

/// A replica that ended in error so often does not get well.
const CRASHES: u32 = 3;
/// A replica that the runtime did not take so often will not be taken.
const REFUSALS: u32 = 3;

/// Whether an older version has to serve for now.
pub(super) fn under_way(facts: &Facts<'_>) -> bool {
    serving(facts).is_some() && !facts.all_ready()
}

/// The older version that serves: one that never was well, and is not now, has nothing to lose.
fn serving(facts: &Facts<'_>) -> Option<u32> {
    let row = facts.row;
    let older = row.running_version.filter(|version| *version != row.version)?;
    let serves =
        |replica: &ReplicaStatus| row.good_version == Some(older) || facts.ready.contains(&replica.id);
    facts.of(older).any(serves).then_some(older)
}

/// The new version comes up while the older one serves.
pub(super) fn plan(facts: &Facts<'_>) -> Plan {
    let row = facts.row;
    let older = row.running_version.unwrap_or(row.version);
    let mut start = facts.missing();
    start.extend(facts.left(older));
    let surplus = facts.surplus().into_iter().filter(|id| id.version != older).collect();
    let new = runtime_error::told(facts, row.version);
    let serves = state(facts, older);
    let told = match new {
        Some(new) => Told {
            status: serves.status,
            reason: Some(format!(
                "Version {} does not come up yet, version {older} goes on. {}",
                row.version,
                new.reason.unwrap_or_default()
            )),
            update: Some(new.status),
            ..serves
        },
        None => Told { update: Some(Status::Deploying), ..serves },
    };
    Plan { stop: surplus, start, serve: facts.ports(older), ..Plan::tell(told) }
}

/// The wanted version is not built; an older one goes on, when there is one.
pub(super) fn beside(facts: &Facts<'_>, progress: Told) -> Plan {
    let Some(older) = serving(facts).or_else(|| same(facts)) else {
        let stop = ids(facts.replicas);
        let next_run = facts.row.next_run_at;
        return Plan { stop, ..Plan::tell(Told { next_run, ..progress }) };
    };
    let serves = state(facts, older);
    let told =
        Told { reason: progress.reason.or(serves.reason.clone()), update: Some(progress.status), ..serves };
    Plan {
        stop: ids(facts.but(older)),
        start: facts.left(older),
        serve: facts.ports(older),
        ..Plan::tell(Told { next_run: facts.row.next_run_at, ..told })
    }
}

/// The wanted version serves although its environment has to be made anew.
fn same(facts: &Facts<'_>) -> Option<u32> {
    let version = facts.row.version;
    (facts.row.running_version == Some(version) && facts.of(version).next().is_some()).then_some(version)
}

/// Why the wanted version is given up; none while it may get well, and when there is none to go back to.
pub(super) fn given_up(facts: &Facts<'_>) -> Option<String> {
    let row = facts.row;
    if facts.is_job() || row.good_version.is_none_or(|good| good == row.version) {
        return None;
    }
    if let Some(refusal) = facts.refused.filter(|refusal| refusal.times >= REFUSALS) {
        return Some(refusal.why.to_owned());
    }
    let hopeless = facts.of(row.version).find(|replica| {
        let fell = matches!(replica.state, ReplicaState::Waiting { .. }) && replica.restarts + 1 >= CRASHES;
        fell || facts.late(replica)
    })?;
    trouble(facts, hopeless)
}

/// The last good version is wanted again.
pub(super) fn roll_back(facts: &Facts<'_>, reason: String) -> Plan {
    let row = facts.row;
    let told = Told {
        status: row.status,
        reason: row.status_reason.clone(),
        update: row.update_status,
        running_version: row.running_version,
        next_run: row.next_run_at,
        good: None,
    };
    Plan { roll_back: Some(reason), ..Plan::tell(told) }
}
