//! `RESULTS.md` and `results.json`: a section per workload, replaced as a whole when it is measured again.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{machine::Machine, stats};

const HEAD: &str = "# Measured\n\n\
    Headwater beside real peers: same machine, same client, same load, in turn. `make bench` measures anew and replaces\n\
    the section of what it ran; `make bench ARGS=--quick` is a smoke run that writes nothing.\n";

/// What a workload found.
#[derive(Debug)]
pub(crate) struct Section {
    /// Names the section in files; letters and dashes.
    pub(crate) key: &'static str,
    /// Heading.
    pub(crate) title: String,
    /// How it was measured, in Markdown.
    pub(crate) method: String,
    /// The peer that the others are compared with is the last.
    pub(crate) peers: Vec<String>,
    /// Rows in order.
    pub(crate) rows: Vec<Row>,
}

/// A measure of every peer.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) measure: String,
    /// Unit and direction.
    pub(crate) unit: Unit,
    /// The rounds' values by peer.
    pub(crate) rounds: BTreeMap<String, Vec<f64>>,
    /// What Headwater aims at, as Headwater's number over the peer's.
    pub(crate) aim: Option<f64>,
}

/// Values by measure, in the order of their first appearance.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Row>);

impl Findings {
    /// Adds a round's value.
    pub(crate) fn add(&mut self, peer: &str, measure: String, unit: Unit, aim: Option<f64>, value: f64) {
        let at = self.0.iter().position(|row| row.measure == measure).unwrap_or_else(|| {
            self.0.push(Row { measure, unit, rounds: BTreeMap::new(), aim });
            self.0.len() - 1
        });
        self.0[at].rounds.entry(peer.into()).or_default().push(value);
    }

    /// All rows, in order.
    pub(crate) fn rows(self) -> Vec<Row> {
        self.0
    }
}

/// Units, each with the direction that is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Unit {
    /// Records per second; more is better.
    RecordsPerSecond,
    /// Milliseconds; less is better.
    Milliseconds,
    /// Bytes; fewer are better.
    Bytes,
}

impl Unit {
    fn more_is_better(self) -> bool {
        self == Self::RecordsPerSecond
    }

    fn show(self, value: f64) -> String {
        match self {
            Self::RecordsPerSecond => format!("{} /s", thousands(value)),
            Self::Milliseconds if value < 10.0 => format!("{value:.2} ms"),
            Self::Milliseconds => format!("{} ms", thousands(value)),
            Self::Bytes => format!("{} MiB", thousands(value / 1024.0 / 1024.0)),
        }
    }
}

impl Section {
    /// The section as Markdown, dated now.
    pub(crate) fn text(&self, machine: &Machine) -> String {
        let date = today();
        let mut text = format!("## {}\n\n{date}, {machine}.\n\n{}\n\n", self.title, self.method);
        let heads: Vec<_> = self.peers.iter().map(String::as_str).chain(["ratio", "aim"]).collect();
        text += &format!("| median of the rounds | {} |\n", heads.join(" | "));
        text += &format!("|---|{}\n", "--:|".repeat(heads.len()));
        for row in &self.rows {
            text += &row.text(&self.peers);
        }
        text
    }

    fn json(&self, machine: &Machine) -> anyhow::Result<Value> {
        Ok(serde_json::json!({
            "date": today(),
            "machine": machine.to_string(),
            "peers": self.peers,
            "rows": serde_json::to_value(&self.rows)?,
        }))
    }
}

impl Row {
    fn median(&self, peer: &str) -> Option<f64> {
        self.rounds.get(peer).and_then(|values| stats::median(values))
    }

    fn text(&self, peers: &[String]) -> String {
        let medians: Vec<_> = peers.iter().map(|peer| self.median(peer)).collect();
        let mut cells = vec![self.measure.clone()];
        cells.extend(medians.iter().map(|value| value.map_or("–".into(), |v| self.unit.show(v))));
        let ratio = match medians[..] {
            [Some(ours), .., Some(theirs)] if theirs > 0.0 => Some(ours / theirs),
            _ => None,
        };
        cells.push(ratio.map_or("–".into(), |r| self.judged(r)));
        let sign = if self.unit.more_is_better() { "≥" } else { "≤" };
        cells.push(self.aim.map_or(String::new(), |aim| format!("{sign} {}×", two_digits(aim))));
        format!("| {} |\n", cells.join(" | "))
    }

