//! The state machine of a transactional id, driven by hand.

use kafka_protocol::ResponseError as E;
use proptest::prelude::*;

use super::super::{End, Init, Phase, Transaction};

const TIMEOUT: i64 = 60_000;

fn place(index: i32) -> (String, i32) {
    ("t".into(), index)
}

/// A producer that has begun, and its id and epoch.
fn begun() -> (Transaction, (i64, i16)) {
    let transaction = Transaction::new(7, TIMEOUT, 0);
    (transaction, (7, 0))
}

#[test]
fn a_transaction_opens_with_its_first_partition_and_ends_once() {
    let (mut t, producer) = begun();
    assert_eq!(t.end(producer, true, 1), Err(E::InvalidTxnState));
    assert_eq!(t.admits(producer, &place(0)), Err(E::InvalidTxnState));
    assert_eq!(t.add(producer, &[place(0)], None, 1), Ok(true));
    assert_eq!(t.add(producer, &[place(0)], None, 2), Ok(false), "nothing new");
    assert_eq!(t.admits(producer, &place(0)), Ok(()));
    assert_eq!(t.admits(producer, &place(1)), Err(E::InvalidTxnState));
    assert_eq!(t.end(producer, true, 3), Ok(End::Decided));
    assert_eq!(t.end(producer, true, 3), Err(E::ConcurrentTransactions));
    assert_eq!(t.end(producer, false, 3), Err(E::InvalidTxnState));
    assert_eq!(t.add(producer, &[place(1)], None, 3), Err(E::ConcurrentTransactions));
    assert_eq!(t.admits(producer, &place(0)), Err(E::InvalidTxnState));
    t.complete(4);
    assert_eq!(t.phase, Phase::CompleteCommit);
    assert_eq!(t.end(producer, true, 5), Ok(End::Done), "asked again, its answer was lost");
    assert_eq!(t.end(producer, false, 5), Err(E::InvalidTxnState));
    assert_eq!(t.add(producer, &[], Some("g"), 6), Ok(true), "the next one");
    assert_eq!(t.admits_group(producer, "g"), Ok(()));
    assert_eq!(t.admits_group(producer, "h"), Err(E::InvalidTxnState));
}

#[test]
fn a_new_producer_fences_the_old_one_and_aborts_what_it_left() {
    let (mut t, old) = begun();
    t.add(old, &[place(0)], None, 1).unwrap();
    assert_eq!(t.init(TIMEOUT, None, 2), Ok(Init::AbortFirst));
    assert_eq!(t.phase, Phase::PrepareAbort);
    assert_eq!(t.init(TIMEOUT, None, 2), Err(E::ConcurrentTransactions));
    assert_eq!(t.end(old, true, 2), Err(E::ProducerFenced));
    assert_eq!(t.admits(old, &place(0)), Err(E::InvalidProducerEpoch));
    t.complete(3);
    assert_eq!(t.init(TIMEOUT, None, 4), Ok(Init::Ready));
    assert_eq!(t.check(old.0, old.1), Err(E::ProducerFenced));
    assert_eq!(t.add(old, &[place(0)], None, 5), Err(E::ProducerFenced));
    assert_eq!(t.add((99, 0), &[place(0)], None, 5), Err(E::InvalidProducerIdMapping));
}

#[test]
fn a_producer_renews_its_own_epoch_and_may_ask_twice() {
    let (mut t, first) = begun();
    assert_eq!(t.init(TIMEOUT, Some(first), 1), Ok(Init::Ready));
    let second = (t.producer_id, t.epoch);
    assert_eq!(second.1, first.1 + 1);
    assert_eq!(t.init(TIMEOUT, Some(first), 2), Ok(Init::Ready), "its answer was lost");
    assert_eq!((t.producer_id, t.epoch), second);
    t.add(second, &[place(0)], None, 3).unwrap();
    assert_eq!(t.init(TIMEOUT, Some(first), 4), Err(E::ProducerFenced));
}

#[test]
fn what_is_open_for_too_long_is_aborted_and_fenced() {
    let (mut t, producer) = begun();
    t.add(producer, &[place(0)], None, 1_000).unwrap();
    assert!(!t.expire(1_000 + TIMEOUT - 1));
    assert!(t.expire(1_000 + TIMEOUT));
    assert_eq!(t.phase, Phase::PrepareAbort);
    assert_eq!(t.end(producer, true, 0), Err(E::ProducerFenced));
    t.complete(0);
    assert!(!t.expire(i64::MAX / 2), "nothing is open");
}

