//! Dependencies point downwards only.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::Command,
};

use serde::Deserialize;

/// Who may use whom. An edge that is not here is a mistake, or a decision to be written down in ARCHITECTURE.md.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("broker", &["model"]),
    ("topics", &["model", "broker"]),
    ("store", &["model"]),
    ("repo", &["model"]),
    ("compute", &["model"]),
    ("ingress", &["model"]),
    ("metrics", &["model"]),
    ("control", &["model", "broker", "topics", "store", "repo", "compute", "ingress", "metrics"]),
    ("api", &["model", "control"]),
    ("", &["model", "broker", "topics", "store", "repo", "compute", "ingress", "metrics", "control", "api"]),
    ("bench", &["metrics"]),
];

/// Who may use whom in tests alone: the edges ask a whole product.
const ALLOWED_IN_TESTS: &[(&str, &[&str])] =
    &[("api", &["broker", "topics", "store", "repo", "compute", "ingress", "metrics"])];

/// What `cargo metadata` tells of the workspace, as far as it is looked at.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build` or nothing.
    kind: Option<String>,
}

fn metadata() -> Metadata {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let told = Command::new(env!("CARGO")).args(arguments).output().expect("cargo runs");
    serde_json::from_slice(&told.stdout).expect("cargo metadata is as documented")
}

fn short(package: &str) -> Option<&str> {
    match package {
        "headwater" => Some(""),
        _ => package.strip_prefix("headwater-"),
    }
}

#[test]
fn dependencies_point_downwards() {
    let allowed: BTreeMap<_, BTreeSet<_>> =
        ALLOWED.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect();
    let in_tests: BTreeSet<_> =
        ALLOWED_IN_TESTS.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to))).collect();
    let mut wrong = Vec::new();
    for package in &metadata().packages {
        let from = short(&package.name).expect("crates are named headwater-<folder>");
        let Some(targets) = allowed.get(from) else {
            wrong.push(format!("the crate '{from}' is not in the list"));
            continue;
        };
        for dependency in &package.dependencies {
            let Some(to) = short(&dependency.name) else { continue };
            let in_tests = dependency.kind.as_deref() == Some("dev") && in_tests.contains(&(from, to));
            if !in_tests && !targets.contains(to) {
                wrong.push(format!("{from} → {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed: {}", wrong.join(", "));
}

#[test]
fn crates_are_named_after_their_folders() {
    for package in &metadata().packages {
        let folder =
            package.manifest_path.parent().and_then(|p| p.file_name()).expect("a crate has a folder");
        let name = short(&package.name).expect("crates are named headwater-<folder>");
        assert!(
            name == folder || (name.is_empty() && folder == "headwater"),
            "{} in {}",
            package.name,
            folder.display()
        );
    }
}
