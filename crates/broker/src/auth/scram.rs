//! SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

type Hash = [u8; 32];

/// What a password is checked against; the password cannot be had from it.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramKeys {
    /// Random bytes of this user's own.
    pub salt: Vec<u8>,
    /// Rounds of PBKDF2; at least 4096.
    pub iterations: u32,
    /// `H(HMAC(salted password, "Client Key"))`.
    pub stored_key: Hash,
    /// `HMAC(salted password, "Server Key")`.
    pub server_key: Hash,
}

impl fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramKeys").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

impl ScramKeys {
    /// Rounds that Kafka's clients accept and that cost a few milliseconds.
    pub const ITERATIONS: u32 = 4096;

    /// The keys of a password under a random salt. Takes milliseconds.
    pub fn new(password: &str) -> Self {
        let mut salt = vec![0; 24];
        rand::rng().fill_bytes(&mut salt);
        Self::derive(password, salt, Self::ITERATIONS)
    }

    /// The keys of a password under a salt. Takes milliseconds.
    pub fn derive(password: &str, salt: Vec<u8>, iterations: u32) -> Self {
        let salted: Hash = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), &salt, iterations);
        let client_key = hmac(&salted, b"Client Key");
        let server_key = hmac(&salted, b"Server Key");
        Self { salt, iterations, stored_key: Sha256::digest(client_key).into(), server_key }
    }

    /// Whether these are the keys of `password`. Takes milliseconds.
    pub fn verify(&self, password: &str) -> bool {
        let other = Self::derive(password, self.salt.clone(), self.iterations);
        self.stored_key.ct_eq(&other.stored_key).into()
    }

    /// Keys that no password opens, always the same for a name: who asks cannot tell them from a user's.
    pub(crate) fn decoy(secret: &Hash, username: &str) -> Self {
        let salt = hmac(secret, username.as_bytes())[..24].to_vec();
        let mut stored_key = [0; 32];
        rand::rng().fill_bytes(&mut stored_key);
        Self { salt, iterations: Self::ITERATIONS, stored_key, server_key: stored_key }
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// A client's first message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClientFirst {
    /// The username, unescaped.
    pub(crate) username: String,
    header: String,
    bare: String,
    nonce: String,
}

impl ClientFirst {
    /// Reads `n,,n=user,r=nonce`; channel binding and acting for others are refused.
    pub(crate) fn parse(message: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(message).ok()?;
        let (flag, rest) = text.split_once(',')?;
        let (authzid, bare) = rest.split_once(',')?;
        let mut fields = bare.split(',');
        let username = unescape(fields.next()?.strip_prefix("n=")?)?;
        let nonce = fields.next()?.strip_prefix("r=")?;
        let acts_for_itself = authzid.is_empty() || authzid.strip_prefix("a=") == Some(username.as_str());
        if !matches!(flag, "n" | "y") || !acts_for_itself || nonce.is_empty() {
            return None;
        }
        Some(Self {
            header: format!("{flag},{authzid},"),
            bare: bare.to_owned(),
            nonce: nonce.to_owned(),
            username,
        })
    }

    /// The server's first message, and what the proof will be checked with.
    pub(crate) fn challenge(self, keys: ScramKeys) -> (String, Challenge) {
        let mut random = [0; 18];
        rand::rng().fill_bytes(&mut random);
        let nonce = format!("{}{}", self.nonce, BASE64.encode(random));
        let first = format!("r={nonce},s={},i={}", BASE64.encode(&keys.salt), keys.iterations);
        let transcript = format!("{},{first}", self.bare);
        (first, Challenge { header: self.header, nonce, transcript, keys })
    }
}

/// What the server remembers between its messages.
pub(crate) struct Challenge {
    header: String,
    nonce: String,
    transcript: String,
    keys: ScramKeys,
}

