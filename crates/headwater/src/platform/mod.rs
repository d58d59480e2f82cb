//! The composition root: chooses the engines, starts them in order, and stops them in reverse.

mod first;
mod lock;
mod process;
mod sockets;

use std::{io::Write, sync::Arc};

use anyhow::{Context, Result};
use axum::Router;
use headwater_api::{App, Instruments, Readiness};
use headwater_broker::{Broker, BrokerOptions, Security};
use headwater_compute::{Confinement, Folders, ProcessBuilder, ProcessRuntime, Tools};
use headwater_control::{BrokerAccess, Control, Engines, Settings};
use headwater_ingress::{Ingress, Routes};
use headwater_model::access::Policy;
use headwater_repo::Repositories;
use headwater_store::Store;
use headwater_topics::embedded::Embedded;
use prometheus_client::registry::Registry;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{admin, config::Config};
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
        let confinement = Arc::new(Confinement::open(&folders, config.compute.allow_unconfined)?);
        let builder = ProcessBuilder::open(folders.clone(), confinement.clone(), Tools::discover())?;
        let runtime = ProcessRuntime::open(folders, confinement, config.compute.logs.keeping()).await?;
        let routes = Routes::new();
        let metrics =
            headwater_metrics::Store::open(data_dir.join("metrics"), headwater_control::MAX_SERIES)?;
        let engines = Engines {
            store,
            broker_access,
            broker_topics: Arc::new(Embedded::new(broker.clone())),
            repositories: repositories.clone(),
            builder: Arc::new(builder),
            runtime: Arc::new(runtime.clone()),
            routes: routes.clone(),
            metrics: Arc::new(metrics),
        };
        let control = Control::start(engines, settings(config, sockets)).await?;
        let (readiness, shutdown) = (Readiness::default(), CancellationToken::new());
        Ok(Self { broker, repositories, runtime, control, routes, readiness, shutdown })
    }

    /// Opens all doors and says so.
    async fn serve(&self, config: &Config, sockets: Sockets, demo: bool) -> Result<JoinSet<Result<()>>> {
        let hosts = sockets.hosts(config);
        let ingress = headwater_ingress::Settings {
            domain: sockets.domain.clone(),
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
            instruments: self.instruments(),
        };
        let main = ingress.clone().in_front_of(headwater_api::router(app));
        let url = sockets.url();
        let door = match config.tls() {
            false => first::Door::of(url.clone()),
            true => first::Door::open(main.clone()).await?,
        };
        let admin = admin::Admin {
            control: self.control.clone(),
            portal_url: sockets.portal_url(),
            url: door.url().to_owned(),
        };
        let first_link = first::link(&admin, &config.data_dir).await?;
        let ready = format!(
            "headwater ready http={url} kafka={} public={}",
            sockets.kafka_addr,
            sockets.public_url()
        );

        let mut serving = JoinSet::new();
        let shutdown = &self.shutdown;
        serving.spawn({
            let (door, shutdown) = (sockets.admin, shutdown.clone());
            async move { Ok(admin::serve(door, admin, shutdown).await?) }
        });
        let (broker, advertised) = (self.broker.clone(), sockets.advertised.clone());
        serving.spawn({
            let (kafka, shutdown) = (sockets.kafka, shutdown.clone());
            async move { Ok(broker.serve(kafka, advertised, Security::Sasl, shutdown).await?) }
        });
        serving.spawn(http(sockets.http, main, sockets.tls.clone(), shutdown.clone()));
        serving.spawn(http(sockets.public, ingress.by_path(), sockets.tls, shutdown.clone()));

        self.readiness.set(true);
        say(first_link.as_deref(), &ready)?;
        if first_link.is_some() {
            first::link_was_said(&config.data_dir)?;
        }
        if demo {
            first::demo(&self.control, door.url().to_owned(), &config.data_dir).await?;
        }
        serving.spawn(door.stay(self.shutdown.clone()));
        Ok(serving)
    }

    /// All that is counted.
    fn instruments(&self) -> Instruments {
        let mut registry = Registry::default();
        process::register(&mut registry);
        let ours = registry.sub_registry_with_prefix("headwater");
        process::register_version(ours);
        self.broker.register(ours);
        self.routes.register(ours);
        Instruments::new(registry)
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
        domain: sockets.domain.clone(),
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
