//! Git's smart HTTP: `/git/{organisation}/{project}.git`, with a token as the password.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use headwater_control::Service;
use headwater_model::Principal;

use crate::{
    App,
    error::{Error, Result},
    extract::{Basic, Path},
};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/git/{organisation}/{repository}/{*rest}", any(serve))
}

async fn serve(
    State(app): State<App>,
    caller: Result<Basic>,
    Path((organisation, repository, rest)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let outcome = match caller {
        Ok(Basic(who)) => answer(&app, &who, &organisation, &repository, &rest, request).await,
        Err(error) => Err(error),
    };
    let mut response = outcome.unwrap_or_else(Error::into_response);
    if response.status() == StatusCode::UNAUTHORIZED {
        // Git sends its credentials only to those who ask in this way.
        let challenge = HeaderValue::from_static("Basic realm=\"headwater\", charset=\"UTF-8\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

async fn answer(
    app: &App,
    who: &Principal,
    organisation: &str,
    repository: &str,
    rest: &str,
    request: Request,
) -> Result<Response> {
    let project = repository.strip_suffix(".git").unwrap_or(repository);
    let project = app.control.git.authorise(who, organisation, project, service(rest, &request)).await?;
    let user = match who {
        Principal::User { user, .. } => user.as_str(),
        _ => "platform",
    };
    let served = app.control.git.repositories().smart_http(&project, request, rest, user).await;
    Ok(served.map_err(headwater_control::Error::from)?.map(Body::new))
}

/// What the client is after. All that is not known to be a fetch counts as a push.
fn service(rest: &str, request: &Request) -> Service {
    let query = request.uri().query().unwrap_or_default();
    let asks_to_fetch = rest == "info/refs" && query.split('&').any(|pair| pair == "service=git-upload-pack");
    match rest == "git-upload-pack" || asks_to_fetch {
        true => Service::Fetch,
        false => Service::Push,
    }
}
