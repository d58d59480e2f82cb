//! Landlock: a domain that programs of others stand outside of.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, RestrictionStatus, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};

use super::Sandbox;

/// The newest rules that are asked for; an older kernel enforces those it has.
const RULES: ABI = ABI::V6;
/// Folders of the system that programs need.
const SYSTEM: &[&str] = &[
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/opt", "/nix", "/proc", "/sys", "/run",
    "/var/lib",
];

/// Whether this kernel has Landlock.
pub(crate) fn supported() -> bool {
    let made = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create);
    made.is_ok()
}

/// Confines this process and its children for good: no new privileges, no processes of others, and, without
/// namespaces, no files but those of the system and its own.
pub(crate) fn confine(sandbox: &Sandbox) -> Result<RestrictionStatus, RulesetError> {
    let scopes = Ruleset::default().set_compatibility(CompatLevel::BestEffort).scope(Scope::Signal)?;
    let rules = scopes.scope(Scope::AbstractUnixSocket)?;
    if sandbox.namespaces {
        // The mount namespace has decided about files; the domain is for processes.
        return rules.create()?.restrict_self();
    }
    let mut rules = rules.handle_access(AccessFs::from_all(RULES))?.create()?;
    let read = AccessFs::from_read(RULES);
    for path in SYSTEM.iter().map(Path::new).chain(sandbox.readable.iter().map(|path| path.as_path())) {
        rules = allow(rules, path, read)?;
    }
    let all = AccessFs::from_all(RULES);
    rules = allow(rules, Path::new("/dev"), read | AccessFs::WriteFile | AccessFs::IoctlDev)?;
    for path in
        sandbox.writable.iter().map(|path| path.as_path()).chain([Path::new("/dev/shm"), &sandbox.tmp])
    {
        rules = allow(rules, path, all)?;
    }
    rules.restrict_self()
}

/// Allows `access` below `path`; one that does not exist needs no rule.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(fd) = PathFd::new(path) else { return Ok(rules) };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(RULES) };
    rules.add_rule(PathBeneath::new(fd, access))
}
