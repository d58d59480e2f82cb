//! Only names that the platform knows are answered, so that no foreign page can reach it by a name of its own.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use headwater_model::Hosts;

use crate::error::Error;

/// Refuses other hosts.
pub(crate) async fn layer(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|v| v.to_str().ok());
    let host = named.or(request.uri().authority().map(|a| a.as_str()));
    if host.is_some_and(|host| hosts.allow(host)) {
        return next.run(request).await;
    }
    Error::new(StatusCode::MISDIRECTED_REQUEST, "unknown-host", "This host name is not served here.")
        .hint("Add it to http.allowed_hosts or http.domain in the configuration.")
        .into_response()
}
