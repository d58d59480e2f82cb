//! The HTTP edges: Portal API, live socket, Git, and the Portal's own files.
//!
//! A handler extracts, makes one call to `control` (which authorises), and maps the answer. The contract is
//! `docs/reference/openapi/portal.json`, made from the handlers and kept by a test.

mod as_of;
mod error;
mod extract;
mod git;
mod health;
mod host;
mod live;
mod metrics;
mod portal;
mod request_id;
mod router;
mod web;

pub use health::Readiness;
pub use metrics::Instruments;
pub use portal::sessions::COOKIE as SESSION_COOKIE;
pub use router::{App, openapi, router};
