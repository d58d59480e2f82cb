//! What one connection has shown of itself, and what it may therefore ask.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{BufMut, Bytes, BytesMut};
use futures::future::BoxFuture;
use headwater_model::Principal;
use kafka_protocol::{
    ResponseError,
    messages::{
        ApiKey, RequestKind, ResponseKind, SaslAuthenticateRequest, SaslAuthenticateResponse,
        SaslHandshakeRequest, SaslHandshakeResponse,
    },
    protocol::StrBytes,
};
use tokio_util::sync::CancellationToken;

use super::{
    decode::Malformed,
    frame::{Request, Sizes, respond, seal},
    listener::Listener,
    load::{Room, Seat},
    shape, versions,
};
use crate::{
    Security,
    auth::{Login, MECHANISMS, Mechanism, Sasl, Step},
    requests::{self, Context, Produced},
};

/// Largest request of a client that has not authenticated.
const STRANGER_MAX_BYTES: usize = 512 * 1024;
/// Largest request other than Produce.
const OTHERS_MAX_BYTES: usize = 4 * 1024 * 1024;
/// How long a wrong password waits for its answer, so that guessing is slow.
const REFUSAL_DELAY: Duration = Duration::from_millis(100);

/// A connection's standing.
pub(super) struct Session<'a> {
    listener: &'a Listener,
    host: String,
    standing: Standing,
    /// The client has gone.
    gone: CancellationToken,
}

enum Standing {
    Stranger,
    /// A SASL exchange is under way; its messages come bare, or in requests.
    Proving {
        sasl: Sasl,
        bare: bool,
    },
    Known {
        principal: Principal,
        /// None where nobody needs one.
        login: Option<Arc<Login>>,
        _seat: Option<Seat>,
    },
}

/// What a client may send now, and on what grounds.
#[derive(Debug, Clone)]
pub(super) struct Leave {
    pub(super) sizes: Sizes,
    /// It need not authenticate any more.
    pub(super) known: bool,
    pub(super) login: Option<Arc<Login>>,
}

/// Why a client is not let in.
enum Refusal {
    Wrong,
    Crowded,
}

/// What becomes of a request.
pub(super) enum Reply {
    /// The answer.
    Now(Bytes),
    /// The answer, for which room was made until it is sent.
    Fetched(Bytes, Option<Room>),
    /// The answer comes; the next request may begin meanwhile.
    Later(BoxFuture<'static, Result<Bytes, Malformed>>),
    /// There is no answer.
    Silence,
    /// The answer, and then the end.
    Last(Bytes),
}

impl<'a> Session<'a> {
    pub(super) fn new(listener: &'a Listener, host: String, gone: CancellationToken) -> Self {
        let standing = match listener.security {
            Security::None => Standing::Known { principal: Principal::Platform, login: None, _seat: None },
            Security::Sasl => Standing::Stranger,
        };
        Self { listener, host, standing, gone }
    }

    /// What this client may send now.
    pub(super) fn leave(&self) -> Leave {
        let most = self.listener.broker.options.max_request_bytes;
        let (produce, others) = match self.standing {
            Standing::Known { .. } => (most, most.min(OTHERS_MAX_BYTES)),
            _ => (most.min(STRANGER_MAX_BYTES), most.min(STRANGER_MAX_BYTES)),
        };
        let login = match &self.standing {
            Standing::Known { login, .. } => login.clone(),
            _ => None,
        };
        Leave { sizes: Sizes { produce, others }, known: self.is_known(), login }
    }

    pub(super) fn is_known(&self) -> bool {
        matches!(self.standing, Standing::Known { .. })
    }

    /// Whether a frame is a Produce, which may be followed by others before it is answered.
    pub(super) fn is_produce(&self, frame: &Bytes) -> bool {
        self.is_known() && frame.starts_with(&(ApiKey::Produce as i16).to_be_bytes())
    }

