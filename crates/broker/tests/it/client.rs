//! A client that sends what it is told, in the version it is told.

use std::{net::SocketAddr, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::{
    messages::*,
    protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long anything may take before the test is given up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    correlation: i32,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { socket: TcpStream::connect(address).await.unwrap(), correlation: 0 }
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask<R: Request>(&mut self, version: i16, request: R) -> R::Response {
        self.send(version, &request).await;
        self.answer::<R>(version).await
    }

    pub(crate) async fn send<R: Request>(&mut self, version: i16, request: &R) {
        self.correlation += 1;
        let mut bytes = BytesMut::new();
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation)
            .with_client_id(Some(text("tester")));
        header.encode(&mut bytes, R::header_version(version)).unwrap();
        request.encode(&mut bytes, version).unwrap();
        self.send_frame(&bytes).await;
    }

    pub(crate) async fn send_frame(&mut self, payload: &[u8]) {
        let mut frame = BytesMut::new();
        frame.put_i32(payload.len() as i32);
        frame.put_slice(payload);
        // A connection that has ended is noticed when its answer is read.
        let _ = self.socket.write_all(&frame).await;
    }

    /// The answer to the last request; it must use all of its bytes.
    pub(crate) async fn answer<R: Request>(&mut self, version: i16) -> R::Response {
        let mut bytes = self.frame().await.expect("the connection has ended");
        let header = ResponseHeader::decode(&mut bytes, R::Response::header_version(version)).unwrap();
        assert_eq!(header.correlation_id, self.correlation);
        let response = R::Response::decode(&mut bytes, version).unwrap();
        assert!(bytes.is_empty(), "{} bytes too many in the answer to {} v{version}", bytes.len(), R::KEY);
        response
    }

    /// The next frame; none when the connection has ended.
    pub(crate) async fn frame(&mut self) -> Option<Bytes> {
        let read = async {
            let len = self.socket.read_i32().await.ok()?;
            let mut bytes = vec![0; len as usize];
            self.socket.read_exact(&mut bytes).await.ok()?;
            Some(bytes.into())
        };
        tokio::time::timeout(PATIENCE, read).await.expect("no answer in time")
    }

    /// Authenticates by PLAIN; returns the error code.
    pub(crate) async fn plain(&mut self, user: &str, password: &str) -> i16 {
        let handshake = SaslHandshakeRequest::default().with_mechanism(text("PLAIN"));
        assert_eq!(self.ask(1, handshake).await.error_code, 0);
        let message = Bytes::from(format!("\0{user}\0{password}"));
        self.ask(2, SaslAuthenticateRequest::default().with_auth_bytes(message)).await.error_code
    }
}

pub(crate) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub(crate) fn topic(name: &str) -> TopicName {
    TopicName(text(name))
}

/// A request that makes a topic.
pub(crate) fn create(name: &str, partitions: i32) -> CreateTopicsRequest {
    let new = create_topics_request::CreatableTopic::default()
        .with_name(topic(name))
        .with_num_partitions(partitions)
        .with_replication_factor(1);
    CreateTopicsRequest::default().with_topics(vec![new]).with_timeout_ms(10_000)
}

/// A request that appends values to a partition.
pub(crate) fn produce(name: &str, partition: i32, batch: Bytes) -> ProduceRequest {
    let data =
        produce_request::PartitionProduceData::default().with_index(partition).with_records(Some(batch));
    let topic =
        produce_request::TopicProduceData::default().with_name(topic(name)).with_partition_data(vec![data]);
    ProduceRequest::default().with_acks(-1).with_timeout_ms(10_000).with_topic_data(vec![topic])
}

/// A batch of records with these values.
pub(crate) fn batch(values: &[&str]) -> Bytes {
    // Older records would be gone by the next look at retention.
    let timestamp = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64;
    let record = |v: &&str| headwater_broker::records::Record {
        key: Some(Bytes::from_static(b"k")),
        value: Some(Bytes::copy_from_slice(v.as_bytes())),
        timestamp,
        ..Default::default()
    };
    let records: Vec<_> = values.iter().map(record).collect();
    headwater_broker::records::encode(records.iter()).unwrap().freeze()
}

/// The batch as a producer of transactions (or an idempotent one) sends it.
pub(crate) fn batch_of(producer: (i64, i16), sequence: i32, transactional: bool, values: &[&str]) -> Bytes {
    let mut bytes = BytesMut::from(&batch(values)[..]);
    if transactional {
        bytes[22] |= 1 << 4;
    }
    bytes[43..51].copy_from_slice(&producer.0.to_be_bytes());
    bytes[51..53].copy_from_slice(&producer.1.to_be_bytes());
    bytes[53..57].copy_from_slice(&sequence.to_be_bytes());
    let crc = crc32c::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes.freeze()
}

/// A request that reads a partition.
pub(crate) fn fetch(name: &str, partition: i32, offset: i64, wait_ms: i32) -> FetchRequest {
    let partition = fetch_request::FetchPartition::default()
        .with_partition(partition)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(1 << 20);
    let topic = fetch_request::FetchTopic::default().with_topic(topic(name)).with_partitions(vec![partition]);
    FetchRequest::default()
        .with_max_wait_ms(wait_ms)
        .with_min_bytes(1)
        .with_max_bytes(1 << 24)
        .with_session_epoch(-1)
        .with_topics(vec![topic])
}
