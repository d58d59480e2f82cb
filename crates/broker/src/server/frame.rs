//! Requests and responses as they lie on the wire: four bytes of length, a header, a body.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::{
    messages::{ApiKey, RequestHeader, ResponseHeader, ResponseKind},
    protocol::{Decodable, Encodable},
};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::decode::Malformed;

/// Bytes read at once, and reserved for a frame before it has arrived.
const CHUNK: usize = 64 * 1024;

/// Bytes that a request may have, by what it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) produce: usize,
    /// Of all other requests: small ones may have large answers.
    pub(super) others: usize,
}

impl Sizes {
    fn most(&self, key: Option<[u8; 2]>) -> usize {
        match key {
            None => self.produce.max(self.others),
            Some(key) if key == (ApiKey::Produce as i16).to_be_bytes() => self.produce,
            Some(_) => self.others,
        }
    }
}

/// Reads frames from a socket.
pub(super) struct Frames<R> {
    socket: R,
    buffer: BytesMut,
}

/// Why there is no further frame.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoFrame {
    #[error("closed")]
    Closed,
    #[error("closed within a request")]
    Cut,
    #[error("a request of {0} bytes is announced; at most {1} are allowed")]
    Size(i32, usize),
    #[error("nobody authenticated in time")]
    Stranger,
    #[error("the credentials of the client are no longer what they were")]
    Revoked,
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub(super) fn new(socket: R) -> Self {
        Self { socket, buffer: BytesMut::with_capacity(CHUNK) }
    }

    /// The next frame, without its length. Memory grows with what arrives, not with what is announced.
    pub(super) async fn next(&mut self, sizes: impl Fn() -> Sizes) -> Result<Bytes, NoFrame> {
        while self.buffer.len() < 4 {
            self.more(4, self.buffer.is_empty()).await?;
        }
        let size = i32::from_be_bytes([self.buffer[0], self.buffer[1], self.buffer[2], self.buffer[3]]);
        let sizes = sizes();
        let allowed = |key| {
            let most = sizes.most(key);
            usize::try_from(size).ok().filter(|len| *len <= most).ok_or(NoFrame::Size(size, most))
        };
        let len = allowed(None)?;
        // What is asked stands first, so that whoever may not send as much is not listened to.
        while self.buffer.len() < 4 + len.min(2) {
            self.more(4 + len.min(2), false).await?;
        }
        allowed(self.buffer[4..].first_chunk().copied())?;
        while self.buffer.len() < 4 + len {
            self.more(4 + len, false).await?;
        }
        let mut frame = self.buffer.split_to(4 + len).freeze();
        Ok(frame.split_off(4))
    }

    async fn more(&mut self, wanted: usize, between: bool) -> Result<(), NoFrame> {
        let missing = wanted.saturating_sub(self.buffer.len());
        // Doubling keeps copies rare without trusting the announced length.
        self.buffer.reserve(missing.min(self.buffer.len().max(CHUNK)));
        match self.socket.read_buf(&mut self.buffer).await? {
            0 if between => Err(NoFrame::Closed),
            0 => Err(NoFrame::Cut),
            _ => Ok(()),
        }
    }
}

/// A request before its body is understood.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) api: ApiKey,
    pub(super) version: i16,
    pub(super) correlation_id: i32,
    pub(super) client_id: String,
    pub(super) body: Bytes,
}

