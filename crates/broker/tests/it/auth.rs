//! Who is let in.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::{BufMut, Bytes, BytesMut};
use headwater_broker::{Advertised, Broker, Error, NoAccess, Security};
use headwater_model::access::Policy;
use hmac::{Hmac, Mac};
use kafka_protocol::{messages::*, protocol::Encodable};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::{io::AsyncWriteExt, net::TcpListener};
use tokio_util::sync::CancellationToken;

use crate::{
    client::{Client, text},
    platform::{A, Platform, options, password},
};

const REFUSED: i16 = 58;

#[tokio::test]
async fn strangers_may_ask_for_versions_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    let mut client = platform.client().await;
    let versions = client.ask(3, ApiVersionsRequest::default()).await.api_keys;
    let free = [ApiKey::ApiVersions as i16, ApiKey::SaslHandshake as i16, ApiKey::SaslAuthenticate as i16];
    for api in versions.iter().filter(|v| !free.contains(&v.api_key)) {
        let mut client = platform.client().await;
        let key = ApiKey::try_from(api.api_key).unwrap();
        let mut bytes = BytesMut::new();
        let header = RequestHeader::default()
            .with_request_api_key(api.api_key)
            .with_request_api_version(api.max_version);
        header.encode(&mut bytes, key.request_header_version(api.max_version)).unwrap();
        bytes.put_bytes(0, 64);
        client.send_frame(&bytes).await;
        assert!(client.frame().await.is_none(), "{key:?}");
    }
    platform.stop().await;
}

#[tokio::test]
async fn strangers_send_small_frames() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    let mut client = platform.client().await;
    client.socket.write_i32(512 * 1024 + 1).await.unwrap();
    assert!(client.frame().await.is_none());
    let mut known = platform.user(A).await;
    let mut large = BytesMut::new();
    RequestHeader::default()
        .with_request_api_key(3)
        .with_request_api_version(1)
        .encode(&mut large, 1)
        .unwrap();
    large.put_i32(-1);
    large.put_bytes(0, 600 * 1024);
    known.send_frame(&large).await;
    assert!(known.frame().await.is_some());
    platform.stop().await;
}

#[tokio::test]
async fn the_right_password_opens_and_the_wrong_one_ends() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    let mut client = platform.user(A).await;
    assert_eq!(client.ask(12, MetadataRequest::default().with_topics(None)).await.brokers.len(), 1);
    for (user, password) in
        [(A, "wrong".to_owned()), ("nobody", password("nobody")), (A, password("acme-demo-b"))]
    {
        let mut client = platform.client().await;
        assert_eq!(client.plain(user, &password).await, REFUSED);
        assert!(client.frame().await.is_none());
    }
    platform.stop().await;
}

#[tokio::test]
async fn mechanisms_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    let mut client = platform.client().await;
    let answer = client.ask(1, SaslHandshakeRequest::default().with_mechanism(text("GSSAPI"))).await;
    assert_eq!(answer.error_code, 33);
    assert_eq!(answer.mechanisms, ["SCRAM-SHA-256", "PLAIN"].map(text));
    // A message without a handshake.
    let answer = client.ask(2, SaslAuthenticateRequest::default()).await;
    assert_eq!(answer.error_code, 34);
    assert!(client.frame().await.is_none());
    platform.stop().await;
}

/// The client's side of SCRAM: what is sent last.
fn prove(password: &str, first: &str, challenge: &str) -> String {
    let field = |name: &str| challenge.split(',').find_map(|f| f.strip_prefix(name)).unwrap();
    let hmac = |key: &[u8], message: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes()
    };
    let salt = BASE64.decode(field("s=")).unwrap();
    let salted =
        pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), &salt, field("i=").parse().unwrap());
    let client_key = hmac(&salted, b"Client Key");
    let last = format!("c=biws,r={}", field("r="));
    let signature = hmac(&Sha256::digest(client_key), format!("{first},{challenge},{last}").as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
    format!("{last},p={}", BASE64.encode(proof))
}

async fn scram(client: &mut Client, user: &str, password: &str) -> i16 {
    let handshake = SaslHandshakeRequest::default().with_mechanism(text("SCRAM-SHA-256"));
    assert_eq!(client.ask(1, handshake).await.error_code, 0);
    let first = format!("n={user},r=abc");
    let message = |text: String| SaslAuthenticateRequest::default().with_auth_bytes(Bytes::from(text));
    let challenge = client.ask(2, message(format!("n,,{first}"))).await;
    assert_eq!(challenge.error_code, 0, "users that do not exist are challenged alike");
    let challenge = String::from_utf8(challenge.auth_bytes.to_vec()).unwrap();
    client.ask(2, message(prove(password, &first, &challenge))).await.error_code
}

#[tokio::test]
async fn scram_lets_in_whoever_knows_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    for (user, password, expected) in
        [(A, password(A), 0), (A, "wrong".into(), REFUSED), ("nobody", password("nobody"), REFUSED)]
    {
        let mut client = platform.client().await;
        assert_eq!(scram(&mut client, user, &password).await, expected, "{user}");
        if expected == 0 {
            assert_eq!(client.ask(12, MetadataRequest::default().with_topics(None)).await.brokers.len(), 1);
        }
    }
    platform.stop().await;
}

#[tokio::test]
async fn old_clients_send_bare_messages() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    let mut client = platform.client().await;
    let handshake = SaslHandshakeRequest::default().with_mechanism(text("PLAIN"));
    assert_eq!(client.ask(0, handshake).await.error_code, 0);
    client.send_frame(format!("\0{A}\0{}", password(A)).as_bytes()).await;
    assert_eq!(client.frame().await, Some(Bytes::new()));
    assert_eq!(client.ask(12, MetadataRequest::default().with_topics(None)).await.brokers.len(), 1);
    platform.stop().await;
}

#[tokio::test]
async fn without_authentication_only_this_machine_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::open(options(&folder), Arc::new(NoAccess), Arc::new(Policy)).await.unwrap();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let advertised = Advertised { host: "x".into(), port: 0 };
    let served = broker.serve(listener, advertised, Security::None, CancellationToken::new()).await;
    assert!(matches!(served, Err(Error::NotLoopback(_))));
    broker.shutdown().await;
}

#[tokio::test]
async fn a_folder_has_one_broker_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = Broker::open(options(&folder), Arc::new(NoAccess), Arc::new(Policy)).await.unwrap();
    let second = Broker::open(options(&folder), Arc::new(NoAccess), Arc::new(Policy)).await;
    assert!(matches!(second, Err(Error::InUse(_))));
    first.shutdown().await;
}
