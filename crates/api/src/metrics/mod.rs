//! `/metrics`: the platform and what it runs, for Prometheus.

mod http;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Extension, Router,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
    routing::get,
};
use headwater_model::Principal;
use prometheus_client::{encoding::prometheus_text, metrics::gauge::Gauge, registry::Registry};

pub(crate) use http::layer;

use self::http::Requests;
use crate::{
    App,
    error::{Error, Result},
    extract::Credential,
};

/// What a proxy adds. A caller behind one is not on this machine, though the proxy may be.
const PROXIED: [HeaderName; 3] =
    [header::FORWARDED, HeaderName::from_static("x-forwarded-for"), HeaderName::from_static("x-real-ip")];

/// What the edges count, with all else that is counted. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Instruments(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Requests,
    sockets: Gauge,
}

/// A live socket that is open.
pub(crate) struct OpenSocket(Gauge);

impl Instruments {
    /// Adds what the edges count, under `headwater`, to what `registry` has.
    pub fn new(mut registry: Registry) -> Self {
        let ours = registry.sub_registry_with_prefix("headwater");
        let requests = Requests::register(ours);
        let sockets = Gauge::default();
        ours.register("live_sockets", "Live sockets that are open", sockets.clone());
        Self(Arc::new(Inner { registry, requests, sockets }))
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.0.requests
    }

    /// Counts a live socket until it is dropped.
    pub(crate) fn open_socket(&self) -> OpenSocket {
        self.0.sockets.inc();
        OpenSocket(self.0.sockets.clone())
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        self.0.dec();
    }
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/metrics", get(tell))
}

/// For callers on this machine, and for those who may read the platform's figures.
async fn tell(
    State(app): State<App>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Result<Response> {
    let who = match Credential::of(&headers) {
        Some(credential) => credential.authenticate(&app.control).await?,
        None if is_here(peer.map(|peer| peer.0.0), &headers) => Principal::Platform,
        None => return Err(Error::unauthorised()),
    };
    let mut text = app.control.metrics.text(&who).await?;
    prometheus_text::encode(&mut text, &app.instruments.0.registry).map_err(|_| Error::internal())?;
    Ok(([(header::CONTENT_TYPE, prometheus_text::CONTENT_TYPE)], text).into_response())
}

/// Whether a caller is on this machine.
fn is_here(peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    let loopback = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    loopback && !PROXIED.iter().any(|name| headers.contains_key(name))
}
