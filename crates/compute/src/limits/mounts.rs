//! Where the control groups of this process are.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// What a control group counts or controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Controller {
    Cpu,
    /// CPU time used; in version 2 each group counts it.
    Cpuacct,
    Memory,
    Pids,
    /// Stops all processes at once; in version 2 each group can.
    Freezer,
}

impl Controller {
    pub(super) const ALL: [Self; 5] = [Self::Cpu, Self::Cpuacct, Self::Memory, Self::Pids, Self::Freezer];
    /// Those that have to be handed on from group to group in version 2.
    pub(super) const UNIFIED: [Self; 3] = [Self::Cpu, Self::Memory, Self::Pids];

    /// As the kernel calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cpuacct => "cpuacct",
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Freezer => "freezer",
        }
    }
}

/// How control groups are spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Version {
    #[serde(rename = "1")]
    One,
    #[serde(rename = "2")]
    Two,
}

/// A control group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) version: Version,
    pub(crate) folder: PathBuf,
}

/// The groups that this process is in: by controller, and that of version 2. On a hybrid machine some controllers are
/// of version 1 and the others of version 2.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Own {
    pub(super) by_controller: BTreeMap<Controller, PathBuf>,
    pub(super) unified: Option<PathBuf>,
}

impl Own {
    /// As the kernel says.
    pub(super) fn read() -> io::Result<Self> {
        Ok(Self::parse(
            &fs::read_to_string("/proc/self/cgroup")?,
            &fs::read_to_string("/proc/self/mountinfo")?,
        ))
    }

    /// `/proc/PID/cgroup` (cgroups(7)) has a line `ID:CONTROLLERS:PATH` a hierarchy, without controllers for version 2.
    fn parse(groups: &str, mountinfo: &str) -> Self {
        let mounts: Vec<Mount> = mountinfo.lines().filter_map(Mount::parse).collect();
        let mut own = Self::default();
        for line in groups.lines() {
            let mut fields = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
            if controllers.is_empty() {
                own.unified = mounts.iter().filter(|mount| mount.unified).find_map(|mount| mount.shows(path));
            }
            for controller in Controller::ALL {
                let has = |list: &str| list.split(',').any(|name| name == controller.name());
                let mut mounts = mounts.iter().filter(|mount| !mount.unified && has(&mount.options));
                if has(controllers)
                    && let Some(folder) = mounts.find_map(|mount| mount.shows(path))
                {
                    own.by_controller.insert(controller, folder);
                }
            }
        }
        own
    }
}

/// A mounted hierarchy.
struct Mount {
    /// The group that is seen at `at`.
    root: PathBuf,
    at: PathBuf,
    unified: bool,
    options: String,
}

impl Mount {
    /// A line of `/proc/PID/mountinfo` (proc(5)): `36 35 98:0 ROOT AT OPTIONS [TAGS…] - TYPE SOURCE OPTIONS`.
    fn parse(line: &str) -> Option<Self> {
        let (before, after) = line.split_once(" - ")?;
        let before: Vec<&str> = before.split(' ').collect();
        let after: Vec<&str> = after.split(' ').collect();
        let unified = match *after.first()? {
            "cgroup" => false,
            "cgroup2" => true,
            _ => return None,
        };
        Some(Self {
            root: unescape(before.get(3)?).into(),
            at: unescape(before.get(4)?).into(),
            unified,
            options: (*after.get(2)?).to_owned(),
        })
    }

    /// Where the group `path` is seen; nothing when it lies outside of what is mounted.
    fn shows(&self, path: &str) -> Option<PathBuf> {
        let path = Path::new(path);
        if path.components().any(|component| component == Component::ParentDir) {
            return None;
        }
        let below = path.strip_prefix(&self.root).ok()?;
        Some(self.at.join(below).components().collect())
    }
}

/// Blanks are written as `\040`.
fn unescape(text: &str) -> String {
    text.replace("\\040", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_with_both_versions_is_read() {
        let groups = "9:name=systemd:/\n8:pids:/\n4:memory:/own/group\n1:cpu,cpuacct:/\n0::/init.scope\n";
        let mounts = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n\
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:7 - cgroup cgroup rw,cpu,cpuacct\n\
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
            39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n\
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
        let own = Own::parse(groups, mounts);
        let at = |controller| own.by_controller.get(&controller).and_then(|path| path.to_str());
        assert_eq!(at(Controller::Cpu), Some("/sys/fs/cgroup/cpu,cpuacct"));
        assert_eq!(at(Controller::Cpuacct), at(Controller::Cpu));
        assert_eq!(at(Controller::Memory), Some("/sys/fs/cgroup/memory/own/group"));
        assert_eq!(at(Controller::Freezer), None);
        assert_eq!(own.unified.as_deref(), Some(Path::new("/sys/fs/cgroup/unified/init.scope")));
    }

    #[test]
    fn a_container_sees_its_own_group_as_the_top() {
        let mounts = "1 0 0:1 /docker/ab\\040c /sys/fs/cgroup ro - cgroup2 cgroup rw,nsdelegate\n";
        let at = |groups| Own::parse(groups, mounts).unified;
        assert_eq!(at("0::/docker/ab c\n").as_deref(), Some(Path::new("/sys/fs/cgroup")));
        assert_eq!(at("0::/docker/ab c/x\n").as_deref(), Some(Path::new("/sys/fs/cgroup/x")));
        assert_eq!(at("0::/docker/other\n"), None);
        assert_eq!(at("0::/../other\n"), None);
    }
}
