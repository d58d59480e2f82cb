//! The live socket: many feeds on one WebSocket. The protocol is `docs/reference/live.md`.

mod channel;
mod protocol;
mod session;

use axum::{
    extract::{State, WebSocketUpgrade},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

use crate::{
    App,
    error::{Error, Result},
    extract::{Credential, Query, foreign_origin, same_origin},
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
    headers: HeaderMap,
    Query(access): Query<Access>,
    socket: WebSocketUpgrade,
) -> Result<Response> {
    let credential = match access.access_token {
        Some(token) => Credential::Token(token),
        None => Credential::of(&headers).ok_or_else(Error::unauthorised)?,
    };
    if matches!(credential, Credential::Session(_)) && !same_origin(&headers) {
        return Err(foreign_origin());
    }
    credential.authenticate(&app.control).await?;
    let socket = socket.max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME);
    Ok(socket.on_upgrade(move |socket| session::run(app, credential, socket)))
}
