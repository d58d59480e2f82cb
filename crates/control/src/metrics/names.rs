//! How the store's series are named: `deployment/{id}/{figure}/{replica, or all}`, `deployment/{id}/lag/{topic}/{group}` and
//! `topic/{topic id}/{figure}`. Groups stand last, since they may have any characters.

use std::fmt::Display;

use headwater_model::{DeploymentId, TopicId};

/// What is kept of deployments.
pub(super) mod deployment {
    pub(in crate::metrics) const CPU: &str = "cpuMillicores";
    pub(in crate::metrics) const MEMORY: &str = "memoryBytes";
    pub(in crate::metrics) const RESTARTS: &str = "restarts";
    pub(in crate::metrics) const RUNNING: &str = "runningReplicas";
    pub(in crate::metrics) const LAG: &str = "lag";
}

/// What is kept of topics.
pub(super) mod topic {
    pub(in crate::metrics) const BYTES_IN: &str = "bytesInPerSecond";
    pub(in crate::metrics) const BYTES_OUT: &str = "bytesOutPerSecond";
    pub(in crate::metrics) const RECORDS_IN: &str = "recordsInPerSecond";
    pub(in crate::metrics) const RECORDS_OUT: &str = "recordsOutPerSecond";
}

/// Stands after the replicas' numbers in any order of names.
const ALL: &str = "all";

/// What the names of a deployment's series begin with.
pub(super) fn of_deployment(id: DeploymentId) -> String {
    format!("deployment/{id}/")
}

/// What the names of a topic's series begin with.
pub(super) fn of_topic(id: &TopicId) -> String {
    format!("topic/{id}/")
}

/// A figure of a replica.
pub(super) fn replica(of: &str, figure: &str, index: impl Display) -> String {
    format!("{of}{figure}/{index}")
}

/// A figure of a whole deployment.
pub(super) fn whole(of: &str, figure: &str) -> String {
    replica(of, figure, ALL)
}

/// How far a group is behind on a topic.
pub(super) fn lag(of: &str, topic: &str, group: &str) -> String {
    format!("{of}{}/{topic}/{group}", deployment::LAG)
}

/// What a series is of, as its name says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) figure: String,
    pub(super) replica: Option<u32>,
    pub(super) topic: Option<String>,
    pub(super) group: Option<String>,
}

/// Reads what follows the beginning that a deployment's or a topic's names have.
pub(super) fn parse(rest: &str) -> Parsed {
    let (figure, of) = rest.split_once('/').unwrap_or((rest, ALL));
    let (mut replica, mut topic, mut group) = (None, None, None);
    match (figure, of.split_once('/')) {
        (deployment::LAG, Some((name, rest))) => {
            (topic, group) = (Some(name.to_owned()), Some(rest.to_owned()));
        }
        _ => replica = of.parse().ok(),
    }
    Parsed { figure: figure.to_owned(), replica, topic, group }
}

/// Whose a series is: the beginning of its name, with the last slash.
pub(super) fn owner(name: &str) -> &str {
    let end = name.match_indices('/').nth(1).map_or(name.len(), |(at, _)| at + 1);
    &name[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_series_is_of() {
        let of = of_deployment(DeploymentId::new());
        let rest = |name: String| {
            assert_eq!(owner(&name), of);
            parse(name.strip_prefix(&of).unwrap())
        };
        let cpu = |replica| Parsed { figure: "cpuMillicores".into(), replica, topic: None, group: None };
        assert_eq!(rest(replica(&of, deployment::CPU, 3)), cpu(Some(3)));
        assert_eq!(rest(whole(&of, deployment::CPU)), cpu(None));
        let lag = rest(lag(&of, "cars", "acme-demo-dev-a/b"));
        assert_eq!((lag.topic.as_deref(), lag.group.as_deref()), (Some("cars"), Some("acme-demo-dev-a/b")));
        assert_eq!(owner("topic/acme-demo-dev-cars/bytesInPerSecond"), "topic/acme-demo-dev-cars/");
    }
}
