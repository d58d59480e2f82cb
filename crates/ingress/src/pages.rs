//! What visitors read when an application cannot answer.

use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, StatusCode, header};

/// Names the request in the platform's log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Why an application does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No application has this address.
    Unknown,
    /// It has no replica that is ready.
    NotReady,
    /// Its replicas do not take connections, or broke off.
    Unreachable,
    /// It took too long.
    TimedOut,
    /// The host name is not ours.
    Misdirected,
    /// The path is none.
    BadPath,
}

impl Trouble {
    fn parts(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::Unknown => {
                (StatusCode::NOT_FOUND, "no-application", "Nothing here", "No application has this address.")
            }
            Self::NotReady => (
                StatusCode::SERVICE_UNAVAILABLE,
                "application-not-ready",
                "Not ready",
                "This application is starting or stopped. Try again in a moment.",
            ),
            Self::Unreachable => (
                StatusCode::BAD_GATEWAY,
                "application-unreachable",
                "No answer",
                "This application runs but does not answer on its port. Its log may say why.",
            ),
            Self::TimedOut => (
                StatusCode::GATEWAY_TIMEOUT,
                "application-timeout",
                "No answer in time",
                "This application took too long to answer.",
            ),
            Self::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                "unknown-host",
                "Not served here",
                "This host name is not served here.",
            ),
            Self::BadPath => {
                (StatusCode::BAD_REQUEST, "invalid", "No such path", "This path cannot be read.")
            }
        }
    }

    /// A page for browsers, JSON for programs.
    pub(crate) fn answer(self, headers: &HeaderMap) -> Response {
        let (status, code, title, text) = self.parts();
        let request_id = uuid::Uuid::new_v4().simple().to_string();
        tracing::debug!(request.id = %request_id, status = status.as_u16(), code, "not forwarded");
        let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let mut response = match accept.contains("text/html") {
            true => Html(page(title, text)).into_response(),
            // Older clients read the last one.
            false => Json(serde_json::json!({
                "code": code, "message": text, "requestId": request_id, "correlationId": request_id,
            }))
            .into_response(),
        };
        *response.status_mut() = status;
        if let Ok(id) = http::HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        if self == Self::NotReady {
            response.headers_mut().insert(header::RETRY_AFTER, http::HeaderValue::from_static("2"));
        }
        response
    }
}

fn page(title: &str, text: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>:root{{color-scheme:light dark}}body{{font:15px/1.5 system-ui,sans-serif;\
         max-width:32em;margin:20vh auto;padding:0 1em}}h1{{font-size:1.25em;font-weight:600}}</style>\
         <h1>{title}</h1><p>{text}</p></html>\n"
    )
}
