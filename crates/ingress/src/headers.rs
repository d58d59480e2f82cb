//! Headers on their way through: what belongs to one connection stays behind, what tells the application where it
//! stands is added, and the Portal's cookie never passes.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{self, Entry},
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
}

/// Takes the cookie `name` out of a request.
pub(crate) fn remove_cookie(headers: &mut HeaderMap, name: &str) {
    let kept: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .map(str::trim)
        .filter(|pair| pair.split('=').next().map(str::trim) != Some(name))
        .map(str::to_owned)
        .collect();
    headers.remove(header::COOKIE);
    if let Ok(value) = HeaderValue::from_str(&kept.join("; "))
        && !kept.is_empty()
    {
        headers.insert(header::COOKIE, value);
    }
}

/// Prepares an answer: an application cannot set the Portal's cookie, and one served by path has its redirects and
/// cookies kept below that path.
pub(crate) fn answer(headers: &mut HeaderMap, session_cookie: &str, prefix: Option<&str>) {
    let cookies: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    if let Entry::Occupied(entry) = headers.entry(header::SET_COOKIE) {
        entry.remove_entry_mult();
    }
    for cookie in cookies {
        let Ok(text) = cookie.to_str() else { continue };
        if text.split('=').next().map(str::trim) == Some(session_cookie) {
            continue;
        }
        let text = prefix.map_or_else(|| text.to_owned(), |prefix| below(text, prefix));
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    let Some(prefix) = prefix else { return };
    let moved = headers.get(header::LOCATION).and_then(|v| v.to_str().ok()).map(str::to_owned);
    if let Some(path) = moved.filter(|path| path.starts_with('/') && !path.starts_with("//"))
        && let Ok(value) = HeaderValue::from_str(&format!("{prefix}{path}"))
    {
        headers.insert(header::LOCATION, value);
    }
}

/// A cookie whose path lies below `prefix`.
fn below(cookie: &str, prefix: &str) -> String {
    let parts = cookie.split(';').map(|part| match part.trim().split_once('=') {
        Some((name, path)) if name.eq_ignore_ascii_case("path") && path.starts_with('/') => {
            format!(" Path={prefix}{path}")
        }
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join(";")
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
