//! How far behind deployments are.

use std::collections::{BTreeMap, BTreeSet};

use headwater_model::{DeploymentId, TopicId};
use headwater_topics::Group;

/// How far a deployment's group is behind on a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lag {
    pub(crate) deployment: DeploymentId,
    pub(crate) topic: TopicId,
    pub(crate) group: String,
    /// Records that the group has yet to read.
    pub(crate) records: u64,
}

/// The lags of `deployments`. A group that a deployment has left for another says nothing of it any more: while it is a
/// member of any, only those count.
pub(super) fn lags(groups: &[Group], deployments: &BTreeSet<DeploymentId>) -> Vec<Lag> {
    let members = |group: &Group| -> BTreeSet<DeploymentId> {
        group.members.iter().filter_map(|member| Some(member.replica.as_ref()?.deployment)).collect()
    };
    let joined: BTreeSet<_> = groups.iter().flat_map(members).collect();
    let mut lags = Vec::new();
    for group in groups {
        let members = members(group);
        let mut known: BTreeMap<&TopicId, i64> = BTreeMap::new();
        for partition in &group.partitions {
            if let Some(lag) = partition.lag {
                *known.entry(&partition.topic).or_default() += lag;
            }
        }
        let of = group.deployments.iter().filter(|id| deployments.contains(id));
        for deployment in of.filter(|id| members.contains(id) || !joined.contains(id)) {
            lags.extend(known.iter().map(|(topic, records)| Lag {
                deployment: *deployment,
                topic: (*topic).clone(),
                group: group.name.clone(),
                records: records.unsigned_abs(),
            }));
        }
    }
    lags
}

#[cfg(test)]
mod tests {
    use headwater_model::ReplicaId;
    use headwater_topics::{GroupPartition, Member};

    use super::*;

    fn group(name: &str, deployments: &[DeploymentId], joined: bool, lags: &[(&str, Option<i64>)]) -> Group {
        let partition = |(n, (topic, lag)): (i32, &(&str, Option<i64>))| GroupPartition {
            topic: topic.parse().unwrap(),
            partition: n,
            committed: lag.map(|lag| 100 - lag),
            end: 100,
            lag: *lag,
            member: None,
        };
        let member = |id: &DeploymentId| Member {
            id: "m".into(),
            client_id: "c".into(),
            replica: Some(ReplicaId { deployment: *id, version: 1, index: 0 }),
        };
        Group {
            name: name.into(),
            state: "Stable".into(),
            members: deployments.iter().filter(|_| joined).map(member).collect(),
            deployments: deployments.to_vec(),
            partitions: (0..).zip(lags).map(partition).collect(),
        }
    }

    #[test]
    fn lag_is_of_the_groups_that_a_deployment_is_in() {
        let [a, b, gone] = [(); 3].map(|()| DeploymentId::new());
        let groups = [
            group("now", &[gone, a], true, &[("x", Some(3)), ("x", Some(4)), ("x", None), ("y", Some(0))]),
            group("before", &[a], false, &[("x", Some(50))]),
            group("down", &[b], false, &[("x", Some(9)), ("z", None)]),
        ];
        let found = lags(&groups, &BTreeSet::from([a, b]));
        let lag = |deployment, topic: &str, group: &str, records| Lag {
            deployment,
            topic: topic.parse().unwrap(),
            group: group.into(),
            records,
        };
        assert_eq!(found, [lag(a, "x", "now", 7), lag(a, "y", "now", 0), lag(b, "x", "down", 9)]);
    }
}
