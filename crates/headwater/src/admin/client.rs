//! The command line's side of the socket.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use axum::http::header;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use tokio::net::UnixStream;

use super::{SOCKET, key::Key};

/// The running platform of a data folder.
pub struct Client {
    data_dir: PathBuf,
}

impl Client {
    /// For the platform on `data_dir`.
    pub fn new(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_owned() }
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
        let stream = self.connect().await?;
        // Read only now: the platform renews it before it opens the socket.
        let key = Key::read(&self.data_dir)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, key.authorization())
            .header(header::CONTENT_TYPE, "application/json")
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

    async fn connect(&self) -> Result<UnixStream> {
        let folder = self.data_dir.display();
        match UnixStream::connect(self.data_dir.join(SOCKET)).await {
            Ok(stream) => Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                bail!("{folder} belongs to another user: run this as the user that runs the platform")
            }
            Err(_) => {
                bail!("no platform runs on {folder}: start it with `headwater serve --data-dir {folder}`")
            }
        }
    }
}
