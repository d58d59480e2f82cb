//! What this process takes, from `/proc`, under the names that Prometheus has for it.

use std::{fmt, fs};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge, info::Info},
    registry::Registry,
};

/// Adds what this process takes to a registry.
pub(super) fn register(registry: &mut Registry) {
    registry.register_collector(Box::new(Process));
}

/// Adds which version it is.
pub(super) fn register_version(registry: &mut Registry) {
    let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The version that runs", version);
}

#[derive(Debug)]
struct Process;

/// Fields of `/proc/self/stat` and what else is at hand.
struct Seen {
    cpu_seconds: f64,
    resident_bytes: f64,
    virtual_bytes: f64,
    threads: i64,
    /// Seconds since 1970.
    start_seconds: f64,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        if let Some(seen) = look() {
            let cpu = ConstCounter::new(seen.cpu_seconds);
            let help = "Processor time, user and system together.";
            cpu.encode(encoder.encode_descriptor("process_cpu_seconds", help, None, cpu.metric_type())?)?;
            let mut gauge = |name, help, value: f64| {
                let gauge = ConstGauge::new(value);
                gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
            };
            gauge("process_resident_memory_bytes", "Resident memory.", seen.resident_bytes)?;
            gauge("process_virtual_memory_bytes", "Virtual memory.", seen.virtual_bytes)?;
            gauge("process_threads", "Threads.", seen.threads as f64)?;
            let help = "When it started, in seconds since 1970 UTC.";
            gauge("process_start_time_seconds", help, seen.start_seconds)?;
        }
        let open = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        for (name, help, value) in [
            ("process_open_fds", "Open files.", Some(open as u64)),
            ("process_max_fds", "Files that may be open.", most),
        ] {
            let Some(value) = value else { continue };
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        Ok(())
    }
}

/// Fields 14, 15, 20, 22–24 of proc(5).
fn look() -> Option<Seen> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let number = |at: usize| fields.get(at - 3)?.parse::<f64>().ok();
    let ticks = rustix::param::clock_ticks_per_second() as f64;
    let kernel = fs::read_to_string("/proc/stat").ok()?;
    let booted = kernel.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse::<f64>().ok())?;
    Some(Seen {
        cpu_seconds: (number(14)? + number(15)?) / ticks,
        resident_bytes: number(24)? * rustix::param::page_size() as f64,
        virtual_bytes: number(23)?,
        threads: number(20)? as i64,
        start_seconds: booted + number(22)? / ticks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_seen_as_it_is() {
        let seen = look().unwrap();
        assert!(seen.resident_bytes > 1e6 && seen.virtual_bytes > seen.resident_bytes && seen.threads >= 1);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
        assert!(
            seen.start_seconds > now - 3600.0 && seen.start_seconds < now + 2.0,
            "{}",
            seen.start_seconds
        );
    }
}
