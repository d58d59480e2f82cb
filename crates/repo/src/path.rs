//! Paths within a repository, checked before they are used.

use gix::{
    bstr::{BStr, ByteSlice},
    validate::path::component::{self, Mode},
};
use headwater_model::application;

use crate::{Error, Result};

/// The names that a path goes through; none is the repository's root.
pub(crate) fn parts(path: &str) -> Result<Vec<&str>> {
    application::inside(path)?;
    Ok(path.split('/').filter(|part| !part.is_empty() && *part != ".").collect())
}

/// The names of a path that will be written: at least one, and none that Git keeps for itself.
pub(crate) fn file(path: &str) -> Result<Vec<&str>> {
    let parts = parts(path)?;
    if parts.is_empty() {
        return Err(Error::Invalid("a file needs a path".into()));
    }
    parts.iter().try_for_each(|part| name(BStr::new(part), None))?;
    Ok(parts)
}

/// Refuses names that could leave a folder or that mean something to Git (`..`, `a/b`, `.git` in any spelling).
pub(crate) fn name(name: &BStr, mode: Option<Mode>) -> Result<()> {
    let rules = component::Options { protect_windows: false, protect_hfs: true, protect_ntfs: true };
    let why =
        |error| Error::Invalid(format!("'{}' cannot be the name of a file: {error}", name.to_str_lossy()));
    gix::validate::path::component(name, mode, rules).map(|_| ()).map_err(why)
}

/// Whether a symbolic link in a folder `depth` levels below a root leads to something below that root, whatever other
/// links are there. `..` counts only at the beginning: after a name, that name could be a link to elsewhere.
pub(crate) fn link_stays(depth: usize, target: &[u8]) -> bool {
    let mut parts =
        target.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").peekable();
    let mut up = 0;
    while parts.next_if_eq(&b"..".as_slice()).is_some() {
        up += 1;
    }
    let clean = !target.is_empty() && !target.starts_with(b"/") && !target.contains(&0);
    clean && up <= depth && parts.all(|part| part != b"..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_and_kept_inside() {
        assert_eq!(parts("").unwrap(), Vec::<&str>::new());
        assert_eq!(parts("./a//b/").unwrap(), ["a", "b"]);
        for bad in ["/etc", "a/../b", "..", "a\0b"] {
            assert!(parts(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn files_never_take_gits_names() {
        assert_eq!(file("a b/ü.txt").unwrap(), ["a b", "ü.txt"]);
        for bad in ["", ".", ".git/config", "a/.GIT/hooks", "x/../y"] {
            assert!(file(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn links_may_not_leave() {
        for (depth, target) in [(0, "a"), (0, "a/b"), (1, "../a"), (2, "../../x"), (1, "./../a/.")] {
            assert!(link_stays(depth, target.as_bytes()), "{depth} {target}");
        }
        for (depth, target) in [(0, ".."), (0, "/etc/passwd"), (1, "../../x"), (2, "a/../x"), (0, "")] {
            assert!(!link_stays(depth, target.as_bytes()), "{depth} {target}");
        }
    }
}