impl Challenge {
    /// Checks the client's proof; returns the server's own, or none when it is wrong.
    pub(crate) fn verify(&self, message: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(message).ok()?;
        let (without_proof, proof) = text.rsplit_once(",p=")?;
        let mut fields = without_proof.split(',');
        let binding = BASE64.decode(fields.next()?.strip_prefix("c=")?).ok()?;
        let nonce = fields.next()?.strip_prefix("r=")?;
        let proof: Hash = BASE64.decode(proof).ok()?.try_into().ok()?;
        if binding != self.header.as_bytes() || nonce != self.nonce {
            return None;
        }
        let transcript = format!("{},{without_proof}", self.transcript);
        let signature = hmac(&self.keys.stored_key, transcript.as_bytes());
        let client_key: Vec<u8> = proof.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let stored_key: Hash = Sha256::digest(client_key).into();
        let right: bool = stored_key.ct_eq(&self.keys.stored_key).into();
        right.then(|| format!("v={}", BASE64.encode(hmac(&self.keys.server_key, transcript.as_bytes()))))
    }
}

fn unescape(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut parts = name.split('=');
    out.push_str(parts.next()?);
    for part in parts {
        let rest = part.strip_prefix("2C").map(|r| (',', r)).or(part.strip_prefix("3D").map(|r| ('=', r)));
        let (c, rest) = rest?;
        out.push(c);
        out.push_str(rest);
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client's side, as RFC 5802 has it.
    fn prove(password: &str, bare: &str, first: &str) -> (String, Hash) {
        let field = |name: &str| first.split(',').find_map(|f| f.strip_prefix(name)).unwrap();
        let salt = BASE64.decode(field("s=")).unwrap();
        let rounds = field("i=").parse().unwrap();
        let salted: Hash = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), &salt, rounds);
        let client_key = hmac(&salted, b"Client Key");
        let stored_key: Hash = Sha256::digest(client_key).into();
        let without_proof = format!("c=biws,r={}", field("r="));
        let transcript = format!("{bare},{first},{without_proof}");
        let signature = hmac(&stored_key, transcript.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let server = hmac(&hmac(&salted, b"Server Key"), transcript.as_bytes());
        (format!("{without_proof},p={}", BASE64.encode(proof)), server)
    }

    #[test]
    fn the_right_password_is_proved_to_both_sides() {
        let first = ClientFirst::parse(b"n,,n=us=2Cer,r=abc").unwrap();
        assert_eq!(first.username, "us,er");
        let (challenge, state) = first.challenge(ScramKeys::new("secret"));
        let (right, server) = prove("secret", "n=us=2Cer,r=abc", &challenge);
        let (wrong, _) = prove("Secret", "n=us=2Cer,r=abc", &challenge);
        assert_eq!(state.verify(right.as_bytes()), Some(format!("v={}", BASE64.encode(server))));
        assert_eq!(state.verify(wrong.as_bytes()), None);
        assert_eq!(state.verify(right.replace("c=biws", "c=eSws").as_bytes()), None);
    }

    #[test]
    fn the_example_of_rfc_7677_holds() {
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let keys = ScramKeys::derive("pencil", salt, 4096);
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let state = Challenge {
            header: "n,,".into(),
            nonce: nonce.into(),
            transcript: format!("n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
            keys,
        };
        let last = format!("c=biws,r={nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let answer = state.verify(last.as_bytes());
        assert_eq!(answer.as_deref(), Some("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    #[test]
    fn malformed_messages_are_refused() {
        for bad in [
            "",
            "n,,",
            "p=tls-unique,,n=u,r=x",
            "n,a=other,n=u,r=x",
            "n,,n=,r=x",
            "n,,n=u=4,r=x",
            "n,,n=u,r=",
        ] {
            assert!(ClientFirst::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn decoys_have_the_same_salt_every_time() {
        let decoy = |name| ScramKeys::decoy(&[7; 32], name).salt;
        assert_eq!(decoy("u"), decoy("u"));
        assert_ne!(decoy("u"), decoy("v"));
    }
}
