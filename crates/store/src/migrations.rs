//! The steps by which the tables came to be, each run once.

use sea_orm_migration::prelude::*;

mod m0001_first;
mod m0002_history;

pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_first::First), Box::new(m0002_history::History)]
    }
}
