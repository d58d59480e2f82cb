//! Bodies on their way through.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::balance::Lease;

/// A request's body that can be sent again for as long as nobody has read from it.
#[derive(Clone)]
pub(crate) struct Resendable {
    body: Arc<Mutex<Body>>,
    moved: Arc<Mutex<Option<Instant>>>,
}

impl Resendable {
    pub(crate) fn new(body: Body) -> Self {
        Self { body: Arc::new(Mutex::new(body)), moved: Arc::default() }
    }

    /// Whether nothing of it has been read yet.
    pub(crate) fn untouched(&self) -> bool {
        self.moved().is_none()
    }

    /// When it was last read from.
    pub(crate) fn moved(&self) -> Option<Instant> {
        *self.moved.lock()
    }
}

impl HttpBody for Resendable {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // Also when it ends: from there on it is the replica's turn.
        *self.moved.lock() = Some(Instant::now());
        Pin::new(&mut *self.body.lock()).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.lock().size_hint()
    }
}

/// An answer's body that counts as under way until it ends.
pub(crate) struct Leased<B> {
    body: B,
    _lease: Lease,
}

impl<B> Leased<B> {
    pub(crate) fn new(body: B, lease: Lease) -> Self {
        Self { body, _lease: lease }
    }
}

impl<B: HttpBody + Unpin> HttpBody for Leased<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
