//! What only the first start does: a link to sign in by, and the demo.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use anyhow::{Context, Result};
use axum::Router;
use headwater_control::{Control, CreateToken, TokenFor};
use headwater_model::Principal;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{admin, demo};

/// In the data folder once the first link was printed.
const LINK_SAID: &str = ".signed-in-link";
/// In the data folder once the demo stands.
const DEMO_SEEDED: &str = ".demo-seeded";

/// A link for the first visit; none when a start before printed one.
pub(super) async fn link(admin: &admin::Admin, data_dir: &Path) -> Result<Option<String>> {
    if data_dir.join(LINK_SAID).exists() {
        return Ok(None);
    }
    Ok(Some(admin::sign_in_link(&admin.control, &admin.portal_url).await?))
}

/// Remembers that the link was printed. Not before: a start that fails on its way leaves the link to the next.
pub(super) fn link_was_said(data_dir: &Path) -> Result<()> {
    let marker = data_dir.join(LINK_SAID);
    let text = "The first start printed a sign-in link; `headwater sign-in` prints another.\n";
    std::fs::write(&marker, text).with_context(|| format!("writing {}", marker.display()))
}

/// Where programs on this machine reach the platform.
pub(super) struct Door {
    url: String,
    serving: Option<JoinHandle<std::io::Result<()>>>,
}

impl Door {
    /// Its address.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Stays open until `shutdown`.
    pub(super) async fn stay(self, shutdown: CancellationToken) -> Result<()> {
        shutdown.cancelled().await;
        Ok(())
    }

    /// Where everybody does.
    pub(super) fn of(url: String) -> Self {
        Self { url, serving: None }
    }

    /// On a loopback port of its own, without TLS: a certificate need not be one that this machine trusts.
    pub(super) async fn open(router: Router) -> Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("a port for this machine")?;
        let url = format!("http://{}", listener.local_addr()?);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(axum::serve(listener, service).into_future());
        Ok(Self { url, serving: Some(serving) })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

/// Seeds the demo beside everything else; a failure is told and the platform goes on.
pub(super) async fn demo(control: &Control, url: String, data_dir: &Path) -> Result<()> {
    let marker = data_dir.join(DEMO_SEEDED);
    if marker.exists() {
        return Ok(());
    }
    let expires_at = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_hours(1)).ok();
    let token = CreateToken { name: "demo".into(), kind: TokenFor::Personal { role: None }, expires_at };
    let (token, secret) = control.tokens.create(&Principal::Platform, token).await?;
    let control = control.clone();
    let target = demo::Target { url, token: secret.expose().to_owned() };
    tokio::spawn(async move {
        if let Err(error) = demo::seed(&target, &marker).await {
            tracing::error!(
                error = format!("{error:#}"),
                "the demo could not be deployed; the next start tries again"
            );
        }
        if let Err(error) = control.tokens.delete(&Principal::Platform, token.id).await {
            tracing::warn!(%error, "revoking the demo's token");
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;

    #[tokio::test]
    async fn a_door_of_its_own_closes_with_its_owner() {
        let door = Door::open(Router::new().route("/", get(|| async { "here" }))).await.unwrap();
        let url = door.url.clone();
        assert_eq!(reqwest::get(&url).await.unwrap().text().await.unwrap(), "here");
        let serving = door.serving.as_ref().unwrap().abort_handle();
        drop(door);
        while !serving.is_finished() {
            tokio::task::yield_now().await;
        }
        assert!(reqwest::get(&url).await.is_err());
    }
}
