//! Browser sign-in: a one-time link becomes a session cookie.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::profile::View as ProfileView;
use crate::{
    App,
    error::{Error, Result},
    extract::{Body, Caller, Credential, Page},
};

/// The session's cookie. It is kept to this very host, so public applications on other hosts never receive it.
pub const COOKIE: &str = "headwater_session";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sign_in, sign_out)).routes(routes!(current))
}

#[derive(Debug, Deserialize, ToSchema)]
struct SignIn {
    /// The secret of a one-time link: what stands behind `#`.
    link: String,
}

/// The session that a browser holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionView {
    profile: ProfileView,
}

fn cookie(value: String, tls: bool) -> Cookie<'static> {
    Cookie::build((COOKIE, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(tls).build()
}

/// Signs a browser in by a one-time link: the answer sets the session's cookie.
#[utoipa::path(post, path = "/auth/sessions", tag = "sessions", request_body = SignIn,
    responses((status = 204), (status = 401, description = "The link is used, expired or unknown")), security(()),
    extensions(("x-permission" = json!("none"))))]
async fn sign_in(
    State(app): State<App>,
    page: Page,
    jar: CookieJar,
    Body(request): Body<SignIn>,
) -> Result<impl IntoResponse> {
    page.must_be_ours()?;
    let secret = app.control.sessions.exchange(&request.link).await?;
    let mut cookie = cookie(secret.expose().to_owned(), app.tls);
    cookie.make_permanent();
    Ok((StatusCode::NO_CONTENT, jar.add(cookie)))
}

/// Signs the browser out.
#[utoipa::path(delete, path = "/auth/sessions", tag = "sessions", responses((status = 204)), security(()),
    extensions(("x-permission" = json!("none"))))]
async fn sign_out(
    State(app): State<App>,
    page: Page,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<impl IntoResponse> {
    if let Some(Credential::Session(secret)) = Credential::of(&headers) {
        page.must_be_ours()?;
        app.control.sessions.end(&secret).await?;
    }
    Ok((StatusCode::NO_CONTENT, jar.remove(cookie(String::new(), app.tls))))
}

/// Who is signed in.
#[utoipa::path(get, path = "/auth/sessions/current", tag = "sessions", responses((status = 200, body = SessionView)),
    extensions(("x-permission" = json!("profile:read"))))]
async fn current(State(app): State<App>, Caller(who): Caller) -> Result<Json<SessionView>> {
    let profile = app.control.people.profile(&who).await.map_err(Error::from)?;
    Ok(Json(SessionView { profile: profile.into() }))
}
