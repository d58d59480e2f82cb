//! Deployments, from the wish to what runs and what it says.

use headwater_control::{CreateDeployment, Deployment, UpdateDeployment};
use headwater_model::{DeploymentStatus, GitReference};

use crate::stage::{APP, Stage, eventually};

/// A deployment of a fresh application.
pub(crate) async fn deploy(stage: &Stage, running: bool) -> Deployment {
    stage.commit(&[("app/app.yaml", APP), ("app/main.py", "")]).await;
    let application = stage.application("app").await.id;
    let asked = CreateDeployment { running: Some(running), ..CreateDeployment::of(application) };
    stage.control.deployments.create(&stage.admin, &stage.ws, asked).await.unwrap()
}

pub(crate) async fn runs(stage: &Stage, of: &Deployment) -> Deployment {
    eventually(async || {
        let now = stage.control.deployments.get(&stage.admin, of.id).await.unwrap().value;
        (now.status == DeploymentStatus::Running).then_some(now)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_leaves_the_folder_alone_is_kept_without_new_replicas() {
    let stage = Stage::new().await;
    let before = deploy(&stage, true).await;
    runs(&stage, &before).await;
    let head = stage.commit(&[("README.md", "# Another\n")]).await;
    let deployments = &stage.control.deployments;
    let again = UpdateDeployment { git_reference: Some(GitReference::Latest), ..Default::default() };
    let after = deployments.update(&stage.admin, before.id, again).await.unwrap();
    assert_eq!((after.version, &after.commit), (1, &head));
    let kept = &deployments.versions(&stage.admin, before.id).await.unwrap()[0].version;
    assert_eq!((kept.version, &kept.commit), (1, &head));
    assert!(kept.environment.is_some());
    for change in [
        UpdateDeployment { replicas: Some(2), ..Default::default() },
        UpdateDeployment { running: Some(false), ..Default::default() },
        UpdateDeployment { cpu_millicores: Some(500), running: Some(true), ..Default::default() },
    ] {
        assert_eq!(deployments.update(&stage.admin, before.id, change).await.unwrap().commit, head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_panicked_is_started_again() {
    let stage = Stage::new().await;
    let before = deploy(&stage, true).await;
    runs(&stage, &before).await;
    let id = stage.machine.specs(before.id).remove(0).id;
    // Whoever looks next, the deployment's task or the loop that wakes all: both must come back.
    for _ in 0..3 {
        stage.machine.panic_once();
        eventually(async || {
            stage.machine.announce(id.clone());
            stage.machine.has_panicked().then_some(())
        })
        .await;
    }
    stage.control.deployments.stop(&stage.admin, before.id).await.unwrap();
    eventually(async || {
        let now = stage.control.deployments.get(&stage.admin, before.id).await.unwrap().value;
        (now.status == DeploymentStatus::Stopped).then_some(())
    })
    .await;
}
