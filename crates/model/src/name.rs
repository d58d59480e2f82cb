//! The rules that names follow, because Kafka, DNS or our own addresses need them.

use crate::Invalid;

/// Longest topic name that Kafka accepts.
pub const TOPIC_MAX: usize = 249;
/// Longest workspace id.
pub const WORKSPACE_MAX: usize = 40;
/// Longest public URL prefix: with the workspace id and a hyphen it must fit in a DNS label (63).
pub const URL_PREFIX_MAX: usize = 22;

/// Words that no organisation, workspace or URL prefix may use, as they are addresses of the platform.
pub const RESERVED: &[&str] = &[
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "catalogue",
    "deployments",
    "git",
    "healthz",
    "hub",
    "library",
    "live",
    "metrics",
    "openapi",
    "openapi.json",
    "organisations",
    "portal-api",
    "profile",
    "reader",
    "readyz",
    "repositories",
    "sessions",
    "telemetry-query",
    "tokens",
    "topics",
    "workspaces",
    "writer",
];

/// Kafka's rule for topic names: 1–249 of letters, digits, `.`, `_`, `-`; not `.` or `..`.
pub fn topic(name: &str) -> Result<(), Invalid> {
    let fail = |message: String| Err(Invalid::new("name", message));
    if name.is_empty() {
        return fail("a topic needs a name".into());
    }
    if name.len() > TOPIC_MAX {
        return fail(format!("a topic name has at most {TOPIC_MAX} characters; this one has {}", name.len()));
    }
    if name == "." || name == ".." {
        return fail("'.' and '..' are not topic names".into());
    }
    match name.chars().find(|c| !(c.is_ascii_alphanumeric() || "._-".contains(*c))) {
        Some(c) => {
            fail(format!("'{c}' is not allowed in a topic name; use letters, digits, '.', '_' and '-'"))
        }
        None => Ok(()),
    }
}

/// A workspace or project id: a DNS label of at most 40 characters.
pub fn workspace(id: &str) -> Result<(), Invalid> {
    label("workspaceId", id, WORKSPACE_MAX)
}

/// An organisation id: a DNS label of at most 20 characters.
pub fn organisation(id: &str) -> Result<(), Invalid> {
    label("organisation", id, 20)
}

/// A public URL prefix: a DNS label of at most 22 characters.
pub fn url_prefix(prefix: &str) -> Result<(), Invalid> {
    label("urlPrefix", prefix, URL_PREFIX_MAX)
}

/// A Kubernetes-, DNS- and folder-safe slug made of any text, at most `max` characters; may be empty.
pub fn slug(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => out.push(c),
            _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
        if out.len() >= max {
            break;
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// The name of a deployment or application: 1–100 printable characters, not blank at either end.
pub fn display(field: &str, name: &str) -> Result<(), Invalid> {
    if name.trim() != name || name.is_empty() {
        return Err(Invalid::new(field, "must not be empty or start or end with a blank"));
    }
    if name.chars().count() > 100 {
        return Err(Invalid::new(field, "has at most 100 characters"));
    }
    match name.chars().find(|c| c.is_control()) {
        Some(_) => Err(Invalid::new(field, "must not have control characters")),
        None => Ok(()),
    }
}

/// The name of an environment variable: letters, digits and `_`, not starting with a digit.
pub fn variable(name: &str) -> Result<(), Invalid> {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if first && name.len() <= 200 && chars.all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) {
        return Ok(());
    }
    Err(Invalid::new(
        "variables",
        format!("'{name}' is not a variable name; use letters, digits and '_', starting with a letter"),
    ))
}

fn label(field: &str, text: &str, max: usize) -> Result<(), Invalid> {
    let fail = |message: String| Err(Invalid::new(field, message));
    if text.is_empty() || text.len() > max {
        return fail(format!("must have 1 to {max} characters"));
    }
    if let Some(c) = text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
        return fail(format!("'{c}' is not allowed; use lower-case letters, digits and '-'"));
    }
    if text.starts_with('-') || text.ends_with('-') {
        return fail("must not start or end with '-'".into());
    }
    if RESERVED.contains(&text) {
        return fail(format!("'{text}' is reserved"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_rules_say_which_is_broken() {
        assert!(topic("changelog__g--t--s.v1").is_ok());
        assert!(topic("").unwrap_err().message.contains("needs a name"));
        assert!(topic("a b").unwrap_err().message.contains("' '"));
        assert!(topic(&"x".repeat(250)).unwrap_err().message.contains("249"));
        assert!(topic("..").is_err());
    }

    #[test]
    fn labels_refuse_what_dns_refuses() {
        assert!(workspace("acme-demo-prod").is_ok());
        for bad in ["", "Acme", "-a", "a-", "a_b", "app", &"x".repeat(41)] {
            assert!(workspace(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn slugs_are_labels() {
        assert_eq!(slug("Machine  telemetry (v2)", 22), "machine-telemetry-v2");
        assert_eq!(slug("Δ", 5), "");
        assert_eq!(slug("abcdef-ghi", 7), "abcdef");
    }
}
