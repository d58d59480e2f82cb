//! Transactions: what readers of each isolation see, fencing, and that a restart changes nothing.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::fixture::*;
use crate::{
    log::{Aborted, Isolation::*, LogSettings, Origin::*, Partition},
    storage::Error,
};

#[test]
fn committed_readers_wait_for_the_end() {
    let partition = Fixture::new(LogSettings::default()).open();
    partition.append(plain(&["before"]).bytes(), Client).unwrap();
    partition.append(plain(&["a"]).by(1, 0, 0).transactional().bytes(), Client).unwrap();
    partition.append(plain(&["after"]).bytes(), Client).unwrap();
    assert_eq!(values(&partition, ReadCommitted), ["before"]);
    assert_eq!(values(&partition, ReadUncommitted), ["before", "a", "after"]);
    assert_eq!(partition.offsets().last_stable, 1);
    let open = partition.open_transactions();
    assert_eq!((open.len(), open[0].producer_id, open[0].first_offset), (1, 1, 1));

    let marker = partition.end_transaction(1, 0, true, 0).unwrap();
    assert_eq!((marker.base_offset, partition.offsets().last_stable), (3, 4));
    assert_eq!(values(&partition, ReadCommitted), ["before", "a", "after"]);
    assert!(partition.open_transactions().is_empty());
}

#[test]
fn aborted_records_are_named_to_committed_readers() {
    let partition = Fixture::new(LogSettings::default()).open();
    let send = |id, sequence, value| {
        partition.append(plain(&[value]).by(id, 0, sequence).transactional().bytes(), Client).unwrap();
    };
    send(1, 0, "one");
    send(2, 0, "two");
    send(1, 1, "one again");
    partition.end_transaction(1, 0, false, 0).unwrap();
    assert_eq!(partition.offsets().last_stable, 1);
    partition.end_transaction(2, 0, true, 0).unwrap();
    send(1, 2, "kept");
    partition.end_transaction(1, 0, true, 0).unwrap();
    assert_eq!(values(&partition, ReadCommitted), ["two", "kept"]);
    let aborted = partition.read(0, 10_000, ReadCommitted, true).unwrap().aborted;
    assert_eq!(aborted, [Aborted { first_offset: 0, producer_id: 1 }]);
    // A read that begins in the middle of the transaction still has to know.
    assert_eq!(partition.read(2, 10_000, ReadCommitted, true).unwrap().aborted, aborted);
    assert!(partition.read(4, 10_000, ReadCommitted, true).unwrap().aborted.is_empty());
    assert!(partition.read(0, 10_000, ReadUncommitted, true).unwrap().aborted.is_empty());
}

#[test]
fn old_epochs_and_old_coordinators_are_fenced() {
    let partition = Fixture::new(LogSettings::default()).open();
    partition.append(plain(&["a"]).by(1, 3, 0).transactional().bytes(), Client).unwrap();
    assert!(matches!(
        partition.end_transaction(1, 2, true, 0),
        Err(Error::InvalidProducerEpoch { current: 3, .. })
    ));
    // A coordinator that fences ends the transaction with a newer epoch, which then holds for data too.
    partition.end_transaction(1, 4, false, 7).unwrap();
    let late = partition.append(plain(&["b"]).by(1, 3, 1).transactional().bytes(), Client);
    assert!(matches!(late, Err(Error::InvalidProducerEpoch { current: 4, .. })));
    assert!(matches!(
        partition.end_transaction(1, 4, true, 6),
        Err(Error::CoordinatorFenced { current: 7, .. })
    ));
    assert!(values(&partition, ReadCommitted).is_empty());
}

#[test]
fn plain_writes_within_a_transaction_are_refused() {
    let partition = Fixture::new(LogSettings::default()).open();
    partition.append(plain(&["a"]).by(1, 0, 0).transactional().bytes(), Client).unwrap();
    let plain_write = plain(&["b"]).by(1, 0, 1);
    assert_eq!(partition.append(plain_write.bytes(), Client), Err(Error::InvalidTransactionState(1)));
    partition.end_transaction(1, 0, true, 0).unwrap();
    partition.append(plain_write.bytes(), Client).unwrap();
}

#[derive(Debug, Clone)]
enum Step {
    Plain,
    Write(i64),
    End(i64, bool),
    Reopen,
    ReopenTorn,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::Plain),
        6 => (0..3_i64).prop_map(Step::Write),
        3 => (0..3_i64, any::<bool>()).prop_map(|(id, commit)| Step::End(id, commit)),
        1 => Just(Step::Reopen),
        1 => Just(Step::ReopenTorn),
    ]
}

/// What a reader should see, kept the simple way.
#[derive(Default)]
struct Model {
    /// Offset → value and the transaction it belongs to.
    records: BTreeMap<i64, (String, Option<usize>)>,
    /// Transaction → whether it was committed; `None` while it is open.
    outcomes: Vec<Option<bool>>,
    open: BTreeMap<i64, usize>,
    sequences: BTreeMap<i64, i32>,
}

impl Model {
    fn committed(&self) -> Vec<String> {
        let stable = self.records.values().take_while(|(_, transaction)| !self.is(*transaction, None));
        let seen = stable.filter(|(_, transaction)| !self.is(*transaction, Some(false)));
        seen.map(|(value, _)| value.clone()).collect()
    }

    fn is(&self, transaction: Option<usize>, outcome: Option<bool>) -> bool {
        transaction.is_some_and(|number| self.outcomes[number] == outcome)
    }

    fn write(&mut self, partition: &Partition, id: i64) {
        let value = format!("{}", self.records.len());
        let sequence = self.sequences.entry(id).or_default();
        let batch = plain(&[&value]).by(id, 0, *sequence).transactional();
        *sequence += 1;
        let at = partition.append(batch.bytes(), Client).unwrap().base_offset;
        let outcomes = &mut self.outcomes;
        let transaction = *self.open.entry(id).or_insert_with(|| {
            outcomes.push(None);
            outcomes.len() - 1
        });
        self.records.insert(at, (value, Some(transaction)));
    }

    fn check(&self, partition: &Partition) {
        assert_eq!(values(partition, ReadCommitted), self.committed());
        let all: Vec<_> = self.records.values().map(|(value, _)| value.clone()).collect();
        assert_eq!(values(partition, ReadUncommitted), all);
        assert_eq!(partition.open_transactions().len(), self.open.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn committed_readers_see_just_what_was_committed(steps in proptest::collection::vec(step(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let fixture = Fixture::new(small(600));
        let mut partition = fixture.open();
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Plain => {
                    let value = format!("{}", model.records.len());
                    let at = partition.append(plain(&[&value]).bytes(), Client).unwrap().base_offset;
                    model.records.insert(at, (value, None));
                }
                Step::Write(id) => model.write(&partition, id),
                Step::End(id, commit) => {
                    let Some(number) = model.open.remove(&id) else { continue };
                    partition.end_transaction(id, 0, commit, 0).unwrap();
                    model.outcomes[number] = Some(commit);
                }
                Step::Reopen => {
                    runtime.block_on(partition.close()).unwrap();
                    partition = fixture.open();
                }
                Step::ReopenTorn => partition = fixture.open(),
            }
            model.check(&partition);
        }
    }
}
