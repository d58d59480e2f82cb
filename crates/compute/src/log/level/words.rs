//! How loud a line says that it is. Words decide, not streams: most loggers write everything to standard error.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::Level::{self, Debug, Error, Info, Warning};

/// What is looked at of a line, in bytes.
const LOOKED_AT: usize = 400;
/// The same of a JSON object, whose level may be anywhere.
const LOOKED_AT_JSON: usize = 8 * 1024;
/// Where a logger's word begins at the latest.
const NEAR: usize = 48;

/// Lines that may be warnings or errors by their own words: each line of [`level`] that is has one of these.
pub(in crate::log) static LOUD: LazyLock<Regex> = LazyLock::new(|| {
    let loud = r#"(?-u)ERR|rror|WARN|Warn|warn|CRIT|Crit|crit|FATAL|Fatal|fatal|SEVERE|Severe|severe|PANIC|Panic|panic|Traceback|xception|Interrupt|Uncaught|nhandled|%[0-4]\||[\["=][Ee]rr\b| [Ee]rr[:!\[]|"\s*:\s*"?[456]0|=\s*"?[456]0\b| [WEF]\d\d\d\d "#;
    Regex::new(loud).expect("the expression is a constant")
});

/// The exception that ends a Python, Node.js or Java program, at the beginning of a line.
static EXCEPTION: LazyLock<Regex> = LazyLock::new(|| {
    let exception = r"(?-u)^(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Interrupt)(?:: |$)|^Uncaught |^Unhandled |^Exception (?:in|ignored)|^During handling of the above exception|^The above exception was the direct cause|panicked at ";
    Regex::new(exception).expect("the expression is a constant")
});

/// The level's member of a JSON object or of `key=value` pairs.
static MEMBER: LazyLock<Regex> = LazyLock::new(|| {
    let member = r#"(?-u)(?:"(?:log\.)?(?:level|severity|levelname|loglevel|lvl)"\s*:\s*"?|\b(?:level|severity|lvl)\s*=\s*"?)(\w+)"#;
    Regex::new(member).expect("the expression is a constant")
});

/// Whether a line continues the one before.
pub(super) fn is_indented(text: &[u8]) -> bool {
    matches!(text.first(), Some(b' ' | b'\t')) && !begins_traceback(text)
}

/// Whether what follows is a traceback.
pub(super) fn begins_traceback(text: &[u8]) -> bool {
    let rest = text.trim_ascii_start();
    rest.starts_with(b"Traceback (most recent call last)") || rest.starts_with(b"+ Exception Group Traceback")
}

/// The level that a line itself names.
pub(super) fn level(text: &[u8]) -> Option<Level> {
    if let Some(level) = rdkafka(text) {
        return Some(level);
    }
    let start = &text[..text.len().min(LOOKED_AT)];
    if start.trim_ascii_start().starts_with(b"{") {
        return member(&text[..text.len().min(LOOKED_AT_JSON)]);
    }
    if begins_traceback(start) {
        return Some(Error);
    }
    glog(start)
        .or_else(|| word(start))
        .or_else(|| if memchr::memchr(b'=', start).is_some() { member(start) } else { None })
        .or_else(|| exception(start))
}

/// librdkafka: `%3|1612345678.123|FAIL|rdkafka#producer-1| …`, by the levels of syslog.
fn rdkafka(text: &[u8]) -> Option<Level> {
    match text {
        [b'%', digit @ b'0'..=b'7', b'|', ..] => Some(match digit {
            b'0'..=b'3' => Error,
            b'4' => Warning,
            b'7' => Debug,
            _ => Info,
        }),
        _ => None,
    }
}

