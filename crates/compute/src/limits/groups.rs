//! Where the platform makes control groups: below the one that it is in itself, so that what holds the platform holds
//! replicas as well.
//!
//! ```text
//! <the platform's own>/headwater/<data folder>-<deployment>-<version>-<replica>
//!                               /platform       whatever was in the platform's own group before (version 2 only)
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use rustix::fs::{Access, access};
use sha2::{Digest, Sha256};

use super::{
    Asked,
    group::Group,
    mounts::{Controller, Own, Place, Version},
};
use crate::{
    Folders,
    folder::{read_record, write_record},
};

/// The group that those of programs are made in.
const HOME: &str = "headwater";
/// The group for what was in the platform's own one.
const LEAF: &str = "platform";
/// Processes may be started while others are moved away; so often is looked again.
const ROUNDS: usize = 10;

/// Makes the control groups of a data folder.
#[derive(Debug)]
pub(crate) struct Groups {
    /// The group that those of programs are made in, by what it holds.
    homes: BTreeMap<Controller, Place>,
    /// Tells those of this data folder from those of others.
    prefix: String,
}

impl Groups {
    /// Finds out what can be held, and ends what an earlier platform left and no replica claims.
    pub(crate) fn open(folders: &Folders) -> io::Result<Self> {
        let homes = Own::read().map(|own| homes(&own)).unwrap_or_default();
        let digest = Sha256::digest(folders.root().as_os_str().as_encoded_bytes());
        let prefix = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        let groups = Self { homes, prefix };
        groups.sweep(folders)?;
        Ok(groups)
    }

    /// None at all.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { homes: BTreeMap::new(), prefix: String::new() }
    }

    /// Makes a group for a program; `name` is unique in the data folder. This blocks.
    pub(crate) fn make(&self, name: &str, asked: &Asked) -> io::Result<Group> {
        if self.homes.values().any(|home| !home.folder.exists()) {
            // Whoever shared it has removed it, being the last.
            homes(&Own::read()?);
        }
        let group = self.group(name);
        group.make(asked).inspect_err(|_| drop(group.remove()))?;
        Ok(group)
    }

    fn group(&self, name: &str) -> Group {
        let name = format!("{}-{name}", self.prefix);
        let within = |home: &Place| Place { folder: home.folder.join(&name), ..home.clone() };
        Group(self.homes.iter().map(|(controller, home)| (*controller, within(home))).collect())
    }

    /// Removes the groups of this data folder that belong to no replica. An earlier platform may have been in another
    /// group when it made them, so it is noted where they are.
    fn sweep(&self, folders: &Folders) -> io::Result<()> {
        let record = folders.groups();
        let noted: Vec<(Controller, Place)> = read_record(&record).unwrap_or_default().unwrap_or_default();
        let mut homes = noted.clone();
        homes.extend(self.homes.iter().map(|(controller, home)| (*controller, home.clone())));
        homes.sort();
        homes.dedup();

        let mut left: BTreeMap<String, Group> = BTreeMap::new();
        for (controller, home) in &homes {
            for (name, place) in self.within(home) {
                if !folders.replicas().join(&name).exists() {
                    left.entry(name).or_default().0.insert(*controller, place);
                }
            }
        }
        for (name, group) in left {
            if let Err(error) = group.remove() {
                tracing::warn!(group = name, %error, "removing a control group that was left");
            }
        }
        let present = |home: &Place| self.homes.values().any(|present| present == home);
        homes.retain(|(_, home)| {
            present(home) || (fs::remove_dir(&home.folder).is_err() && self.within(home).next().is_some())
        });
        if homes == noted { Ok(()) } else { write_record(&record, &homes) }
    }

    /// The groups of this data folder in `home`, with the names they were made by.
    fn within(&self, home: &Place) -> impl Iterator<Item = (String, Place)> {
        let entries = fs::read_dir(&home.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let name = entry.file_name();
            let name = name.to_str()?.strip_prefix(&self.prefix)?.strip_prefix('-')?;
            Some((name.to_owned(), Place { folder: entry.path(), ..home.clone() }))
        })
    }

    /// What a platform that is started like this process can hold replicas to, in words; where that is not all, what
    /// to do.
    pub(crate) fn means() -> Result<String, String> {
        let own = Own::read().unwrap_or_default();
        let (mut held, mut missing, mut versions) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (controller, what) in
            [(Controller::Cpu, "CPU"), (Controller::Memory, "memory"), (Controller::Pids, "processes")]
        {
            let one = own.by_controller.get(&controller).map(|folder| (folder, "1"));
            let two = own.unified.as_ref().filter(|own| offers(own, controller)).map(|folder| (folder, "2"));
            match one.or(two).filter(|(folder, _)| access(*folder, Access::WRITE_OK).is_ok()) {
                Some((_, version)) => {
                    held.push(what);
                    versions.insert(version);
                }
                None => missing.push(what),
            }
        }
        let versions = Vec::from_iter(versions).join(" and ");
        let held = format!("control groups (version {versions}) hold {}", held.join(", "));
        match missing.len() {
            0 => Ok(held),
            3 => Err("no control group can be written, so CPU is not limited and memory is looked at once a second: run \
                      the platform as root, or as a systemd service with Delegate=yes"
                .to_owned()),
            _ => Err(format!("{held}; nothing holds {}", missing.join(", "))),
        }
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for home in self.homes.values() {
            // It stays while there is something in it.
            let _ = fs::remove_dir(&home.folder);
        }
    }
}

