//! Deployments, their versions and builds. Hidden values of variables are sealed within the stored spec.

use headwater_model::{ChangeKind, DeploymentId, DeploymentSpec, InputType, WorkspaceId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::{from_number, from_word, hit, micros, number, time, time_opt, word};
use crate::{
    Build, Deployment, DeploymentVersion, Error, Read, Result, Secret, Write,
    entity::{build, deployment, deployment_version as version},
    key::Key,
};

impl Read {
    /// All deployments of a workspace, oldest first.
    pub async fn deployments(&self, workspace: &WorkspaceId) -> Result<Vec<Deployment>> {
        let of_workspace = deployment::Column::Workspace.eq(workspace.as_str());
        let query = deployment::Entity::find().filter(of_workspace).order_by_asc(deployment::Column::Id);
        query.all(&self.tx).await?.into_iter().map(|row| self.to_deployment(row)).collect()
    }

    /// All deployments of all workspaces.
    pub async fn all_deployments(&self) -> Result<Vec<Deployment>> {
        let rows = deployment::Entity::find().order_by_asc(deployment::Column::Id).all(&self.tx).await?;
        rows.into_iter().map(|row| self.to_deployment(row)).collect()
    }

    /// One deployment; none when there is no row.
    pub async fn deployment(&self, id: DeploymentId) -> Result<Option<Deployment>> {
        let row = deployment::Entity::find_by_id(id.to_string()).one(&self.tx).await?;
        row.map(|row| self.to_deployment(row)).transpose()
    }

    /// The versions of a deployment, newest first.
    pub async fn versions(&self, id: DeploymentId) -> Result<Vec<DeploymentVersion>> {
        let of_deployment = version::Column::Deployment.eq(id.to_string());
        let query = version::Entity::find().filter(of_deployment).order_by_desc(version::Column::Version);
        query.all(&self.tx).await?.into_iter().map(|row| self.to_version(row)).collect()
    }

    /// One version of a deployment; none when there is no row.
    pub async fn version(&self, id: DeploymentId, number_: u32) -> Result<Option<DeploymentVersion>> {
        let row = version::Entity::find_by_id((id.to_string(), number(number_))).one(&self.tx).await?;
        row.map(|row| self.to_version(row)).transpose()
    }

    /// The highest number that a version of a deployment has; 0 when it has none.
    pub async fn latest_version(&self, id: DeploymentId) -> Result<u32> {
        let newest = version::Entity::find()
            .filter(version::Column::Deployment.eq(id.to_string()))
            .select_only()
            .column_as(version::Column::Version.max(), "newest")
            .into_tuple::<Option<i32>>();
        newest.one(&self.tx).await?.flatten().map_or(Ok(0), from_number)
    }

    /// One build; none when there is no row.
    pub async fn build(&self, id: &str) -> Result<Option<Build>> {
        build::Entity::find_by_id(id).one(&self.tx).await?.map(to_build).transpose()
    }

    fn to_deployment(&self, row: deployment::Model) -> Result<Deployment> {
        Ok(Deployment {
            spec: open(&self.key, &row.id, row.spec)?,
            id: row.id.parse()?,
            workspace: row.workspace.parse()?,
            version: from_number(row.version)?,
            running_version: row.running_version.map(from_number).transpose()?,
            commit: row.commit,
            build: row.build,
            status: from_word(row.status)?,
            status_reason: row.status_reason,
            update_status: row.update_status.map(from_word).transpose()?,
            deleting: row.deleting,
            started_at: time_opt(row.started_at)?,
            good_version: row.good_version.map(from_number).transpose()?,
            rollback: row.rollback.map(serde_json::from_value).transpose()?,
            next_run_at: time_opt(row.next_run_at)?,
            revision: row.revision,
            wish_revision: row.wish_revision,
            created_by: row.created_by,
            created_at: time(row.created_at)?,
            updated_by: row.updated_by,
            updated_at: time(row.updated_at)?,
        })
    }

    fn to_version(&self, row: version::Model) -> Result<DeploymentVersion> {
        Ok(DeploymentVersion {
            spec: open(&self.key, &row.deployment, row.spec)?,
            deployment: row.deployment.parse()?,
            version: from_number(row.version)?,
            commit: row.commit,
            tree: row.tree,
            app: serde_json::from_value(row.app)?,
            path: row.path,
            build: row.build,
            environment: row.environment,
            commit_message: row.commit_message,
            outcome: from_word(row.outcome)?,
            outcome_reason: row.outcome_reason,
            rolled_back_to: row.rolled_back_to.map(from_number).transpose()?,
            created_by: row.created_by,
            created_at: time(row.created_at)?,
        })
    }

    fn deployment_row(&self, of: &Deployment) -> Result<deployment::Model> {
        let id = of.id.to_string();
        let prefix = of.spec.url_prefix.as_ref().filter(|_| !of.deleting);
        Ok(deployment::Model {
            workspace: of.workspace.to_string(),
            application: of.spec.application_id.to_string(),
            spec: seal(&self.key, &id, &of.spec)?,
            version: number(of.version),
            running_version: of.running_version.map(number),
            commit: of.commit.clone(),
            build: of.build.clone(),
            status: word(&of.status)?,
            status_reason: of.status_reason.clone(),
            update_status: of.update_status.as_ref().map(word).transpose()?,
            deleting: of.deleting,
            host_label: prefix.map(|prefix| format!("{prefix}-{}", of.workspace)),
            started_at: of.started_at.map(micros),
            good_version: of.good_version.map(number),
            rollback: of.rollback.as_ref().map(serde_json::to_value).transpose()?,
            next_run_at: of.next_run_at.map(micros),
            revision: of.revision,
            wish_revision: of.wish_revision,
            created_by: of.created_by.clone(),
            created_at: micros(of.created_at),
            updated_by: of.updated_by.clone(),
            updated_at: micros(of.updated_at),
            id,
        })
    }

    async fn host_label_is_free(&self, row: &deployment::Model) -> Result<()> {
        let Some(label) = &row.host_label else { return Ok(()) };
        let other = deployment::Entity::find()
            .filter(deployment::Column::HostLabel.eq(label))
            .filter(deployment::Column::Id.ne(&row.id));
        match other.one(&self.tx).await? {
            None => Ok(()),
            Some(_) => Err(Error::exists("URL prefix", label)),
        }
    }
}

impl Write {
    /// Adds a deployment.
    pub async fn create_deployment(&mut self, mut new: Deployment) -> Result<Deployment> {
        new.revision = 1;
        let row = self.deployment_row(&new)?;
        self.host_label_is_free(&row).await?;
        let row = row.into_active_model().reset_all();
        deployment::Entity::insert(row).exec_without_returning(&self.tx).await?;
        self.change(ChangeKind::Deployment, new.id, 1).await?;
        Ok(new)
    }

    /// Writes a deployment that was read at `deployment.revision`; answers it at the next.
    pub async fn save_deployment(&mut self, mut deployment: Deployment) -> Result<Deployment> {
        let read_at = deployment.revision;
        deployment.revision += 1;
        let row = self.deployment_row(&deployment)?;
        self.host_label_is_free(&row).await?;
        let saved = deployment::Entity::update_many()
            .set(row.into_active_model().reset_all())
            .filter(deployment::Column::Id.eq(deployment.id.to_string()))
            .filter(deployment::Column::Revision.eq(read_at))
            .exec(&self.tx)
            .await?;
        hit(saved.rows_affected, "deployment", &deployment.id, read_at)?;
        self.change(ChangeKind::Deployment, deployment.id, deployment.revision).await?;
        Ok(deployment)
    }

    /// Removes a deployment's row with its versions and builds; one that is gone is removed already.
    pub async fn delete_deployment(&mut self, id: DeploymentId) -> Result<()> {
        let gone = deployment::Entity::delete_by_id(id.to_string()).exec(&self.tx).await?;
        match gone.rows_affected {
            0 => Ok(()),
            _ => self.change(ChangeKind::Deployment, id, -1).await,
        }
    }

    /// Adds or replaces a version of a deployment.
    pub async fn put_version(&mut self, of: &DeploymentVersion) -> Result<()> {
        let key = (of.deployment.to_string(), number(of.version));
        version::Entity::delete_by_id(key.clone()).exec(&self.tx).await?;
        let row = version::Model {
            spec: seal(&self.key, &key.0, &of.spec)?,
            deployment: key.0,
            version: key.1,
            commit: of.commit.clone(),
            tree: of.tree.clone(),
            app: serde_json::to_value(&of.app)?,
            path: of.path.clone(),
            build: of.build.clone(),
            environment: of.environment.clone(),
            commit_message: of.commit_message.clone(),
            outcome: word(&of.outcome)?,
            outcome_reason: of.outcome_reason.clone(),
            rolled_back_to: of.rolled_back_to.map(number),
            created_by: of.created_by.clone(),
            created_at: micros(of.created_at),
        };
        version::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(&self.tx).await?;
        Ok(())
    }

    /// Adds or replaces a build.
    pub async fn put_build(&mut self, of: &Build) -> Result<()> {
        build::Entity::delete_by_id(&of.id).exec(&self.tx).await?;
        let row = build::Model {
            id: of.id.clone(),
            workspace: of.workspace.to_string(),
            deployment: of.deployment.to_string(),
            version: number(of.version),
            status: word(&of.status)?,
            reason: of.reason.clone(),
            created_at: micros(of.created_at),
            started_at: of.started_at.map(micros),
            ended_at: of.ended_at.map(micros),
        };
        build::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(&self.tx).await?;
        Ok(())
    }
}

fn to_build(row: build::Model) -> Result<Build> {
    Ok(Build {
        id: row.id,
        workspace: row.workspace.parse()?,
        deployment: row.deployment.parse()?,
        version: from_number(row.version)?,
        status: from_word(row.status)?,
        reason: row.reason,
        created_at: time(row.created_at)?,
        started_at: time_opt(row.started_at)?,
        ended_at: time_opt(row.ended_at)?,
    })
}

fn hidden(kind: InputType) -> bool {
    matches!(kind, InputType::HiddenText | InputType::Secret)
}

fn place(deployment: &str, variable: &str) -> String {
    format!("deployment/{deployment}/{variable}")
}

fn seal(key: &Key, deployment: &str, spec: &DeploymentSpec) -> Result<serde_json::Value> {
    let mut spec = spec.clone();
    for (name, variable) in spec.variables.iter_mut().filter(|(_, variable)| hidden(variable.input_type)) {
        variable.value = key.seal(&place(deployment, name), &Secret::new(&*variable.value));
    }
    Ok(serde_json::to_value(spec)?)
}

fn open(key: &Key, deployment: &str, spec: serde_json::Value) -> Result<DeploymentSpec> {
    let mut spec: DeploymentSpec = serde_json::from_value(spec)?;
    for (name, variable) in spec.variables.iter_mut().filter(|(_, variable)| hidden(variable.input_type)) {
        variable.value = key.open_sealed(&place(deployment, name), &variable.value)?.expose().to_owned();
    }
    Ok(spec)
}
