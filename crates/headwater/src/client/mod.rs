//! The public API, as commands use it.

mod access;
mod live;

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use reqwest::{StatusCode, Url};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

pub use access::{Access, Door};
pub use live::{Follower, Seen};

/// A platform that is spoken to.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    access: Arc<Access>,
}

/// What the platform says of a request that it does not serve.
#[derive(Deserialize)]
struct Refusal {
    message: String,
    hint: Option<String>,
}

impl Api {
    /// The platform that `access` leads to.
    pub fn new(access: Access) -> Self {
        Self { http: reqwest::Client::new(), access: Arc::new(access) }
    }

    /// `GET path` with the members of a query that are there.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, Option<String>)]) -> Result<T> {
        let door = self.access.door().await?;
        let answer = self.ask(&door.url, &door.token, path, query).await?;
        let answer = match answer.status() {
            // The token that was kept on this machine was revoked.
            StatusCode::UNAUTHORIZED => {
                let door = self.access.renewed().await?;
                self.ask(&door.url, &door.token, path, query).await?
            }
            _ => answer,
        };
        if !answer.status().is_success() {
            return Err(refused(answer).await);
        }
        Ok(answer.json().await?)
    }

    async fn ask(
        &self,
        url: &str,
        token: &str,
        path: &str,
        query: &[(&str, Option<String>)],
    ) -> Result<reqwest::Response> {
        let mut address = Url::parse(url).with_context(|| format!("'{url}' is no address"))?;
        if address.scheme() != "http" {
            bail!("{url}: only http:// is spoken here; run this on the platform's machine, with --data-dir");
        }
        address.set_path(path);
        let given = query.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        address.query_pairs_mut().extend_pairs(given);
        let request = self.http.get(address).bearer_auth(token);
        request.send().await.with_context(|| format!("{url} does not answer"))
    }

    /// Opens a channel of the live socket and keeps it open over cut connections.
    pub fn follow(&self, channel: Value) -> Follower {
        Follower::new(self.access.clone(), channel)
    }
}

async fn refused(answer: reqwest::Response) -> anyhow::Error {
    let status = answer.status();
    match answer.json::<Refusal>().await {
        Ok(Refusal { message, hint: Some(hint) }) => anyhow::anyhow!("{message} {hint}"),
        Ok(Refusal { message, hint: None }) => anyhow::anyhow!("{message}"),
        Err(_) => anyhow::anyhow!("the platform answered {status}"),
    }
}
