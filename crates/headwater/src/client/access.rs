//! How a command reaches the public API: by the address and the token that it was given, or by those of the platform
//! that runs on a data folder of this machine.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use headwater_model::WorkspaceId;

use crate::admin::{self, AddressReply, SecretReply, TokenRequest};

/// The token of commands on this machine, within the data folder, which only the platform's user can read.
const TOKEN: &str = "command-line.token";

/// Where a platform is and what opens it.
pub enum Access {
    /// As the command was told.
    Given(Door),
    /// The platform that runs on this data folder.
    Local(PathBuf),
}

/// An address and a token.
#[derive(Clone)]
pub struct Door {
    /// Where the public API answers.
    pub url: String,
    /// Who asks.
    pub token: String,
}

impl Access {
    /// Where to ask now: a platform that was started anew may have another address.
    pub async fn door(&self) -> Result<Door> {
        match self {
            Self::Given(door) => Ok(door.clone()),
            Self::Local(data_dir) => {
                let token = match kept(data_dir) {
                    Some(token) => token,
                    None => fresh(data_dir).await?,
                };
                Ok(Door { url: address(data_dir).await?, token })
            }
        }
    }

    /// The same after the token was refused.
    pub async fn renewed(&self) -> Result<Door> {
        match self {
            Self::Given(_) => bail!("the token is not valid (any more): give another with --token"),
            Self::Local(data_dir) => {
                Ok(Door { token: fresh(data_dir).await?, url: address(data_dir).await? })
            }
        }
    }
}

async fn address(data_dir: &Path) -> Result<String> {
    Ok(admin::Client::new(data_dir).get::<AddressReply>("/address").await?.url)
}

fn kept(data_dir: &Path) -> Option<String> {
    let text = fs::read_to_string(data_dir.join(TOKEN)).ok()?;
    Some(text.trim().to_owned()).filter(|token| !token.is_empty())
}

async fn fresh(data_dir: &Path) -> Result<String> {
    let request = TokenRequest { workspace: None::<WorkspaceId> };
    let reply: SecretReply = admin::Client::new(data_dir).post("/tokens", &request).await?;
    keep(data_dir, &reply.secret).with_context(|| format!("keeping a token in {}", data_dir.display()))?;
    Ok(reply.secret)
}

/// Writes it whole: two commands may do so at once.
fn keep(data_dir: &Path, token: &str) -> std::io::Result<()> {
    let beside = data_dir.join(format!("{TOKEN}.{}", std::process::id()));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    writeln!(file, "{token}")?;
    fs::rename(beside, data_dir.join(TOKEN))
}
