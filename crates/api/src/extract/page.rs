//! The page that a browser sends a request from. A browser adds its session to requests of any page.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
};

use super::Credential;
use crate::{App, error::Error, host};

/// Where a request comes from.
pub(crate) enum Page {
    /// A page of this very host, which is on the allow-list.
    Ours,
    /// Another page, or no browser.
    Foreign,
}

impl Page {
    pub(super) fn of(parts: &Parts, app: &App) -> Self {
        let origin = parts.headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
        let host = host::named(&parts.headers, &parts.uri);
        match origin.zip(host).is_some_and(|(origin, host)| same(origin, host, app.tls)) {
            true => Self::Ours,
            false => Self::Foreign,
        }
    }

    /// Refuses a page that is not ours.
    pub(crate) fn must_be_ours(&self) -> Result<(), Error> {
        match self {
            Self::Ours => Ok(()),
            Self::Foreign => Err(Error::new(
                StatusCode::FORBIDDEN,
                "foreign-origin",
                "This request comes from a page of another origin.",
            )),
        }
    }

    /// Refuses a session from a page that is not ours. A token was put there by whoever sends it.
    pub(crate) fn may_show(&self, credential: &Credential) -> Result<(), Error> {
        match credential {
            Credential::Session(_) => self.must_be_ours(),
            Credential::Token(_) => Ok(()),
        }
    }
}

impl FromRequestParts<App> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app))
    }
}

/// Whether an origin is that of the host. Where we speak TLS, a page that came without is not ours: anybody on the way
/// may have written it. Where we do not, a proxy may speak TLS for us.
fn same(origin: &str, host: &str, tls: bool) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    authority.eq_ignore_ascii_case(host) && (!tls || scheme == "https")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_and_host() {
        for (origin, host, tls, expected) in [
            ("http://localhost:8000", "localhost:8000", false, true),
            ("http://localhost:8000", "LOCALHOST:8000", false, true),
            ("http://localhost:8001", "localhost:8000", false, false),
            ("http://evil.example", "localhost:8000", false, false),
            ("https://stream.example", "stream.example", false, true),
            ("https://stream.example", "stream.example", true, true),
            ("http://stream.example", "stream.example", true, false),
            ("null", "localhost:8000", false, false),
        ] {
            assert_eq!(same(origin, host, tls), expected, "{origin} {host} {tls}");
        }
    }

    #[test]
    fn without_a_header_the_address_names_the_host() {
        let request = |builder: http::request::Builder| builder.body(()).expect("a request").into_parts().0;
        let named = |parts: &Parts| host::named(&parts.headers, &parts.uri).map(str::to_owned);
        let second = request(http::Request::builder().uri("https://stream.example/live"));
        assert_eq!(named(&second).as_deref(), Some("stream.example"));
        let first = request(http::Request::builder().uri("/live").header("host", "localhost:8000"));
        assert_eq!(named(&first).as_deref(), Some("localhost:8000"));
    }
}
