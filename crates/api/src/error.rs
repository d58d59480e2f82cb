//! The one shape of every refusal: `{code, message, hint?, requestId, correlationId}`.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use headwater_model::{Invalid, Kind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::request_id;

/// Result of a handler.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A refusal on its way to the client.
#[derive(Debug, Clone)]
pub(crate) struct Error {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: Option<String>,
}

/// A refusal as clients read it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    /// A stable word for programs.
    code: String,
    /// What is wrong, for people.
    message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Names the request in the platform's log.
    request_id: String,
    /// The same; older clients read this one.
    correlation_id: String,
}

impl Error {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", message)
    }

    pub(crate) fn unauthorised() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorised", "User is not authenticated")
            .hint("Send 'Authorization: Bearer TOKEN', or sign in to the Portal.")
    }

    /// A failure that is ours; its cause stands in the log.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side.")
            .hint("The platform's log has the cause under this request id.")
    }

    /// The body, under the id of the request that is being answered.
    pub(crate) fn body(self) -> ErrorBody {
        let request_id = request_id::current();
        ErrorBody {
            code: self.code.to_owned(),
            message: self.message,
            hint: self.hint,
            correlation_id: request_id.clone(),
            request_id,
        }
    }
}

impl From<Invalid> for Error {
    fn from(error: Invalid) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<headwater_control::Error> for Error {
    fn from(error: headwater_control::Error) -> Self {
        let status = match error.kind() {
            Kind::Invalid => StatusCode::BAD_REQUEST,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Unauthorised => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => {
                tracing::error!(error = &error as &dyn std::error::Error, "request failed");
                return Self::internal();
            }
        };
        Self { status, code: error.code(), message: error.to_string(), hint: error.hint() }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(self.body())).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = header::HeaderValue::from_static("Bearer realm=\"headwater\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
