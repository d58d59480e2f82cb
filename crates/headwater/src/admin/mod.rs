//! Local administration: HTTP over a socket in the data folder, for those who can read the folder's key.

mod client;
mod key;

use std::{io, os::unix::fs::PermissionsExt, path::Path};

use anyhow::{Context, Result, bail};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use headwater_control::{Control, CreateToken, TokenFor};
use headwater_model::{Principal, WorkspaceId};
use serde::{Deserialize, Serialize};
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

pub use client::Client;
use key::Key;

/// The socket's name within the data folder.
const SOCKET: &str = "admin.sock";

/// What the kernel takes as a socket's path, in bytes: 108 with the zero at its end.
const LONGEST_PATH: usize = 107;

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

/// Where the public API answers programs on this machine.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddressReply {
    /// The address.
    pub url: String,
}

/// A one-time address that signs in to the Portal.
#[derive(Debug, Serialize, Deserialize)]
pub struct LinkReply {
    /// The address.
    pub link: String,
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

/// The open socket, and what opens it to callers.
pub struct Door {
    listener: UnixListener,
    key: Key,
}

/// Opens the socket. One that a killed platform left behind is replaced: the data folder's lock is held.
pub fn bind(data_dir: &Path) -> Result<Door> {
    let path = data_dir.join(SOCKET);
    let length = path.as_os_str().len();
    if length > LONGEST_PATH {
        bail!(
            "{} has {length} bytes and a socket's path at most {LONGEST_PATH}: choose a shorter --data-dir",
            path.display()
        );
    }
    let key = Key::renew(data_dir)?;
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("removing {}", path.display()));
        }
        _ => {}
    }
    let listener = UnixListener::bind(&path).with_context(|| format!("opening {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(Door { listener, key })
}

/// What the routes speak for.
#[derive(Clone)]
pub struct Admin {
    /// The product.
    pub control: Control,
    /// The Portal's address, as browsers reach it.
    pub portal_url: String,
    /// The public API's address, as programs on this machine reach it.
    pub url: String,
}

/// Answers at the door until `shutdown`.
pub async fn serve(door: Door, admin: Admin, shutdown: CancellationToken) -> io::Result<()> {
    let routes = Router::new()
        .route("/tokens", post(create_token))
        .route("/sign-in-links", post(create_link))
        .route("/address", get(address))
        .route("/workspaces", get(workspaces))
        .with_state(admin);
    let service = guarded(routes, door.key);
    axum::serve(door.listener, service).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

/// Lets nobody in without the key, whatever they ask.
fn guarded(routes: Router, key: Key) -> Router {
    routes.layer(middleware::from_fn_with_state(key, guard))
}

async fn guard(State(key): State<Key>, request: Request, next: Next) -> Response {
    match key.opens(request.headers()) {
        true => next.run(request).await,
        false => (StatusCode::UNAUTHORIZED, "the key of the data folder is missing or old").into_response(),
    }
}

/// A fresh one-time address that signs in. The secret stands behind `#`, so that it reaches no server's log.
pub async fn sign_in_link(control: &Control, portal_url: &str) -> headwater_control::Result<String> {
    let secret = control.sessions.issue_link(&Principal::Platform).await?;
    Ok(format!("{portal_url}/app/sign-in#{}", secret.expose()))
}

async fn create_token(State(admin): State<Admin>, Json(request): Json<TokenRequest>) -> Response {
    let kind = match request.workspace {
        Some(workspace) => TokenFor::Sdk(workspace),
        None => TokenFor::Personal { role: None },
    };
    let token = CreateToken { name: "command line".into(), kind, expires_at: None };
    let created = admin.control.tokens.create(&Principal::Platform, token).await;
    reply(created.map(|(_, secret)| SecretReply { secret: secret.expose().to_owned() }))
}

async fn create_link(State(admin): State<Admin>) -> Response {
    reply(sign_in_link(&admin.control, &admin.portal_url).await.map(|link| LinkReply { link }))
}

async fn address(State(admin): State<Admin>) -> Json<AddressReply> {
    Json(AddressReply { url: admin.url })
}

async fn workspaces(State(admin): State<Admin>) -> Response {
    let summary = |w: headwater_control::Workspace| WorkspaceSummary {
        workspace_id: w.id.to_string(),
        name: w.name,
        repository_id: w.project.to_string(),
        branch: w.branch,
    };
    let all = admin.control.workspaces.list(&Principal::Platform).await;
    reply(all.map(|all| all.into_iter().map(summary).collect::<Vec<_>>()))
}

fn reply<T: Serialize>(outcome: headwater_control::Result<T>) -> Response {
    match outcome {
        Ok(value) => Json(value).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A door with one route behind it.
    fn open(data_dir: &Path) {
        let door = bind(data_dir).unwrap();
        let routes = Router::new().route("/ping", get(|| async { Json("pong") }));
        tokio::spawn(axum::serve(door.listener, guarded(routes, door.key)).into_future());
    }

    #[tokio::test]
    async fn only_who_reads_the_key_is_answered() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path());
        let client = Client::new(folder.path());
        assert_eq!(client.get::<String>("/ping").await.unwrap(), "pong");

        let key = folder.path().join("admin.key");
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&key, "0".repeat(64)).unwrap();
        for path in ["/ping", "/nothing-here"] {
            let refused = client.get::<String>(path).await.unwrap_err().to_string();
            assert!(refused.contains("key"), "{refused}");
        }
    }

    #[tokio::test]
    async fn each_start_has_a_key_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        drop(bind(folder.path()).unwrap());
        let before = fs::read(folder.path().join("admin.key")).unwrap();
        drop(bind(folder.path()).unwrap());
        assert_ne!(fs::read(folder.path().join("admin.key")).unwrap(), before);
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_for_a_socket_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d".repeat(100));
        fs::create_dir(&deep).unwrap();
        let refused = bind(&deep).err().unwrap().to_string();
        assert!(refused.contains("at most 107") && refused.contains("--data-dir"), "{refused}");
    }
}
