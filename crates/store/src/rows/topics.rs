//! Topics.

use headwater_model::{ChangeKind, TopicId, WorkspaceId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::{clock, from_word, hit, micros, time, word};
use crate::{Error, Read, Result, Topic, Write, entity::topic};

impl Read {
    /// All topics of a workspace, by name.
    pub async fn topics(&self, workspace: &WorkspaceId) -> Result<Vec<Topic>> {
        let of_workspace = topic::Column::Workspace.eq(workspace.as_str());
        let query = topic::Entity::find().filter(of_workspace).order_by_asc(topic::Column::Name);
        query.all(&self.tx).await?.into_iter().map(to_topic).collect()
    }

    /// All topics of all workspaces.
    pub async fn all_topics(&self) -> Result<Vec<Topic>> {
        topic::Entity::find().all(&self.tx).await?.into_iter().map(to_topic).collect()
    }

    /// One topic; none when there is no row.
    pub async fn topic(&self, id: &TopicId) -> Result<Option<Topic>> {
        topic::Entity::find_by_id(id.as_str()).one(&self.tx).await?.map(to_topic).transpose()
    }
}

impl Write {
    /// Adds a topic.
    pub async fn create_topic(&mut self, mut new: Topic) -> Result<Topic> {
        if self.topic(&new.id).await?.is_some() {
            return Err(Error::exists("topic", &new.name));
        }
        new.revision = 1;
        let row = to_row(&new)?.into_active_model().reset_all();
        topic::Entity::insert(row).exec_without_returning(&self.tx).await?;
        self.change(ChangeKind::Topic, &new.id, 1).await?;
        Ok(new)
    }

    /// Writes a topic that was read at `topic.revision`; answers it at the next.
    pub async fn save_topic(&mut self, mut topic: Topic) -> Result<Topic> {
        let read_at = topic.revision;
        topic.revision += 1;
        topic.updated_at = clock();
        let saved = topic::Entity::update_many()
            .set(to_row(&topic)?.into_active_model().reset_all())
            .filter(topic::Column::Id.eq(topic.id.as_str()))
            .filter(topic::Column::Revision.eq(read_at))
            .exec(&self.tx)
            .await?;
        hit(saved.rows_affected, "topic", &topic.id, read_at)?;
        self.change(ChangeKind::Topic, &topic.id, topic.revision).await?;
        Ok(topic)
    }

    /// Removes a topic's row; one that is gone is removed already.
    pub async fn delete_topic(&mut self, id: &TopicId) -> Result<()> {
        let gone = topic::Entity::delete_by_id(id.as_str()).exec(&self.tx).await?;
        match gone.rows_affected {
            0 => Ok(()),
            _ => self.change(ChangeKind::Topic, id, -1).await,
        }
    }
}

fn to_topic(row: topic::Model) -> Result<Topic> {
    Ok(Topic {
        id: row.id.parse()?,
        workspace: row.workspace.parse()?,
        name: row.name,
        config: serde_json::from_value(row.config)?,
        status: from_word(row.status)?,
        last_error: row.last_error,
        origin: from_word(row.origin)?,
        revision: row.revision,
        created_at: time(row.created_at)?,
        updated_at: time(row.updated_at)?,
    })
}

fn to_row(topic: &Topic) -> Result<topic::Model> {
    Ok(topic::Model {
        id: topic.id.to_string(),
        workspace: topic.workspace.to_string(),
        name: topic.name.clone(),
        config: serde_json::to_value(&topic.config)?,
        status: word(&topic.status)?,
        last_error: topic.last_error.clone(),
        origin: word(&topic.origin)?,
        revision: topic.revision,
        created_at: micros(topic.created_at),
        updated_at: micros(topic.updated_at),
    })
}
