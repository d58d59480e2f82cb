//! One request on its way to a replica and its answer on the way back.

use std::{net::SocketAddr, pin::pin, time::Duration};

use axum::{body::Body, extract::Request, response::Response};
use http::{StatusCode, Uri, header, uri::PathAndQuery};
use hyper::upgrade::OnUpgrade;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::{
    io::copy_bidirectional,
    time::{Instant, timeout_at},
};

use crate::{
    Routes,
    balance::{self, Lease},
    body::{Leased, Resendable},
    headers::{self, Origin},
    pages::Trouble,
    routes::Route,
};

const CONNECT: Duration = Duration::from_secs(5);
/// Time for an answer to begin once the request was sent; long polls fit in, forgotten requests do not.
const ANSWER: Duration = Duration::from_secs(300);

/// Where a request goes and how it got here.
pub(crate) struct Target<'a> {
    pub(crate) label: &'a str,
    /// The path and query that the application sees.
    pub(crate) path: PathAndQuery,
    pub(crate) origin: Origin<'a>,
    /// Name of the cookie that never passes.
    pub(crate) session_cookie: &'a str,
}

/// Sends requests to replicas over kept connections.
#[derive(Clone)]
pub(crate) struct Forwarder {
    routes: Routes,
    client: Client<HttpConnector, Resendable>,
}

impl Forwarder {
    pub(crate) fn new(routes: Routes) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        Self { routes, client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// Forwards `request`, and counts what becomes of it.
    pub(crate) async fn forward(&self, target: Target<'_>, request: Request) -> Response {
        let Some(route) = self.routes.get(target.label) else {
            return Trouble::Unknown.answer(request.headers());
        };
        let answer = self.through(&route, target, request).await;
        route.counters.answered(answer.status());
        answer
    }

    /// Forwards `request`; when a replica takes no connection, to the next.
    async fn through(&self, route: &Route, target: Target<'_>, mut request: Request) -> Response {
        let asked = request.headers().clone();
        let client_side = request.extensions_mut().remove::<OnUpgrade>();
        let (mut parts, body) = request.into_parts();
        let upgrade = headers::remove_hop_by_hop(&mut parts.headers).filter(|_| client_side.is_some());
        headers::forwarded(&mut parts.headers, &target.origin);
        headers::remove_cookie(&mut parts.headers, target.session_cookie);
        if let Some(protocol) = &upgrade {
            headers::ask_upgrade(&mut parts.headers, protocol.clone());
        }
        let body = Resendable::new(body);

        let mut tried = Vec::new();
        let (answer, lease) = loop {
            let Some(lease) = balance::choose(&route.backends, &tried) else {
                let trouble = if tried.is_empty() { Trouble::NotReady } else { Trouble::Unreachable };
                return trouble.answer(&asked);
            };
            let attempt =
                http::Request::builder().method(&parts.method).uri(address(lease.addr(), &target.path));
            let Ok(mut attempt) = attempt.body(body.clone()) else {
                return Trouble::Unreachable.answer(&asked);
            };
            *attempt.headers_mut() = parts.headers.clone();
            match in_time(self.client.request(attempt), &body).await {
                None => return Trouble::TimedOut.answer(&asked),
                Some(Ok(answer)) => break (answer, lease),
                Some(Err(error)) if error.is_connect() && body.untouched() => {
                    route.counters.connect_failed();
                    tried.push(lease.addr());
                }
                Some(Err(error)) => {
                    tracing::debug!(label = target.label, %error, "replica broke off");
                    return Trouble::Unreachable.answer(&asked);
                }
            }
        };
        deliver(answer, lease, client_side.filter(|_| upgrade.is_some()), &target)
    }
}

/// Waits for an answer for as long as the request's body moves, and then a time; nothing when it takes longer.
async fn in_time<F: Future>(answer: F, body: &Resendable) -> Option<F::Output> {
    let mut answer = pin!(answer);
    let begun = Instant::now();
    loop {
        let deadline = body.moved().unwrap_or(begun).max(begun) + ANSWER;
        match timeout_at(deadline, &mut answer).await {
            Ok(answer) => return Some(answer),
            Err(_) if body.moved().is_some_and(|moved| moved + ANSWER > deadline) => {}
            Err(_) => return None,
        }
    }
}

/// Hands the answer on: a switched protocol as a tunnel, anything else as a streamed body.
fn deliver(
    mut answer: hyper::Response<hyper::body::Incoming>,
    lease: Lease,
    client_side: Option<OnUpgrade>,
    target: &Target<'_>,
) -> Response {
    let switched = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
    let protocol = answer.headers().get(header::UPGRADE).cloned();
    headers::remove_hop_by_hop(answer.headers_mut());
    headers::answer(answer.headers_mut(), target.session_cookie, target.origin.prefix);
    match (switched, client_side) {
        (true, Some(client_side)) => {
            if let Some(protocol) = protocol {
                headers::ask_upgrade(answer.headers_mut(), protocol);
            }
            let replica_side = hyper::upgrade::on(&mut answer);
            tokio::spawn(tunnel(client_side, replica_side, lease));
            answer.map(|_| Body::empty())
        }
        (true, None) => Trouble::Unreachable.answer(answer.headers()),
        (false, _) => answer.map(|body| Body::new(Leased::new(body, lease))),
    }
}

/// Carries bytes both ways until either side ends. The lease ends with it.
async fn tunnel(client_side: OnUpgrade, replica_side: OnUpgrade, _lease: Lease) {
    let (Ok(client), Ok(replica)) = tokio::join!(client_side, replica_side) else { return };
    // A side that breaks off is how tunnels end.
    let _ = copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(replica)).await;
}

fn address(addr: SocketAddr, path: &PathAndQuery) -> Uri {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(http::uri::Scheme::HTTP);
    parts.authority = addr.to_string().parse().ok();
    parts.path_and_query = Some(path.clone());
    Uri::from_parts(parts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::stream;
    use http_body_util::BodyExt;
    use tokio::time::sleep;

    use super::*;

    /// A body of `frames` frames, `pause` apart.
    fn slow(frames: u32, pause: Duration) -> Resendable {
        let frames = stream::unfold(0, move |n| async move {
            sleep(pause).await;
            (n < frames).then_some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), n + 1))
        });
        Resendable::new(Body::from_stream(frames))
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_starts_when_the_request_was_sent() {
        let body = slow(10, ANSWER / 2);
        let sent = body.clone();
        let answer = async {
            sent.collect().await.unwrap();
            sleep(ANSWER / 2).await;
        };
        assert!(in_time(answer, &body).await.is_some(), "a long upload is not cut");
        let body = slow(10, ANSWER / 2);
        let sent = body.clone();
        let silent = async {
            sent.collect().await.unwrap();
            std::future::pending::<()>().await;
        };
        assert!(in_time(silent, &body).await.is_none());
        assert!(in_time(std::future::pending::<()>(), &slow(0, ANSWER)).await.is_none());
    }
}
