//! The Portal's own files, embedded in the binary.

use axum::{
    Router,
    extract::Path,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use rust_embed::RustEmbed;

/// What pages may load and do: their own origin, nothing else.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
struct Files;

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/app", get(|| async { Redirect::permanent("/app/") }))
        .route("/app/", get(|| async { page() }))
        .route("/app/{*path}", get(|Path(path): Path<String>| async move { file(&path) }))
        .route("/favicon.ico", get(|| async { Redirect::permanent("/app/favicon.svg") }))
}

/// A file, or the page for addresses within the application.
fn file(path: &str) -> Response {
    match Files::get(path) {
        Some(_) if path == "index.html" => page(),
        Some(file) => {
            // Built files carry a hash of their content in their names.
            let lifetime = match path.starts_with("assets/") {
                true => "public, max-age=31536000, immutable",
                false => "no-cache",
            };
            answer(
                file.data.into_owned(),
                mime_guess::from_path(path).first_or_octet_stream().as_ref(),
                lifetime,
            )
        }
        None if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        None => page(),
    }
}

fn page() -> Response {
    match Files::get("index.html") {
        Some(file) => answer(file.data.into_owned(), "text/html; charset=utf-8", "no-cache"),
        None => (StatusCode::NOT_FOUND, "This binary was built without the Portal.\n").into_response(),
    }
}

fn answer(body: Vec<u8>, kind: &str, lifetime: &'static str) -> Response {
    let headers: [(HeaderName, HeaderValue); 6] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/octet-stream")),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static(lifetime)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ];
    (headers, body).into_response()
}
