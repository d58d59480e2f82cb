//! An id for every request: in each answer, each error body and the platform's log.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, Span};
use uuid::Uuid;

/// The answer's header.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request being answered; a fresh one outside of any.
pub(crate) fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_else(|_| fresh())
}

/// The request being answered, for work that other tasks do for it.
pub(crate) struct Scope {
    id: String,
    span: Span,
}

impl Scope {
    /// That of this task.
    pub(crate) fn current() -> Self {
        Self { id: current(), span: Span::current() }
    }

    /// Does `work` under the request's id, in errors and in the log.
    pub(crate) fn run<T: Future>(self, work: T) -> impl Future<Output = T::Output> {
        CURRENT.scope(self.id, work.instrument(self.span))
    }
}

/// Gives each request an id, logs its end, and writes the id into the answer. Query strings are never logged:
/// `access_token` may stand in them.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let id = fresh();
    let header = HeaderValue::from_str(&id);
    let span = tracing::info_span!("request", request.id = %id, method = %request.method(), path = request.uri().path());
    let began = std::time::Instant::now();
    let answer = async move {
        let response = next.run(request).await;
        let duration_ms = began.elapsed().as_millis() as u64;
        tracing::debug!(status = response.status().as_u16(), duration_ms, "answered");
        response
    };
    let mut response = Scope { id, span }.run(answer).await;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}

fn fresh() -> String {
    Uuid::new_v4().simple().to_string()
}
