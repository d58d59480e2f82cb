//! Whatever happens, the store answers as the model does.

use proptest::prelude::*;

use crate::model::Beside;

const NAMES: [&str; 4] = ["a/cpu", "a/memory", "b/cpu", "lag"];

#[derive(Debug, Clone)]
enum Step {
    /// Figures of some series, second by second, with every so-manieth second left out.
    Run {
        seconds: i64,
        which: u8,
        skip: i64,
        seed: u32,
    },
    /// The clock jumps.
    Jump(i64),
    Restart,
    TearSeconds(usize),
    TearMinutes(usize),
    Forget(usize),
    Look {
        back: i64,
        seconds: i64,
        points: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..500_i64, 1..16_u8, 2..50_i64, any::<u32>())
            .prop_map(|(seconds, which, skip, seed)| Step::Run { seconds, which, skip, seed }),
        2 => (-900..900_i64).prop_map(Step::Jump),
        1 => (900..200_000_i64).prop_map(Step::Jump),
        1 => Just(Step::Restart),
        1 => any::<usize>().prop_map(Step::TearSeconds),
        1 => any::<usize>().prop_map(Step::TearMinutes),
        1 => (0..NAMES.len()).prop_map(Step::Forget),
        3 => (0..6000_i64, 1..6000_i64, 10..2000_usize)
            .prop_map(|(back, seconds, points)| Step::Look { back, seconds, points }),
        1 => (0..2_000_000_i64, 1..2_000_000_i64, 10..2000_usize)
            .prop_map(|(back, seconds, points)| Step::Look { back, seconds, points }),
    ]
}

/// Numbers as figures are: counts, sizes, and noise.
fn figure(series: usize, seed: u32) -> f64 {
    let noise = seed.wrapping_mul(2_654_435_761).rotate_left(series as u32 * 7);
    match series {
        0 => f64::from(noise) / 1e6,
        1 => f64::from(noise % 1000) * 4096.0,
        2 => f64::from(seed / 100),
        _ => -f64::from(noise % 7),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn the_store_is_as_the_model(steps in prop::collection::vec(step(), 1..40)) {
        let mut beside = Beside::new();
        let mut now = 1_800_000_017_i64;
        let mut latest = now;
        for step in steps {
            latest = latest.max(now);
            match step {
                Step::Run { seconds, which, skip, seed } => {
                    for second in (0..seconds).filter(|second| second % skip != 0) {
                        let series = (0..NAMES.len()).filter(|n| which & 1 << n != 0);
                        let name = |n: usize| (NAMES[n].to_owned(), figure(n, seed.wrapping_add(second as u32)));
                        beside.append(now + second, series.map(name).collect());
                    }
                    now += seconds;
                }
                // From further back, what is there would be of an impossible future after a while.
                Step::Jump(seconds) => now = (now + seconds).max(latest - 3000),
                Step::Restart => beside.restart(|_| {}),
                Step::TearSeconds(bytes) => beside.tear_seconds(bytes),
                Step::TearMinutes(bytes) => beside.tear_minutes(bytes),
                Step::Forget(series) => beside.forget(NAMES[series]),
                Step::Look { back, seconds, points } => beside.compare(back, seconds, points),
            }
        }
        for (back, seconds) in [(3600, 3600), (40_000, 40_000), (2_600_000, 2_600_000)] {
            beside.compare(back, seconds + 1, 2000);
            beside.restart(|_| {});
        }
    }
}
