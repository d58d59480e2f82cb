//! The header block that begins a CGI program's output (RFC 3875, section 6).

use bytes::BytesMut;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// Most bytes of a header block.
const LONGEST: usize = 16 << 10;

/// Status and headers of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

/// Takes the header block off the beginning of `output`; none as long as it has not come whole.
pub(super) fn take(output: &mut BytesMut) -> Result<Option<Head>, &'static str> {
    let Some(end) = end(output) else {
        return if output.len() > LONGEST { Err("headers without an end") } else { Ok(None) };
    };
    let block = output.split_to(end);
    let mut head = Head { status: StatusCode::OK, headers: HeaderMap::new() };
    for line in block[..].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
    {
        let colon = line.iter().position(|byte| *byte == b':').ok_or("a header without a colon")?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"status") {
            let code = value.split(|byte| *byte == b' ').next().unwrap_or_default();
            head.status = StatusCode::from_bytes(code).map_err(|_| "a status that is no number")?;
            continue;
        }
        let name = HeaderName::from_bytes(name).map_err(|_| "a header's name that is none")?;
        // How the body is framed is the server's matter.
        if ![header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH].contains(&name) {
            let value = HeaderValue::from_bytes(value).map_err(|_| "a header's value that is none")?;
            head.headers.append(name, value);
        }
    }
    Ok(Some(head))
}

/// Where the body begins.
fn end(output: &[u8]) -> Option<usize> {
    let lines = output.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    let mut begin = 0;
    for at in lines {
        if output[begin..at].trim_ascii().is_empty() {
            return Some(at + 1);
        }
        begin = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headers_and_body_are_told_apart() {
        let mut output = BytesMut::from("Status: 403 Forbidden\r\nContent-Type: text/plain\r\n\r\n\nbody");
        let head = take(&mut output).unwrap().unwrap();
        assert_eq!(head.status, StatusCode::FORBIDDEN);
        assert_eq!(head.headers["content-type"], "text/plain");
        assert_eq!(&output[..], b"\nbody");
    }

    #[test]
    fn endless_headers_are_refused() {
        let mut output = BytesMut::from(&vec![b'a'; LONGEST + 1][..]);
        assert!(take(&mut output).is_err());
    }

    proptest! {
        #[test]
        fn a_block_is_the_same_in_any_pieces(cut in 0usize..60, body in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut all = b"Content-Type: x/y\r\nCache-Control: no-cache\r\n\r\n".to_vec();
            let begin = all.len();
            all.extend(&body);
            let cut = cut.min(all.len());
            let mut output = BytesMut::from(&all[..cut]);
            let first = take(&mut output).unwrap();
            prop_assert_eq!(first.is_some(), cut >= begin);
            output.extend_from_slice(&all[cut..]);
            let head = match first {
                Some(head) => head,
                None => take(&mut output).unwrap().unwrap(),
            };
            prop_assert_eq!(head.headers.len(), 2);
            prop_assert_eq!(&output[..], &body[..]);
        }

        #[test]
        fn any_output_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = take(&mut BytesMut::from(&bytes[..]));
        }
    }
}
