//! Dependencies point downwards only.

use std::collections::{BTreeMap, BTreeSet};

/// Who may use whom. An edge that is not here is a mistake, or a decision to be written down in ARCHITECTURE.md.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("broker", &["model"]),
    ("topics", &["model", "broker"]),
    ("store", &["model"]),
    ("repo", &["model"]),
    ("compute", &["model"]),
    ("ingress", &["model"]),
    ("control", &["model", "broker", "topics", "store", "repo", "compute", "ingress"]),
    ("api", &["model", "control"]),
    ("", &["model", "broker", "topics", "store", "repo", "compute", "ingress", "control", "api"]),
    ("bench", &[]),
];

fn short(package: &str) -> Option<&str> {
    match package {
        "headwater" => Some(""),
        _ => package.strip_prefix("headwater-"),
    }
}

#[test]
fn dependencies_point_downwards() {
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec().expect("cargo metadata runs");
    let allowed: BTreeMap<_, BTreeSet<_>> =
        ALLOWED.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let from = short(&package.name).expect("crates are named headwater-<folder>");
        let Some(targets) = allowed.get(from) else {
            wrong.push(format!("the crate '{from}' is not in the list"));
            continue;
        };
        for to in package.dependencies.iter().filter_map(|d| short(&d.name)) {
            if !targets.contains(to) {
                wrong.push(format!("{from} → {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed: {}", wrong.join(", "));
}

#[test]
fn crates_are_named_after_their_folders() {
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec().expect("cargo metadata runs");
    for package in &metadata.packages {
        let folder =
            package.manifest_path.parent().and_then(|p| p.file_name()).expect("a crate has a folder");
        let name = short(&package.name).expect("crates are named headwater-<folder>");
        assert!(name == folder || (name.is_empty() && folder == "headwater"), "{} in {folder}", package.name);
    }
}
