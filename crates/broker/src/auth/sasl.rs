//! The exchange that turns a connection into a principal.

use std::sync::Arc;

use headwater_model::Principal;

use super::{
    Access, ScramKeys,
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

enum State {
    Begin(Mechanism),
    Challenged(Box<Challenge>, Option<Principal>),
    Over,
}

/// What comes of a client's message.
#[derive(Debug)]
pub(crate) enum Step {
    /// The exchange goes on with this message.
    Continue(Vec<u8>),
    /// The client is who it says; the last message to it.
    Done(Principal, Vec<u8>),
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
            State::Challenged(challenge, principal) => match (challenge.verify(message), principal) {
                (Some(proof), Some(principal)) => Step::Done(principal, proof.into_bytes()),
                _ => Step::Refused,
            },
            State::Over => Step::Refused,
        }
    }

    /// The user's keys, or for one that does not exist some that cost the same to try.
    fn keys(&self, username: &str) -> (Option<Principal>, ScramKeys) {
        match self.access.credential(username) {
            Some(credential) => (Some(credential.principal), credential.keys),
            None => (None, ScramKeys::decoy(&self.secret, username)),
        }
    }

    fn plain(&self, message: &[u8]) -> Step {
        let Some(plain) = Plain::parse(message) else { return Step::Refused };
        let (principal, keys) = self.keys(&plain.username);
        match (keys.verify(&plain.password), principal) {
            (true, Some(principal)) => Step::Done(principal, Vec::new()),
            _ => Step::Refused,
        }
    }

    fn first(&mut self, message: &[u8]) -> Step {
        let Some(first) = ClientFirst::parse(message) else { return Step::Refused };
        let (principal, keys) = self.keys(&first.username);
        let (answer, challenge) = first.challenge(keys);
        self.state = State::Challenged(Box::new(challenge), principal);
        Step::Continue(answer.into_bytes())
    }
}
