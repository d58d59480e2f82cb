//! Local administration: HTTP over a socket that only the owner of the data folder can open.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use headwater_control::{Control, CreateToken, TokenFor};
use headwater_model::{Principal, WorkspaceId};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

/// The socket's name within the data folder.
const SOCKET: &str = "admin.sock";

/// What a token is wanted for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct TokenRequest {
    /// A workspace's SDK token; none is an administrator's.
    pub workspace: Option<WorkspaceId>,
}

/// A secret, shown this once.
#[derive(Debug, Serialize, Deserialize)]
pub struct SecretReply {
    /// The secret.
    pub secret: String,
}

/// A workspace in a few words.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceSummary {
    /// Its id.
    pub workspace_id: String,
    /// Shown name.
    pub name: String,
    /// Its repository.
    pub repository_id: String,
    /// Its branch.
    pub branch: String,
}

/// Opens the socket. One that a killed platform left behind is replaced: the data folder's lock is held.
pub fn bind(data_dir: &Path) -> Result<UnixListener> {
    let path = data_dir.join(SOCKET);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("removing {}", path.display()));
        }
        _ => {}
    }
    let listener = UnixListener::bind(&path).with_context(|| format!("opening {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers on the socket until `shutdown`.
pub async fn serve(
    listener: UnixListener,
    control: Control,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/tokens", post(create_token))
        .route("/sign-in-links", post(create_link))
        .route("/workspaces", get(workspaces))
        .with_state(control);
    axum::serve(listener, routes).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

/// Makes the token that `request` asks for, as the platform itself.
pub async fn make_token(control: &Control, request: TokenRequest) -> headwater_control::Result<SecretReply> {
    let kind = match request.workspace {
        Some(workspace) => TokenFor::Sdk(workspace),
        None => TokenFor::Personal { role: None },
    };
    let token = CreateToken { name: "command line".into(), kind, expires_at: None };
    let (_, secret) = control.tokens.create(&Principal::Platform, token).await?;
    Ok(SecretReply { secret: secret.expose().to_owned() })
}

async fn create_token(State(control): State<Control>, Json(request): Json<TokenRequest>) -> Response {
    reply(make_token(&control, request).await)
}

async fn create_link(State(control): State<Control>) -> Response {
    let link = control.sessions.issue_link(&Principal::Platform).await;
    reply(link.map(|secret| SecretReply { secret: secret.expose().to_owned() }))
}

async fn workspaces(State(control): State<Control>) -> Response {
    let summary = |w: headwater_control::Workspace| WorkspaceSummary {
        workspace_id: w.id.to_string(),
        name: w.name,
        repository_id: w.project.to_string(),
        branch: w.branch,
    };
    let all = control.workspaces.list(&Principal::Platform).await;
    reply(all.map(|all| all.into_iter().map(summary).collect::<Vec<_>>()))
}

fn reply<T: Serialize>(outcome: headwater_control::Result<T>) -> Response {
    match outcome {
        Ok(value) => Json(value).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
    }
}

/// The running platform of a data folder.
pub struct Client {
    path: PathBuf,
}

impl Client {
    /// For the platform on `data_dir`.
    pub fn new(data_dir: &Path) -> Self {
        Self { path: data_dir.join(SOCKET) }
    }

    /// `GET path`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.call("GET", path, Vec::new()).await
    }

    /// `POST path` with a JSON body.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.call("POST", path, serde_json::to_vec(body)?).await
    }

    async fn call<T: DeserializeOwned>(&self, method: &str, path: &str, body: Vec<u8>) -> Result<T> {
        let folder = self.path.parent().unwrap_or(&self.path).display();
        let stream = match UnixStream::connect(&self.path).await {
            Ok(stream) => stream,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                bail!("{folder} belongs to another user: run this as the user that runs the platform")
            }
            Err(_) => {
                bail!("no platform runs on {folder}: start it with `headwater serve --data-dir {folder}`")
            }
        };
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("content-type", "application/json")
            .body(Full::new(bytes::Bytes::from(body)))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        connection.abort();
        if !status.is_success() {
            bail!("{}", String::from_utf8_lossy(&body));
        }
        Ok(serde_json::from_slice(&body)?)
    }
}
