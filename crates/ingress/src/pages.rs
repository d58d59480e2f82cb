//! What visitors read when an application cannot answer.

use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

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
        }
    }

    /// A page for browsers, JSON for programs.
    pub(crate) fn answer(self, headers: &HeaderMap) -> Response {
        let (status, code, title, text) = self.parts();
        let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let mut response = match accept.contains("text/html") {
            true => Html(page(title, text)).into_response(),
            false => Json(serde_json::json!({ "code": code, "message": text })).into_response(),
        };
        *response.status_mut() = status;
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
