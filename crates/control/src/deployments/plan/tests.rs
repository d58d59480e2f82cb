use headwater_compute::{Exit, Isolation};
use headwater_model::{ApplicationId, DeploymentId, DeploymentSpec, GitReference};
use jiff::SignedDuration;

use super::*;

/// A deployment whose version `version` should run while `running` serves.
fn row(deployment_type: DeploymentType, version: u32, running: Option<u32>) -> Deployment {
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
        revision: 1,
        created_by: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_by: None,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn id(row: &Deployment, version: u32, index: u32) -> ReplicaId {
    ReplicaId { deployment: row.id, version, index }
}

fn replica(id: ReplicaId, state: ReplicaState, age: i64) -> ReplicaStatus {
    ReplicaStatus {
        id,
        state,
        attempt: 1,
        restarts: 0,
        started_at: Some(Timestamp::now() - SignedDuration::from_secs(age)),
        port: 20_000,
        usage: None,
        isolation: Isolation::default(),
    }
}

fn exit(code: i32) -> Exit {
    let reason = format!("exit code {code}");
    Exit { code: Some(code), signal: None, out_of_memory: false, reason, at: Timestamp::now() }
}

fn waiting() -> ReplicaState {
    ReplicaState::Waiting { exit: exit(1), until: Timestamp::now() }
}

const RUNS: ReplicaState = ReplicaState::Running { pid: 1 };

fn decide(row: &Deployment, replicas: &[ReplicaStatus], asked: &[ReplicaId], built: bool) -> Plan {
    let asked = asked.iter().cloned().collect();
    let runs = |replica: &&ReplicaStatus| replica.state == RUNS;
    let ready = replicas.iter().filter(runs).map(|replica| replica.id.clone()).collect();
    plan(&Facts {
        row,
        built,
        build: None,
        building: true,
        replicas,
        asked: &asked,
        ready: &ready,
        refused: None,
        now: Timestamp::now(),
    })
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
    assert_eq!(failing.told.update, Some(Status::DeploymentFailed));
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
