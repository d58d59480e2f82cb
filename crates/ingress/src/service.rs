//! The two doors: by host name beside the platform's own pages, and by path on a port of its own.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
};
use headwater_model::Hosts;
use http::{header, uri::PathAndQuery};

use crate::{
    Routes,
    forward::{Forwarder, Target},
    headers::Origin,
    pages::Trouble,
};

/// How public applications are addressed.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The domain, with or without a port: applications answer at `{label}.DOMAIN`.
    pub domain: String,
    /// Host names that the port by path answers to.
    pub hosts: Hosts,
    /// Whether visitors come by TLS.
    pub tls: bool,
    /// The Portal's session cookie, which no application ever sees or sets.
    pub session_cookie: &'static str,
}

/// Forwards visitors to replicas.
#[derive(Clone)]
pub struct Ingress {
    forwarder: Forwarder,
    settings: Settings,
}

impl Ingress {
    /// On a table of routes.
    pub fn new(routes: Routes, settings: Settings) -> Self {
        Self { forwarder: Forwarder::new(routes), settings }
    }

    /// Puts the door by host in front of `router`: `{label}.DOMAIN` goes to applications, all else to `router`.
    pub fn in_front_of(self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self, by_host))
    }

    /// The door by path: `/{label}/…`.
    pub fn by_path(self) -> Router {
        Router::new().fallback(by_path).with_state(self)
    }

    /// The label that a host names: a single one in front of the domain.
    fn label<'a>(&self, host: &'a str) -> Option<&'a str> {
        let (name, _) = host.split_once(':').unwrap_or((host, ""));
        let (domain, _) = self.settings.domain.split_once(':').unwrap_or((&self.settings.domain, ""));
        let at = name.len().checked_sub(domain.len())?;
        let (front, rest) = name.split_at_checked(at)?;
        let label = front.strip_suffix('.')?;
        (rest.eq_ignore_ascii_case(domain) && !label.is_empty() && !label.contains('.')).then_some(label)
    }

    async fn forward(
        &self,
        label: &str,
        path: PathAndQuery,
        prefix: Option<&str>,
        request: Request,
    ) -> Response {
        let host = host(&request).unwrap_or_default().to_owned();
        let client = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let scheme = if self.settings.tls { "https" } else { "http" };
        let origin = Origin { client, scheme, host: &host, prefix };
        let target = Target { label, path, origin, session_cookie: self.settings.session_cookie };
        self.forwarder.forward(target, request).await
    }
}

fn host(request: &Request) -> Option<&str> {
    let header = request.headers().get(header::HOST).and_then(|v| v.to_str().ok());
    header.or(request.uri().authority().map(|a| a.as_str()))
}

async fn by_host(State(ingress): State<Ingress>, request: Request, next: Next) -> Response {
    let label = host(&request).and_then(|host| ingress.label(host)).map(str::to_ascii_lowercase);
    let Some(label) = label else { return next.run(request).await };
    let path = request.uri().path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    ingress.forward(&label, path, None, request).await
}

async fn by_path(State(ingress): State<Ingress>, request: Request) -> Response {
    if !host(&request).is_some_and(|host| ingress.settings.hosts.allow(host)) {
        return Trouble::Misdirected.answer(request.headers());
    }
    let path = request.uri().path();
    let label = path.split('/').nth(1).unwrap_or_default().to_ascii_lowercase();
    let prefix = format!("/{label}");
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let Some(rest) = path.get(prefix.len()..).filter(|rest| !rest.is_empty()) else {
        return Redirect::permanent(&format!("{prefix}/{query}")).into_response();
    };
    match format!("{rest}{query}").parse::<PathAndQuery>() {
        Ok(rest) => ingress.forward(&label, rest, Some(&prefix), request).await,
        Err(_) => Trouble::BadPath.answer(request.headers()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_right_in_front_of_the_domain() {
        let settings = Settings {
            domain: "localhost:8000".into(),
            hosts: Hosts::new("localhost:8000", []),
            tls: false,
            session_cookie: "s",
        };
        let ingress = Ingress::new(Routes::new(), settings);
        assert_eq!(ingress.label("dash-a-b.localhost:8000"), Some("dash-a-b"));
        assert_eq!(ingress.label("Dash.LOCALHOST"), Some("Dash"));
        for host in ["localhost:8000", "localhost", "a.b.localhost", "xlocalhost", ".localhost", "é"] {
            assert_eq!(ingress.label(host), None, "{host}");
        }
    }
}
