//! One look at one replica, as its health check says.

use std::{net::Ipv4Addr, time::Duration};

use bytes::Bytes;
use headwater_compute::ReplicaStatus;
use headwater_model::{DeploymentSpec, DeploymentType, HealthProbe, WorkspaceId};
use http_body_util::Empty;
use hyper::{Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use crate::core::Core;

/// A connection on this machine takes no longer.
const CONNECT: Duration = Duration::from_millis(250);
/// An application answers within this.
const ANSWER: Duration = Duration::from_secs(5);

/// What is looked at.
#[derive(Debug, Clone)]
pub(super) enum Check {
    Process,
    Tcp,
    Http(String),
    /// It has read from one of these topics.
    Consumed(Vec<String>),
}

impl Check {
    pub(super) fn of(spec: &DeploymentSpec) -> Self {
        match spec.health().probe {
            // Nobody waits for a job to listen.
            _ if spec.deployment_type == DeploymentType::Job => Self::Process,
            HealthProbe::Process => Self::Process,
            HealthProbe::Tcp => Self::Tcp,
            HealthProbe::Http { path } => Self::Http(path),
            HealthProbe::Consumed => Self::Consumed(spec.inputs().map(str::to_owned).collect()),
        }
    }

    /// What speaks against the replica's being well, in words.
    pub(super) async fn examine(
        &self,
        core: &Core,
        workspace: &WorkspaceId,
        replica: &ReplicaStatus,
    ) -> Result<(), String> {
        match self {
            Self::Process => Ok(()),
            Self::Tcp => tcp(replica.port).await,
            Self::Http(path) => http(replica.port, path).await,
            Self::Consumed(topics) => consumed(core, workspace, replica, topics).await,
        }
    }
}

pub(super) async fn tcp(port: u16) -> Result<(), String> {
    connect(port).await.map(drop)
}

async fn connect(port: u16) -> Result<TcpStream, String> {
    match timeout(CONNECT, TcpStream::connect((Ipv4Addr::LOCALHOST, port))).await {
        Ok(Ok(connection)) => Ok(connection),
        _ => Err("it does not listen on its port".into()),
    }
}

async fn http(port: u16, path: &str) -> Result<(), String> {
    let connection = connect(port).await?;
    let asked = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(connection)).await?;
        let request = Request::get(path)
            .header(header::HOST, format!("localhost:{port}"))
            .header(header::USER_AGENT, "headwater-health-check")
            .body(Empty::<Bytes>::new());
        // A path that makes no request was refused when it was chosen.
        let Ok(request) = request else { return Ok(None) };
        tokio::select! {
            answer = sender.send_request(request) => answer.map(|answer| Some(answer.status())),
            ended = connection => ended.map(|()| None),
        }
    };
    match timeout(ANSWER, asked).await {
        Ok(Ok(Some(status))) if status.is_success() || status.is_redirection() => Ok(()),
        Ok(Ok(Some(status))) => Err(format!("GET {path} answered {}", status.as_u16())),
        Ok(Ok(None) | Err(_)) => Err(format!("GET {path} was not answered in HTTP")),
        Err(_) => Err(format!("GET {path} was not answered within {} s", ANSWER.as_secs())),
    }
}

async fn consumed(
    core: &Core,
    workspace: &WorkspaceId,
    replica: &ReplicaStatus,
    topics: &[String],
) -> Result<(), String> {
    if topics.is_empty() {
        return Err("it has no input topic to read from".into());
    }
    // Names were checked when they were chosen.
    let ids: Vec<_> = topics.iter().filter_map(|name| workspace.topic(name).ok()).collect();
    let since = replica.started_at.map_or(0, |at| at.as_millisecond());
    match core.kafka.consumed(&replica.id, &ids, since).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("it has not read from {} yet", topics.join(" or "))),
        Err(error) => Err(error.to_string()),
    }
}
