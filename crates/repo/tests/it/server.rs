//! Repositories behind an HTTP server, as the platform serves them.

use std::{net::SocketAddr, path::Path};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode},
    routing::any,
};
use headwater_model::ProjectId;
use headwater_repo::{Error, Repositories};
use tokio::{net::TcpListener, task::JoinHandle};

/// A server; ends when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(repositories: Repositories) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/{project}/{*rest}", any(answer)).with_state(repositories);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, task }
    }

    pub(crate) fn url(&self, project: &ProjectId) -> String {
        format!("http://{}/{project}.git", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(repositories): State<Repositories>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let (project, rest) = path.trim_start_matches('/').split_once(".git/").unwrap();
    let project = Path::new(project).to_str().unwrap().parse().unwrap();
    match repositories.smart_http(&project, request, rest, "ada").await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            let status = match error {
                Error::NotFound(_) => StatusCode::NOT_FOUND,
                Error::Invalid(_) => StatusCode::BAD_REQUEST,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            Response::builder().status(status).body(Body::from(error.to_string())).unwrap()
        }
    }
}
