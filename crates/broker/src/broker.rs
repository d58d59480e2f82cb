//! The broker as its host holds it.

use std::{
    collections::BTreeMap,
    fs::{self, TryLockError},
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use headwater_model::Authorize;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    Access, Advertised, BrokerOptions, Error, Result, Security, Traffic,
    auth::Gate,
    catalogue::Catalogue,
    files::raise_open_file_limit,
    groups::Groups,
    instruments::Instruments,
    journal::{Change, Journal},
    keys::{Key, Kind},
    readers::Readers,
    server,
    storage::Storage,
    transactions::Transactions,
};

/// The one node's id.
pub(crate) const NODE_ID: i32 = 1;
/// How often old segments and positions are looked for.
const RETENTION: Duration = Duration::from_secs(30);
/// How long connections have to finish when the broker stops.
const PATIENCE: Duration = Duration::from_secs(5);

/// An embedded Kafka-protocol broker. Cheap to clone; all clones are the same broker.
#[derive(Clone)]
pub struct Broker {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) options: BrokerOptions,
    pub(crate) catalogue: Catalogue,
    pub(crate) groups: Groups,
    pub(crate) transactions: Transactions,
    pub(crate) readers: Readers,
    pub(crate) gate: Gate,
    pub(crate) cluster_id: String,
    /// Makes names that do not exist look like users.
    pub(crate) secret: [u8; 32],
    pub(crate) connections: AtomicUsize,
    pub(crate) instruments: Instruments,
    pub(crate) load: server::Load,
    journal: Journal,
    storage: Storage,
    /// Connections and listeners.
    pub(crate) serving: TaskTracker,
    /// What goes on behind them.
    tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    /// Ends background tasks, once connections are gone.
    halt: CancellationToken,
    _lock: fs::File,
}

impl Broker {
    /// Opens the data folder, repairs what a crash has torn, and finishes transactions that were decided.
    /// [`Error::InUse`] when another process has the folder.
    pub async fn open(
        options: BrokerOptions,
        access: Arc<dyn Access>,
        authorize: Arc<dyn Authorize>,
    ) -> Result<Self> {
        let opened = tokio::task::spawn_blocking(move || Inner::open(options, Gate::new(access, authorize)));
        let inner = Arc::new(opened.await.unwrap_or(Err(Error::Stopping))?);
        inner.transactions.start().await;
        let background = inner.clone();
        inner.tasks.spawn(async move {
            tokio::select! {
                () = background.halt.cancelled() => {}
                () = background.enforce_retention() => {}
            }
        });
        Ok(Self { inner })
    }

    /// Serves Kafka's protocol on a listener until `shutdown` or the broker stops. Clients of it are told to
    /// connect to `advertised`. Without authentication only loopback addresses are served.
    pub async fn serve(
        &self,
        listener: TcpListener,
        advertised: Advertised,
        security: Security,
        shutdown: CancellationToken,
    ) -> Result<()> {
        let bound = listener.local_addr().map_err(|e| Error::Listener(e.to_string()))?;
        if security == Security::None && !bound.ip().is_loopback() {
            return Err(Error::NotLoopback(bound));
        }
        let port = if advertised.port == 0 { bound.port() } else { advertised.port };
        let advertised = Advertised { port, ..advertised };
        server::accept(self.inner.clone(), listener, advertised, security, shutdown).await;
        Ok(())
    }

    /// Stops serving, lets requests finish, and makes everything durable. Other calls fail after.
    pub async fn shutdown(&self) {
        let inner = &self.inner;
        inner.stop.cancel();
        inner.serving.close();
        if tokio::time::timeout(PATIENCE, inner.serving.wait()).await.is_err() {
            tracing::warn!("some connections did not finish in time");
        }
        inner.halt.cancel();
        inner.tasks.close();
        inner.tasks.wait().await;
        inner.catalogue.close().await;
        if let Err(error) = inner.journal.close().await {
            tracing::error!(%error, "the journal cannot be closed");
        }
        inner.storage.close().await;
    }

