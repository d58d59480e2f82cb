//! Random walks: whatever happens to a deployment, once the world is kind it ends up as it is wanted, and rests.

use std::collections::{BTreeMap, BTreeSet};

use headwater_compute::{ReplicaState, ReplicaStatus};
use headwater_model::DeploymentType;
use headwater_store::{Build, Deployment};
use proptest::prelude::*;

use super::{
    super::reconcile::restored,
    tests::{RUNS, exit, replica, row},
    *,
};

#[derive(Debug, Clone, Copy)]
enum Event {
    Edit {
        broken: bool,
    },
    Scale(u32),
    Stop,
    Start,
    Delete,
    /// A replica ends in error.
    Crash(usize),
    /// A build ends.
    Built {
        well: bool,
    },
    /// The platform is started anew: it has asked the runtime for nothing yet.
    Restart,
    /// Time for some turns of the reconciler.
    Turns(usize),
}

/// The wish, the versions, and a machine that does what it is asked.
struct World {
    row: Deployment,
    /// By version: whether its replicas fall over, and whether its environment stands.
    versions: BTreeMap<u32, (bool, bool)>,
    replicas: BTreeMap<ReplicaId, ReplicaStatus>,
    asked: BTreeSet<ReplicaId>,
    build: Option<Build>,
    gone: bool,
}

impl World {
    fn new(kind: DeploymentType, state: bool) -> Self {
        let mut row = row(kind, 1, None);
        row.status = Status::QueuedForBuild;
        row.spec.state_size = state.then_some(1);
        Self {
            row,
            versions: BTreeMap::from([(1, (false, false))]),
            replicas: BTreeMap::new(),
            asked: BTreeSet::new(),
            build: None,
            gone: false,
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Edit { broken } => {
                let next = self.versions.keys().max().unwrap_or(&0) + 1;
                self.versions.insert(next, (broken, false));
                self.row.version = next;
                self.build = None;
                if self.row.spec.deployment_type == DeploymentType::Job {
                    self.row.status = Status::QueuedForBuild;
                }
            }
            Event::Scale(replicas) => self.row.spec.replicas = replicas,
            Event::Stop => self.row.spec.running = false,
            Event::Start => self.row.spec.running = true,
            Event::Delete => self.row.deleting = true,
            Event::Crash(which) => {
                let kind = self.row.spec.deployment_type;
                let mut running = self.replicas.values_mut().filter(|replica| running(replica));
                if let Some(replica) = running.nth(which) {
                    fall(replica, kind);
                }
            }
            Event::Built { well } => {
                if let Some(build) = self.build.as_mut().filter(|build| build.status == BuildStatus::Running)
                {
                    build.status = if well { BuildStatus::Succeeded } else { BuildStatus::Failed };
                    if well && let Some(version) = self.versions.get_mut(&build.version) {
                        version.1 = true;
                    }
                }
            }
            Event::Restart => {
                self.asked.clear();
                // A build that was under way begins anew.
                self.build = self.build.take().filter(|build| build.status != BuildStatus::Running);
            }
            Event::Turns(turns) => (0..turns).for_each(|_| {
                self.turn();
            }),
        }
    }

    /// One turn of the reconciler; whether it had anything to do or to tell.
    fn turn(&mut self) -> bool {
        if self.gone {
            return false;
        }
        let replicas: Vec<_> = self.replicas.values().cloned().collect();
        let falls = |version: u32| self.versions.get(&version).is_some_and(|version| version.0);
        let well = |replica: &&ReplicaStatus| running(replica) && !falls(replica.id.version);
        let ready = replicas.iter().filter(well).map(|replica| replica.id.clone()).collect();
        let build = self.build.as_ref().filter(|build| build.version == self.row.version);
        let plan = plan(&Facts {
            row: &self.row,
            built: self.versions.get(&self.row.version).is_some_and(|version| version.1),
            build,
            building: build.is_some_and(|build| build.status == BuildStatus::Running),
            replicas: &replicas,
            asked: &self.asked,
            ready: &ready,
            ailing: &BTreeMap::new(),
            refused: None,
            now: Timestamp::now(),
        });
        self.check(&plan);
        self.act(plan)
    }

    /// What must never be planned.
    fn check(&self, plan: &Plan) {
        let start: BTreeSet<_> = plan.start.iter().collect();
        assert_eq!(start.len(), plan.start.len(), "a replica is started twice");
        assert!(plan.stop.iter().all(|id| !start.contains(id)), "what is stopped is not started");
        let versions: BTreeSet<_> = plan.start.iter().map(|id| id.version).collect();
        let exclusive = self.row.spec.state_size.is_some();
        let others = self.replicas.keys().any(|id| versions.iter().any(|version| *version != id.version));
        assert!(
            !exclusive
                || versions.is_empty()
                || !others
                || versions.contains(&self.row.running_version.unwrap_or(0)),
            "state has one owner"
        );
    }