    /// Does what a frame asks.
    pub(super) async fn handle(&mut self, frame: Bytes) -> Result<Reply, Malformed> {
        if matches!(self.standing, Standing::Proving { bare: true, .. }) {
            return self.bare(frame).await;
        }
        let request = Request::parse(frame)?;
        let (api, version, correlation) = (request.api, request.version, request.correlation_id);
        let served = versions::served(api).ok_or_else(|| Malformed(format!("{api:?} is not served")))?;
        if !(served.min..=served.max).contains(&version) {
            return unsupported(&request);
        }
        if api == ApiKey::Produce {
            shape::check_produce(&request.body, version)?;
        }
        if api == ApiKey::Produce && version < 3 {
            let answer = requests::unsupported_produce(version, correlation, request.body)?;
            return Ok(answer.map(seal).transpose()?.map_or(Reply::Silence, Reply::Now));
        }
        let body = versions::decode(api, version, &request.body)
            .map_err(|e| Malformed(format!("{api:?} v{version}: {e}")))?;
        let answer = |response: &ResponseKind| respond(api, version, correlation, response);
        match (body, &self.standing) {
            (RequestKind::ApiVersions(_), _) => Ok(Reply::Now(answer(&requests::api_versions(0).into())?)),
            (RequestKind::SaslHandshake(handshake), _) => {
                Ok(Reply::Now(answer(&self.handshake(&handshake, version).into())?))
            }
            (RequestKind::SaslAuthenticate(message), _) => {
                let (response, over) = self.authenticate(message).await;
                let bytes = answer(&response.into())?;
                Ok(if over { Reply::Last(bytes) } else { Reply::Now(bytes) })
            }
            (body, Standing::Known { principal, .. }) => {
                let context = self.context(principal.clone(), &request.client_id, version);
                self.serve(context, api, correlation, body).await
            }
            _ => Err(Malformed(format!("{api:?} before authentication"))),
        }
    }

    fn context(&self, principal: Principal, client_id: &str, version: i16) -> Context {
        Context {
            broker: self.listener.broker.clone(),
            principal,
            client_id: client_id.to_owned(),
            host: self.host.clone(),
            version,
            advertised: self.listener.advertised.clone(),
            gone: self.gone.clone(),
        }
    }

    async fn serve(
        &self,
        context: Context,
        api: ApiKey,
        correlation: i32,
        body: RequestKind,
    ) -> Result<Reply, Malformed> {
        let (version, begun) = (context.version, Instant::now());
        let broker = context.broker.clone();
        if let RequestKind::Produce(produce) = body {
            return match requests::produce(&context, produce) {
                Produced::Silence => Ok(Reply::Silence),
                Produced::Failed(error) => Err(Malformed(format!("nothing acknowledges a failure: {error}"))),
                Produced::Answer(answer) => Ok(Reply::Later(Box::pin(async move {
                    let answer = answer.await.into();
                    broker.instruments.answered(api, begun);
                    respond(api, version, correlation, &answer)
                }))),
            };
        }
        if let RequestKind::Fetch(fetch) = body {
            let (response, room) = requests::fetch(&context, fetch).await;
            broker.instruments.answered(api, begun);
            return Ok(Reply::Fetched(respond(api, version, correlation, &response.into())?, room));
        }
        let answer = requests::dispatch(&context, body).await;
        broker.instruments.answered(api, begun);
        match answer {
            Some(response) => Ok(Reply::Now(respond(api, version, correlation, &response)?)),
            None => Err(Malformed(format!("{api:?} is not served"))),
        }
    }

    fn handshake(&mut self, request: &SaslHandshakeRequest, version: i16) -> SaslHandshakeResponse {
        let response = SaslHandshakeResponse::default()
            .with_mechanisms(MECHANISMS.iter().map(|m| StrBytes::from_static_str(m)).collect());
        let broker = &self.listener.broker;
        match (Mechanism::parse(&request.mechanism), &self.standing) {
            (Some(mechanism), Standing::Stranger) => {
                let sasl = Sasl::new(broker.gate.access(), broker.secret, mechanism);
                self.standing = Standing::Proving { sasl, bare: version == 0 };
                response
            }
            (None, Standing::Stranger) => {
                response.with_error_code(ResponseError::UnsupportedSaslMechanism.code())
            }
            _ => response.with_error_code(ResponseError::IllegalSaslState.code()),
        }
    }

