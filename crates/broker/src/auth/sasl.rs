//! The exchange that turns a connection into a principal.

use std::sync::Arc;

use headwater_model::Principal;

use super::{
    Access, Credential, ScramKeys,
    plain::Plain,
    scram::{Challenge, ClientFirst},
};

/// Names of the mechanisms, best first.
pub(crate) const MECHANISMS: [&str; 2] = ["SCRAM-SHA-256", "PLAIN"];

/// How a client proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    Plain,
    ScramSha256,
}

impl Mechanism {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "PLAIN" => Some(Self::Plain),
            "SCRAM-SHA-256" => Some(Self::ScramSha256),
            _ => None,
        }
    }
}

/// An exchange under way.
pub(crate) struct Sasl {
    access: Arc<dyn Access>,
    secret: [u8; 32],
    state: State,
}

/// Who has authenticated, and by what.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    username: String,
    credential: Credential,
}

impl Login {
    pub(crate) fn principal(&self) -> &Principal {
        &self.credential.principal
    }

    /// Whether the user is still the same, with the same password.
    pub(crate) fn stands(&self, access: &dyn Access) -> bool {
        let Credential { principal, keys } = &self.credential;
        access.credential(&self.username).is_some_and(|now| now.principal == *principal && now.keys == *keys)
    }
}

enum State {
    Begin(Mechanism),
    Challenged(Box<Challenge>, Option<Login>),
    Over,
}

/// What comes of a client's message.
#[derive(Debug)]
pub(crate) enum Step {
    /// The exchange goes on with this message.
    Continue(Vec<u8>),
    /// The client is who it says; the last message to it.
    Done(Login, Vec<u8>),
    /// It is not, or cannot be understood.
    Refused,
}

impl Sasl {
    /// An exchange. `secret` makes names that do not exist look like users.
    pub(crate) fn new(access: Arc<dyn Access>, secret: [u8; 32], mechanism: Mechanism) -> Self {
        Self { access, secret, state: State::Begin(mechanism) }
    }

    /// Takes the client's next message. Takes milliseconds for PLAIN.
    pub(crate) fn step(&mut self, message: &[u8]) -> Step {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Begin(Mechanism::Plain) => self.plain(message),
            State::Begin(Mechanism::ScramSha256) => self.first(message),
            State::Challenged(challenge, login) => match (challenge.verify(message), login) {
                (Some(proof), Some(login)) => Step::Done(login, proof.into_bytes()),
                _ => Step::Refused,
            },
            State::Over => Step::Refused,
        }
    }

    /// The user's keys, or for one that does not exist some that cost the same to try.
    fn keys(&self, username: &str) -> (Option<Login>, ScramKeys) {
        match self.access.credential(username) {
            Some(credential) => {
                let keys = credential.keys.clone();
                (Some(Login { username: username.to_owned(), credential }), keys)
            }
            None => (None, ScramKeys::decoy(&self.secret, username)),
        }
    }

    fn plain(&self, message: &[u8]) -> Step {
        let Some(plain) = Plain::parse(message) else { return Step::Refused };
        let (login, keys) = self.keys(&plain.username);
        match (keys.verify(&plain.password), login) {
            (true, Some(login)) => Step::Done(login, Vec::new()),
            _ => Step::Refused,
        }
    }

    fn first(&mut self, message: &[u8]) -> Step {
        let Some(first) = ClientFirst::parse(message) else { return Step::Refused };
        let (login, keys) = self.keys(&first.username);
        let (answer, challenge) = first.challenge(keys);
        self.state = State::Challenged(Box::new(challenge), login);
        Step::Continue(answer.into_bytes())
    }
}