/// Where groups can be made, by what they hold.
fn homes(own: &Own) -> BTreeMap<Controller, Place> {
    let mut homes = BTreeMap::new();
    for (controller, folder) in &own.by_controller {
        let folder = folder.join(HOME);
        // A home that cannot be made, or in which nothing can be made, holds nothing.
        if fs::create_dir_all(&folder).is_ok() && access(&folder, Access::WRITE_OK).is_ok() {
            homes.insert(*controller, Place { version: Version::One, folder });
        }
    }
    if let Some(own) = &own.unified {
        let wanted: Vec<_> = Controller::UNIFIED.into_iter().filter(|it| !homes.contains_key(it)).collect();
        let folder = above_leaf(own).join(HOME);
        for controller in handed_on(above_leaf(own), &wanted).unwrap_or_default() {
            homes.insert(controller, Place { version: Version::Two, folder: folder.clone() });
        }
    }
    homes
}

/// The group that the platform is in; when it was moved to the leaf before, the one around.
fn above_leaf(own: &Path) -> &Path {
    let leaf = Path::new(HOME).join(LEAF);
    if own.ends_with(leaf) { own.ancestors().nth(2).unwrap_or(own) } else { own }
}

/// Hands controllers on to the groups of programs; those that could be. A group of version 2 that does so has no
/// processes of its own, so they are moved to a leaf first.
fn handed_on(own: &Path, wanted: &[Controller]) -> io::Result<Vec<Controller>> {
    let wanted: Vec<_> = wanted.iter().copied().filter(|it| offers(own, *it)).collect();
    if wanted.is_empty() {
        return Ok(wanted);
    }
    let home = own.join(HOME);
    fs::create_dir_all(&home)?;
    let hand = |controller: &Controller| hand_on(own, *controller).and_then(|()| hand_on(&home, *controller));
    let tell = |controller: &Controller, error: &io::Error| {
        tracing::info!(controller = controller.name(), group = %own.display(), %error, "a limit cannot be held");
    };
    Ok(wanted.into_iter().filter(|it| hand(it).inspect_err(|error| tell(it, error)).is_ok()).collect())
}

fn hand_on(folder: &Path, controller: Controller) -> io::Result<()> {
    let file = folder.join("cgroup.subtree_control");
    for _ in 0..ROUNDS {
        if lists(&file, controller) {
            return Ok(());
        }
        match fs::write(&file, format!("+{}", controller.name())) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => empty(folder)?,
            other => return other,
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// Moves what is in a group to the leaf.
fn empty(folder: &Path) -> io::Result<()> {
    let leaf = folder.join(HOME).join(LEAF);
    fs::create_dir_all(&leaf)?;
    for pid in fs::read_to_string(folder.join("cgroup.procs"))?.lines() {
        // One that has ended in between need not be moved.
        let _ = fs::write(leaf.join("cgroup.procs"), pid);
    }
    Ok(())
}

fn offers(folder: &Path, controller: Controller) -> bool {
    lists(&folder.join("cgroup.controllers"), controller)
}

fn lists(file: &Path, controller: Controller) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.split_whitespace().any(|name| name == controller.name()))
}
