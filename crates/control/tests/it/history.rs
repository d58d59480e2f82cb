//! Versions of deployments: what became of them, and the way back.

use std::collections::BTreeMap;

use headwater_control::{Deployment, Error, FileChangeKind, UpdateDeployment};
use headwater_model::{
    DeploymentStatus, DeploymentType, GitReference, InputType, Outcome, deployment::VariableValue,
};

use crate::{
    deployments::{deploy, runs},
    stage::{Stage, eventually},
};

fn fate(what: &str) -> UpdateDeployment {
    let value = VariableValue {
        input_type: InputType::FreeText,
        value: what.into(),
        description: None,
        required: false,
    };
    UpdateDeployment { variables: Some(BTreeMap::from([("FATE".into(), value)])), ..Default::default() }
}

async fn update(stage: &Stage, of: &Deployment, change: UpdateDeployment) -> Deployment {
    stage.control.deployments.update(&stage.admin, of.id, change).await.unwrap()
}

async fn until(stage: &Stage, of: &Deployment, right: impl Fn(&Deployment) -> bool) -> Deployment {
    eventually(async || {
        let now = stage.control.deployments.get(&stage.admin, of.id).await.unwrap().value;
        right(&now).then_some(now)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_does_not_get_well_rolls_itself_back() {
    let stage = Stage::new().await;
    let first = deploy(&stage, true).await;
    runs(&stage, &first).await;
    update(&stage, &first, UpdateDeployment { memory_in_mb: Some(77), ..fate("falls") }).await;
    let after = until(&stage, &first, |now| now.rollback.is_some() && now.update_status.is_none()).await;
    let undone = after.rollback.unwrap();
    assert_eq!((undone.from, undone.to, after.version), (2, 1, 1));
    assert_eq!(undone.reason, "Replica 0 ended: exit code 1");
    assert_eq!((after.spec.memory_in_mb, after.spec.variables.get("FATE")), (1024, None));
    assert_eq!(after.status, DeploymentStatus::Running);
    eventually(async || {
        let specs = stage.machine.specs(first.id);
        (specs.len() == 1 && specs[0].id.version == 1).then_some(())
    })
    .await;

    let versions = stage.control.deployments.versions(&stage.admin, first.id).await.unwrap();
    let told: Vec<_> = versions.iter().map(|v| (v.version.version, v.version.outcome, v.current)).collect();
    assert_eq!(told, [(2, Outcome::RolledBack, false), (1, Outcome::Healthy, true)]);
    assert_eq!(versions[0].version.outcome_reason.as_deref(), Some("Replica 0 ended: exit code 1"));

    // The next version does not take the number of the one that was undone.
    let third =
        update(&stage, &first, UpdateDeployment { memory_in_mb: Some(88), ..Default::default() }).await;
    assert_eq!((third.version, third.rollback), (3, None));
    assert_eq!(stage.machine.builds(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_version_has_nothing_to_go_back_to() {
    let stage = Stage::new().await;
    let first = deploy(&stage, false).await;
    update(&stage, &first, UpdateDeployment { running: Some(true), ..fate("falls") }).await;
    let now = until(&stage, &first, |now| now.status == DeploymentStatus::RuntimeError).await;
    assert_eq!((now.rollback, now.status_reason.as_deref()), (None, Some("Replica 0 ended: exit code 1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_version_can_run_again_with_code_variables_and_limits() {
    let stage = Stage::new().await;
    let first = deploy(&stage, true).await;
    runs(&stage, &first).await;
    let before = first.commit.clone();
    let files = [("app/main.py", "print(2)"), ("app/extra.py", "")];
    let head = stage.commit(&files).await;
    let newer = UpdateDeployment {
        git_reference: Some(GitReference::Latest),
        memory_in_mb: Some(77),
        replicas: Some(3),
        ..fate("runs")
    };
    update(&stage, &first, newer).await;
    let second = until(&stage, &first, |now| now.running_version == Some(2)).await;
    assert_eq!((second.commit, stage.machine.builds()), (head, 2));

    let (fields, paths) = stage.control.deployments.changes(&stage.admin, first.id, 2, 1).await.unwrap();
    let field = |name: &str| fields.iter().find(|change| change.field == name).unwrap();
    assert_eq!(field("memoryInMb").after.as_deref(), Some("77"));
    assert_eq!(
        (&field("variables.FATE").before, field("variables.FATE").after.as_deref()),
        (&None, Some("runs"))
    );
    let paths: Vec<_> = paths.iter().map(|file| (file.path.as_str(), file.change)).collect();
    assert_eq!(paths, [("app/extra.py", FileChangeKind::Added), ("app/main.py", FileChangeKind::Modified)]);

    let back = stage.control.deployments.roll_back(&stage.admin, first.id, 1).await.unwrap();
    assert_eq!((back.version, &back.commit, back.spec.memory_in_mb), (3, &before, 1024));
    assert_eq!(back.spec.git_reference, GitReference::Commit(before));
    // How many run is of no version.
    assert_eq!((back.spec.replicas, back.spec.variables.get("FATE")), (3, None));
    until(&stage, &first, |now| now.running_version == Some(3)).await;
    assert_eq!(stage.machine.builds(), 2);
    let versions = stage.control.deployments.versions(&stage.admin, first.id).await.unwrap();
    assert_eq!((versions[0].version.rolled_back_to, versions[0].serving), (Some(1), true));

    let missing = stage.control.deployments.roll_back(&stage.admin, first.id, 9).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_changes_of_people_stand_in_each_others_way() {
    let stage = Stage::new().await;
    let first = deploy(&stage, true).await;
    // Its status moves several times meanwhile.
    let now = runs(&stage, &first).await;
    assert!(now.revision > first.revision);
    let at =
        |revision| UpdateDeployment { if_revision: Some(revision), replicas: Some(2), ..Default::default() };
    let second = update(&stage, &first, at(first.wish_revision)).await;
    assert_eq!(second.wish_revision, first.wish_revision + 1);
    let late = stage.control.deployments.update(&stage.admin, first.id, at(first.wish_revision)).await;
    assert!(matches!(late, Err(Error::Stale { .. })), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_again_without_another_version() {
    let stage = Stage::new().await;
    let first = deploy(&stage, false).await;
    let job =
        UpdateDeployment { deployment_type: Some(DeploymentType::Job), running: Some(true), ..fate("ends") };
    update(&stage, &first, job).await;
    let done = until(&stage, &first, |now| now.status == DeploymentStatus::Completed).await;
    let again = stage.control.deployments.start(&stage.admin, first.id).await.unwrap();
    assert_ne!(again.status, DeploymentStatus::Completed);
    let once_more = until(&stage, &first, |now| now.status == DeploymentStatus::Completed).await;
    assert_eq!(once_more.version, done.version);
    assert!(once_more.started_at >= done.started_at);

    let schedule = Some(Some("0 0 1 1 *".parse().unwrap()));
    let planned = update(&stage, &first, UpdateDeployment { schedule, ..Default::default() }).await;
    assert!(planned.next_run_at.is_some());
    let never = Some(Some("0 0 30 2 *".parse().unwrap()));
    let refused = UpdateDeployment { schedule: never, ..Default::default() };
    let refused = stage.control.deployments.update(&stage.admin, first.id, refused).await;
    assert!(refused.unwrap_err().to_string().contains("never comes"));
}
