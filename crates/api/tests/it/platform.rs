//! A product in a temporary folder, with the embedded engines; only builds and replicas are stood in for.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Router, body::Body, http::Request};
use headwater_api::{App, Instruments, Readiness};
use headwater_broker::{Broker, BrokerOptions};
use headwater_compute::{
    Attempt, BuildSpec, Builder, Environment, Error, LogChunk, LogFound, LogQuery, LogSource, ReplicaEvent,
    ReplicaId, ReplicaSpec, ReplicaStatus, Result, Run, Runtime,
};
use headwater_control::{BrokerAccess, Control, CreateToken, Engines, Settings, TokenFor};
use headwater_ingress::Routes;
use headwater_model::{DeploymentId, Hosts, Principal, Role, WorkspaceId, access::Policy};
use headwater_repo::Repositories;
use headwater_store::Store;
use headwater_topics::Embedded;
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use prometheus_client::registry::Registry;
use serde_json::Value;
use tokio::sync::broadcast;
use tower::ServiceExt;

pub(crate) struct Platform {
    pub(crate) control: Control,
    pub(crate) workspace: WorkspaceId,
    pub(crate) router: Router,
    pub(crate) broker: Broker,
    _folder: tempfile::TempDir,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) request_id: String,
    pub(crate) body: Value,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data_dir = folder.path();
        let store = Store::open(data_dir).await.expect("a store");
        let broker_access = BrokerAccess::open(&store).await.expect("access to the broker");
        let options = BrokerOptions { sync: false, ..BrokerOptions::new(data_dir.join("broker")) };
        let broker = Broker::open(options, Arc::new(broker_access.clone()), Arc::new(Policy)).await;
        let broker = broker.expect("a broker");
        let engines = Engines {
            store,
            broker_access,
            broker_topics: Arc::new(Embedded::new(broker.clone())),
            repositories: Repositories::open(data_dir.join("repos")).expect("repositories"),
            builder: Arc::new(NoCompute::default()),
            runtime: Arc::new(NoCompute::default()),
            routes: Routes::new(),
            metrics: Arc::new(
                headwater_metrics::Store::open(data_dir.join("metrics"), 1000).expect("a store"),
            ),
        };
        let settings = Settings {
            http_url: "http://localhost".into(),
            kafka_advertised: "localhost:9092".into(),
            kafka_ca_pem: None,
            domain: "localhost".into(),
            public_url: "http://localhost:8001".into(),
            data_dir: data_dir.to_owned(),
            organisation: "acme".into(),
            project: "demo".into(),
            environment: "dev".into(),
            administrator: "admin@localhost".into(),
        };
        let control = Control::start(engines, settings).await.expect("a product");
        let app = App {
            control: control.clone(),
            hosts: Hosts::new("localhost", []),
            tls: false,
            readiness: Readiness::default(),
            instruments: Instruments::new(Registry::default()),
        };
        let workspace = "acme-demo-dev".parse().expect("a workspace id");
        Self { control, workspace, router: headwater_api::router(app), broker, _folder: folder }
    }

    pub(crate) async fn stop(self) {
        self.control.shutdown().await;
        self.broker.shutdown().await;
    }

    /// The secret of a token of the administrator that acts with `role`.
    pub(crate) async fn person(&self, role: Role) -> String {
        self.token(TokenFor::Personal { role: Some(role) }).await
    }

    /// The secret of an SDK token of the workspace.
    pub(crate) async fn sdk(&self) -> String {
        self.token(TokenFor::Sdk(self.workspace.clone())).await
    }

    async fn token(&self, kind: TokenFor) -> String {
        let token = CreateToken { name: "test".into(), kind, expires_at: None };
        let created = self.control.tokens.create(&Principal::Platform, token).await;
        created.expect("a token").1.expose().to_owned()
    }

    /// Asks, with a token or without, from a page of this host.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("host", "localhost").header("origin", "http://localhost");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let answer = self.router.clone().oneshot(request.body(body).expect("a request")).await;
        let answer = answer.expect("routers do not fail");
        let (status, id) = (answer.status(), answer.headers()["x-request-id"].clone());
        let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer { status, request_id: id.to_str().expect("text").to_owned(), body }
    }
}

impl Answer {
    /// Fails unless it is a refusal in the one shape.
    #[track_caller]
    pub(crate) fn refused(&self, status: StatusCode) {
        assert_eq!(self.status, status, "{}", self.body);
        for member in ["requestId", "correlationId"] {
            assert_eq!(self.body[member], self.request_id.as_str(), "{}", self.body);
        }
        assert!(self.body["code"].is_string() && self.body["message"].is_string(), "{}", self.body);
    }
}

/// Builds nothing and runs nothing, and says of every deployment that it ran once and wrote nothing.
struct NoCompute(broadcast::Sender<ReplicaEvent>);

impl Default for NoCompute {
    fn default() -> Self {
        Self(broadcast::channel(1).0)
    }
}

#[async_trait]
impl Builder for NoCompute {
    async fn build(&self, _: &BuildSpec) -> Result<Environment> {
        Err(Error::Build("nothing is built here".into()))
    }
}

#[async_trait]
impl Runtime for NoCompute {
    async fn start(&self, _: ReplicaSpec) -> Result<()> {
        Ok(())
    }
    async fn stop(&self, _: &ReplicaId, _: Duration) -> Result<()> {
        Ok(())
    }
    async fn list(&self) -> Result<Vec<ReplicaStatus>> {
        Ok(Vec::new())
    }
    async fn status(&self, id: &ReplicaId) -> Result<ReplicaStatus> {
        Err(Error::UnknownReplica(id.clone()))
    }
    fn events(&self) -> broadcast::Receiver<ReplicaEvent> {
        self.0.subscribe()
    }
    async fn attempts(&self, deployment: DeploymentId) -> Result<Vec<Attempt>> {
        Ok(vec![Attempt { replica: ReplicaId { deployment, version: 1, index: 0 }, number: 1 }])
    }
    async fn runs(&self, deployment: DeploymentId) -> Result<Vec<Run>> {
        let run =
            |attempt| Run { attempt, started_at: None, exit: None, ended: true, written: None, bytes: 0 };
        Ok(self.attempts(deployment).await?.into_iter().map(run).collect())
    }
    async fn search(&self, _: LogQuery) -> Result<LogFound> {
        Ok(LogFound { complete: true, ..Default::default() })
    }
    async fn log(&self, _: &LogSource, _: i64, _: usize, _: Duration) -> Result<LogChunk> {
        Ok(LogChunk { offset: 0, bytes: Default::default(), next: 0, left: 0, end: true })
    }
    async fn remove_log(&self, _: &LogSource) -> Result<()> {
        Ok(())
    }
    async fn remove_logs(&self, _: DeploymentId) -> Result<()> {
        Ok(())
    }
}
