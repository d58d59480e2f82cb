//! The composition root: chooses the engines, starts them in order, and stops them in reverse.

mod lock;
mod sockets;

use std::{io::Write, path::Path, sync::Arc};

use anyhow::{Context, Result};
use axum::Router;
use headwater_api::{App, Readiness};
use headwater_broker::{Broker, BrokerOptions, Security};
use headwater_compute::{Folders, ProcessBuilder, ProcessRuntime, Tools};
use headwater_control::{BrokerAccess, Control, CreateToken, Engines, Settings, TokenFor};
use headwater_ingress::{Ingress, Routes};
use headwater_model::{Hosts, Principal, access::Policy};
use headwater_repo::Repositories;
use headwater_store::Store;
use headwater_topics::embedded::Embedded;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{admin, commands::sign_in_link, config::Config, demo};
use sockets::Sockets;

/// Runs the platform until it is told to end.
pub async fn run(config: Config, demo: bool) -> Result<()> {
    // Asked for first, so that a signal during start-up is not lost.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let _lock = lock::take(&config.data_dir)?;
    let sockets = Sockets::bind(&config).await?;
    let platform = Platform::start(&config, &sockets).await?;
    let mut serving = platform.serve(&config, sockets, demo).await?;

    let outcome = tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        Some(ended) = serving.join_next() => ended.context("a listener failed").and_then(|served| served),
    };
    platform.stop(serving).await;
    outcome
}

/// What runs, in the order in which it was started.
struct Platform {
    broker: Broker,
    repositories: Repositories,
    runtime: ProcessRuntime,
    control: Control,
    routes: Routes,
    readiness: Readiness,
    shutdown: CancellationToken,
}

impl Platform {
    async fn start(config: &Config, sockets: &Sockets) -> Result<Self> {
        let data_dir = &config.data_dir;
        let store = Store::open(data_dir).await.context("opening the metadata store")?;
        let broker_access = BrokerAccess::open(&store).await?;
        let options =
            BrokerOptions { sync: config.kafka.sync, ..BrokerOptions::new(data_dir.join("broker")) };
        let broker = Broker::open(options, Arc::new(broker_access.clone()), Arc::new(Policy)).await?;
        let repositories = Repositories::open(data_dir.join("repos"))?;
        let folders = Folders::new(data_dir)?;
        let builder = ProcessBuilder::open(folders.clone(), Tools::discover())?;
        let runtime = ProcessRuntime::open(folders).await?;
        let routes = Routes::new();
        let engines = Engines {
            store,
            broker_access,
            broker_topics: Arc::new(Embedded::new(broker.clone())),
            repositories: repositories.clone(),
            builder: Arc::new(builder),
            runtime: Arc::new(runtime.clone()),
            routes: routes.clone(),
        };
        let control = Control::start(engines, settings(config, sockets)).await?;
        let (readiness, shutdown) = (Readiness::default(), CancellationToken::new());
        Ok(Self { broker, repositories, runtime, control, routes, readiness, shutdown })
    }

    /// Opens all doors and says so.
    async fn serve(&self, config: &Config, sockets: Sockets, demo: bool) -> Result<JoinSet<Result<()>>> {
        let domain = config.domain(sockets.http_addr.port());
        let hosts = Hosts::new(&domain, config.http.allowed_hosts.iter().map(String::as_str));
        let ingress = headwater_ingress::Settings {
            domain,
            hosts: hosts.clone(),
            tls: config.tls(),
            session_cookie: headwater_api::SESSION_COOKIE,
        };
        let ingress = Ingress::new(self.routes.clone(), ingress);
        let app = App {
            control: self.control.clone(),
            hosts,
            tls: config.tls(),
            readiness: self.readiness.clone(),
        };
        let main = ingress.clone().in_front_of(headwater_api::router(app));
        let sign_in = self.sign_in(config, &sockets).await?;
        let ready = format!(
            "headwater ready http={} kafka={} public={}",
            sockets.url(),
            sockets.kafka_addr,
            sockets.public_url()
        );

        let mut serving = JoinSet::new();
        let (url, shutdown) = (sockets.url(), &self.shutdown);
        let listener = admin::bind(&config.data_dir)?;
        let control = self.control.clone();
        serving.spawn({
            let shutdown = shutdown.clone();
            async move { Ok(admin::serve(listener, control, shutdown).await?) }
        });
        let (broker, advertised) = (self.broker.clone(), sockets.advertised.clone());
        serving.spawn({
            let (kafka, shutdown) = (sockets.kafka, shutdown.clone());
            async move { Ok(broker.serve(kafka, advertised, Security::Sasl, shutdown).await?) }
        });
        serving.spawn(http(sockets.http, main, sockets.tls.clone(), shutdown.clone()));
        serving.spawn(http(sockets.public, ingress.by_path(), sockets.tls, shutdown.clone()));

        self.readiness.set(true);
        say(sign_in.as_deref(), &ready)?;
        if demo {
            self.seed_demo(url, &config.data_dir).await?;
        }
        Ok(serving)
    }

