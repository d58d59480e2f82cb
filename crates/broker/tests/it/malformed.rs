//! Bytes that no client would send end their connection and nothing else.

use bytes::{Bytes, BytesMut};
use kafka_protocol::{messages::*, protocol::Encodable};
use tokio::io::AsyncWriteExt;

use crate::{
    client::{Client, create, fetch, text, topic},
    platform::Platform,
};

/// Whether the broker has ended this connection, and goes on for others.
async fn ended(platform: &Platform, mut client: Client) {
    assert!(client.frame().await.is_none());
    let mut other = platform.client().await;
    assert_eq!(other.ask(3, ApiVersionsRequest::default()).await.error_code, 0);
}

#[tokio::test]
async fn malformed_frames_end_their_connection() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let with_header = |key: i16, version: i16, header: i16, body: &[u8]| {
        let mut bytes = BytesMut::new();
        let start = RequestHeader::default().with_request_api_key(key).with_request_api_version(version);
        start.encode(&mut bytes, header).unwrap();
        bytes.extend_from_slice(body);
        bytes
    };
    let frames = [
        BytesMut::new(),
        BytesMut::from(&b"abc"[..]),
        BytesMut::from(&[0xff; 40][..]),
        // An array of two thousand million topics.
        with_header(3, 1, 1, &[0x7f, 0xff, 0xff, 0xff]),
        with_header(3, 12, 2, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        // A body that ends early.
        with_header(1, 4, 1, &[0, 0, 0]),
        // A client id that is longer than the frame.
        BytesMut::from(&[0, 3, 0, 1, 0, 0, 0, 1, 0x7f, 0xff][..]),
    ];
    for frame in frames {
        let mut client = platform.client().await;
        client.send_frame(&frame).await;
        ended(&platform, client).await;
    }
    for length in [-1, i32::MIN, i32::MAX, 101 * 1024 * 1024] {
        let mut client = platform.client().await;
        client.socket.write_all(&i32::to_be_bytes(length)).await.unwrap();
        ended(&platform, client).await;
    }
    platform.stop().await;
}

#[tokio::test]
async fn an_absurd_subscription_is_nobodys_downfall() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(5, create("t", 1)).await.topics[0].error_code, 0);
    let protocol = join_group_request::JoinGroupRequestProtocol::default()
        .with_name(text("range"))
        // Two thousand million topics.
        .with_metadata(Bytes::from_static(&[0, 0, 0x7f, 0xff, 0xff, 0xff]));
    let join = JoinGroupRequest::default()
        .with_group_id(GroupId(text("g")))
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(10_000)
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![protocol]);
    assert_eq!(client.ask(3, join).await.error_code, 0);
    let partition = offset_delete_request::OffsetDeleteRequestPartition::default();
    let wanted = offset_delete_request::OffsetDeleteRequestTopic::default()
        .with_name(topic("t"))
        .with_partitions(vec![partition]);
    let delete = OffsetDeleteRequest::default().with_group_id(GroupId(text("g"))).with_topics(vec![wanted]);
    // What cannot be read may be any topic.
    assert_eq!(client.ask(0, delete).await.topics[0].partitions[0].error_code, 86);
    platform.stop().await;
}

#[tokio::test]
async fn a_client_that_ends_its_half_is_let_go_even_while_it_waits() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::open(&folder).await;
    let mut client = platform.client().await;
    assert_eq!(client.ask(5, create("t", 1)).await.topics[0].error_code, 0);
    client.send(12, &fetch("t", 0, 0, 600_000)).await;
    client.socket.shutdown().await.unwrap();
    while client.frame().await.is_some() {}
    platform.stop().await;
}

#[tokio::test]
async fn more_connections_than_allowed_are_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    let options = headwater_broker::BrokerOptions { max_connections: 2, ..crate::platform::options(&folder) };
    let access = std::sync::Arc::new(headwater_broker::NoAccess);
    let platform = Platform::start(options, access, headwater_broker::Security::None).await;
    let (mut one, mut two) = (platform.client().await, platform.client().await);
    for client in [&mut one, &mut two] {
        assert_eq!(client.ask(3, ApiVersionsRequest::default()).await.error_code, 0);
    }
    let mut three = platform.client().await;
    assert!(three.frame().await.is_none());
    assert_eq!(platform.broker.connections(), 2);
    drop(one);
    loop {
        let mut next = platform.client().await;
        // The place is free once the broker has seen the first go.
        next.send(3, &ApiVersionsRequest::default()).await;
        if next.frame().await.is_some() {
            break;
        }
    }
    platform.stop().await;
}

#[tokio::test]
async fn silence_for_too_long_ends_a_connection() {
    let folder = tempfile::tempdir().unwrap();
    let idle_timeout = std::time::Duration::from_millis(50);
    let options = headwater_broker::BrokerOptions { idle_timeout, ..crate::platform::options(&folder) };
    let access = std::sync::Arc::new(headwater_broker::NoAccess);
    let platform = Platform::start(options, access, headwater_broker::Security::None).await;
    let mut client = platform.client().await;
    assert!(client.frame().await.is_none());
    platform.stop().await;
}