    fn act(&mut self, plan: Plan) -> bool {
        if plan.roll_back.is_some() {
            let good = self.row.good_version.expect("there is one to go back to");
            self.row.version = good;
            self.row.spec = restored(self.row.spec.clone(), &self.row.spec);
            self.build = None;
            return true;
        }
        let told = plan.told;
        let before = self.row.clone();
        self.row.status = told.status;
        self.row.status_reason = told.reason;
        self.row.update_status = told.update;
        self.row.running_version = told.running_version;
        self.row.next_run_at = told.next_run;
        self.row.good_version = told.good.or(self.row.good_version);
        if self.row != before {
            return true;
        }
        if plan.cancel {
            self.build = None;
        }
        if plan.remove {
            self.gone = true;
        } else if plan.build {
            self.build = Some(build(&self.row));
        } else if !plan.stop.is_empty() {
            for id in plan.stop {
                self.replicas.remove(&id);
                self.asked.remove(&id);
            }
        } else if !plan.start.is_empty() {
            for id in plan.start {
                self.asked.insert(id.clone());
                self.replicas.entry(id.clone()).or_insert_with(|| replica(id, RUNS, 0));
            }
        } else {
            return false;
        }
        true
    }

    /// Whatever has to happen happens, until nothing is left to do.
    fn settle(&mut self) {
        for round in 0..500 {
            self.happens(Event::Built { well: true });
            let kind = self.row.spec.deployment_type;
            for replica in self.replicas.values_mut() {
                let falls = self.versions.get(&replica.id.version).is_some_and(|version| version.0);
                match &replica.state {
                    ReplicaState::Waiting { .. } => {
                        replica.restarts += 1;
                        replica.state = ReplicaState::Running { pid: 1 };
                    }
                    ReplicaState::Running { .. } if falls => fall(replica, kind),
                    ReplicaState::Running { .. } if kind == DeploymentType::Job => {
                        replica.state = ReplicaState::Ended { exit: exit(0) };
                    }
                    _ => {}
                }
            }
            let falls_for_ever = self.versions.get(&self.row.version).is_some_and(|version| version.0)
                && self.row.good_version.is_none_or(|good| good == self.row.version);
            if falls_for_ever && round > 100 && kind == DeploymentType::Service {
                return;
            }
            if !self.turn()
                && (falls_for_ever
                    || self.replicas.values().all(|r| !matches!(r.state, ReplicaState::Waiting { .. })))
            {
                return;
            }
        }
        panic!("it does not come to rest: {:?} {:?}", self.row, self.replicas);
    }
}

fn running(replica: &ReplicaStatus) -> bool {
    matches!(replica.state, ReplicaState::Running { .. })
}

fn fall(replica: &mut ReplicaStatus, kind: DeploymentType) {
    replica.state = match kind {
        DeploymentType::Service => ReplicaState::Waiting { exit: exit(1), until: Timestamp::now() },
        DeploymentType::Job => ReplicaState::Ended { exit: exit(1) },
    };
}

fn build(row: &Deployment) -> Build {
    Build {
        id: "b".into(),
        workspace: row.workspace.clone(),
        deployment: row.id,
        version: row.version,
        status: BuildStatus::Running,
        reason: None,
        created_at: Timestamp::now(),
        started_at: None,
        ended_at: None,
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => any::<bool>().prop_map(|broken| Event::Edit { broken }),
        2 => (1..5_u32).prop_map(Event::Scale),
        1 => Just(Event::Stop),
        2 => Just(Event::Start),
        3 => (0..4_usize).prop_map(Event::Crash),
        3 => prop::bool::weighted(0.8).prop_map(|well| Event::Built { well }),
        2 => Just(Event::Restart),
        6 => (1..8_usize).prop_map(Event::Turns),
        1 => prop::bool::weighted(0.1).prop_map(|delete| if delete { Event::Delete } else { Event::Start }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_service_ends_up_as_it_is_wanted(state: bool, events in prop::collection::vec(event(), 1..60)) {
        let mut world = World::new(DeploymentType::Service, state);
        events.into_iter().for_each(|event| world.happens(event));
        // A build that failed waits for someone; here someone tries again.
        world.build = None;
        world.settle();
        let row = &world.row;
        let there: Vec<_> = world.replicas.keys().cloned().collect();
        if row.deleting {
            prop_assert!(world.gone && there.is_empty());
        } else if row.spec.running {
            prop_assert_eq!(there, wanted(row).collect::<Vec<_>>());
            let falls = world.versions[&row.version].0;
            prop_assert_eq!(row.status, if falls { Status::RuntimeError } else { Status::Running });
            prop_assert_eq!((row.update_status, row.running_version), (None, Some(row.version)));
        } else {
            prop_assert_eq!((there.len(), row.status), (0, Status::Stopped));
        }
    }

    #[test]
    fn a_job_runs_to_its_end(events in prop::collection::vec(event(), 1..60)) {
        let mut world = World::new(DeploymentType::Job, false);
        events.into_iter().for_each(|event| world.happens(event));
        world.build = None;
        world.settle();
        let row = &world.row;
        if row.deleting {
            prop_assert!(world.gone);
        } else if row.spec.running {
            prop_assert!(matches!(row.status, Status::Completed | Status::RuntimeError), "{:?}", row.status);
            prop_assert!(world.replicas.keys().all(|id| id.version == row.version));
        } else {
            prop_assert_eq!((world.replicas.len(), row.status), (0, Status::Stopped));
        }
    }
}
