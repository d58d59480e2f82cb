//! Benchmarks beside real peers: the same load, the same client, in turn, on the same machine.
//!
//! Each workload fills one section of `RESULTS.md` and leaves the others as they are.

mod broker;
mod deploy;
mod logs;
mod machine;
mod metrics;
mod peers;
mod report;
mod stats;

use std::{path::PathBuf, time::Instant};

use anyhow::Context;
use clap::{Parser, ValueEnum};

use crate::{machine::Machine, peers::Kind};

/// Measures Headwater beside real peers and writes bench/RESULTS.md.
#[derive(Debug, Parser)]
struct Args {
    /// A smoke run: one short round, printed and not written
    #[arg(long)]
    quick: bool,
    /// Workloads to run
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Workload::Broker, Workload::Deploy, Workload::Metrics, Workload::Logs])]
    only: Vec<Workload>,
    /// Rounds of which the median counts (default 3, with --quick 1)
    #[arg(long)]
    rounds: Option<usize>,
    /// Who takes part in the broker workload
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Kind::Headwater, Kind::ApacheKafka])]
    peers: Vec<Kind>,
    /// The binary to measure [default: headwater beside this program]
    #[arg(long, env = "HEADWATER_BIN")]
    binary: Option<PathBuf>,
    /// Where brokers keep their data; a real disk [default: ~/.cache/headwater/bench]
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Workload {
    /// The embedded broker beside Apache Kafka
    Broker,
    /// From a push to the first line of the new version
    Deploy,
    /// The store of figures over time
    Metrics,
    /// Searching gigabytes of a deployment's log
    Logs,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let dir = args.dir.clone().map_or_else(peers::data_folder, Ok)?;
    std::fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let machine = Machine::here(&dir)?;
    let binary = args.binary.clone().map_or_else(peers::own_binary, Ok)?;
    for workload in &args.only {
        let started = Instant::now();
        let section = match workload {
            Workload::Broker => {
                let plan = broker::Plan::new(args.quick, args.rounds, args.peers.clone());
                broker::run(&plan, &binary, &dir)?
            }
            Workload::Deploy => {
                deploy::run(args.rounds.unwrap_or(if args.quick { 1 } else { 5 }), &binary, &dir)?
            }
            Workload::Logs => {
                let rounds = args.rounds.unwrap_or(if args.quick { 1 } else { 5 });
                logs::run(rounds, if args.quick { 200 << 20 } else { 2200 << 20 }, &binary, &dir)?
            }
            Workload::Metrics => metrics::run(if args.quick { 1 } else { 31 }, &dir)?,
        };
        eprintln!("{} took {:.0} s", section.title, started.elapsed().as_secs_f64());
        println!("{}", section.text(&machine));
        if !args.quick {
            report::write(&section, &machine)?;
        }
    }
    Ok(())
}
