//! Answers that say how fresh they are.

use axum::{
    Json,
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use headwater_control::Seen;
use serde::Serialize;

/// The position in the workspace's change feed at which an answer was read.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-as-of");

/// JSON with the header `X-As-Of`: changes after it are not in the answer yet.
pub(crate) struct AsOf<T>(pub(crate) i64, pub(crate) T);

impl<T> AsOf<T> {
    /// What was seen, in the form that clients read.
    pub(crate) fn map<U>(seen: Seen<U>, view: impl FnOnce(U) -> T) -> Self {
        Self(seen.as_of, view(seen.value))
    }
}

impl<T: Serialize> IntoResponse for AsOf<T> {
    fn into_response(self) -> Response {
        ([(HEADER, HeaderValue::from(self.0))], Json(self.1)).into_response()
    }
}
