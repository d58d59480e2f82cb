//! Landlock: a domain that programs of others stand outside of.

use std::{io, path::Path};

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::fs::FileType;

use super::{Sandbox, paths};

/// The newest rules that are asked for; an older kernel enforces those it has.
const RULES: ABI = ABI::V6;
/// Folders of the system that programs need. What services keep (`/var/lib`, `/run`) is not among them but for
/// certificates and the names that `/etc` leads to.
pub(super) const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/opt",
    "/nix",
    "/proc",
    "/sys",
    "/run/current-system",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/var/lib/ca-certificates",
];
/// The devices that programs need; `/dev/shm` is for what processes of one program share.
pub(super) const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];
const SHARED_MEMORY: &str = "/dev/shm";

/// Whether this kernel enforces rules about files.
pub(super) fn rules() -> bool {
    strict().handle_access(AccessFs::from_all(ABI::V1)).and_then(Ruleset::create).is_ok()
}

/// Whether this kernel keeps a domain's programs from the processes of others.
pub(super) fn scopes() -> bool {
    strict().scope(Scope::Signal).and_then(Ruleset::create).is_ok()
}

fn strict() -> Ruleset {
    Ruleset::default().set_compatibility(CompatLevel::HardRequirement)
}

/// Confines this process and its children for good: no new privileges, no processes of others, and, without
/// namespaces, no files but those of the system and its own. An error when less would hold than `sandbox` says.
pub(crate) fn confine(sandbox: &Sandbox) -> io::Result<()> {
    let made = match sandbox.namespaces {
        // The mount namespace has decided about files; the domain is for processes.
        true => scoped(Ruleset::default()).and_then(Ruleset::create).map_err(io::Error::other),
        false => files(sandbox),
    };
    let status = made.and_then(|rules| rules.restrict_self().map_err(io::Error::other))?;
    match sandbox.landlock && status.ruleset == RulesetStatus::NotEnforced {
        true => Err(io::Error::other("Landlock is no longer enforced on this machine")),
        false => Ok(()),
    }
}

fn scoped(rules: Ruleset) -> Result<Ruleset, RulesetError> {
    let rules = rules.set_compatibility(CompatLevel::BestEffort).scope(Scope::Signal)?;
    rules.scope(Scope::AbstractUnixSocket)
}

/// Rules that leave the files of the system and those that `sandbox` names.
fn files(sandbox: &Sandbox) -> io::Result<RulesetCreated> {
    let begun = if sandbox.landlock { strict() } else { Ruleset::default() };
    let begun = begun.handle_access(AccessFs::from_all(ABI::V1)).and_then(scoped);
    let rules = begun.and_then(|rules| rules.handle_access(AccessFs::from_all(RULES)));
    let mut rules = rules.and_then(Ruleset::create).map_err(io::Error::other)?;

    let (read, all) = (AccessFs::from_read(RULES), AccessFs::from_all(RULES));
    let device = AccessFs::ReadFile | AccessFs::WriteFile;
    let system = SYSTEM.iter().map(|path| (*path, read)).chain(DEVICES.iter().map(|path| (*path, device)));
    for (path, access) in system.chain([(SHARED_MEMORY, all)]) {
        // One that is not there needs no rule. Links among them are the system's own.
        if let Ok(fd) = PathFd::new(path) {
            let access = if Path::new(path).is_dir() { access } else { access & AccessFs::from_file(RULES) };
            rules = rules.add_rule(PathBeneath::new(fd, access)).map_err(io::Error::other)?;
        }
    }
    let readable = sandbox.readable.iter().map(|path| (path, read));
    for (path, access) in
        readable.chain(sandbox.writable.iter().chain([&sandbox.tmp]).map(|path| (path, all)))
    {
        rules = allow(rules, path, access)?;
    }
    Ok(rules)
}

/// Allows `access` below `path`; one that does not exist needs no rule.
fn allow(rules: RulesetCreated, path: &Path, access: BitFlags<AccessFs>) -> io::Result<RulesetCreated> {
    let Some((fd, kind)) = paths::handle(path)? else { return Ok(rules) };
    let access = if kind == FileType::Directory { access } else { access & AccessFs::from_file(RULES) };
    rules.add_rule(PathBeneath::new(fd, access)).map_err(io::Error::other)
}
