//! `headwater broker`: the broker alone, for everybody on this machine.

use std::{io::Write, net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::Context;
use clap::Args;
use headwater_broker::{Advertised, Broker as Engine, BrokerOptions, NoAccess, Security};
use headwater_model::access::Policy;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

/// Flags of the command.
#[derive(Debug, Args)]
pub struct Broker {
    /// Folder that holds everything the broker keeps
    #[arg(long, value_name = "DIR", default_value = "./.headwater/broker")]
    data_dir: PathBuf,
    /// Loopback address to serve Kafka clients on; port 0 takes a free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:9092")]
    kafka_addr: SocketAddr,
    /// Acknowledge before the disk has it: survives the end of the process, but not a power cut
    #[arg(long)]
    no_sync: bool,
    /// Refuse topics that do not exist, instead of making them for clients that ask
    #[arg(long)]
    no_auto_create_topics: bool,
}

impl Broker {
    /// Serves until SIGTERM or SIGINT.
    pub fn run(self) -> anyhow::Result<()> {
        tracing_subscriber::fmt()
            .with_env_filter(
                tracing_subscriber::EnvFilter::try_from_env("HEADWATER_LOG")
                    .unwrap_or_else(|_| "info".into()),
            )
            .with_writer(std::io::stderr)
            .init();
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(self.serve())
    }

    async fn serve(self) -> anyhow::Result<()> {
        // Asked for first, so that a signal during start-up is not lost.
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let address = self.kafka_addr;
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("{address} cannot be listened on; stop what uses it or choose another with --kafka-addr")
        })?;
        let bound = listener.local_addr()?;
        if !bound.ip().is_loopback() {
            return Err(headwater_broker::Error::NotLoopback(bound).into());
        }
        let options = BrokerOptions {
            sync: !self.no_sync,
            auto_create_topics: !self.no_auto_create_topics,
            ..BrokerOptions::new(self.data_dir)
        };
        let broker = Engine::open(options, Arc::new(NoAccess), Arc::new(Policy)).await?;
        let advertised = Advertised { host: bound.ip().to_string(), port: bound.port() };
        let shutdown = CancellationToken::new();
        let serving = broker.serve(listener, advertised, Security::None, shutdown.clone());
        println!("headwater broker ready kafka={bound}");
        std::io::stdout().flush()?;
        tokio::select! {
            served = serving => served?,
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.cancel();
        broker.shutdown().await;
        Ok(())
    }
}
