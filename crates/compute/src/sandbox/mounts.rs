//! A view of the file system of one's own, for programs started by root.

use std::{
    fs, io,
    os::{
        fd::OwnedFd,
        unix::fs::{DirBuilderExt, MetadataExt, symlink},
    },
    path::{Path, PathBuf},
};

use nix::sched::CloneFlags;
use rustix::{
    fs::{CWD, FileType, fstat},
    mount::{
        MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount, mount_change, mount_remount,
        move_mount, open_tree,
    },
};

use super::{Sandbox, domain::DEVICES, paths};

/// A path that is to be seen although the folder it lies in is masked.
struct Kept {
    path: PathBuf,
    tree: OwnedFd,
    folder: bool,
    writable: bool,
}

/// Gives this process a mount and IPC namespace of its own and arranges what can be seen in it. The process namespace
/// is the caller's matter: this runs as its first process.
pub(crate) fn enter(sandbox: &Sandbox) -> io::Result<()> {
    nix::sched::unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC)?;
    // Nothing that is mounted here may reach the machine's own view.
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;

    let mut kept = Vec::new();
    for (paths, writable) in [(&sandbox.readable, false), (&sandbox.writable, true)] {
        for path in paths {
            kept.extend(keep(path, writable)?);
        }
    }
    let tmp = keep(&sandbox.tmp, true)?.ok_or(io::ErrorKind::NotFound)?;
    let masked = masked(sandbox, &kept)?;

    devices()?;
    place(&tmp.tree, Path::new("/tmp"))?;
    for folder in &masked {
        fs::DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        // Others may pass through and may not look around.
        mount("headwater", folder, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, c"mode=0711,size=64k")?;
    }
    for kept in &kept {
        uncover(kept)?;
    }
    for folder in &masked {
        mount_remount(
            folder,
            MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV,
            c"",
        )?;
    }
    let proc = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("proc", "/proc", "proc", proc, None)?;
    Ok(())
}

fn keep(path: &Path, writable: bool) -> io::Result<Option<Kept>> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE
        | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
    let tree = match open_tree(CWD, path, flags) {
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        tree => tree?,
    };
    // Asked of the tree, so that what was looked at is what is shown.
    match FileType::from_raw_mode(fstat(&tree)?.st_mode) {
        FileType::Symlink => Err(paths::is_link(path)),
        kind => Ok(Some(Kept { path: path.to_owned(), tree, folder: kind == FileType::Directory, writable })),
    }
}

/// Puts a `/dev` of its own in place, with the few devices that programs need and shared memory that is its own.
fn devices() -> io::Result<()> {
    let mut nodes = Vec::new();
    for path in DEVICES {
        nodes.extend(keep(Path::new(path), true)?);
    }
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount("headwater", "/dev", "tmpfs", flags, c"mode=0755,size=64k")?;
    for node in &nodes {
        uncover(node)?;
    }
    for (name, to) in [("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")] {
        symlink(format!("/proc/self/fd{to}"), Path::new("/dev").join(name))?;
    }
    fs::create_dir("/dev/shm")?;
    mount_remount("/dev", MountFlags::BIND | MountFlags::RDONLY | flags, c"")?;
    mount("headwater", "/dev/shm", "tmpfs", flags | MountFlags::NODEV, c"mode=1777")?;
    Ok(())
}

/// The folders to be masked: the platform's own, and those in front of a kept path that others cannot pass.
fn masked(sandbox: &Sandbox, kept: &[Kept]) -> io::Result<Vec<PathBuf>> {
    let mut masked = vec![sandbox.hidden.clone()];
    for kept in kept {
        let mut above: Vec<&Path> = kept.path.ancestors().skip(1).collect();
        above.reverse();
        for folder in above {
            if masked.iter().any(|mask| folder.starts_with(mask)) {
                break;
            }
            if folder != Path::new("/") && fs::metadata(folder)?.mode() & 0o001 == 0 {
                masked.push(folder.to_owned());
                break;
            }
        }
    }
    // A mask below another one would hide nothing more.
    let all = masked.clone();
    masked.retain(|mask| !all.iter().any(|other| other != mask && mask.starts_with(other)));
    masked.sort();
    masked.dedup();
    Ok(masked)
}

fn uncover(kept: &Kept) -> io::Result<()> {
    if let Some(parent) = kept.path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o711).create(parent)?;
    }
    if !kept.path.exists() {
        match kept.folder {
            true => fs::create_dir(&kept.path)?,
            false => drop(fs::File::create(&kept.path)?),
        }
    }
    place(&kept.tree, &kept.path)?;
    if !kept.writable {
        mount_remount(&kept.path, MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID, c"")?;
    }
    Ok(())
}

fn place(tree: &OwnedFd, at: &Path) -> io::Result<()> {
    Ok(move_mount(tree, "", CWD, at, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?)
}
