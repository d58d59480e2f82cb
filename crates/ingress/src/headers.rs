//! Headers on their way through: what belongs to one connection stays behind, what tells the application where it
//! stands is added, and the Portal's cookie never passes.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{self, InvalidHeaderValue},
};

/// Headers of one connection (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Where a request came from and by which address.
pub(crate) struct Origin<'a> {
    pub(crate) client: Option<std::net::IpAddr>,
    pub(crate) scheme: &'static str,
    pub(crate) host: &'a str,
    /// The path before the application's own, when it is served by path.
    pub(crate) prefix: Option<&'a str>,
}

/// Removes what belongs to one connection; answers the protocol that an upgrade asks for.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap) -> Option<HeaderValue> {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let upgrade = named.contains(&header::UPGRADE).then(|| headers.get(header::UPGRADE).cloned()).flatten();
    for name in named.iter().chain(&HOP_BY_HOP).chain([&KEEP_ALIVE]) {
        headers.remove(name);
    }
    upgrade
}

/// Asks for an upgrade on the next connection.
pub(crate) fn ask_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, protocol);
}

/// Tells the application who asks and under which address. What a client claims of itself is not believed.
pub(crate) fn forwarded(headers: &mut HeaderMap, origin: &Origin<'_>) {
    for name in
        ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix", "forwarded"]
    {
        headers.remove(name);
    }
    let mut set = |name: &'static str, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    if let Some(client) = origin.client {
        set("x-forwarded-for", &client.to_string());
    }
    set("x-forwarded-proto", origin.scheme);
    set("x-forwarded-host", origin.host);
    if let Some(prefix) = origin.prefix {
        set("x-forwarded-prefix", prefix);
    }
    // HTTP/2 names the host in the address alone; the replica must not read its own there.
    if !headers.contains_key(header::HOST)
        && let Ok(host) = HeaderValue::from_str(origin.host)
    {
        headers.insert(header::HOST, host);
    }
}

/// Takes the cookie `name` out of a request. Others pass as they are, also with bytes that are no text.
pub(crate) fn remove_cookie(headers: &mut HeaderMap, name: &str) {
    let all = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|b| *b == b';'));
    let kept: Vec<&[u8]> = all
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty() && named(pair) != name.as_bytes())
        .collect();
    let kept = (!kept.is_empty()).then(|| HeaderValue::from_bytes(&kept.join(&b"; "[..])));
    headers.remove(header::COOKIE);
    if let Some(Ok(value)) = kept {
        headers.insert(header::COOKIE, value);
    }
}

/// The name of a cookie.
fn named(pair: &[u8]) -> &[u8] {
    pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii()
}

/// Prepares an answer: an application cannot set the Portal's cookie, and one served by path has its redirects and
/// cookies kept below that path.
pub(crate) fn answer(headers: &mut HeaderMap, session_cookie: &str, prefix: Option<&str>) {
    let cookies: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies.into_iter().filter(|cookie| named(cookie.as_bytes()) != session_cookie.as_bytes()) {
        let cookie = prefix.map_or(Ok(cookie.clone()), |prefix| below(cookie.as_bytes(), prefix));
        headers.extend(cookie.ok().map(|cookie| (header::SET_COOKIE, cookie)));
    }
    let Some(prefix) = prefix else { return };
    let moved = headers.get(header::LOCATION).map(HeaderValue::as_bytes);
    if let Some(path) = moved.filter(|path| path.starts_with(b"/") && !path.starts_with(b"//"))
        && let Ok(value) = HeaderValue::from_bytes(&[prefix.as_bytes(), path].concat())
    {
        headers.insert(header::LOCATION, value);
    }
}

/// A cookie whose path lies below `prefix`.
fn below(cookie: &[u8], prefix: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let parts = cookie.split(|byte| *byte == b';').map(|part| {
        let path = part.iter().position(|byte| *byte == b'=').map(|at| part[at + 1..].trim_ascii());
        match path.filter(|path| named(part).eq_ignore_ascii_case(b"path") && path.starts_with(b"/")) {
            Some(path) => [b" Path=", prefix.as_bytes(), path].concat(),
            None => part.to_owned(),
        }
    });
    HeaderValue::from_bytes(&parts.collect::<Vec<_>>().join(&b';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn what_belongs_to_a_connection_stays_behind() {
        let mut headers = map(&[
            ("connection", "X-Private, Upgrade"),
            ("upgrade", "websocket"),
            ("x-private", "1"),
            ("accept", "*/*"),
        ]);
        assert_eq!(remove_hop_by_hop(&mut headers).unwrap(), "websocket");
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["accept"]);
        let mut headers = map(&[("upgrade", "websocket")]);
        assert!(
            remove_hop_by_hop(&mut headers).is_none(),
            "an upgrade that Connection does not name is none"
        );
    }

    #[test]
    fn the_portals_cookie_never_passes() {
        let mut headers = map(&[("cookie", "a=1; session=secret; b=2"), ("cookie", "session = x")]);
        remove_cookie(&mut headers, "session");
        assert_eq!(headers[header::COOKIE], "a=1; b=2");
        let mut headers =
            map(&[("set-cookie", "session=evil; Domain=localhost"), ("set-cookie", "a=1; Path=/x")]);
        answer(&mut headers, "session", Some("/app"));
        assert_eq!(headers.get_all(header::SET_COOKIE).iter().collect::<Vec<_>>(), ["a=1; Path=/app/x"]);
    }

    #[test]
    fn cookies_that_are_no_text_pass() {
        let bytes = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, bytes(b"a=\xe9; session=secret; b=2"));
        remove_cookie(&mut headers, "session");
        assert_eq!(headers[header::COOKIE], bytes(b"a=\xe9; b=2"));
        headers.insert(header::COOKIE, bytes(b"session=\xe9"));
        remove_cookie(&mut headers, "session");
        assert!(!headers.contains_key(header::COOKIE));
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, bytes(b"a=\xe9; path = /x"));
        headers.append(header::SET_COOKIE, bytes(b"session=\xe9"));
        headers.insert(header::LOCATION, bytes(b"/\xe9"));
        answer(&mut headers, "session", Some("/app"));
        let set: Vec<_> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
        assert_eq!(set, [bytes(b"a=\xe9; Path=/app/x")]);
        assert_eq!(headers[header::LOCATION], bytes(b"/app/\xe9"));
    }

    #[test]
    fn a_host_that_is_missing_is_the_one_asked_for() {
        let origin = Origin { client: None, scheme: "http", host: "a.localhost", prefix: None };
        for (given, seen) in [(None, "a.localhost"), (Some("A.localhost:8000"), "A.localhost:8000")] {
            let mut headers = HeaderMap::new();
            headers.extend(given.map(|host| (header::HOST, HeaderValue::from_static(host))));
            forwarded(&mut headers, &origin);
            assert_eq!(headers[header::HOST], seen);
        }
    }

    #[test]
    fn redirects_stay_below_the_path() {
        for (from, to) in [("/login", "/app/login"), ("//other", "//other"), ("https://x/", "https://x/")] {
            let mut headers = map(&[("location", from)]);
            answer(&mut headers, "session", Some("/app"));
            assert_eq!(headers[header::LOCATION], to);
        }
    }

    #[test]
    fn claims_of_clients_are_replaced() {
        let mut headers = map(&[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-host", "evil")]);
        let origin = Origin { client: None, scheme: "http", host: "a.localhost", prefix: None };
        forwarded(&mut headers, &origin);
        assert!(!headers.contains_key("x-forwarded-for"));
        assert_eq!(headers["x-forwarded-host"], "a.localhost");
    }
}
