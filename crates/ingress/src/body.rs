//! Bodies on their way through.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;

use crate::balance::Lease;

/// A request's body that can be sent again for as long as nobody has read from it.
#[derive(Clone)]
pub(crate) struct Resendable {
    body: Arc<Mutex<Body>>,
    read: Arc<AtomicBool>,
}

impl Resendable {
    pub(crate) fn new(body: Body) -> Self {
        Self { body: Arc::new(Mutex::new(body)), read: Arc::default() }
    }

    /// Whether nothing of it has been read yet.
    pub(crate) fn untouched(&self) -> bool {
        !self.read.load(Ordering::Acquire)
    }
}

impl HttpBody for Resendable {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.read.store(true, Ordering::Release);
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
