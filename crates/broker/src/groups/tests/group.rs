//! The state machine of a group, driven by hand.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use kafka_protocol::ResponseError as E;
use proptest::prelude::*;
use tokio::sync::oneshot::{self, error::TryRecvError};

use super::super::{group::Phase, join::Refused, snapshot::Snapshot, *};

const SESSION: Millis = 10_000;
const REBALANCE: Millis = 30_000;

type Joining = oneshot::Receiver<Outcome<JoinAnswer>>;
type Syncing = oneshot::Receiver<Outcome<SyncAnswer>>;

/// A group on a clock that the test moves.
struct Room {
    group: Group,
    now: Millis,
}

impl Room {
    fn new() -> Self {
        Self { group: Group::new("g".into(), GroupSettings::default()), now: 1_000 }
    }

    fn wish(member: &str, instance: Option<&str>, protocols: &[&str]) -> Join {
        Join {
            member: member.into(),
            protocol_type: "consumer".into(),
            profile: Profile {
                instance: instance.map(Into::into),
                client_id: "c".into(),
                client_host: "/127.0.0.1".into(),
                replica: None,
                session_ms: SESSION,
                rebalance_ms: REBALANCE,
                protocols: protocols.iter().map(|p| ((*p).to_owned(), Bytes::from(p.to_string()))).collect(),
            },
            id_required: true,
            may_skip_assignment: true,
        }
    }

    fn ask(&mut self, join: Join) -> Result<Joining, Refused> {
        let (reply, answer) = oneshot::channel();
        self.group.join(self.now, join, reply).map(|()| answer)
    }

    /// Asks for an id, and joins with it.
    fn enter(&mut self) -> (String, Joining) {
        let refused = self.ask(Self::wish("", None, &["range"])).unwrap_err();
        assert_eq!(refused.error, E::MemberIdRequired);
        let joining = self.rejoin(&refused.member);
        (refused.member, joining)
    }

    fn rejoin(&mut self, member: &str) -> Joining {
        self.ask(Self::wish(member, None, &["range"])).unwrap()
    }

    fn sync(&mut self, member: &str, generation: i32, assignments: &[(&str, &str)]) -> Outcome<Syncing> {
        let (reply, answer) = oneshot::channel();
        let sync = Sync {
            member: member.into(),
            instance: None,
            generation,
            protocol_type: None,
            protocol: None,
            assignments: assignments
                .iter()
                .map(|(m, a)| ((*m).to_owned(), Bytes::from(a.to_string())))
                .collect::<HashMap<_, _>>(),
        };
        self.group.sync(self.now, sync, reply).map(|()| answer)
    }

    /// Moves the clock to the group's deadlines, one after the other, until `millis` have passed.
    fn pass(&mut self, millis: Millis) {
        let end = self.now + millis;
        while let Some(deadline) = self.group.deadline().filter(|d| *d <= end) {
            self.now = self.now.max(deadline);
            self.group.tick(self.now);
        }
        self.now = end;
    }

    /// Two members that work: the leader and the other.
    fn stable() -> (Self, String, String) {
        let mut room = Self::new();
        let (a, mut ja) = room.enter();
        let (b, mut jb) = room.enter();
        room.pass(1_000);
        let generation = ja.try_recv().unwrap().unwrap().generation;
        assert_eq!(jb.try_recv().unwrap().unwrap().leader, a);
        let mut sb = room.sync(&b, generation, &[]).unwrap();
        assert!(matches!(sb.try_recv(), Err(TryRecvError::Empty)));
        let mut sa = room.sync(&a, generation, &[(&a, "0"), (&b, "1")]).unwrap();
        assert_eq!(sa.try_recv().unwrap().unwrap().assignment, "0");
        assert_eq!(sb.try_recv().unwrap().unwrap().assignment, "1");
        assert_eq!(room.group.phase(), Phase::Stable);
        (room, a, b)
    }
}

#[test]
fn a_new_group_gathers_its_members_into_one_generation() {
    let (room, ..) = Room::stable();
    assert_eq!(room.group.generation, 1);
}

