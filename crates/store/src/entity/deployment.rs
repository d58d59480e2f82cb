//! Deployments; `host_label` is unique over all workspaces.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deployment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: String,
    pub application: String,
    pub spec: Json,
    pub version: i32,
    pub running_version: Option<i32>,
    pub commit: String,
    pub build: Option<String>,
    pub status: String,
    pub status_reason: Option<String>,
    pub update_status: Option<String>,
    pub deleting: bool,
    pub host_label: Option<String>,
    pub started_at: Option<i64>,
    pub revision: i64,
    pub wish_revision: i64,
    pub good_version: Option<i32>,
    pub rollback: Option<Json>,
    pub next_run_at: Option<i64>,
    pub created_by: Option<String>,
    pub created_at: i64,
    pub updated_by: Option<String>,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