    /// Counters of each topic since the broker started; rates are differences over time.
    pub fn traffic(&self) -> BTreeMap<String, Traffic> {
        self.inner.catalogue.all().into_iter().map(|t| (t.name.clone(), t.traffic())).collect()
    }

    /// Adds what the broker counts of itself to a registry.
    pub fn register(&self, registry: &mut Registry) {
        self.inner.instruments.register(registry, Arc::downgrade(&self.inner));
    }

    /// Connections that are open.
    pub fn connections(&self) -> usize {
        self.inner.connections.load(Ordering::Relaxed)
    }
}

impl Inner {
    fn open(options: BrokerOptions, gate: Gate) -> Result<Self> {
        let folder = &options.data_dir;
        prepare(folder).map_err(|e| unusable(folder, &e))?;
        let lock = lock(folder)?;
        if let Err(error) = raise_open_file_limit() {
            tracing::warn!(%error, "the limit of open files stays as it is");
        }
        let storage = Storage::new(options.sync);
        let journal = Journal::open(&storage, folder.join("journal"))?;
        let catalogue = Catalogue::open(storage.clone(), journal.clone(), folder.join("topics"))?;
        let (tasks, halt) = (TaskTracker::new(), CancellationToken::new());
        let groups =
            Groups::open(journal.clone(), options.groups, storage.clock.clone(), tasks.clone(), halt.clone());
        let transactions = Transactions::open(
            journal.clone(),
            groups.clone(),
            catalogue.clone(),
            storage.clock.clone(),
            tasks.clone(),
            halt.clone(),
        );
        Ok(Self {
            cluster_id: cluster_id(&journal)?,
            secret: rand::random(),
            connections: AtomicUsize::new(0),
            instruments: Instruments::default(),
            load: server::Load::default(),
            serving: TaskTracker::new(),
            stop: CancellationToken::new(),
            options,
            catalogue,
            groups,
            transactions,
            readers: Readers::new(storage.clock.clone()),
            gate,
            journal,
            storage,
            tasks,
            halt,
            _lock: lock,
        })
    }

    /// Removes a topic with its records and all groups' positions in it.
    pub(crate) async fn delete_topic(&self, name: &str) -> Result<()> {
        let (groups, topic) = (self.groups.clone(), name.to_owned());
        self.catalogue.delete(name.to_owned(), move |changes| groups.forget_topic(&topic, changes)).await
    }

    /// Removes old segments and what groups have left behind, from time to time.
    async fn enforce_retention(&self) {
        let mut tick = tokio::time::interval(RETENTION);
        loop {
            tick.tick().await;
            let (topics, groups) = (self.catalogue.all(), self.groups.clone());
            let enforce = move || {
                groups.sweep();
                for topic in topics {
                    for partition in topic.partitions().iter() {
                        // Not all who append wait for the disk.
                        partition.sync_remainder();
                        if let Err(error) = partition.enforce_retention() {
                            tracing::warn!(topic = %topic.name, %error, "old segments cannot be removed");
                        }
                    }
                }
            };
            // A panic is reported by the panic hook; the next round tries again.
            let _ = tokio::task::spawn_blocking(enforce).await;
        }
    }
}

/// Makes the data folder, readable by its owner alone.
fn prepare(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    if !folder.is_dir() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Takes the folder for this process; the operating system gives it back when the process ends.
fn lock(folder: &Path) -> Result<fs::File> {
    let path = folder.join("lock");
    let open = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(|e| unusable(folder, &e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(folder.display().to_string())),
        Err(TryLockError::Error(error)) => Err(unusable(folder, &error)),
    }
}

pub(crate) fn unusable(folder: &Path, error: &io::Error) -> Error {
    Error::Folder { folder: folder.display().to_string(), reason: error.to_string() }
}

/// The cluster's id, made at the first start.
fn cluster_id(journal: &Journal) -> Result<String> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let key = Key::new(Kind::Cluster).name("id").build();
    if let Some(id) = journal.get(&key) {
        return Ok(String::from_utf8_lossy(&id).into_owned());
    }
    let id = URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes());
    journal.apply(&[Change::Put(key, id.clone().into())])?;
    Ok(id)
}