#[test]
fn epochs_run_out_before_they_wrap() {
    let (mut t, _) = begun();
    let mut exhausted = 0;
    for _ in 0..40_000 {
        match t.init(TIMEOUT, None, 0).unwrap() {
            Init::Ready => t.add((t.producer_id, t.epoch), &[place(0)], None, 0).map(drop).unwrap(),
            Init::AbortFirst => t.complete(0),
            Init::Exhausted => {
                exhausted += 1;
                t.renew(t.producer_id + 1, TIMEOUT, None, 0);
            }
        }
        assert!(t.epoch >= 0);
    }
    assert!(exhausted > 0);
}

#[test]
fn whoever_is_fenced_does_not_learn_its_successors_producer_id() {
    let (mut t, old) = begun();
    t.renew(8, TIMEOUT, None, 1);
    assert_eq!(t.init(TIMEOUT, Some(old), 2), Err(E::ProducerFenced));
    let (mut t, own) = begun();
    t.renew(8, TIMEOUT, Some(own), 1);
    assert_eq!(t.init(TIMEOUT, Some(own), 2), Ok(Init::Ready), "its answer was lost");
    assert_eq!((t.producer_id, t.epoch), (8, 0));
}

#[test]
fn transactions_are_read_back_as_written() {
    let (mut t, producer) = begun();
    t.add(producer, &[place(3)], Some("g"), 5).unwrap();
    t.end(producer, true, 6).unwrap();
    let stored = serde_json::to_vec(&t).unwrap();
    assert_eq!(serde_json::from_slice::<Transaction>(&stored).unwrap(), t);
}

#[derive(Debug, Clone)]
enum Event {
    Init(bool),
    Add(usize, i32),
    End(usize, bool),
    Complete,
    Pass(i64),
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        any::<bool>().prop_map(Event::Init),
        (0usize..4, 0i32..3).prop_map(|(who, index)| Event::Add(who, index)),
        (0usize..4, any::<bool>()).prop_map(|(who, commit)| Event::End(who, commit)),
        Just(Event::Complete),
        (1i64..50_000).prop_map(Event::Pass),
    ]
}

proptest! {
    /// Whatever producers do: only the newest writes or ends, what one epoch left open is never committed by
    /// another, and a decision never changes.
    #[test]
    fn transactions_hold_together(events in proptest::collection::vec(any_event(), 1..100)) {
        let (mut t, first) = begun();
        let mut producers = vec![first];
        let mut now = 0;
        for event in events {
            let newest = (t.producer_id, t.epoch);
            let pick = |n: usize| producers[producers.len() - 1 - n % producers.len()];
            let before = t.clone();
            match event {
                Event::Init(own) => {
                    let expected = own.then_some(newest);
                    if t.init(TIMEOUT, expected, now) == Ok(Init::Ready) {
                        producers.push((t.producer_id, t.epoch));
                    }
                }
                Event::Add(who, index) => {
                    let added = t.add(pick(who), &[place(index)], None, now);
                    prop_assert!(added.is_err() || pick(who) == newest);
                }
                Event::End(who, commit) => {
                    let ended = t.end(pick(who), commit, now);
                    prop_assert!(ended.is_err() || pick(who) == newest);
                }
                Event::Complete => t.complete(now),
                Event::Pass(millis) => {
                    now += millis;
                    t.expire(now);
                }
            }
            if before.is_ending() {
                prop_assert!(t.phase == before.phase || matches!(
                    (before.phase, t.phase),
                    (Phase::PrepareCommit, Phase::CompleteCommit) | (Phase::PrepareAbort, Phase::CompleteAbort)
                ));
            }
            if before.phase == Phase::Ongoing && (t.producer_id, t.epoch) != newest {
                prop_assert_eq!(t.phase, Phase::PrepareAbort);
            }
            prop_assert!((t.producer_id, t.epoch) >= newest);
            prop_assert!(t.phase != Phase::Ongoing || !t.partitions.is_empty());
        }
    }
}
