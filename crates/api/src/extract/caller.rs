//! Who calls: by token, by the Portal's session cookie, or by Git's basic authentication.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use axum_extra::extract::CookieJar;
use base64::{Engine, prelude::BASE64_STANDARD};
use headwater_control::Control;
use headwater_model::Principal;

use super::page::Page;
use crate::{App, error::Error, portal::sessions};

/// An authenticated caller.
pub(crate) struct Caller(pub(crate) Principal);

/// What a caller showed. Kept by long-lived connections, which ask again.
#[derive(Clone)]
pub(crate) enum Credential {
    /// A token.
    Token(String),
    /// A browser's session.
    Session(String),
}

impl Credential {
    /// What the headers show; `Authorization` before the cookie.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            return scheme.eq_ignore_ascii_case("bearer").then(|| Self::Token(token.trim().to_owned()));
        }
        let jar = CookieJar::from_headers(headers);
        jar.get(sessions::COOKIE).map(|cookie| Self::Session(cookie.value().to_owned()))
    }

    /// Who it stands for, now.
    pub(crate) async fn authenticate(&self, control: &Control) -> Result<Principal, Error> {
        let found = match self {
            Self::Token(secret) => control.tokens.authenticate(secret).await?,
            Self::Session(secret) => control.sessions.authenticate(secret).await?,
        };
        found.ok_or_else(Error::unauthorised)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let credential = Credential::of(&parts.headers).ok_or_else(Error::unauthorised)?;
        if !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            Page::of(parts, app).may_show(&credential)?;
        }
        Ok(Self(credential.authenticate(&app.control).await?))
    }
}

/// A Git client: any user name, with a token as the password; or a bearer token.
pub(crate) struct Basic(pub(crate) Principal);

impl FromRequestParts<App> for Basic {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let (scheme, rest) = value.and_then(|v| v.split_once(' ')).ok_or_else(Error::unauthorised)?;
        let token = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => Some(rest.trim().to_owned()),
            "basic" => BASE64_STANDARD
                .decode(rest.trim())
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|pair| pair.split_once(':').map(|(_, password)| password.to_owned())),
            _ => None,
        };
        let token = token.ok_or_else(Error::unauthorised)?;
        Ok(Self(Credential::Token(token).authenticate(&app.control).await?))
    }
}
