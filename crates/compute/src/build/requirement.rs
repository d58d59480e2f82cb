//! Lines of a requirements file, read as far as it matters whether an environment still fits: which other files a line
//! takes in, and whether what it installs could lie in the application's own folder.

/// Options that say how or from where packages are installed and take in nothing of the folder.
const HARMLESS: &[&str] = &[
    "-i",
    "--index-url",
    "--extra-index-url",
    "--no-index",
    "--pre",
    "--prefer-binary",
    "--require-hashes",
    "--trusted-host",
    "--no-binary",
    "--only-binary",
];
/// How archives' names end (pip's list).
const ARCHIVES: &[&str] =
    &[".whl", ".zip", ".tar", ".tgz", ".tbz", ".txz", ".tlz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"];

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Nothing that lies in the folder.
    Remote,
    /// Another requirements file, or a file of constraints.
    File(&'a str),
    /// Perhaps something in the folder.
    Local,
}

/// Reads a line. What is not understood counts as local: at worst an environment is made once too often.
pub(super) fn read(line: &str) -> Line<'_> {
    let line = line.trim();
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    if line.is_empty() || line.starts_with('#') {
        return Line::Remote;
    }
    // A line that goes on, and variables, which may stand for anything.
    if line.ends_with('\\') && !line.contains("--hash") || line.contains("${") {
        return Line::Local;
    }
    if line.starts_with('-') { option(line) } else { requirement(line) }
}

fn option(line: &str) -> Line<'_> {
    for (short, long) in [("-r", "--requirement"), ("-c", "--constraint")] {
        let rest = line.strip_prefix(long).filter(|rest| rest.starts_with(['=', ' ', '\t']));
        let Some(value) = rest.or_else(|| line.strip_prefix(short)) else { continue };
        let value = value.trim_start_matches([' ', '\t', '=']);
        return match value.is_empty() || value.contains("://") {
            true => Line::Local,
            false => Line::File(value),
        };
    }
    let name = line.split([' ', '\t', '=']).next().unwrap_or_default();
    // The next line of a requirement that goes on.
    match HARMLESS.contains(&name) || name == "--hash" {
        true => Line::Remote,
        false => Line::Local,
    }
}

fn requirement(line: &str) -> Line<'_> {
    let name = line.split([';', '[', ' ']).next().unwrap_or_default().to_ascii_lowercase();
    let archive = ARCHIVES.iter().any(|end| name.ends_with(end));
    match archive || name.starts_with('.') || line.contains(['/', '@']) {
        true => Line::Local,
        false => Line::Remote,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_lie_in_the_folder_is_local() {
        for line in [
            "-e .",
            "-e.",
            "--editable=libs/pkg",
            ".",
            "./pkg",
            "libs/pkg",
            "six-1.17.0-py2.py3-none-any.whl",
            "pkg.tar.gz ; python_version > '3'",
            "PKG.ZIP",
            "wheel.whl[extra]",
            "pkg @ file:///somewhere",
            "pkg@file:x.whl",
            "-f wheels",
            "--find-links=wheels",
            "-r https://example.org/more.txt",
            "--something-new",
            "${HERE}",
            "six \\",
        ] {
            assert_eq!(read(line), Line::Local, "{line}");
        }
    }

    #[test]
    fn files_are_found_however_they_are_written() {
        for line in [
            "-rmore.txt",
            "-r more.txt",
            "-r=more.txt",
            "--requirement more.txt",
            "--requirement=more.txt # why",
        ] {
            assert_eq!(read(line), Line::File("more.txt"), "{line}");
        }
        for line in ["-cmore.txt", " -c\tmore.txt", "--constraint=more.txt"] {
            assert_eq!(read(line), Line::File("more.txt"), "{line}");
        }
    }

    #[test]
    fn the_rest_comes_from_elsewhere() {
        for line in [
            "",
            "# a/b",
            "six",
            "six==1.17.0  # see https://example.org/",
            "pandas[excel]>=2 ; python_version < '3.13'",
            "--index-url https://example.org/simple",
            "--extra-index-url=https://example.org/simple",
            "--pre",
            "six==1.17.0 --hash=sha256:4721f3 \\",
            "    --hash=sha256:4721f3",
        ] {
            assert_eq!(read(line), Line::Remote, "{line}");
        }
    }
}
