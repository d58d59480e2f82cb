//! What a line must hold.

use grep_matcher::{LineMatchKind, Matcher};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use regex_syntax::hir::{Look, LookSet};

use super::super::line::text_of;

/// The largest program that an expression may become, in bytes.
const SIZE: usize = 4 << 20;

/// A text or a regular expression. It is matched in time that grows with what is looked through, and no faster.
#[derive(Debug)]
pub struct Pattern {
    matcher: RegexMatcher,
    /// It can be looked for in many lines at once: nothing in it speaks of the beginning of a text.
    whole_blocks: bool,
}

impl Pattern {
    /// Lines that hold `text` as it is.
    pub fn text(text: &str, case_sensitive: bool) -> Result<Self, String> {
        Self::new(&regex_syntax::escape(text), case_sensitive)
    }

    /// Lines that `expression` matches; the reason where it is none.
    pub fn regex(expression: &str, case_sensitive: bool) -> Result<Self, String> {
        Self::new(expression, case_sensitive)
    }

    fn new(expression: &str, case_sensitive: bool) -> Result<Self, String> {
        let hir = regex_syntax::ParserBuilder::new()
            .multi_line(true)
            .nest_limit(100)
            .build()
            .parse(expression)
            .map_err(|error| reason(&error.to_string()))?;
        let matcher = RegexMatcherBuilder::new()
            .multi_line(true)
            .line_terminator(Some(b'\n'))
            .case_insensitive(!case_sensitive)
            .size_limit(SIZE)
            .dfa_size_limit(SIZE)
            .build(expression)
            .map_err(|error| reason(&error.to_string()))?;
        Ok(Self { matcher, whole_blocks: !begins(hir.properties().look_set()) })
    }

    /// Whether a line's text is meant.
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        // It cannot fail.
        self.matcher.is_match(text).unwrap_or(false)
    }

    /// The next line at or after `from`, which begins a line, whose text is meant: where it begins and where it ends.
    pub(super) fn next_line(&self, lines: &[u8], mut from: usize) -> Option<(usize, usize)> {
        while from < lines.len() {
            let start = match self.whole_blocks {
                true => self.candidate(lines, from)?,
                false => from,
            };
            let end = memchr::memchr(b'\n', &lines[start..]).map_or(lines.len(), |at| start + at);
            let line = &lines[start..end];
            // What was found may be in the time or in the stream's name.
            if text_of(line).is_some_and(|(_, text)| self.is_match(&line[text..])) {
                return Some((start, end));
            }
            from = end + 1;
        }
        None
    }

    /// The beginning of a line that may be meant.
    fn candidate(&self, lines: &[u8], from: usize) -> Option<usize> {
        let at = match self.matcher.find_candidate_line(&lines[from..]).ok()?? {
            LineMatchKind::Confirmed(at) | LineMatchKind::Candidate(at) => from + at,
        };
        // A match of nothing may lie behind the last line.
        let at = at.min(lines.len());
        let start = memchr::memrchr(b'\n', &lines[from..at]).map_or(from, |end| from + end + 1);
        (start < lines.len()).then_some(start)
    }
}

/// Whether something is said of the beginning or the end of a text other than of a line's end: in a block of lines
/// those are elsewhere.
fn begins(looks: LookSet) -> bool {
    [Look::Start, Look::End, Look::StartLF, Look::StartCRLF, Look::EndCRLF]
        .iter()
        .any(|look| looks.contains(*look))
}

/// The last line of a report says what is wrong; those before show where.
fn reason(report: &str) -> String {
    let last = report.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or(report);
    last.trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &[u8] = b"2026-01-31T12:00:00.000000Z out alpha 12\n\
        2026-01-31T12:00:01.000000Z err Beta out\n\
        2026-01-31T12:00:02.000000Z out \n\
        2026-01-31T12:00:03.000000Z out gamma\ttail";

    fn found(pattern: Result<Pattern, String>) -> Vec<usize> {
        let pattern = pattern.unwrap();
        let (mut from, mut all) = (0, Vec::new());
        while let Some((start, end)) = pattern.next_line(LINES, from) {
            all.push(LINES[..start].iter().filter(|byte| **byte == b'\n').count());
            from = end + 1;
        }
        all
    }

    #[test]
    fn only_texts_are_looked_through() {
        assert_eq!(found(Pattern::text("12", true)), [0]);
        assert_eq!(found(Pattern::text("out", true)), [1]);
        assert_eq!(found(Pattern::text("beta", true)), Vec::<usize>::new());
        assert_eq!(found(Pattern::text("beta", false)), [1]);
        assert_eq!(found(Pattern::text("a 1", true)), [0]);
        assert_eq!(found(Pattern::text("", true)), [0, 1, 2, 3]);
        assert_eq!(found(Pattern::text(".", true)), Vec::<usize>::new());
    }

    #[test]
    fn expressions_are_of_one_line() {
        let regex = |text: &str| found(Pattern::regex(text, true));
        assert_eq!(regex("^a"), [0]);
        assert_eq!(regex("l$"), [3]);
        assert_eq!(regex("^$"), [2]);
        assert_eq!(regex("a$|t$"), [1]);
        assert_eq!(regex(r"\s"), [0, 1, 3]);
        assert_eq!(regex(r"alpha[^x]*Beta"), Vec::<usize>::new());
        assert_eq!(regex(r"\A\w+\z"), Vec::<usize>::new());
        assert_eq!(regex(r"\bout\b"), [1]);
        assert_eq!(regex("(?i)GAMMA"), [3]);
        assert_eq!(regex("x*"), [0, 1, 2, 3]);
        assert_eq!(regex(r"\d+$"), [0]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(Pattern::regex("(a", true).unwrap_err(), "unclosed group");
        assert!(Pattern::regex(r"a\nb", true).is_err());
        assert!(Pattern::regex("(a{1000}){1000}", true).is_err());
    }
}
