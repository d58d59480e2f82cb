//! What types cannot say about a configuration.

use headwater_model::{Invalid, OrganisationId, ProjectId, WorkspaceId};

use super::Config;

/// The least output that is kept: two segments, of which one is being written.
const LEAST_MIB: u32 = 16;

/// Every rule that `config` breaks, in words that say what to do.
pub(super) fn problems(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    let http = &config.http;
    if http.tls_cert.is_some() != http.tls_key.is_some() {
        problems.push("http.tls_cert and http.tls_key go together: give both or neither".into());
    }
    for (key, addr) in [("http.addr", http.addr), ("public.addr", config.public.addr)] {
        if !addr.ip().is_loopback() && http.tls_cert.is_none() && !http.insecure {
            problems.push(format!(
                "{key} {addr} is reachable from other machines: give --tls-cert and --tls-key, or --insecure to \
                 serve without encryption"
            ));
        }
    }
    for file in [&http.tls_cert, &http.tls_key].into_iter().flatten() {
        if let Err(error) = std::fs::File::open(file) {
            problems.push(format!("{} cannot be read: {error}", file.display()));
        }
    }
    if !config.kafka.advertised.is_empty() && port(&config.kafka.advertised).is_none() {
        problems.push(format!("kafka.advertised '{}' is not HOST:PORT", config.kafka.advertised));
    }
    if !config.kafka.addr.ip().is_loopback() && !http.insecure {
        problems.push(format!(
            "kafka.addr {} is reachable from other machines without encryption: give --insecure to allow it",
            config.kafka.addr
        ));
    }
    let logs = &config.compute.logs;
    for (key, value, least) in [
        ("days", logs.days, 1),
        ("run_mib", logs.run_mib, LEAST_MIB),
        ("deployment_mib", logs.deployment_mib, LEAST_MIB),
    ] {
        if value < least {
            problems.push(format!("compute.logs.{key} {value} is too little: give {least} or more"));
        }
    }
    problems.extend(names(config).err().map(|error| format!("first_start: {error}")));
    problems
}

fn port(address: &str) -> Option<u16> {
    let (host, port) = address.rsplit_once(':')?;
    port.parse().ok().filter(|_| !host.is_empty())
}

fn names(config: &Config) -> Result<(), Invalid> {
    let names = &config.first_start;
    let organisation: OrganisationId = names.organisation.parse()?;
    let project: ProjectId = format!("{organisation}-{}", names.project).parse()?;
    format!("{project}-{}", names.environment).parse::<WorkspaceId>()?;
    Ok(())
}