impl Request {
    /// Reads the header of a frame.
    pub(super) fn parse(mut frame: Bytes) -> Result<Self, Malformed> {
        let Some(fixed) = frame.first_chunk::<8>() else {
            return Err(Malformed("the frame is too short for a header".into()));
        };
        let number = |at: usize| i16::from_be_bytes([fixed[at], fixed[at + 1]]);
        let (key, version) = (number(0), number(2));
        let correlation_id = i32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]);
        let api = ApiKey::try_from(key).map_err(|()| Malformed(format!("request {key} is not known")))?;
        // The header of a version that nobody knows cannot be read; its answer needs none of it.
        let known = (api.valid_versions().min.min(0)..=api.valid_versions().max).contains(&version);
        if !known {
            return Ok(Self { api, version, correlation_id, client_id: String::new(), body: Bytes::new() });
        }
        let header = RequestHeader::decode(&mut frame, api.request_header_version(version))
            .map_err(|e| Malformed(format!("header of {api:?} v{version}: {e}")))?;
        let client_id = header.client_id.map(|id| id.to_string()).unwrap_or_default();
        Ok(Self { api, version, correlation_id, client_id, body: frame })
    }
}

/// A response as it goes to the socket.
pub(super) fn respond(
    api: ApiKey,
    version: i16,
    correlation_id: i32,
    response: &ResponseKind,
) -> Result<Bytes, Malformed> {
    let failed = |e: &dyn std::fmt::Display| Malformed(format!("{api:?} v{version} cannot be answered: {e}"));
    let mut bytes = BytesMut::with_capacity(size_hint(response));
    bytes.put_i32(0);
    let header = ResponseHeader::default().with_correlation_id(correlation_id);
    header.encode(&mut bytes, api.response_header_version(version)).map_err(|e| failed(&e))?;
    response.encode(&mut bytes, version).map_err(|e| failed(&e))?;
    seal(bytes)
}

/// Writes the length of a frame over its first four bytes.
pub(super) fn seal(mut bytes: BytesMut) -> Result<Bytes, Malformed> {
    let len = i32::try_from(bytes.len() - 4).map_err(|_| Malformed("the answer has 2 GiB or more".into()))?;
    bytes[..4].copy_from_slice(&len.to_be_bytes());
    Ok(bytes.freeze())
}

/// Room for the records of a fetch, so that they are copied once.
fn size_hint(response: &ResponseKind) -> usize {
    let ResponseKind::Fetch(fetch) = response else { return 512 };
    let partitions = fetch.responses.iter().flat_map(|t| &t.partitions);
    partitions.map(|p| p.records.as_ref().map_or(0, |r| r.len()) + 64).sum::<usize>() + 512
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Sizes = Sizes { produce: 10, others: 10 };

    #[tokio::test]
    async fn only_produce_may_be_large() {
        let sizes = Sizes { produce: 10, others: 4 };
        let produce: &[u8] = &[0, 0, 0, 6, 0, 0, 9, 9, 9, 9];
        assert_eq!(Frames::new(produce).next(|| sizes).await.unwrap().len(), 6);
        // The rest is not waited for.
        let metadata: &[u8] = &[0, 0, 0, 6, 0, 3];
        assert!(matches!(Frames::new(metadata).next(|| sizes).await, Err(NoFrame::Size(6, 4))));
    }

    #[tokio::test]
    async fn frames_arrive_whole_and_in_order() {
        let wire: &[u8] = &[0, 0, 0, 2, 7, 8, 0, 0, 0, 0, 0, 0, 0, 1, 9];
        let mut frames = Frames::new(wire);
        for expected in [&[7u8, 8][..], &[], &[9]] {
            assert_eq!(&frames.next(|| TEN).await.unwrap()[..], expected);
        }
        assert!(matches!(frames.next(|| TEN).await, Err(NoFrame::Closed)));
    }

    #[tokio::test]
    async fn absurd_and_cut_frames_end_it() {
        let next = async |wire: &'static [u8]| Frames::new(wire).next(|| TEN).await.unwrap_err();
        assert!(matches!(next(&[0xff; 4]).await, NoFrame::Size(-1, 10)));
        assert!(matches!(next(&[0, 0, 0, 11]).await, NoFrame::Size(11, 10)));
        assert!(matches!(next(&[0, 0, 0, 3, 1]).await, NoFrame::Cut));
        assert!(matches!(next(&[0, 0]).await, NoFrame::Cut));
    }
}
