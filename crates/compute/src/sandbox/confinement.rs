//! What this machine has to keep programs apart, and the sandboxes made of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use headwater_model::WorkspaceId;
use rustix::thread::{CapabilitySet, capabilities};

use super::{Sandbox, domain, paths, user::Users};
use crate::{Error, Folders, Result, limits::Groups};

/// Makes sandboxes. There is one in a platform: it holds the table of user ids and the place of control groups.
#[derive(Debug)]
pub struct Confinement {
    users: Users,
    groups: Groups,
    root: PathBuf,
    namespaces: bool,
    landlock: bool,
    allow_unconfined: bool,
}

impl Confinement {
    /// For a data folder, by what this machine has. With `allow_unconfined` user code runs also where nothing keeps it
    /// from the platform's own files; otherwise it is refused there.
    pub fn open(folders: &Folders, allow_unconfined: bool) -> Result<Self> {
        let io = || Error::io("opening the table of user ids");
        let users = Users::open(folders.users(), may_change_user()).map_err(io())?;
        let groups = Groups::open(folders).map_err(Error::io("opening the control groups of replicas"))?;
        let namespaces = users.is_some() && holds(CapabilitySet::SYS_ADMIN);
        let landlock = if namespaces { domain::scopes() } else { domain::rules() };
        let root = folders.root().to_owned();
        Ok(Self { users, groups, root, namespaces, landlock, allow_unconfined })
    }

    /// What this machine has to keep replicas apart, in words; where it has nothing, what to do.
    pub fn means() -> std::result::Result<&'static str, &'static str> {
        let users = may_change_user();
        match (users && holds(CapabilitySet::SYS_ADMIN), users, domain::rules()) {
            (true, ..) => Ok("replicas get user ids and namespaces of their own"),
            (_, true, true) => Ok("replicas get user ids of their own and are confined by Landlock"),
            (_, false, true) => Ok("replicas are confined by Landlock"),
            (_, _, false) => Err("run as root, or on a kernel with Landlock, to keep replicas apart"),
        }
    }

    /// What this machine has to hold replicas to their limits, in words; where that is not all, what to do.
    pub fn limits() -> std::result::Result<String, String> {
        Groups::means()
    }

    /// Makes the control groups of programs.
    pub(crate) fn groups(&self) -> &Groups {
        &self.groups
    }

    /// A sandbox in which nothing but the system can be seen yet.
    pub(crate) fn sandbox(&self, workspace: &WorkspaceId, tmp: &Path) -> Result<Sandbox> {
        if !self.namespaces {
            self.rules_hold()?;
        }
        let io = Error::io("looking up the workspace's user id");
        Ok(Sandbox {
            uid: self.users.id(workspace).map_err(io)?,
            namespaces: self.namespaces,
            landlock: self.landlock,
            hidden: self.root.clone(),
            readable: Vec::new(),
            writable: Vec::new(),
            tmp: tmp.to_owned(),
        })
    }

    /// Refuses where Landlock has to keep programs from the platform's files and would not.
    fn rules_hold(&self) -> Result<()> {
        if !self.landlock {
            return match self.allow_unconfined {
                true => Ok(()),
                false => Err(Error::Unconfined(
                    "this machine has neither the right to make namespaces nor Landlock, so user code could read the \
                     platform's own files: run the platform as root (in a container with CAP_SYS_ADMIN), use Linux 5.13 \
                     or newer with Landlock, or accept it with compute.allow_unconfined = true"
                        .into(),
                )),
            };
        }
        let Some(open) =
            domain::SYSTEM.iter().find(|path| paths::apart(Path::new(path), &self.root).is_err())
        else {
            return Ok(());
        };
        Err(Error::Unconfined(format!(
            "the data folder {} lies below {open}, which user code can read on this machine: move it elsewhere and say \
             so with --data-dir",
            self.root.display()
        )))
    }
}

fn holds(wanted: CapabilitySet) -> bool {
    capabilities(None).is_ok_and(|all| all.effective.contains(wanted))
}

/// Whether programs can run as users of their own: as root, unless a container maps too few ids.
fn may_change_user() -> bool {
    let mapped = ["/proc/self/uid_map", "/proc/self/gid_map"]
        .iter()
        .all(|map| fs::read_to_string(map).is_ok_and(|text| maps(&text)));
    mapped && holds(CapabilitySet::SETUID | CapabilitySet::SETGID | CapabilitySet::CHOWN)
}

/// Whether a table of ids (user_namespaces(7)) has those that workspaces get.
fn maps(table: &str) -> bool {
    table.lines().any(|line| {
        let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let &[first, _, count] = &numbers[..] else { return false };
        first <= super::user::PASSING.into() && first + count >= u64::from(super::user::BASE) + 1_000
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(root: &Path, landlock: bool, allow_unconfined: bool) -> Confinement {
        let users = Users::open(root.join("users.json"), false).unwrap();
        let groups = Groups::none();
        Confinement { users, groups, root: root.to_owned(), namespaces: false, landlock, allow_unconfined }
    }

    #[test]
    fn without_means_nothing_is_started_unless_that_is_accepted() {
        let (root, workspace) = (tempfile::tempdir().unwrap(), "acme-demo-dev".parse().unwrap());
        let refused = bare(root.path(), false, false).sandbox(&workspace, root.path()).unwrap_err();
        assert!(refused.to_string().contains("compute.allow_unconfined"), "{refused}");
        let accepted = bare(root.path(), false, true).sandbox(&workspace, root.path()).unwrap();
        assert_eq!(accepted.isolation(), crate::Isolation::default());
        assert!(bare(root.path(), true, false).sandbox(&workspace, root.path()).unwrap().landlock);
    }

    #[test]
    fn a_data_folder_among_the_systems_is_refused() {
        let workspace = "acme-demo-dev".parse().unwrap();
        for root in ["/usr/local/headwater", "/opt/headwater", "/etc/headwater", "/usr"] {
            let confinement = Confinement { root: root.into(), ..bare(Path::new("/tmp"), true, false) };
            let refused = confinement.sandbox(&workspace, Path::new("/tmp/x")).unwrap_err();
            assert!(refused.to_string().contains("--data-dir"), "{refused}");
        }
        for root in ["/var/lib/headwater", "/run/headwater", "/srv/headwater"] {
            let confinement = Confinement { root: root.into(), ..bare(Path::new("/tmp"), true, false) };
            assert!(confinement.sandbox(&workspace, Path::new("/tmp/x")).is_ok(), "{root}");
        }
    }

    #[test]
    fn containers_with_few_ids_are_told_apart() {
        assert!(maps("         0          0 4294967295\n"));
        assert!(!maps("         0       1000          1\n         1     100000      65536\n"));
        assert!(!maps(""));
    }
}
