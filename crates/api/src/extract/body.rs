//! A JSON body.

use std::convert::Infallible;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::folded::Folded;
use crate::error::Error;

/// The largest body of a request, in bytes. Repositories have their own limit.
pub(crate) const MAX: usize = 2 * 1024 * 1024;

/// A JSON body, with member names in any case.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        Unread(json(request, state).await).read().map(Self)
    }
}

/// A JSON body that is read in steps: who may not do a thing is told so, and not what is wrong with the body.
pub(crate) struct Unread(Result<Value, Error>);

impl Unread {
    /// The members that `T` has.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let value = self.0.clone()?;
        serde_path_to_error::deserialize(Folded(value)).map_err(|error| {
            let (path, reason) = (error.path().to_string(), error.inner().to_string());
            Error::invalid(if path == "." { reason } else { format!("{path}: {reason}") })
        })
    }
}

impl<S: Send + Sync> FromRequest<S> for Unread {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        Ok(Self(json(request, state).await))
    }
}

async fn json<S: Send + Sync>(request: Request, state: &S) -> Result<Value, Error> {
    if !is_json(&request) {
        return Err(Error::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "The body must be JSON, sent with 'Content-Type: application/json'.",
        ));
    }
    let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            format!("The body is larger than {} MiB.", MAX / 1024 / 1024),
        ),
        _ => Error::invalid("The body could not be read whole."),
    })?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Error::invalid(format!("The body is not valid JSON: {error}")))
}

fn is_json(request: &Request) -> bool {
    let Some(value) = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.to_ascii_lowercase().ends_with("+json")
}
