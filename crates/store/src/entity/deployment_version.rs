//! Versions of deployments.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deployment_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub deployment: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub spec: Json,
    pub commit: String,
    pub tree: String,
    pub app: Json,
    pub path: String,
    pub build: Option<String>,
    pub environment: Option<Json>,
    pub outcome: String,
    pub outcome_reason: Option<String>,
    pub rolled_back_to: Option<i32>,
    pub commit_message: Option<String>,
    pub created_by: Option<String>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
