//! What a state folder holds.

use std::{collections::HashSet, fs, io, os::unix::fs::MetadataExt, path::Path};

use crate::StateUsage;

/// Bytes that a folder takes on the disk. Links are not followed, and a file with several names counts once.
pub(super) fn size(folder: &Path) -> io::Result<u64> {
    let (mut bytes, mut seen) = (0, HashSet::new());
    let mut open = vec![folder.to_owned()];
    let mut entries = fs::read_dir(folder)?;
    while let Some(path) = open.pop() {
        if path != folder {
            // Whatever is removed while it is looked at, or closed to us, takes nothing.
            match fs::read_dir(&path) {
                Ok(inner) => entries = inner,
                Err(_) => continue,
            }
        }
        for entry in entries.by_ref().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            if meta.nlink() > 1 && meta.is_file() && !seen.insert((meta.dev(), meta.ino())) {
                continue;
            }
            bytes += meta.blocks() * 512;
            if meta.is_dir() {
                open.push(entry.path());
            }
        }
    }
    Ok(bytes)
}

/// Why a replica with too much state is ended.
pub(super) fn excess(usage: StateUsage) -> String {
    format!("its state folder holds {} of {}", readable(usage.used_bytes), readable(usage.limit_bytes))
}

fn readable(bytes: u64) -> String {
    let (unit, size) = if bytes >= 1 << 30 { ("GB", 1_u64 << 30) } else { ("MB", 1 << 20) };
    let number = format!("{:.2}", bytes as f64 / size as f64);
    format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_once_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (inside, outside) = (dir.path().join("state"), dir.path().join("outside"));
        fs::create_dir_all(inside.join("deep/er")).unwrap();
        fs::write(&outside, vec![1; 1 << 20]).unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
        std::os::unix::fs::symlink(dir.path(), inside.join("loop")).unwrap();
        let file = inside.join("deep/er/file");
        fs::write(&file, vec![1; 100 << 10]).unwrap();
        fs::hard_link(&file, inside.join("again")).unwrap();
        let bytes = size(&inside).unwrap();
        assert!((100 << 10..200 << 10).contains(&bytes), "{bytes}");
        assert!(size(&dir.path().join("none")).is_err());
    }

    #[test]
    fn sizes_are_told_in_words() {
        let usage = StateUsage { used_bytes: (1 << 30) * 6 / 5, limit_bytes: 1 << 30 };
        assert_eq!(excess(usage), "its state folder holds 1.2 GB of 1 GB");
        let usage = StateUsage { used_bytes: 3 << 19, limit_bytes: 1 << 20 };
        assert_eq!(excess(usage), "its state folder holds 1.5 MB of 1 MB");
    }
}
