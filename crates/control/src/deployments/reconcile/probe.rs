//! Whether replicas have shown that they are well.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    time::Duration,
};

use futures::future::join_all;
use headwater_compute::{ReplicaId, ReplicaState, ReplicaStatus};
use headwater_model::DeploymentType;
use headwater_store::{Deployment, clock};
use tokio::net::TcpStream;

/// How long a service must run before it counts as well: what fails at once fails while it loads its libraries.
const SETTLE: Duration = Duration::from_millis(1500);
/// The same of a job, which may be done by then.
const SETTLE_JOB: Duration = Duration::from_millis(500);
/// The same after it ended in error.
const SETTLE_AFTER_CRASH: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_millis(250);
/// Time between two looks at a replica that is not well yet.
const SOON: Duration = Duration::from_millis(100);
const LATER: Duration = Duration::from_secs(1);

/// Remembers which runs were well: once is enough for a run.
#[derive(Default)]
pub(super) struct Probe {
    well: BTreeMap<ReplicaId, u32>,
}

impl Probe {
    /// The replicas that are well now.
    pub(super) async fn ready(
        &mut self,
        row: &Deployment,
        replicas: &[ReplicaStatus],
    ) -> BTreeSet<ReplicaId> {
        let runs = |replica: &&ReplicaStatus| matches!(replica.state, ReplicaState::Running { .. });
        self.well.retain(|id, attempt| {
            replicas.iter().filter(runs).any(|replica| replica.id == *id && replica.attempt == *attempt)
        });
        let open = replicas.iter().filter(runs).filter(|replica| !self.well.contains_key(&replica.id));
        let found =
            join_all(open.map(|replica| async move { is_well(row, replica).await.then_some(replica) })).await;
        self.well.extend(found.into_iter().flatten().map(|replica| (replica.id.clone(), replica.attempt)));
        self.well.keys().cloned().collect()
    }

    /// When to look again because of replicas that are not well yet.
    pub(super) fn next(&self, replicas: &[ReplicaStatus], ready: &BTreeSet<ReplicaId>) -> Option<Duration> {
        let open = |replica: &&ReplicaStatus| {
            matches!(replica.state, ReplicaState::Running { .. }) && !ready.contains(&replica.id)
        };
        let look = |replica: &ReplicaStatus| if age(replica) < SETTLE_AFTER_CRASH { SOON } else { LATER };
        replicas.iter().filter(open).map(look).min()
    }
}

async fn is_well(row: &Deployment, replica: &ReplicaStatus) -> bool {
    let service = row.spec.deployment_type == DeploymentType::Service;
    let settled = match (replica.restarts, service) {
        (0, true) => SETTLE,
        (0, false) => SETTLE_JOB,
        _ => SETTLE_AFTER_CRASH,
    };
    let settled = age(replica) >= settled;
    // Whoever accepts connections is well at once, unless it fell over before.
    match row.spec.url_prefix.is_some() && service {
        true => (replica.restarts == 0 || settled) && listens(replica.port).await,
        false => settled || (service && replica.restarts == 0 && listens(replica.port).await),
    }
}

async fn listens(port: u16) -> bool {
    let connect = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    matches!(tokio::time::timeout(CONNECT, connect).await, Ok(Ok(_)))
}

fn age(replica: &ReplicaStatus) -> Duration {
    let since = replica.started_at.map(|at| clock().duration_since(at));
    since.and_then(|age| Duration::try_from(age).ok()).unwrap_or_default()
}
