//! What a Git client asks for.

use http::Method;

/// The path that tells the branches and tags to a client.
pub(super) const ADVERTISE: &str = "info/refs";

/// What a Git client wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `git-upload-pack`: clone, fetch, pull.
    Fetch,
    /// `git-receive-pack`: push.
    Push,
}

impl Service {
    /// What a request is, by its method, the path that follows `….git/`, and its query. None for all that is not smart
    /// HTTP, such as reading the repository's files one by one.
    pub fn of(method: &Method, rest: &str, query: Option<&str>) -> Option<Self> {
        [Self::Fetch, Self::Push].into_iter().find(|service| match *method {
            // To be read in one way only, whoever reads it.
            Method::GET => rest == ADVERTISE && query == Some(service.query().as_str()),
            Method::POST => rest == service.program(),
            _ => false,
        })
    }

    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Fetch => "git-upload-pack",
            Self::Push => "git-receive-pack",
        }
    }

    pub(super) fn query(self) -> String {
        format!("service={}", self.program())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_smart_requests_are_services() {
        let of = |method, rest, query| Service::of(&method, rest, query);
        assert_eq!(of(Method::GET, "info/refs", Some("service=git-upload-pack")), Some(Service::Fetch));
        assert_eq!(of(Method::GET, "info/refs", Some("service=git-receive-pack")), Some(Service::Push));
        assert_eq!(of(Method::POST, "git-upload-pack", None), Some(Service::Fetch));
        assert_eq!(of(Method::POST, "git-receive-pack", None), Some(Service::Push));
        for (method, rest, query) in [
            (Method::GET, "info/refs", None),
            (Method::GET, "info/refs", Some("service=git-upload-pack&service=git-receive-pack")),
            (Method::GET, "HEAD", None),
            (Method::GET, "objects/info/packs", None),
            (Method::GET, "git-upload-pack", None),
            (Method::POST, "info/refs", Some("service=git-upload-pack")),
            (Method::POST, "../other.git/git-upload-pack", None),
            (Method::DELETE, "git-receive-pack", None),
        ] {
            assert_eq!(Service::of(&method, rest, query), None, "{method} {rest} {query:?}");
        }
    }
}
