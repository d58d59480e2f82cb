//! Rows to test with.

use std::{collections::BTreeMap, path::Path};

use headwater_model::{
    ApplicationId, DeploymentId, DeploymentSpec, DeploymentStatus, DeploymentType, GitReference, TopicConfig,
    TopicStatus, WorkspaceId,
};
use headwater_store::{Deployment, Origin, Rollback, Secret, Store, Topic, Workspace, clock};

pub(crate) async fn open(dir: &Path) -> (Store, WorkspaceId) {
    let store = Store::open(dir).await.unwrap();
    let ws = organisation(&store).await;
    (store, ws)
}

pub(crate) async fn organisation(store: &Store) -> WorkspaceId {
    let new = workspace("acme-demo-dev");
    let mut write = store.write_all().await.unwrap();
    write.create_organisation(&new.organisation, "Acme").await.unwrap();
    write.create_project(&new.project, &new.organisation, "demo").await.unwrap();
    write.create_workspace(new.clone()).await.unwrap();
    write.commit().await.unwrap();
    new.id
}

pub(crate) fn workspace(id: &str) -> Workspace {
    Workspace {
        id: id.parse().unwrap(),
        organisation: "acme".parse().unwrap(),
        project: "acme-demo".parse().unwrap(),
        name: "Demo".into(),
        environment: "dev".into(),
        branch: "main".into(),
        broker_password: Secret::new("p4ssw0rd"),
        revision: 1,
        created_at: clock(),
    }
}

pub(crate) fn topic(ws: &WorkspaceId, name: &str) -> Topic {
    let now = clock();
    Topic {
        id: ws.topic(name).unwrap(),
        workspace: ws.clone(),
        name: name.into(),
        config: TopicConfig::default(),
        status: TopicStatus::Creating,
        last_error: None,
        origin: Origin::Managed,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

pub(crate) fn deployment(ws: &WorkspaceId, name: &str) -> Deployment {
    let now = clock();
    Deployment {
        id: DeploymentId::new(),
        workspace: ws.clone(),
        spec: DeploymentSpec {
            application_id: ApplicationId::new(),
            name: name.into(),
            deployment_type: DeploymentType::Service,
            git_reference: GitReference::Tag("v1".into()),
            replicas: 2,
            cpu_millicores: 200,
            memory_in_mb: 500,
            variables: BTreeMap::new(),
            url_prefix: None,
            state_size: Some(1),
            running: true,
            health_check: None,
            job_retries: 0,
            schedule: None,
        },
        version: 1,
        running_version: None,
        commit: "c0ffee".into(),
        build: None,
        status: DeploymentStatus::QueuedForBuild,
        status_reason: None,
        update_status: Some(DeploymentStatus::Building),
        deleting: false,
        started_at: None,
        good_version: Some(7),
        rollback: Some(Rollback { from: 8, to: 7, reason: "its port never opened".into(), at: now }),
        next_run_at: Some(now),
        revision: 1,
        wish_revision: 1,
        created_by: Some("u1".into()),
        created_at: now,
        updated_by: None,
        updated_at: now,
    }
}
