//! Lines out of bytes: `TIMESTAMP STREAM TEXT\n`.

use jiff::Timestamp;

use crate::Stream;

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
            match bytes.iter().take(room).position(|byte| *byte == b'\n') {
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
                    self.write(now, true, out);
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
        Lines::new(Stream::Err).feed(b"x\n", Timestamp::UNIX_EPOCH, &mut out);
        assert_eq!(out, b"1970-01-01T00:00:00.000000Z err x\n");
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
}
