//! Only names that the platform knows are answered, so that no foreign page can reach it by a name of its own.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use headwater_model::Hosts;

use crate::error::Error;

/// Refuses other hosts.
pub(crate) async fn layer(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    if named(request.headers(), request.uri()).is_some_and(|host| hosts.allow(host)) {
        return next.run(request).await;
    }
    Error::new(StatusCode::MISDIRECTED_REQUEST, "unknown-host", "This host name is not served here.")
        .hint("Add it to http.allowed_hosts or http.domain in the configuration.")
        .into_response()
}

/// The host that a request names: by header, or in HTTP/2 by its address alone.
pub(crate) fn named<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let header = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    header.or(uri.authority().map(|authority| authority.as_str()))
}
