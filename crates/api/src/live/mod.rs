//! The live socket: many feeds on one WebSocket. The protocol is `docs/reference/live.md`.

mod channel;
mod protocol;
mod session;

use axum::{
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

use crate::{
    App,
    error::{Error, Result},
    extract::{Credential, Page, Query},
    request_id::Scope,
};

/// The largest frame that a client may send, in bytes.
const MAX_FRAME: usize = 64 * 1024;

#[derive(Deserialize)]
pub(crate) struct Access {
    /// A token, where a browser cannot send headers.
    access_token: Option<String>,
}

/// Opens the socket for whoever shows a token, or a session from the Portal's own pages.
pub(crate) async fn upgrade(
    State(app): State<App>,
    page: Page,
    headers: HeaderMap,
    Query(access): Query<Access>,
    socket: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response> {
    let credential = match access.access_token {
        Some(token) => Credential::Token(token),
        None => Credential::of(&headers).ok_or_else(Error::unauthorised)?,
    };
    page.may_show(&credential)?;
    credential.authenticate(&app.control).await?;
    let socket = socket.map_err(|rejection| {
        Error::new(rejection.status(), "not-a-websocket", rejection.body_text())
            .hint("Only WebSockets are served here.")
    })?;
    let socket = socket.max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME);
    let request = Scope::current();
    Ok(socket.on_upgrade(move |socket| request.run(session::run(app, credential, socket))))
}