/// glog and klog: `E0131 12:00:00.123456 …`.
fn glog(text: &[u8]) -> Option<Level> {
    let [letter, a, b, c, d, b' ', ..] = text else { return None };
    if ![a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match letter {
        b'E' | b'F' => Some(Error),
        b'W' => Some(Warning),
        b'I' => Some(Info),
        _ => None,
    }
}

fn member(text: &[u8]) -> Option<Level> {
    let value = MEMBER.captures(text)?.get(1)?.as_bytes();
    // pino and bunyan number their levels.
    match value {
        b"50" | b"60" => Some(Error),
        b"40" => Some(Warning),
        b"30" => Some(Info),
        b"10" | b"20" => Some(Debug),
        _ => named(value, true),
    }
}

/// The first word near the beginning that loggers use: `ERROR`, `[warning]`, `error:`.
fn word(text: &[u8]) -> Option<Level> {
    let (mut at, mut shown) = (0, 0);
    while at < text.len() && shown <= NEAR {
        match text[at] {
            0x1b => at += escape(&text[at..]),
            byte if is_word(byte) => {
                let end =
                    text[at..].iter().position(|byte| !is_word(*byte)).map_or(text.len(), |end| at + end);
                let next = text.get(end);
                let bracketed = at > 0 && text[at - 1] == b'[' && next == Some(&b']');
                let first = shown == 0 && matches!(next, Some(b':' | b'[' | b'!'));
                if let Some(level) = named(&text[at..end], bracketed || first) {
                    return Some(level);
                }
                shown += end - at;
                at = end;
            }
            byte => {
                // Of a character of several bytes the first counts.
                shown += usize::from(byte & 0xc0 != 0x80);
                at += 1;
            }
        }
    }
    None
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The length of a terminal's escape sequence.
fn escape(text: &[u8]) -> usize {
    match text.get(1) {
        Some(b'[') => text[2..].iter().position(u8::is_ascii_alphabetic).map_or(text.len(), |end| end + 3),
        _ => 1,
    }
}

/// What a word means; in lower case only where a logger writes one.
fn named(word: &[u8], any_case: bool) -> Option<Level> {
    if !(3..=11).contains(&word.len()) {
        return None;
    }
    let upper = word.to_ascii_uppercase();
    let capital = word[0] == upper[0] && word[1..].iter().all(u8::is_ascii_lowercase);
    let usual = word == upper.as_slice() || any_case && (capital || word.iter().all(u8::is_ascii_lowercase));
    if !usual {
        return None;
    }
    match upper.as_slice() {
        b"ERROR" | b"ERR" | b"CRITICAL" | b"CRIT" | b"FATAL" | b"SEVERE" | b"PANIC" => Some(Error),
        b"WARNING" | b"WARN" => Some(Warning),
        b"INFO" | b"NOTICE" | b"INFORMATION" => Some(Info),
        b"DEBUG" | b"TRACE" | b"VERBOSE" => Some(Debug),
        _ => None,
    }
}

fn exception(text: &[u8]) -> Option<Level> {
    if EXCEPTION.is_match(text) {
        return Some(Error);
    }
    // Python: `client.py:5: DeprecationWarning: …`.
    memchr::memmem::find(text, b"Warning: ").map(|_| Warning)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: &[(&str, Option<Level>)] = &[
        ("INFO HTTP Request: GET /topics \"HTTP/1.1 404 Not Found\"", Some(Info)),
        ("[2026-11-24 21:43:05] [ERROR] [quixstreams] : no broker", Some(Error)),
        ("[2026-11-24 21:43:05,123] [WARNING] slow after ERROR", Some(Warning)),
        ("Traceback (most recent call last):", Some(Error)),
        ("requests.exceptions.ConnectionError: refused", Some(Error)),
        ("KeyboardInterrupt", Some(Error)),
        ("java.lang.IllegalStateException: no", Some(Error)),
        ("Exception in thread \"main\" java.lang.RuntimeException", Some(Error)),
        ("Unhandled exception. System.Exception: x", Some(Error)),
        ("Uncaught TypeError: x is not a function", Some(Error)),
        ("During handling of the above exception, another exception occurred:", Some(Error)),
        ("2026-11-24T21:41:50Z  WARN headwater: slow", Some(Warning)),
        ("\x1b[2m2026-11-24T21:41:50.123456Z\x1b[0m \x1b[31mERROR\x1b[0m \x1b[2mapp\x1b[0m: x", Some(Error)),
        ("client.py:5: AuthlibDeprecationWarning: deprecated", Some(Warning)),
        ("thread 'main' panicked at src/main.rs:3", Some(Error)),
        ("{\"time\":\"x\",\"level\":\"error\",\"msg\":\"INFO\"}", Some(Error)),
        ("{\"msg\":\"x\", \"severity\" : \"WARNING\"}", Some(Warning)),
        ("{\"level\":30,\"msg\":\"ERROR in text\"}", Some(Info)),
        ("{\"level\":50}", Some(Error)),
        ("{\"msg\":\"ERROR in text\"}", None),
        ("time=2026-01-31T12:00:00Z level=error msg=\"no\"", Some(Error)),
        ("ts=1 lvl=dbg msg=x", None),
        ("%3|1612345678.123|FAIL|rdkafka#producer-1| [thrd:x]: Connect failed", Some(Error)),
        ("%4|1612345678.123|CONFWARN|rdkafka#consumer-1| [thrd:app]: x", Some(Warning)),
        ("%7|1612345678.123|INIT|rdkafka#consumer-1| x", Some(Debug)),
        ("E0131 12:00:00.123456       1 main.go:5] no", Some(Error)),
        ("2026/01/31 12:00:00 [error] 123#0: upstream", Some(Error)),
        ("error: no such file", Some(Error)),
        ("error[E0432]: unresolved import", Some(Error)),
        ("npm ERR! missing script", Some(Error)),
        ("DEBUG:root:x", Some(Debug)),
        ("NOTICE: relation exists", Some(Info)),
        ("wrote 5 rows, 0 errors", None),
        ("an error in the middle", None),
        ("hello", None),
        ("", None),
    ];

    #[test]
    fn the_usual_forms_are_known() {
        for (text, expected) in SEEN {
            assert_eq!(level(text.as_bytes()), *expected, "{text}");
        }
    }

    #[test]
    fn whatever_is_loud_is_found_by_its_words() {
        for (text, level) in SEEN {
            let line = format!("2026-01-31T12:00:00.000000Z err {text}\n");
            assert!(level.is_none_or(|level| level < Warning) || LOUD.is_match(line.as_bytes()), "{text}");
        }
        for word in ["ERROR", "ERR", "CRITICAL", "CRIT", "FATAL", "SEVERE", "PANIC", "WARNING", "WARN"] {
            let (first, rest) = word.split_at(1);
            for form in [word.to_owned(), word.to_lowercase(), format!("{first}{}", rest.to_lowercase())] {
                let text = format!("[{form}] x");
                assert!(level(text.as_bytes()) >= Some(Warning), "{text}");
                assert!(LOUD.is_match(text.as_bytes()), "{text}");
            }
        }
    }

    #[test]
    fn only_the_beginning_counts() {
        let late = format!("{} ERROR", "x ".repeat(NEAR));
        assert_eq!(level(late.as_bytes()), None);
        assert_eq!(level("a".repeat(1_000_000).as_bytes()), None);
    }
}
