//! The platform that a command speaks to.

use std::path::PathBuf;

use clap::Args;

use crate::{
    admin::Client,
    config::{self, Config, Problems},
};

/// Which platform: by the same configuration that `serve` reads.
#[derive(Debug, Args)]
pub struct Target {
    /// The platform's folder
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Configuration file; headwater.toml when there is one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Target {
    /// Its configuration.
    pub fn config(&self) -> Result<Config, Problems> {
        let flags = self.data_dir.iter().map(|dir| ("data_dir", dir.display().to_string().into())).collect();
        config::load(self.config.as_deref(), flags)
    }

    /// Its admin socket.
    pub fn client(&self) -> Result<Client, Problems> {
        Ok(Client::new(&self.config()?.data_dir))
    }
}