    /// A step of the exchange; the second value says whether the connection is to end.
    async fn authenticate(&mut self, request: SaslAuthenticateRequest) -> (SaslAuthenticateResponse, bool) {
        let response = SaslAuthenticateResponse::default();
        let refused = |error: ResponseError, why: &'static str| {
            let message = Some(StrBytes::from_static_str(why));
            SaslAuthenticateResponse::default().with_error_code(error.code()).with_error_message(message)
        };
        match self.step(request.auth_bytes).await {
            Some(Ok(message)) => (response.with_auth_bytes(message), false),
            Some(Err(refusal)) => {
                let why = match refusal {
                    Refusal::Wrong => "Authentication failed: the username or the password is not right",
                    Refusal::Crowded => "This workspace has as many connections as it may; close some",
                };
                (refused(ResponseError::SaslAuthenticationFailed, why), true)
            }
            None => (refused(ResponseError::IllegalSaslState, "A SaslHandshake comes first"), true),
        }
    }

    async fn bare(&mut self, message: Bytes) -> Result<Reply, Malformed> {
        match self.step(message).await {
            Some(Ok(answer)) => {
                let mut bytes = BytesMut::from(&[0; 4][..]);
                bytes.put_slice(&answer);
                Ok(Reply::Now(seal(bytes)?))
            }
            _ => Err(Malformed("authentication failed".into())),
        }
    }

    /// Takes the client's next message; none outside of an exchange.
    async fn step(&mut self, message: Bytes) -> Option<Result<Bytes, Refusal>> {
        let standing = std::mem::replace(&mut self.standing, Standing::Stranger);
        let Standing::Proving { mut sasl, bare } = standing else {
            self.standing = standing;
            return None;
        };
        // A password is checked with thousands of hashes.
        let stepped = tokio::task::spawn_blocking(move || (sasl.step(&message), sasl)).await;
        match stepped {
            Ok((Step::Continue(answer), sasl)) => {
                self.standing = Standing::Proving { sasl, bare };
                Some(Ok(answer.into()))
            }
            Ok((Step::Done(login, answer), _)) => {
                Some(self.admit(login).map(|()| answer.into()).ok_or(Refusal::Crowded))
            }
            Ok((Step::Refused, _)) | Err(_) => {
                tracing::warn!(host = %self.host, "authentication failed");
                tokio::time::sleep(REFUSAL_DELAY).await;
                Some(Err(Refusal::Wrong))
            }
        }
    }

    /// Lets in who has authenticated, unless there are too many of them.
    fn admit(&mut self, login: Login) -> Option<()> {
        let broker = &self.listener.broker;
        let most = broker.options.max_workspace_connections;
        let Some(seat) = broker.load.seat(login.principal(), most) else {
            tracing::warn!(host = %self.host, "a connection is refused: the workspace has {most}, the most allowed");
            return None;
        };
        let principal = login.principal().clone();
        self.standing = Standing::Known { principal, login: Some(Arc::new(login)), _seat: Some(seat) };
        Some(())
    }
}

/// The answer to a version that is not served: the request's own error where it has one, or the end.
fn unsupported(request: &Request) -> Result<Reply, Malformed> {
    let (api, version, correlation) = (request.api, request.version, request.correlation_id);
    let code = ResponseError::UnsupportedVersion.code();
    if api == ApiKey::ApiVersions {
        // The one answer that every client can read, whatever it asked for.
        let response = requests::api_versions(code).into();
        return Ok(Reply::Now(respond(api, 0, correlation, &response)?));
    }
    let known = (api.valid_versions().min..=api.valid_versions().max).contains(&version);
    match requests::unsupported(api, code).filter(|_| known) {
        Some(response) => Ok(Reply::Now(respond(api, version, correlation, &response)?)),
        None => Err(Malformed(format!("{api:?} v{version} is not served"))),
    }
}
