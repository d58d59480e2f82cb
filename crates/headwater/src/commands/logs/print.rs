//! Lines on a terminal, or wherever they are sent.

use std::io::{self, BufWriter, IsTerminal, Write};

use super::{Entry, filter::Loudness};

const RESET: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
/// One for each replica, in turn.
const MARKS: [&str; 5] = ["\x1b[36m", "\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[33m"];

/// Writes lines to standard output.
pub(super) struct Printer {
    coloured: bool,
    timestamps: bool,
    /// Says which replica a line is of.
    replicas: bool,
}

impl Printer {
    pub(super) fn new(timestamps: bool, replicas: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { coloured: io::stdout().is_terminal() && !plain, timestamps, replicas }
    }

    /// Writes lines and sends them on.
    pub(super) fn print(&self, entries: impl Iterator<Item = Entry>) -> io::Result<()> {
        let mut out = BufWriter::new(io::stdout().lock());
        for entry in entries {
            self.write(&mut out, &entry)?;
        }
        out.flush()
    }

    fn write(&self, out: &mut impl Write, entry: &Entry) -> io::Result<()> {
        if self.timestamps {
            let time = entry.time;
            self.coloured(out, DIM, format_args!("{time:.6} "))?;
        }
        if let Some(replica) = entry.replica.filter(|_| self.replicas) {
            let mark = MARKS[replica as usize % MARKS.len()];
            self.coloured(out, mark, format_args!("{replica} | "))?;
        }
        let colour = match (entry.stream.as_str(), entry.level) {
            ("platform", _) => DIM,
            (_, Some(Loudness::Error)) => RED,
            (_, Some(Loudness::Warning)) => YELLOW,
            _ => "",
        };
        self.coloured(out, colour, format_args!("{}", entry.text))?;
        out.write_all(b"\n")
    }

    fn coloured(&self, out: &mut impl Write, colour: &str, text: std::fmt::Arguments<'_>) -> io::Result<()> {
        match self.coloured && !colour.is_empty() {
            true => write!(out, "{colour}{text}{RESET}"),
            false => write!(out, "{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(coloured: bool, level: Option<Loudness>, stream: &str) -> String {
        let printer = Printer { coloured, timestamps: !coloured, replicas: true };
        let time = "2026-01-31T12:00:00Z".parse().unwrap();
        let entry = Entry { replica: Some(1), time, stream: stream.into(), level, text: "text".into() };
        let mut out = Vec::new();
        printer.write(&mut out, &entry).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_are_coloured_for_people_alone() {
        assert_eq!(written(false, Some(Loudness::Error), "err"), "2026-01-31T12:00:00.000000Z 1 | text\n");
        assert_eq!(written(true, Some(Loudness::Error), "err"), "\x1b[32m1 | \x1b[0m\x1b[31mtext\x1b[0m\n");
        assert_eq!(written(true, None, "platform"), "\x1b[32m1 | \x1b[0m\x1b[2mtext\x1b[0m\n");
        assert_eq!(written(true, None, "out"), "\x1b[32m1 | \x1b[0mtext\n");
    }
}