#[test]
fn a_newcomer_makes_everybody_join_again() {
    let (mut room, a, b) = Room::stable();
    let (c, mut jc) = room.enter();
    for member in [&a, &b] {
        assert_eq!(room.group.heartbeat(room.now, member, None, 1), Err(E::RebalanceInProgress));
    }
    let mut ja = room.rejoin(&a);
    assert!(jc.try_recv().is_err(), "one is missing");
    let _jb = room.rejoin(&b);
    let answer = ja.try_recv().unwrap().unwrap();
    assert_eq!((answer.generation, answer.leader.as_str(), answer.members.len()), (2, a.as_str(), 3));
    let answer = jc.try_recv().unwrap().unwrap();
    assert_eq!((answer.member, answer.members.len()), (c, 0));
}

#[test]
fn whoever_does_not_come_back_is_left_behind() {
    let (mut room, a, b) = Room::stable();
    let (_, mut jc) = room.enter();
    let _ja = room.rejoin(&a);
    // It gives signs of life, but does not join.
    for _ in 0..(REBALANCE / 5_000) {
        room.pass(5_000);
        let _ = room.group.heartbeat(room.now, &b, None, 1);
    }
    assert_eq!(jc.try_recv().unwrap().unwrap().generation, 2);
    assert_eq!(room.group.heartbeat(room.now, &b, None, 1), Err(E::UnknownMemberId));
}

#[test]
fn a_silent_member_leaves_after_its_session() {
    let (mut room, a, b) = Room::stable();
    for _ in 0..3 {
        room.pass(SESSION / 2);
        let _ = room.group.heartbeat(room.now, &a, None, 1);
    }
    assert!(matches!(room.group.phase(), Phase::Preparing { .. }));
    assert_eq!(room.group.heartbeat(room.now, &b, None, 1), Err(E::UnknownMemberId));
    let mut ja = room.rejoin(&a);
    assert_eq!(ja.try_recv().unwrap().unwrap().members.len(), 1);
}

#[test]
fn the_last_to_leave_empties_the_group() {
    let (mut room, a, b) = Room::stable();
    room.group.leave(room.now, &b, None).unwrap();
    assert_eq!(room.group.leave(room.now, &b, None), Err(E::UnknownMemberId));
    room.group.leave(room.now, &a, None).unwrap();
    assert_eq!(room.group.phase(), Phase::Empty);
    assert_eq!(room.group.deadline(), None);
    room.group.may_be_deleted().unwrap();
    room.group.kill();
    assert_eq!(room.group.heartbeat(room.now, &a, None, 1), Err(E::CoordinatorNotAvailable));
}

#[test]
fn a_leader_that_never_assigns_is_dropped() {
    let mut room = Room::new();
    let (a, mut ja) = room.enter();
    let (b, mut jb) = room.enter();
    room.pass(1_000);
    assert_eq!(ja.try_recv().unwrap().unwrap().leader, a);
    jb.try_recv().unwrap().unwrap();
    let mut sb = room.sync(&b, 1, &[]).unwrap();
    for _ in 0..(REBALANCE / 5_000) {
        room.pass(5_000);
        let _ = room.group.heartbeat(room.now, &a, None, 1);
    }
    assert_eq!(sb.try_recv().unwrap(), Err(E::RebalanceInProgress));
    let mut jb = room.rejoin(&b);
    room.pass(REBALANCE);
    assert_eq!(jb.try_recv().unwrap().unwrap().leader, b);
}

#[test]
fn who_speaks_for_the_past_is_told_so() {
    let (mut room, a, _) = Room::stable();
    assert_eq!(room.group.heartbeat(room.now, &a, None, 0), Err(E::IllegalGeneration));
    assert_eq!(room.sync(&a, 7, &[]).unwrap_err(), E::IllegalGeneration);
    assert_eq!(room.sync("stranger", 1, &[]).unwrap_err(), E::UnknownMemberId);
    assert_eq!(room.group.may_commit(room.now, &a, None, 0), Err(E::IllegalGeneration));
    assert_eq!(room.group.may_commit(room.now, "", None, -1), Err(E::UnknownMemberId));
    assert_eq!(room.group.may_commit(room.now, &a, None, 1), Ok(()));
}

