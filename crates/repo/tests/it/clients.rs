//! What Git clients do over HTTP.

use std::{io::Write as _, time::Duration};

use headwater_repo::Repositories;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::broadcast::error::TryRecvError,
    time::timeout,
};

use crate::workbench::{Workbench, git, told, try_git};

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_cloned_again_and_told() {
    let bench = Workbench::start().await;
    let clone = bench.clone("one").await;
    let mut pushes = bench.repositories.pushed();
    let commit = bench.commit(&clone, "app/ümlaut and space.txt", "hello\n").await;
    git(&clone, &["push", "-q", "origin", "main"]).await;
    assert_eq!(told(&mut pushes).await.project, bench.project);
    assert_eq!(bench.repositories.head(&bench.project, "main").await.unwrap(), Some(commit.clone()));
    let again = bench.clone("two").await;
    assert_eq!(std::fs::read_to_string(again.join("app/ümlaut and space.txt")).unwrap(), "hello\n");
    let read = bench.repositories.read(&bench.project, &commit, "app/ümlaut and space.txt").await.unwrap();
    assert_eq!(&read[..], b"hello\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_and_an_empty_push_are_not_told() {
    let bench = Workbench::start().await;
    let clone = bench.clone("one").await;
    let mut pushes = bench.repositories.pushed();
    git(&clone, &["fetch", "-q"]).await;
    git(&clone, &["push", "-q", "origin", "main"]).await;
    // Conversations are over, so all that would be told was.
    bench.repositories.close().await;
    assert_eq!(pushes.try_recv(), Err(TryRecvError::Empty));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_and_branches_come_and_go() {
    let bench = Workbench::start().await;
    let (repositories, project) = (&bench.repositories, &bench.project);
    let clone = bench.clone("one").await;
    let commit = bench.commit(&clone, "a", "1").await;
    git(&clone, &["tag", "v1"]).await;
    git(&clone, &["tag", "-a", "v2", "-m", "Second"]).await;
    git(&clone, &["branch", "feature/x"]).await;
    let mut pushes = repositories.pushed();
    git(&clone, &["push", "-q", "origin", "main", "feature/x", "--tags"]).await;
    told(&mut pushes).await;
    let tags = repositories.tags(project).await.unwrap();
    assert_eq!(
        tags.iter().map(|tag| (&*tag.name, &*tag.commit)).collect::<Vec<_>>(),
        [("v1", &*commit), ("v2", &*commit)]
    );
    let branches = repositories.branches(project).await.unwrap();
    assert_eq!(branches.iter().map(|branch| &*branch.name).collect::<Vec<_>>(), ["feature/x", "main"]);
    git(&clone, &["push", "-q", "origin", ":feature/x", ":v1"]).await;
    told(&mut pushes).await;
    assert_eq!(repositories.head(project, "feature/x").await.unwrap(), None);
    assert_eq!(repositories.tags(project).await.unwrap().len(), 1);
    let default = try_git(&clone, &["push", "-q", "origin", ":main"]).await;
    assert!(!default.status.success(), "the default branch stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_push_keeps_what_it_replaced() {
    let bench = Workbench::start().await;
    let clone = bench.clone("one").await;
    let old = bench.commit(&clone, "a", "1").await;
    git(&clone, &["push", "-q", "origin", "main"]).await;
    git(&clone, &["reset", "-q", "--hard", "HEAD~1"]).await;
    let new = bench.commit(&clone, "a", "2").await;
    assert!(!try_git(&clone, &["push", "-q", "origin", "main"]).await.status.success());
    let mut pushes = bench.repositories.pushed();
    git(&clone, &["push", "-qf", "origin", "main"]).await;
    told(&mut pushes).await;
    assert_eq!(bench.repositories.head(&bench.project, "main").await.unwrap(), Some(new));
    // What runs from the old commit can still be built.
    assert_eq!(&bench.repositories.read(&bench.project, &old, "a").await.unwrap()[..], b"1");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_stream_both_ways() {
    let bench = Workbench::start().await;
    let clone = bench.clone("one").await;
    // Does not compress: a multiplicative congruential generator's upper bits.
    let mut state = 1u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    let content: Vec<u8> = std::iter::repeat_with(next).take(20 << 20).collect();
    let commit = bench.commit(&clone, "large.bin", &content).await;
    git(&clone, &["push", "-q", "origin", "main"]).await;
    let again = bench.clone("two").await;
    assert!(std::fs::read(again.join("large.bin")).unwrap() == content);
    let shown = bench.repositories.read(&bench.project, &commit, "large.bin").await;
    assert!(shown.unwrap_err().to_string().contains("20971520 bytes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn shallow_partial_and_old_clients_clone() {
    let bench = Workbench::start().await;
    for n in 0..3 {
        bench.put(&format!("file{n}"), "x").await.unwrap();
    }
    let url = bench.server.url(&bench.project);
    for (name, options) in [
        ("shallow", ["-c", "protocol.version=2", "clone", "-q", "--depth=1"]),
        ("partial", ["-c", "protocol.version=2", "clone", "-q", "--filter=blob:none"]),
        ("old", ["-c", "protocol.version=0", "clone", "-q", "--no-tags"]),
    ] {
        let to = bench.path(name);
        git(&bench.path(""), &[&options[..], &[&url, to.to_str().unwrap()]].concat()).await;
        assert!(to.join("file2").exists(), "{name}");
    }
    assert_eq!(git(&bench.path("shallow"), &["rev-list", "--count", "HEAD"]).await, "1");
}

/// Sends one request and reads the answer to its end.
async fn ask(bench: &Workbench, head: &str, body: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(bench.server.address).await.unwrap();
    let length = body.len();
    let head = format!("{head}\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_requests_are_read() {
    let bench = Workbench::start().await;
    let lines = ["command=ls-refs\n", "", "ref-prefix refs/heads/\n"];
    // A packet line begins with its own length; 0001 parts the command from its arguments.
    let lines = lines
        .map(|line| if line.is_empty() { "0001".into() } else { format!("{:04x}{line}", line.len() + 4) });
    let wanted = format!("{}0000", lines.concat());
    let path = bench.path("body.gz");
    std::fs::write(bench.path("body"), &wanted).unwrap();
    let packed = std::process::Command::new("gzip").arg("-kn").arg(bench.path("body")).status().unwrap();
    assert!(packed.success());
    let head = "POST /acme-demo.git/git-upload-pack HTTP/1.1\r\nGit-Protocol: version=2\r\n\
                Content-Type: application/x-git-upload-pack-request\r\nContent-Encoding: ";
    let answer = ask(&bench, &format!("{head}gzip"), &std::fs::read(path).unwrap()).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("refs/heads/main"), "{answer}");
    let answer = ask(&bench, &format!("{head}br"), b"x").await;
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_smart_requests_are_answered() {
    let bench = Workbench::start().await;
    for (request, status) in [
        ("GET /acme-demo.git/HEAD", "404"),
        ("GET /acme-demo.git/info/refs", "404"),
        ("GET /acme-demo.git/objects/info/packs", "404"),
        ("GET /acme-demo.git/info/refs?service=git-upload-archive", "404"),
        ("GET /acme-other.git/info/refs?service=git-upload-pack", "404"),
        ("POST /acme-demo.git/git-upload-pack", "415"),
        ("GET /acme-demo.git/info/refs?service=git-upload-pack", "200"),
    ] {
        let answer = ask(&bench, &format!("{request} HTTP/1.1"), b"").await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_takes_git_along() {
    let bench = Workbench::start().await;
    let mut stream = TcpStream::connect(bench.server.address).await.unwrap();
    let head = "POST /acme-demo.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n\
                Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 1000000\r\n\r\n00";
    stream.write_all(head.as_bytes()).await.unwrap();
    // Git answers with the headers at once, and waits for the rest.
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
    // Git starts helpers of its own now and then.
    assert!(backends(&bench) >= 1);
    drop(stream);
    gone(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_ends_all_conversations() {
    let bench = Workbench::start().await;
    let mut stream = TcpStream::connect(bench.server.address).await.unwrap();
    let head = "POST /acme-demo.git/git-receive-pack HTTP/1.1\r\nHost: x\r\n\
                Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 1000000\r\n\r\n00";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 12]).await.unwrap();
    timeout(Duration::from_secs(60), bench.repositories.close()).await.unwrap();
    assert_eq!(backends(&bench), 0);
}

/// Processes that work for the bench's repositories, by the environment they were given.
fn backends(bench: &Workbench) -> usize {
    let mark = format!("GIT_PROJECT_ROOT={}", bench.path("repos").canonicalize().unwrap().display());
    let is_ours = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let environment = std::fs::read(path.join("environ")).unwrap_or_default();
        let line = std::fs::read(path.join("cmdline")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|pair| pair == mark.as_bytes())
            && line.windows(12).any(|part| part == b"http-backend")
            && !line.starts_with(b"git\0")
    };
    std::fs::read_dir("/proc").unwrap().map(is_ours).filter(|ours| *ours).count()
}

async fn gone(bench: &Workbench) {
    let none_left = async {
        while backends(bench) > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(60), none_left).await.expect("git ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_in_a_repository_are_not_run() {
    let bench = Workbench::start().await;
    let hook = bench.bare().join("hooks/post-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let mut file = std::fs::File::create(&hook).unwrap();
    writeln!(file, "#!/bin/sh\ntouch {}", bench.path("ran").display()).unwrap();
    drop(file);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, executable).unwrap();
    let clone = bench.clone("one").await;
    bench.commit(&clone, "a", "1").await;
    git(&clone, &["push", "-q", "origin", "main"]).await;
    bench.repositories.close().await;
    assert!(!bench.path("ran").exists());
}

#[tokio::test]
async fn an_interrupted_start_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join(".new-abc/objects")).unwrap();
    Repositories::open(folder.path().into()).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
