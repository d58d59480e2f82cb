//! Puts the edges together.

use std::any::Any;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use headwater_control::Control;
use headwater_model::Hosts;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    Instruments, Readiness,
    error::{Error, ErrorBody},
    extract, git, health, host, live, metrics, portal, request_id, web,
};

/// What the edges need.
#[derive(Clone)]
pub struct App {
    /// The product.
    pub control: Control,
    /// The names that are answered.
    pub hosts: Hosts,
    /// Whether clients reach the platform by TLS, so that cookies are kept to it.
    pub tls: bool,
    /// Whether the platform is ready.
    pub readiness: Readiness,
    /// What is counted.
    pub instruments: Instruments,
}

/// The head of the contract.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headwater Portal API",
        description = "Everything that the Portal does. Errors have one shape; lists and objects answer with `X-As-Of`, the \
                       position in the workspace's change feed at which they were read.",
    ),
    components(schemas(ErrorBody)),
    modifiers(&Security),
    security(("token" = []))
)]
struct Contract;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn contract() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Contract::openapi()).merge(portal::routes())
}

/// The contract of the Portal API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    contract().into_openapi()
}

/// Everything that answers on the main port, public applications left out.
pub fn router(app: App) -> Router {
    let (portal, openapi) = contract().split_for_parts();
    let openapi = move || async move { Json(openapi) };
    let routes = Router::new()
        .merge(portal)
        .route("/live", get(live::upgrade))
        .route("/openapi.json", get(openapi))
        .route("/", get(root))
        .layer(DefaultBodyLimit::max(extract::BODY_MAX))
        .merge(git::routes())
        .merge(metrics::routes())
        .with_state(app.clone())
        .merge(web::routes())
        .merge(health::routes(app.readiness))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(CompressionLayer::new().gzip(true).compress_when(SizeAbove::new(1024).and(NotStreamed)))
        .layer(middleware::from_fn_with_state(app.hosts, host::layer))
        .layer(middleware::from_fn_with_state(app.instruments, metrics::layer));
    guarded(routes)
}

/// Gives every request an id, and every panic an answer under it.
fn guarded(routes: Router) -> Router {
    routes.layer(CatchPanicLayer::custom(panicked)).layer(middleware::from_fn(request_id::layer))
}

/// Ends a request whose handler panicked, and nothing else.
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let cause = cause.downcast_ref::<&str>().copied().or(cause.downcast_ref::<String>().map(String::as_str));
    tracing::error!(cause, "a handler panicked");
    Error::internal().into_response()
}

/// Git's packs are compressed already, and pictures and fonts too.
#[derive(Clone, Copy)]
struct NotStreamed;

impl Predicate for NotStreamed {
    fn should_compress<B: http_body::Body>(&self, response: &http::Response<B>) -> bool {
        let kind =
            response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        kind.starts_with("text/") || kind.starts_with("application/json") || kind.contains("svg")
    }
}

/// Browsers go to the Portal; programs learn where things are.
async fn root(headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match accept.contains("text/html") {
        true => Redirect::temporary("/app/").into_response(),
        false => {
            Json(serde_json::json!({ "name": "headwater", "portal": "/app/", "openapi": "/openapi.json" }))
                .into_response()
        }
    }
}

async fn nothing(request: Request) -> Error {
    Error::new(StatusCode::NOT_FOUND, "not-found", format!("There is nothing at {}.", request.uri().path()))
}

async fn wrong_method(request: Request) -> Error {
    Error::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        format!("{} is not possible at {}.", request.method(), request.uri().path()),
    )
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_failure_of_ours_in_the_one_shape() {
        async fn broken() {
            panic!("an invariant does not hold")
        }
        let router = guarded(Router::new().route("/", get(broken)));
        let answer = router.oneshot(Request::new(Body::empty())).await.expect("routers do not fail");
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let id = answer.headers()[request_id::HEADER].to_str().expect("text").to_owned();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!((&body["code"], &body["requestId"]), (&"internal".into(), &id.into()), "{body}");
        assert!(!body.to_string().contains("invariant"), "{body}");
    }
}
