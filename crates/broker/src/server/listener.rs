//! Accepting connections.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::connection;
use crate::{Advertised, Security, broker::Inner};

/// What all connections of a listener share.
pub(crate) struct Listener {
    pub(crate) broker: Arc<Inner>,
    pub(crate) advertised: Advertised,
    pub(crate) security: Security,
    pub(crate) shutdown: CancellationToken,
}

/// Serves connections until `shutdown` or the broker stops.
pub(crate) async fn accept(
    broker: Arc<Inner>,
    listener: TcpListener,
    advertised: Advertised,
    security: Security,
    shutdown: CancellationToken,
) {
    let shared = Arc::new(Listener { broker, advertised, security, shutdown });
    loop {
        let accepted = tokio::select! {
            () = shared.shutdown.cancelled() => return,
            () = shared.broker.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, _)) => begin(&shared, socket),
            Err(error) => {
                // Usually too many open files: those that end make room.
                tracing::error!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn begin(listener: &Arc<Listener>, socket: TcpStream) {
    let broker = &listener.broker;
    let Some(place) = Place::take(broker) else {
        let most = broker.options.max_connections;
        tracing::warn!("a connection is refused: {most} are open, the most that this broker allows");
        return;
    };
    broker.instruments.accepted.inc();
    let listener = listener.clone();
    broker.serving.spawn(async move {
        let _place = place;
        connection::serve(&listener, socket).await;
    });
}

/// One of the connections that a broker allows.
struct Place(Arc<Inner>);

impl Place {
    fn take(broker: &Arc<Inner>) -> Option<Self> {
        let most = broker.options.max_connections;
        let add = |n| (n < most).then_some(n + 1);
        broker.connections.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).ok()?;
        Some(Self(broker.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
