//! The brokers that are compared, as processes on folders of their own.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// Whose broker it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Kind {
    /// `headwater broker`
    Headwater,
    /// One node of Apache Kafka (KRaft)
    #[value(name = "kafka")]
    ApacheKafka,
}

impl Kind {
    /// The name that tables show.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Headwater => "Headwater",
            Self::ApacheKafka => "Apache Kafka",
        }
    }
}

/// A running broker. Dropping it kills it and removes its folder.
pub(crate) struct Broker {
    kind: Kind,
    command: Vec<String>,
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Broker {
    /// Starts a broker on a new folder in `dir`, with (`sync`) every append on disk before its acknowledgement.
    /// Also the time from the start of the process to the first answer with metadata.
    pub(crate) fn start(
        kind: Kind,
        sync: bool,
        binary: &Path,
        dir: &Path,
    ) -> anyhow::Result<(Self, Duration)> {
        let folder = tempfile::tempdir_in(dir)?;
        let port = free_port()?;
        let command = match kind {
            Kind::Headwater => headwater(binary, folder.path(), port, sync),
            Kind::ApacheKafka => apache_kafka(folder.path(), port, sync)?,
        };
        let started = Instant::now();
        let child = spawn(&command)?;
        let mut broker = Self { kind, command, child, port, folder };
        broker.wait_ready(started)?;
        Ok((broker, started.elapsed()))
    }

    /// Ends the broker in order and starts it again on what it holds; the time to the first answer.
    pub(crate) fn restart(&mut self) -> anyhow::Result<Duration> {
        let id = self.child.id().to_string();
        ensure!(Command::new("kill").arg(&id).status()?.success(), "kill {id} failed");
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            ensure!(Instant::now() < deadline, "{} does not end", self.kind.name());
            std::thread::sleep(Duration::from_millis(1));
        }
        let started = Instant::now();
        self.child = spawn(&self.command)?;
        self.wait_ready(started)?;
        Ok(started.elapsed())
    }

    /// The address that clients use.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Resident memory in bytes: now, and at its highest.
    pub(crate) fn memory(&self) -> anyhow::Result<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let bytes = |name: &str| -> anyhow::Result<f64> {
            let line = status.lines().find(|l| l.starts_with(name)).context("no memory in /proc")?;
            let kib: f64 = line.split_whitespace().nth(1).context("no number in /proc")?.parse()?;
            Ok(kib * 1024.0)
        };
        Ok((bytes("VmRSS:")?, bytes("VmHWM:")?))
    }

    fn wait_ready(&mut self, started: Instant) -> anyhow::Result<()> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.address()).set("log_level", "0");
        config.set("reconnect.backoff.ms", "1").set("reconnect.backoff.max.ms", "5");
        let client: BaseConsumer = config.create()?;
        loop {
            if let Ok(metadata) = client.fetch_metadata(None, Duration::from_millis(500))
                && !metadata.brokers().is_empty()
            {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status} in {}", self.kind.name(), self.folder.path().display());
            }
            ensure!(started.elapsed() < PATIENCE, "{} is not ready", self.kind.name());
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have ended already, and its folder goes in any case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `release/headwater` beside this program.
pub(crate) fn own_binary() -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("headwater"))
}

/// Where brokers keep their data unless told: beside the other caches, on a real disk.
pub(crate) fn data_folder() -> anyhow::Result<PathBuf> {
    let home = std::env::var_os("HOME").context("HOME is not set; use --dir")?;
    Ok(Path::new(&home).join(".cache/headwater/bench"))
}

/// Which Kafka the peer is, from what it is fetched by.
pub(crate) fn apache_kafka_version() -> anyhow::Result<String> {
    let pom = fs::read_to_string(peers_folder().join("pom.xml"))?;
    let after = pom.split("kafka_2.13</artifactId>").nth(1).context("no Kafka in pom.xml")?;
    let version = after.split("<version>").nth(1).and_then(|rest| rest.split('<').next());
    Ok(version.context("no version in pom.xml")?.to_owned())
}

fn peers_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

fn headwater(binary: &Path, folder: &Path, port: u16, sync: bool) -> Vec<String> {
    let text = |path: &Path| path.display().to_string();
    let mut command = vec![text(binary), "broker".into(), "--data-dir".into(), text(folder)];
    command.extend(["--kafka-addr".into(), format!("127.0.0.1:{port}")]);
    command.extend((!sync).then(|| "--no-sync".into()));
    command
}

fn apache_kafka(folder: &Path, port: u16, sync: bool) -> anyhow::Result<Vec<String>> {
    let script = peers_folder().join("apache-kafka").display().to_string();
    let folder = folder.display().to_string();
    let mut format = Command::new(&script);
    format.args(["format", &folder, &port.to_string(), &free_port()?.to_string()]);
    format.args(sync.then_some("log.flush.interval.messages=1"));
    ensure!(format.status()?.success(), "Apache Kafka's folder cannot be prepared");
    Ok(vec![script, "run".into(), folder])
}

/// Starts the process; what it says goes to standard error, its last word when it fails.
fn spawn(command: &[String]) -> anyhow::Result<Child> {
    let (program, arguments) = command.split_first().context("an empty command")?;
    let mut child = Command::new(program)
        .args(arguments)
        .env("HEADWATER_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program} cannot be started; build it with `make build`"))?;
    let output = child.stdout.take().context("standard output is piped")?;
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.contains("ERROR") {
                eprintln!("{line}");
            }
        }
    });
    Ok(child)
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
