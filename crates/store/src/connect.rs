//! Opening the database. Everything that is SQLite's alone stands here.

use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr,
    IsolationLevel, TransactionTrait,
};

/// Readers that may be at work at once.
const READERS: u32 = 4;

/// One connection that writes and some that read. On Postgres they may be more; here the lock is the workspace's row.
pub(crate) async fn connect(url: &str) -> Result<(DatabaseConnection, DatabaseConnection), DbErr> {
    let writer = Database::connect(options(url, 1)).await?;
    let readers = Database::connect(options(url, READERS)).await?;
    Ok((writer, readers))
}

/// The URL of the database file in a data folder.
pub(crate) fn file_url(data_dir: &Path) -> String {
    format!("sqlite://{}?mode=rwc", data_dir.join("store.db").display())
}

/// A transaction whose every statement sees the same state. SQLite's always do; Postgres is asked.
pub(crate) async fn snapshot(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    match db.get_database_backend() {
        DatabaseBackend::Sqlite => db.begin().await,
        _ => db.begin_with_config(Some(IsolationLevel::RepeatableRead), None).await,
    }
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).sqlx_logging(false);
    options.acquire_timeout(Duration::from_secs(30));
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("journal_mode", "WAL")
            // What was answered with success must survive a power cut.
            .pragma("synchronous", "FULL")
    });
    options
}
