//! Organisations, projects, workspaces.

use headwater_model::{ChangeKind, OrganisationId, ProjectId, WorkspaceId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::{micros, now, time};
use crate::{
    Error, Read, Result, Workspace, Write,
    entity::{organisation, project, workspace},
};

impl Read {
    /// All workspaces, by id.
    pub async fn workspaces(&self) -> Result<Vec<Workspace>> {
        let rows = workspace::Entity::find().order_by_asc(workspace::Column::Id).all(&self.tx).await?;
        rows.into_iter().map(|row| self.to_workspace(row)).collect()
    }

    /// One workspace.
    pub async fn workspace(&self, id: &WorkspaceId) -> Result<Workspace> {
        let row = workspace::Entity::find_by_id(id.as_str()).one(&self.tx).await?;
        self.to_workspace(row.ok_or_else(|| Error::not_found("workspace", id))?)
    }

    /// The workspaces that live on a project.
    pub async fn workspaces_of(&self, project: &ProjectId) -> Result<Vec<Workspace>> {
        let of_project = workspace::Column::Project.eq(project.as_str());
        let rows = workspace::Entity::find().filter(of_project).all(&self.tx).await?;
        rows.into_iter().map(|row| self.to_workspace(row)).collect()
    }

    /// All organisations.
    pub async fn organisations(&self) -> Result<Vec<OrganisationId>> {
        let rows =
            organisation::Entity::find().order_by_asc(organisation::Column::CreatedAt).all(&self.tx).await?;
        rows.into_iter().map(|row| Ok(row.id.parse()?)).collect()
    }

    /// The organisation of a project; none when there is no such project.
    pub async fn organisation_of(&self, project: &ProjectId) -> Result<Option<OrganisationId>> {
        let row = project::Entity::find_by_id(project.as_str()).one(&self.tx).await?;
        row.map(|row| Ok(row.organisation.parse()?)).transpose()
    }

    fn to_workspace(&self, row: workspace::Model) -> Result<Workspace> {
        Ok(Workspace {
            broker_password: self.key.open_sealed(&place(&row.id), &row.broker_password)?,
            id: row.id.parse()?,
            organisation: row.organisation.parse()?,
            project: row.project.parse()?,
            name: row.name,
            environment: row.environment,
            branch: row.branch,
            revision: row.revision,
            created_at: time(row.created_at)?,
        })
    }
}

impl Write {
    /// Makes an organisation.
    pub async fn create_organisation(&mut self, id: &OrganisationId, name: &str) -> Result<()> {
        if organisation::Entity::find_by_id(id.as_str()).one(&self.tx).await?.is_some() {
            return Err(Error::exists("organisation", id));
        }
        let row = organisation::Model { id: id.to_string(), name: name.into(), created_at: now() };
        organisation::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Makes a project.
    pub async fn create_project(
        &mut self,
        id: &ProjectId,
        organisation: &OrganisationId,
        name: &str,
    ) -> Result<()> {
        if project::Entity::find_by_id(id.as_str()).one(&self.tx).await?.is_some() {
            return Err(Error::exists("project", id));
        }
        let row = project::ActiveModel {
            id: Set(id.to_string()),
            organisation: Set(organisation.to_string()),
            name: Set(name.into()),
            created_at: Set(now()),
        };
        project::Entity::insert(row).exec_without_returning(&self.tx).await?;
        Ok(())
    }

    /// Makes a workspace and locks it for the rest of the mutation. Ids that could be mistaken for one another are
    /// refused.
    pub async fn create_workspace(&mut self, new: Workspace) -> Result<()> {
        if let Some(other) = self.workspaces().await?.into_iter().find(|other| other.id.overlaps(&new.id)) {
            return Err(Error::exists("workspace", other.id));
        }
        let row = workspace::Model {
            broker_password: self.key.seal(&place(new.id.as_str()), &new.broker_password),
            id: new.id.to_string(),
            organisation: new.organisation.to_string(),
            project: new.project.to_string(),
            environment: new.environment,
            branch: new.branch,
            name: new.name,
            seq: 0,
            revision: 1,
            created_at: micros(new.created_at),
        };
        workspace::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        self.lock(&new.id).await?;
        self.change(ChangeKind::Workspace, &new.id, 1).await
    }
}

fn place(id: &str) -> String {
    format!("workspace/{id}")
}