    /// The ratio, in bold where it misses the aim.
    fn judged(&self, ratio: f64) -> String {
        let shown = format!("{}×", two_digits(ratio));
        let met =
            self.aim.is_none_or(|aim| if self.unit.more_is_better() { ratio >= aim } else { ratio <= aim });
        if met { shown } else { format!("**{shown}**") }
    }
}

/// Writes the section into `RESULTS.md` and its numbers into `results.json`, leaving other sections alone.
pub(crate) fn write(section: &Section, machine: &Machine) -> anyhow::Result<()> {
    let path = folder().join("RESULTS.md");
    let old = fs::read_to_string(&path).unwrap_or_else(|_| HEAD.into());
    fs::write(&path, replaced(&old, section.key, &section.text(machine)))?;

    let path = folder().join("results.json");
    let mut numbers: BTreeMap<String, Value> = match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("{} is not ours", path.display()))?,
        Err(_) => BTreeMap::new(),
    };
    numbers.insert(section.key.into(), section.json(machine)?);
    fs::write(&path, serde_json::to_string_pretty(&numbers)? + "\n")?;
    Ok(())
}

fn today() -> String {
    Timestamp::now().strftime("%Y-%m-%d").to_string()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// `text` with what stands between the section's marks replaced, or with the section at its end.
fn replaced(text: &str, key: &str, section: &str) -> String {
    let (begin, end) = (format!("<!-- {key} -->\n"), format!("<!-- /{key} -->\n"));
    let marked = format!("{begin}{section}{end}");
    match (text.find(&begin), text.find(&end)) {
        (Some(from), Some(to)) if from < to => {
            format!("{}{marked}{}", &text[..from], &text[to + end.len()..])
        }
        _ => format!("{}\n\n{marked}", text.trim_end()),
    }
}

/// A number rounded, with thin groups of thousands.
fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.max(0.0));
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// As many decimals as two significant digits need.
fn two_digits(value: f64) -> String {
    match value {
        v if v >= 10.0 => format!("{v:.0}"),
        v if v >= 1.0 => format!("{v:.1}"),
        v if v >= 0.1 => format!("{v:.2}"),
        v => format!("{v:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_replaces_itself_alone() {
        let first = replaced("# Head\n", "a", "one\n");
        let both = replaced(&first, "b", "two\n");
        let again = replaced(&both, "a", "three\n");
        assert_eq!(again, "# Head\n\n<!-- a -->\nthree\n<!-- /a -->\n\n<!-- b -->\ntwo\n<!-- /b -->\n");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(Unit::RecordsPerSecond.show(1_234_567.8), "1,234,568 /s");
        assert_eq!(Unit::Milliseconds.show(0.138), "0.14 ms");
        assert_eq!(Unit::Bytes.show(1024.0 * 1024.0 * 12.0), "12 MiB");
        assert_eq!(
            [two_digits(12.34), two_digits(1.25), two_digits(0.123), two_digits(0.0123)],
            ["12", "1.2", "0.12", "0.012"]
        );
    }

    #[test]
    fn a_ratio_that_misses_its_aim_is_bold() {
        let row = |ours, theirs, unit, aim| Row {
            measure: "m".into(),
            unit,
            rounds: BTreeMap::from([("a".into(), vec![ours]), ("b".into(), vec![theirs])]),
            aim: Some(aim),
        };
        let peers = ["a".to_owned(), "b".to_owned()];
        let text = row(2.0, 4.0, Unit::RecordsPerSecond, 1.0).text(&peers);
        assert_eq!(text, "| m | 2 /s | 4 /s | **0.50×** | ≥ 1.0× |\n");
        let text = row(2.0, 8.0, Unit::Milliseconds, 0.5).text(&peers);
        assert_eq!(text, "| m | 2.00 ms | 8.00 ms | 0.25× | ≤ 0.50× |\n");
    }
}
