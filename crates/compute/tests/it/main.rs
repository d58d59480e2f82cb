//! Replicas and builds for real. This binary is also the supervisor that they are started by, so it has a `main` of
//! its own and runs each test in turn, by name when one is given.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod adoption;
mod builds;
mod isolation;
mod limits;
mod replicas;
mod stage;

use std::{process::ExitCode, time::Instant};

/// A test and its name.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    if let Some(code) = headwater_compute::supervise() {
        return code;
    }
    if std::env::args().nth(1).as_deref() == Some(builds::HOLD) {
        builds::hold();
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let all: Vec<Test> =
        [replicas::TESTS, adoption::TESTS, isolation::TESTS, limits::TESTS, builds::TESTS].concat();
    let (mut passed, mut failed) = (0, 0);
    for (name, test) in all {
        if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let began = Instant::now();
        let outcome = std::panic::catch_unwind(test);
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("test {name} ... {word} ({:.2} s)", began.elapsed().as_secs_f64());
        if outcome.is_ok() { passed += 1 } else { failed += 1 }
    }
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out\n"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