    /// A link for the first visit, as long as nobody has signed in by one.
    async fn sign_in(&self, config: &Config, sockets: &Sockets) -> Result<Option<String>> {
        let marker = config.data_dir.join(".signed-in-link");
        if marker.exists() {
            return Ok(None);
        }
        let secret = self.control.sessions.issue_link(&Principal::Platform).await?;
        std::fs::write(
            marker,
            "The first start printed a sign-in link; `headwater sign-in` prints another.\n",
        )?;
        let url = format!("{}://{}", sockets.scheme(), config.domain(sockets.http_addr.port()));
        Ok(Some(sign_in_link(&url, secret.expose())))
    }

    /// Seeds the demo beside everything else; a failure is told and the platform goes on.
    async fn seed_demo(&self, url: String, data_dir: &Path) -> Result<()> {
        let marker = data_dir.join(".demo-seeded");
        if marker.exists() {
            return Ok(());
        }
        let expires_at = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_hours(1)).ok();
        let token = CreateToken { name: "demo".into(), kind: TokenFor::Personal { role: None }, expires_at };
        let (token, secret) = self.control.tokens.create(&Principal::Platform, token).await?;
        let control = self.control.clone();
        let target = demo::Target { url, token: secret.expose().to_owned() };
        tokio::spawn(async move {
            if let Err(error) = demo::seed(&target, &marker).await {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the demo could not be deployed; the next start tries again"
                );
            }
            if let Err(error) = control.tokens.delete(&Principal::Platform, token.id).await {
                tracing::warn!(%error, "revoking the demo's token");
            }
        });
        Ok(())
    }

    /// Stops everything in reverse order. Replicas go on.
    async fn stop(self, mut serving: JoinSet<Result<()>>) {
        self.readiness.set(false);
        self.shutdown.cancel();
        let drained =
            tokio::time::timeout(sockets::DRAIN, async { while serving.join_next().await.is_some() {} });
        if drained.await.is_err() {
            serving.shutdown().await;
        }
        self.control.shutdown().await;
        self.runtime.shutdown().await;
        self.repositories.close().await;
        self.broker.shutdown().await;
    }
}

fn settings(config: &Config, sockets: &Sockets) -> Settings {
    Settings {
        http_url: sockets.url(),
        kafka_advertised: sockets.advertised.to_string(),
        kafka_ca_pem: None,
        domain: config.domain(sockets.http_addr.port()),
        public_url: sockets.public_url(),
        data_dir: config.data_dir.clone(),
        organisation: config.first_start.organisation.clone(),
        project: config.first_start.project.clone(),
        environment: config.first_start.environment.clone(),
        administrator: config.first_start.administrator.clone(),
    }
}

/// Serves HTTP until `shutdown`, with connections' addresses at hand.
async fn http(
    listener: TcpListener,
    router: Router,
    tls: Option<axum_server::tls_rustls::RustlsConfig>,
    shutdown: CancellationToken,
) -> Result<()> {
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    let handle = axum_server::Handle::new();
    let listener = listener.into_std()?;
    tokio::spawn({
        let handle = handle.clone();
        async move {
            shutdown.cancelled().await;
            handle.graceful_shutdown(Some(sockets::DRAIN));
        }
    });
    match tls {
        Some(tls) => axum_server::from_tcp_rustls(listener, tls)?.handle(handle).serve(service).await?,
        None => axum_server::from_tcp(listener)?.handle(handle).serve(service).await?,
    }
    Ok(())
}

/// The one line that says that the platform is ready, and before it the link of the first start.
fn say(sign_in: Option<&str>, ready: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if let Some(link) = sign_in {
        writeln!(out, "sign in: {link}")?;
    }
    writeln!(out, "{ready}")?;
    Ok(out.flush()?)
}
