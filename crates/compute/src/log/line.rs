//! Lines out of bytes, and back: `TIMESTAMP STREAM TEXT\n`.

use jiff::Timestamp;

use crate::{LogLine, Stream};

/// The longest piece of a line that is written as one, in bytes.
const PIECE: usize = 64 * 1024;

/// Cuts one output into lines and writes them in the log's form. Holds at most one unfinished piece.
pub(crate) struct Lines {
    stream: Stream,
    rest: Vec<u8>,
}

impl Lines {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, rest: Vec::new() }
    }

    /// Takes what was read at `now` and adds the lines that are whole to `out`.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], now: Timestamp, out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            let room = PIECE - self.rest.len();
            match memchr::memchr(b'\n', &bytes[..room.min(bytes.len())]) {
                Some(end) => {
                    self.rest.extend_from_slice(&bytes[..end]);
                    bytes = &bytes[end + 1..];
                    self.write(now, false, out);
                }
                None if bytes.len() < room => {
                    self.rest.extend_from_slice(bytes);
                    return;
                }
                None => {
                    self.rest.extend_from_slice(&bytes[..room]);
                    bytes = &bytes[room..];
                    let begun = self.rest.split_off(PIECE - begun_character(&self.rest));
                    self.write(now, true, out);
                    self.rest = begun;
                }
            }
        }
    }

    /// Adds what is left without a line's end.
    pub(crate) fn finish(&mut self, now: Timestamp, out: &mut Vec<u8>) {
        if !self.rest.is_empty() {
            self.write(now, false, out);
        }
    }

    fn write(&mut self, now: Timestamp, cut: bool, out: &mut Vec<u8>) {
        let text = String::from_utf8_lossy(&self.rest);
        write(self.stream, text.trim_end_matches('\r'), cut, now, out);
        self.rest.clear();
    }
}

/// How many bytes at the end begin a character that is not whole yet.
fn begun_character(bytes: &[u8]) -> usize {
    let longest = bytes.len().min(3);
    let begun = bytes[bytes.len() - longest..].utf8_chunks().last();
    begun.map_or(0, |chunk| match std::str::from_utf8(chunk.invalid()) {
        // Bytes that can never become a character are replaced where they stand.
        Err(error) if error.error_len().is_none() => chunk.invalid().len(),
        _ => 0,
    })
}

/// Adds one line to `out`.
pub(crate) fn write(stream: Stream, text: &str, cut: bool, now: Timestamp, out: &mut Vec<u8>) {
    let word = match stream {
        Stream::Out => "out",
        Stream::Err => "err",
        Stream::Platform => "platform",
    };
    out.extend_from_slice(format!("{now:.6} {word} ").as_bytes());
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(if cut { "…\n".as_bytes() } else { b"\n" });
}

/// The time of a line. Nothing for what is left of a line whose writer was ended.
pub(super) fn time_of(line: &[u8]) -> Option<Timestamp> {
    // Every time is written with six digits: other things are not parsed at length.
    const LONG: usize = "2026-01-31T12:00:00.123456Z".len();
    let (time, rest) = line.split_at_checked(LONG)?;
    if rest.first() != Some(&b' ') {
        return None;
    }
    std::str::from_utf8(time).ok()?.parse().ok()
}

/// The stream of a line and where its text begins.
pub(super) fn text_of(line: &[u8]) -> Option<(Stream, usize)> {
    let from = memchr::memchr(b' ', line)? + 1;
    let end = memchr::memchr(b' ', &line[from..]).map_or(line.len(), |at| from + at);
    let stream = match &line[from..end] {
        b"out" => Stream::Out,
        b"err" => Stream::Err,
        b"platform" => Stream::Platform,
        _ => return None,
    };
    Some((stream, line.len().min(end + 1)))
}

/// A line as it is read, without its end.
pub(super) fn parse(offset: u64, line: &[u8]) -> Option<LogLine> {
    let time = time_of(line)?;
    let (stream, text) = text_of(line)?;
    let text = String::from_utf8_lossy(&line[text..]).into_owned();
    Some(LogLine { offset, time, stream, level: None, text })
}

/// The lines of some bytes that begin with one, each with its offset and without its end.
pub(super) fn each(base: u64, bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let (line, offset) = (&rest[..end_of(rest)], base + at as u64);
        at += line.len() + 1;
        Some((offset, line))
    })
}

/// Where the first line of some bytes ends.
pub(super) fn end_of(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut out) = (Lines::new(Stream::Out), Vec::new());
        for chunk in chunks {
            lines.feed(chunk, Timestamp::UNIX_EPOCH, &mut out);
        }
        lines.finish(Timestamp::UNIX_EPOCH, &mut out);
        let text = String::from_utf8(out).unwrap();
        text.lines().map(|line| line.splitn(3, ' ').nth(2).unwrap().to_owned()).collect()
    }

    #[test]
    fn lines_are_whole_however_they_arrive() {
        assert_eq!(lines(&[b"a\nb", b"c\r\n", b"\nlast"]), ["a", "bc", "", "last"]);
    }

    #[test]
    fn every_line_has_a_time_and_a_stream() {
        let mut out = Vec::new();
        Lines::new(Stream::Err).feed(b"x y\n\n", Timestamp::UNIX_EPOCH, &mut out);
        assert_eq!(out, b"1970-01-01T00:00:00.000000Z err x y\n1970-01-01T00:00:00.000000Z err \n");
        let read: Vec<_> = each(7, &out).filter_map(|(offset, line)| parse(offset, line)).collect();
        let line = |offset, text: &str| LogLine {
            offset,
            time: Timestamp::UNIX_EPOCH,
            stream: Stream::Err,
            level: None,
            text: text.into(),
        };
        assert_eq!(read, [line(7, "x y"), line(43, "")]);
    }

    #[test]
    fn long_lines_are_cut_and_bytes_that_are_no_text_replaced() {
        let long = vec![b'x'; PIECE * 2 + 5];
        let cut = lines(&[&long, b"\n"]);
        assert_eq!(
            cut.iter().map(|line| line.chars().count()).collect::<Vec<_>>(),
            [PIECE + 1, PIECE + 1, 5]
        );
        assert!(cut[0].ends_with('…') && !cut[2].ends_with('…'));
        assert_eq!(lines(&[b"\xff\xfeok\n"]), ["\u{fffd}\u{fffd}ok"]);
    }

    #[test]
    fn characters_are_not_cut_in_two() {
        for (character, before) in [("é", 1), ("€", 1), ("€", 2), ("😀", 1), ("😀", 2), ("😀", 3), ("a", 0)]
        {
            let text = format!("{}{character}end", "x".repeat(PIECE - before));
            let cut = lines(&[text.as_bytes(), b"\n"]);
            let joined: String = cut.iter().map(|line| line.trim_end_matches('…')).collect();
            assert!(joined == text, "{character} with {before} bytes before the cut");
        }
        // Halves of characters, as binary output has them, do not hold anything up.
        let noise = b"\xf0\x9f".repeat(PIECE);
        assert_eq!(lines(&[&noise, b"\n"]).len(), 3);
    }
}
