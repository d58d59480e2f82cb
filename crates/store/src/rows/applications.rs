//! Applications.

use headwater_model::{ApplicationId, ChangeKind, WorkspaceId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::{clock, hit, micros, time};
use crate::{Application, Error, Read, Result, Write, entity::application};

impl Read {
    /// All applications of a workspace, by path.
    pub async fn applications(&self, workspace: &WorkspaceId) -> Result<Vec<Application>> {
        let of_workspace = application::Column::Workspace.eq(workspace.as_str());
        let query = application::Entity::find().filter(of_workspace).order_by_asc(application::Column::Path);
        query.all(&self.tx).await?.into_iter().map(to_application).collect()
    }

    /// One application; none when there is no row.
    pub async fn application(&self, id: ApplicationId) -> Result<Option<Application>> {
        application::Entity::find_by_id(id.to_string()).one(&self.tx).await?.map(to_application).transpose()
    }
}

impl Write {
    /// Adds an application.
    pub async fn create_application(&mut self, mut new: Application) -> Result<Application> {
        let same_path = application::Entity::find()
            .filter(application::Column::Workspace.eq(new.workspace.as_str()))
            .filter(application::Column::Path.eq(new.path.as_str()));
        if same_path.one(&self.tx).await?.is_some() {
            return Err(Error::exists("application path", &new.path));
        }
        new.revision = 1;
        let row = to_row(&new)?.into_active_model().reset_all();
        application::Entity::insert(row).exec_without_returning(&self.tx).await?;
        self.change(ChangeKind::Application, new.id, 1).await?;
        Ok(new)
    }

    /// Writes an application that was read at `application.revision`; answers it at the next.
    pub async fn save_application(&mut self, mut application: Application) -> Result<Application> {
        let read_at = application.revision;
        application.revision += 1;
        application.updated_at = clock();
        let saved = application::Entity::update_many()
            .set(to_row(&application)?.into_active_model().reset_all())
            .filter(application::Column::Id.eq(application.id.to_string()))
            .filter(application::Column::Revision.eq(read_at))
            .exec(&self.tx)
            .await?;
        hit(saved.rows_affected, "application", &application.id, read_at)?;
        self.change(ChangeKind::Application, application.id, application.revision).await?;
        Ok(application)
    }

    /// Removes an application's row; one that is gone is removed already.
    pub async fn delete_application(&mut self, id: ApplicationId) -> Result<()> {
        let gone = application::Entity::delete_by_id(id.to_string()).exec(&self.tx).await?;
        match gone.rows_affected {
            0 => Ok(()),
            _ => self.change(ChangeKind::Application, id, -1).await,
        }
    }
}

fn to_application(row: application::Model) -> Result<Application> {
    Ok(Application {
        id: row.id.parse()?,
        workspace: row.workspace.parse()?,
        path: row.path,
        app: row.app.map(serde_json::from_value).transpose()?,
        error: row.error,
        last_commit: row.last_commit.map(serde_json::from_value).transpose()?,
        tree: row.tree,
        revision: row.revision,
        created_at: time(row.created_at)?,
        updated_at: time(row.updated_at)?,
    })
}

fn to_row(application: &Application) -> Result<application::Model> {
    Ok(application::Model {
        id: application.id.to_string(),
        workspace: application.workspace.to_string(),
        path: application.path.clone(),
        app: application.app.as_ref().map(serde_json::to_value).transpose()?,
        error: application.error.clone(),
        last_commit: application.last_commit.as_ref().map(serde_json::to_value).transpose()?,
        tree: application.tree.clone(),
        revision: application.revision,
        created_at: micros(application.created_at),
        updated_at: micros(application.updated_at),
    })
}
