//! What became of versions, and when jobs run.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, integer_null, json_null, string, text_null},
};

pub(super) struct History;

impl MigrationName for History {
    fn name(&self) -> &str {
        "m0002_history"
    }
}

#[async_trait::async_trait]
#[allow(elided_lifetimes_in_paths, reason = "the trait writes it so")]
impl MigrationTrait for History {
    async fn up(&self, db: &SchemaManager) -> Result<(), DbErr> {
        let mut wish_revision = big_integer("wish_revision");
        wish_revision.default(1);
        let mut outcome = string("outcome");
        outcome.default("Pending");
        let columns = [
            ("deployment", wish_revision),
            ("deployment", integer_null("good_version")),
            ("deployment", json_null("rollback")),
            ("deployment", big_integer_null("next_run_at")),
            ("deployment_version", outcome),
            ("deployment_version", text_null("outcome_reason")),
            ("deployment_version", integer_null("rolled_back_to")),
            ("deployment_version", text_null("commit_message")),
        ];
        for (table, column) in columns {
            // SQLite adds one column at a time.
            db.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        Ok(())
    }
}
