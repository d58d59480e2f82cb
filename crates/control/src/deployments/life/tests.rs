use std::collections::{BTreeMap, BTreeSet};

use headwater_compute::{Exit, Isolation, Limits, ReplicaState, ReplicaStatus};
use headwater_model::{ApplicationId, DeploymentId, DeploymentSpec, DeploymentType, GitReference};
use headwater_store::Deployment;
use jiff::SignedDuration;

use super::*;

/// A deployment whose version `version` should run while `running` serves.
pub(super) fn row(deployment_type: DeploymentType, version: u32, running: Option<u32>) -> Deployment {
    Deployment {
        id: DeploymentId::new(),
        workspace: "acme-demo-dev".parse().unwrap(),
        spec: DeploymentSpec {
            application_id: ApplicationId::new(),
            name: "Demo".into(),
            deployment_type,
            git_reference: GitReference::Latest,
            replicas: 2,
            cpu_millicores: 100,
            memory_in_mb: 100,
            variables: Default::default(),
            url_prefix: None,
            state_size: None,
            running: true,
            health_check: None,
            job_retries: 0,
            schedule: None,
        },
        version,
        running_version: running,
        commit: "c".into(),
        build: None,
        status: Status::Running,
        status_reason: None,
        update_status: None,
        deleting: false,
        started_at: None,
        good_version: running,
        rollback: None,
        next_run_at: None,
        revision: 1,
        wish_revision: 1,
        created_by: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_by: None,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn id(row: &Deployment, version: u32, index: u32) -> ReplicaId {
    ReplicaId { deployment: row.id, version, index }
}

pub(super) fn replica(id: ReplicaId, state: ReplicaState, age: i64) -> ReplicaStatus {
    ReplicaStatus {
        id,
        state,
        attempt: 1,
        restarts: 0,
        started_at: Some(Timestamp::now() - SignedDuration::from_secs(age)),
        port: 20_000,
        usage: None,
        isolation: Isolation::default(),
        limits: Limits::default(),
        state_folder: None,
        out_of_memory: false,
    }
}

pub(super) fn exit(code: i32) -> Exit {
    let reason = format!("exit code {code}");
    Exit { code: Some(code), signal: None, out_of_memory: false, reason, at: Timestamp::now() }
}

fn waiting() -> ReplicaState {
    ReplicaState::Waiting { exit: exit(1), until: Timestamp::now() }
}

pub(super) const RUNS: ReplicaState = ReplicaState::Running { pid: 1 };

fn decide(row: &Deployment, replicas: &[ReplicaStatus], asked: &[ReplicaId], built: bool) -> Plan {
    let runs = |replica: &&ReplicaStatus| replica.state == RUNS;
    let ready = replicas.iter().filter(runs).map(|replica| replica.id.clone()).collect();
    decide_with(row, replicas, asked, built, &ready)
}

/// Decides while only `ready` are well.
fn decide_with(
    row: &Deployment,
    replicas: &[ReplicaStatus],
    asked: &[ReplicaId],
    built: bool,
    ready: &BTreeSet<ReplicaId>,
) -> Plan {
    let asked = asked.iter().cloned().collect();
    plan(&Facts {
        row,
        built,
        build: None,
        building: true,
        replicas,
        asked: &asked,
        ready,
        ailing: &BTreeMap::new(),
        refused: None,
        now: Timestamp::now(),
    })
}

/// The row after what a plan tells was written.
fn told(row: Deployment, plan: &Plan) -> Deployment {
    Deployment {
        status: plan.told.status,
        status_reason: plan.told.reason.clone(),
        running_version: plan.told.running_version,
        next_run_at: plan.told.next_run,
        ..row
    }
}

#[test]
fn a_replica_that_is_started_again_is_left_to_it() {
    let row = row(DeploymentType::Service, 1, Some(1));
    let both = [id(&row, 1, 0), id(&row, 1, 1)];
    // The run before began an hour ago.
    let replicas =
        [replica(both[0].clone(), ReplicaState::Starting, 3600), replica(both[1].clone(), RUNS, 3600)];
    let plan = decide(&row, &replicas, &both, true);
    assert_eq!((plan.stop, plan.start), (Vec::new(), Vec::new()));
}

#[test]
fn replicas_of_before_are_asked_for_once_more() {
    let row = row(DeploymentType::Service, 1, Some(1));
    let both = [id(&row, 1, 0), id(&row, 1, 1)];
    let replicas = [replica(both[0].clone(), RUNS, 10), replica(both[1].clone(), waiting(), 10)];
    let first = decide(&row, &replicas, &[], true);
    assert_eq!((first.stop, first.start), (Vec::new(), both.to_vec()));
    assert!(decide(&row, &replicas, &both, true).start.is_empty());
}

#[test]
fn the_version_that_serves_is_asked_for_while_the_next_fails_or_is_built() {
    let row = row(DeploymentType::Service, 2, Some(1));
    let (old, new) = ([id(&row, 1, 0), id(&row, 1, 1)], [id(&row, 2, 0), id(&row, 2, 1)]);
    let mut replicas: Vec<_> = old.iter().map(|id| replica(id.clone(), waiting(), 10)).collect();
    let building = decide(&row, &replicas, &[], false);
    assert_eq!((building.stop, building.start), (Vec::new(), old.to_vec()));
    replicas.extend(new.iter().map(|id| replica(id.clone(), waiting(), 10)));
    let failing = decide(&row, &replicas, &new, true);
    assert_eq!((failing.stop, failing.start), (Vec::new(), old.to_vec()));
    assert_eq!(failing.told.update, Some(Status::RuntimeError));
    assert_eq!(failing.roll_back, None);
}

#[test]
fn a_job_runs_once_and_one_that_did_not_begin_runs() {
    let mut row = row(DeploymentType::Job, 1, Some(1));
    let both = [id(&row, 1, 0), id(&row, 1, 1)];
    let begun = both.clone().map(|id| replica(id, ReplicaState::Starting, 0));
    assert_eq!(decide(&row, &begun, &[], true).start, both);
    row.status = Status::Completed;
    let ended = both.clone().map(|id| replica(id, ReplicaState::Ended { exit: exit(0) }, 10));
    let plan = decide(&row, &ended, &[], true);
    assert_eq!((plan.start, plan.told.status), (Vec::new(), Status::Completed));
}

#[test]
fn an_update_that_falls_over_again_and_again_is_rolled_back() {
    let row = row(DeploymentType::Service, 2, Some(1));
    let (old, new) = ([id(&row, 1, 0), id(&row, 1, 1)], [id(&row, 2, 0), id(&row, 2, 1)]);
    let mut replicas: Vec<_> = old.iter().map(|id| replica(id.clone(), RUNS, 10)).collect();
    replicas.extend(new.iter().map(|id| replica(id.clone(), waiting(), 10)));
    let all = [old, new].concat();
    assert_eq!(decide(&row, &replicas, &all, true).roll_back, None);
    replicas[3].restarts = 2;
    let plan = decide(&row, &replicas, &all, true);
    assert_eq!(plan.roll_back.as_deref(), Some("Replica 1 ended: exit code 1"));
    // The first version ever has nothing to go back to.
    let first = Deployment { good_version: None, ..row.clone() };
    assert_eq!(decide(&first, &replicas, &all, true).roll_back, None);
    // One that was well once is started again for ever.
    let good = Deployment { good_version: Some(2), running_version: Some(2), ..row };
    assert_eq!(decide(&good, &replicas[2..], &all, true).roll_back, None);
}

#[test]
fn an_update_that_is_late_is_rolled_back() {
    let row = row(DeploymentType::Service, 2, Some(1));
    let (old, new) = ([id(&row, 1, 0), id(&row, 1, 1)], [id(&row, 2, 0), id(&row, 2, 1)]);
    let ready = old.iter().cloned().collect();
    let all = [old, new].concat();
    let aged = |age| all.iter().map(|id| replica(id.clone(), RUNS, age)).collect::<Vec<_>>();
    let waits = decide_with(&row, &aged(30), &all, true, &ready);
    assert_eq!((waits.roll_back, waits.told.update), (None, Some(Status::Deploying)));
    let late = decide_with(&row, &aged(61), &all, true, &ready);
    assert!(late.roll_back.unwrap().contains("did not get well within 60 s"));
}

#[test]
fn a_scheduled_job_runs_when_it_is_due_and_rests_between() {
    let mut row = row(DeploymentType::Job, 1, None);
    row.spec.schedule = Some("0 * * * *".parse().unwrap());
    row.status = Status::QueuedForBuild;
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    row.next_run_at = Some(later);
    let both = [id(&row, 1, 0), id(&row, 1, 1)];

    let waits = decide(&row, &[], &[], true);
    assert_eq!((waits.start.len(), waits.told.status), (0, Status::QueuedForDeployment));
    assert_eq!(waits.told.next_run, Some(later));

    let mut row = told(row, &waits);
    row.next_run_at = Some(Timestamp::now() - SignedDuration::from_secs(1));
    let due = decide(&row, &[], &[], true);
    assert_eq!(due.told.status, Status::Deploying);
    assert!(due.told.next_run.unwrap() > Timestamp::now());
    let row = told(row, &due);
    assert_eq!(decide(&row, &[], &[], true).start, both);

    // Due again while it runs: that run is left out.
    let runs = both.clone().map(|id| replica(id, RUNS, 10));
    let overdue = Deployment { next_run_at: Some(Timestamp::now()), ..row.clone() };
    let plan = decide(&overdue, &runs, &both, true);
    assert_eq!((plan.start.len(), plan.stop.len()), (0, 0));
    assert!(plan.told.next_run.unwrap() > Timestamp::now());

    let ended = both.clone().map(|id| replica(id, ReplicaState::Ended { exit: exit(0) }, 10));
    let done = decide(&row, &ended, &both, true);
    assert_eq!(done.told.status, Status::Completed);
    let row = Deployment { next_run_at: Some(Timestamp::now()), ..told(row, &done) };
    // What is left of the last run goes before the next begins.
    let again = decide(&row, &ended, &both, true);
    assert_eq!((again.stop, again.told.status), (both.to_vec(), Status::Completed));
    assert_eq!(decide(&row, &[], &[], true).told.status, Status::Deploying);
}

#[test]
fn a_job_that_is_tried_again_is_not_over() {
    let mut row = row(DeploymentType::Job, 1, Some(1));
    row.spec.job_retries = 3;
    let both = [id(&row, 1, 0), id(&row, 1, 1)];
    let mut replicas = [
        replica(both[0].clone(), waiting(), 3),
        replica(both[1].clone(), ReplicaState::Ended { exit: exit(0) }, 3),
    ];
    let plan = decide(&row, &replicas, &both, true);
    assert_eq!(plan.told.status, Status::RuntimeError);
    let row = told(row, &plan);
    replicas[0].state = ReplicaState::Ended { exit: exit(0) };
    replicas[0].restarts = 1;
    assert_eq!(decide(&row, &replicas, &both, true).told.status, Status::Completed);
}
