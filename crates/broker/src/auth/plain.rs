//! PLAIN (RFC 4616).

/// A username and a password, as the client sends them.
pub(super) struct Plain {
    pub(super) username: String,
    pub(super) password: String,
}

impl Plain {
    /// Reads `[authzid] NUL username NUL password`; acting for others is refused.
    pub(super) fn parse(message: &[u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(message).ok()?.split('\0');
        let (authzid, username, password) = (parts.next()?, parts.next()?, parts.next()?);
        let acts_for_itself = authzid.is_empty() || authzid == username;
        if parts.next().is_some() || username.is_empty() || password.is_empty() || !acts_for_itself {
            return None;
        }
        Some(Self { username: username.to_owned(), password: password.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_parts_and_nothing_else() {
        let read = |m: &[u8]| Plain::parse(m).map(|p| (p.username, p.password));
        assert_eq!(read(b"\0u\0p"), Some(("u".into(), "p".into())));
        assert_eq!(read(b"u\0u\0p"), Some(("u".into(), "p".into())));
        for bad in [&b""[..], b"\0u", b"\0\0p", b"\0u\0", b"a\0u\0p", b"\0u\0p\0", b"\0\xff\0p"] {
            assert!(Plain::parse(bad).is_none());
        }
    }
}