#[test]
fn wishes_that_cannot_be_met_are_refused() {
    let (mut room, ..) = Room::stable();
    let refused = |room: &mut Room, join| room.ask(join).unwrap_err().error;
    assert_eq!(refused(&mut room, Room::wish("", None, &["sticky"])), E::InconsistentGroupProtocol);
    assert_eq!(refused(&mut room, Room::wish("", None, &[])), E::InconsistentGroupProtocol);
    let mut other = Room::wish("", None, &["range"]);
    other.protocol_type = "connect".into();
    assert_eq!(refused(&mut room, other), E::InconsistentGroupProtocol);
    let mut short = Room::wish("", None, &["range"]);
    short.profile.session_ms = 10;
    assert_eq!(refused(&mut room, short), E::InvalidSessionTimeout);
    assert_eq!(refused(&mut room, Room::wish("stranger", None, &["range"])), E::UnknownMemberId);
}

#[test]
fn the_strategy_that_all_know_is_taken() {
    let mut room = Room::new();
    let mut ja = room.ask(Room::wish("", Some("a"), &["cooperative-sticky", "range"])).unwrap();
    let mut jb = room.ask(Room::wish("", Some("b"), &["range"])).unwrap();
    room.pass(1_000);
    for joined in [&mut ja, &mut jb] {
        assert_eq!(joined.try_recv().unwrap().unwrap().protocol.as_deref(), Some("range"));
    }
}

#[test]
fn a_static_member_returns_unnoticed_and_fences_its_former_self() {
    let mut room = Room::new();
    let mut joined = room.ask(Room::wish("", Some("one"), &["range"])).unwrap();
    room.pass(1_000);
    let old = joined.try_recv().unwrap().unwrap().member;
    room.sync(&old, 1, &[(&old, "all")]).unwrap();
    let mut again = room.ask(Room::wish("", Some("one"), &["range"])).unwrap();
    let answer = again.try_recv().unwrap().unwrap();
    assert_eq!((answer.generation, answer.skip_assignment), (1, true));
    assert_ne!(answer.member, old);
    assert_eq!(room.group.heartbeat(room.now, &old, Some("one"), 1), Err(E::FencedInstanceId));
    let (reply, mut synced) = oneshot::channel();
    let sync = Sync {
        member: answer.member.clone(),
        instance: Some("one".into()),
        generation: 1,
        protocol_type: None,
        protocol: None,
        assignments: HashMap::new(),
    };
    room.group.sync(room.now, sync, reply).unwrap();
    assert_eq!(synced.try_recv().unwrap().unwrap().assignment, "all");
    assert_eq!(room.group.leave(room.now, "", Some("one")).unwrap(), answer.member);
}

#[test]
fn members_are_known_after_a_restart() {
    let (room, a, b) = Room::stable();
    let stored = serde_json::to_vec(&Snapshot::of(&room.group, 0)).unwrap();
    let snapshot: Snapshot = serde_json::from_slice(&stored).unwrap();
    let group = snapshot.restore("g".into(), GroupSettings::default(), 50);
    let mut room = Room { group, now: 50 };
    assert_eq!(room.group.heartbeat(room.now, &a, None, 1), Ok(()));
    let mut again = room.sync(&b, 1, &[]).unwrap();
    assert_eq!(again.try_recv().unwrap().unwrap().assignment, "1");
    room.pass(SESSION * 2);
    assert!(room.group.members.is_empty());
}

#[test]
fn whoever_has_hung_up_neither_joins_nor_leads() {
    let (mut room, a, b) = Room::stable();
    let (c, mut jc) = room.enter();
    drop(room.rejoin(&a));
    let _jb = room.rejoin(&b);
    let answer = jc.try_recv().unwrap().unwrap();
    assert_eq!((answer.generation, answer.leader), (2, b.clone()));
    assert_eq!(room.group.members.keys().cloned().collect::<Vec<_>>().len(), 2);
    assert!(room.group.members.contains_key(&b) && room.group.members.contains_key(&c));
}

#[test]
fn ids_that_are_promised_take_up_room() {
    let settings = GroupSettings { max_members: 2, ..GroupSettings::default() };
    let mut room = Room { group: Group::new("g".into(), settings), now: 1_000 };
    let (first, _joining) = room.enter();
    let promised = room.ask(Room::wish("", None, &["range"])).unwrap_err();
    assert_eq!(promised.error, E::MemberIdRequired);
    let full = room.ask(Room::wish("", None, &["range"])).unwrap_err();
    assert_eq!(full.error, E::GroupMaxSizeReached);
    assert!(room.ask(Room::wish(&promised.member, None, &["range"])).is_ok(), "its place is kept");
    assert!(room.ask(Room::wish(&first, None, &["range"])).is_ok(), "who is in may join again");
    room.pass(2 * REBALANCE);
    assert!(room.ask(Room::wish("", Some("static"), &["range"])).is_ok(), "the others have gone");
}

