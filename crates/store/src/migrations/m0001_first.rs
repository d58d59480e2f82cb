//! The first set of tables.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, integer, integer_null, json, json_null, string, string_null,
        text, text_null,
    },
};

pub(super) struct First;

impl MigrationName for First {
    fn name(&self) -> &str {
        "m0001_first"
    }
}

#[async_trait::async_trait]
#[allow(elided_lifetimes_in_paths, reason = "the trait writes it so")]
impl MigrationTrait for First {
    async fn up(&self, db: &SchemaManager) -> Result<(), DbErr> {
        for table in places().into_iter().chain(people()).chain(things()).chain(deployments()) {
            db.create_table(table).await?;
        }
        for index in indexes() {
            db.create_index(index).await?;
        }
        Ok(())
    }
}

fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }
    table
}

fn id(name: &'static str) -> ColumnDef {
    let mut column = string(name);
    column.primary_key();
    column
}

fn belongs(table: &mut TableCreateStatement, from: &'static str, to: &'static str) {
    table.foreign_key(ForeignKey::create().from_col(from).to(to, "id").on_delete(ForeignKeyAction::Cascade));
}

fn places() -> Vec<TableCreateStatement> {
    let organisation = table("organisation", vec![id("id"), string("name"), big_integer("created_at")]);
    let mut project =
        table("project", vec![id("id"), string("organisation"), string("name"), big_integer("created_at")]);
    belongs(&mut project, "organisation", "organisation");
    let mut workspace = table(
        "workspace",
        vec![
            id("id"),
            string("organisation"),
            string("project"),
            string("environment"),
            string("branch"),
            string("name"),
            big_integer("seq"),
            text("broker_password"),
            big_integer("revision"),
            big_integer("created_at"),
        ],
    );
    belongs(&mut workspace, "project", "project");
    let mut change = table(
        "change",
        vec![
            string("workspace"),
            big_integer("seq"),
            string("kind"),
            string("object"),
            big_integer("revision"),
            big_integer("at"),
        ],
    );
    change.primary_key(Index::create().col("workspace").col("seq"));
    belongs(&mut change, "workspace", "workspace");
    vec![organisation, project, workspace, change]
}

fn people() -> Vec<TableCreateStatement> {
    let user = table(
        "user",
        vec![
            id("id"),
            string("email"),
            string("first_name"),
            string("last_name"),
            string("role"),
            big_integer("created_at"),
        ],
    );
    let secret_of_user = |name| {
        let mut table = table(
            name,
            vec![id("hash"), string("user"), big_integer("created_at"), big_integer("expires_at")],
        );
        belongs(&mut table, "user", "user");
        table
    };
    let mut token = table(
        "token",
        vec![
            id("id"),
            string("hash"),
            string("kind"),
            string_null("workspace"),
            string_null("user"),
            string_null("role"),
            string("name"),
            text_null("sealed"),
            big_integer("created_at"),
            big_integer_null("last_used_at"),
            big_integer_null("expires_at"),
        ],
    );
    belongs(&mut token, "workspace", "workspace");
    belongs(&mut token, "user", "user");
    vec![user, secret_of_user("session"), secret_of_user("sign_in_link"), token]
}

fn things() -> Vec<TableCreateStatement> {
    let mut topic = table(
        "topic",
        vec![
            id("id"),
            string("workspace"),
            string("name"),
            json("config"),
            string("status"),
            text_null("last_error"),
            string("origin"),
            big_integer("revision"),
            big_integer("created_at"),
            big_integer("updated_at"),
        ],
    );
    belongs(&mut topic, "workspace", "workspace");
    let mut application = table(
        "application",
        vec![
            id("id"),
            string("workspace"),
            string("path"),
            json_null("app"),
            text_null("error"),
            json_null("last_commit"),
            string_null("tree"),
            big_integer("revision"),
            big_integer("created_at"),
            big_integer("updated_at"),
        ],
    );
    belongs(&mut application, "workspace", "workspace");
    vec![topic, application]
}

fn deployments() -> Vec<TableCreateStatement> {
    let mut deployment = table(
        "deployment",
        vec![
            id("id"),
            string("workspace"),
            string("application"),
            json("spec"),
            integer("version"),
            integer_null("running_version"),
            string("commit"),
            string_null("build"),
            string("status"),
            text_null("status_reason"),
            string_null("update_status"),
            boolean("deleting"),
            string_null("host_label"),
            big_integer_null("started_at"),
            big_integer("revision"),
            string_null("created_by"),
            big_integer("created_at"),
            string_null("updated_by"),
            big_integer("updated_at"),
        ],
    );
    belongs(&mut deployment, "workspace", "workspace");
    let mut version = table(
        "deployment_version",
        vec![
            string("deployment"),
            integer("version"),
            json("spec"),
            string("commit"),
            string("tree"),
            json("app"),
            string("path"),
            string_null("build"),
            json_null("environment"),
            string_null("created_by"),
            big_integer("created_at"),
        ],
    );
    version.primary_key(Index::create().col("deployment").col("version"));
    belongs(&mut version, "deployment", "deployment");
    let mut build = table(
        "build",
        vec![
            id("id"),
            string("workspace"),
            string("deployment"),
            integer("version"),
            string("status"),
            text_null("reason"),
            big_integer("created_at"),
            big_integer_null("started_at"),
            big_integer_null("ended_at"),
        ],
    );
    belongs(&mut build, "deployment", "deployment");
    vec![deployment, version, build]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let unique = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table).unique();
        for column in columns {
            index.col(*column);
        }
        index
    };
    let plain = |name: &'static str, table: &'static str, column: &'static str| {
        Index::create().name(name).table(table).col(column).take()
    };
    vec![
        unique("token_by_hash", "token", &["hash"]),
        unique("user_by_email", "user", &["email"]),
        unique("topic_by_name", "topic", &["workspace", "name"]),
        unique("application_by_path", "application", &["workspace", "path"]),
        unique("deployment_by_host", "deployment", &["host_label"]),
        plain("deployment_by_workspace", "deployment", "workspace"),
        plain("build_by_deployment", "build", "deployment"),
    ]
}