#[test]
fn absurd_subscriptions_cost_no_memory() {
    let mut room = Room::new();
    let mut wish = Room::wish("", Some("one"), &["range"]);
    wish.profile.protocols[0].1 = Bytes::from_static(&[0, 0, 0x7f, 0xff, 0xff, 0xff]);
    let _joining = room.ask(wish).unwrap();
    assert_eq!(room.group.subscribed_topics(), None);
}

/// What may happen to a group.
#[derive(Debug, Clone)]
enum Event {
    Enter,
    EnterStatic(u8),
    Rejoin(usize),
    Sync(usize),
    Heartbeat(usize),
    Leave(usize),
    HangUp(usize),
    Pass(Millis),
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Enter),
        (0u8..3).prop_map(Event::EnterStatic),
        (0usize..8).prop_map(Event::Rejoin),
        (0usize..8).prop_map(Event::Sync),
        (0usize..8).prop_map(Event::Heartbeat),
        (0usize..8).prop_map(Event::Leave),
        (0usize..8).prop_map(Event::HangUp),
        (1u64..20_000).prop_map(Event::Pass),
    ]
}

proptest! {
    /// Whatever happens: generations only grow, at most one leader is told to assign in each, and when everybody
    /// falls silent the group empties itself.
    #[test]
    fn groups_hold_together(events in proptest::collection::vec(any_event(), 1..80)) {
        let mut room = Room::new();
        let mut members: Vec<String> = Vec::new();
        let mut waiting: Vec<Joining> = Vec::new();
        let mut leaders: BTreeMap<i32, String> = BTreeMap::new();
        let mut generation = 0;
        for event in events {
            let pick = |n: usize| members.get(n % members.len().max(1)).cloned();
            match event {
                Event::Enter => {
                    let (id, joining) = room.enter();
                    members.push(id);
                    waiting.push(joining);
                }
                Event::EnterStatic(n) => {
                    let name = format!("s{n}");
                    waiting.extend(room.ask(Room::wish("", Some(&name), &["range"])));
                }
                Event::Rejoin(n) => {
                    if let Some(id) = pick(n) {
                        waiting.extend(room.ask(Room::wish(&id, None, &["range"])));
                    }
                }
                Event::Sync(n) => {
                    if let Some(id) = pick(n) {
                        let all: Vec<_> = members.iter().map(|m| (m.as_str(), "x")).collect();
                        let _ = room.sync(&id, room.group.generation, &all);
                    }
                }
                Event::Heartbeat(n) => {
                    if let Some(id) = pick(n) {
                        let _ = room.group.heartbeat(room.now, &id, None, room.group.generation);
                    }
                }
                Event::Leave(n) => {
                    if let Some(id) = pick(n) {
                        let _ = room.group.leave(room.now, &id, None);
                    }
                }
                Event::HangUp(n) => {
                    if !waiting.is_empty() {
                        let n = n % waiting.len();
                        waiting.swap_remove(n);
                    }
                }
                Event::Pass(millis) => room.pass(millis),
            }
            prop_assert!(room.group.generation >= generation);
            generation = room.group.generation;
            prop_assert_eq!(room.group.members.is_empty(), matches!(room.group.phase, Phase::Empty)
                || room.group.members.is_empty() && matches!(room.group.phase, Phase::Preparing { .. }));
            waiting.retain_mut(|joining| match joining.try_recv() {
                Ok(Ok(answer)) => {
                    if !answer.members.is_empty() && !answer.skip_assignment {
                        let leader = leaders.entry(answer.generation).or_insert(answer.leader.clone());
                        assert_eq!(*leader, answer.leader, "two leaders in generation {}", answer.generation);
                    }
                    false
                }
                Ok(Err(_)) | Err(TryRecvError::Closed) => false,
                Err(TryRecvError::Empty) => true,
            });
        }
        waiting.clear();
        room.pass(10 * (SESSION + REBALANCE));
        prop_assert_eq!(room.group.phase, Phase::Empty);
        prop_assert_eq!(room.group.deadline(), None);
    }
}
