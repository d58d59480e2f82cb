//! Figures over time, as they are kept and as they are read.

use headwater_control::{Error, Figures, UpdateDeployment, Wanted};
use headwater_metrics::Range;
use headwater_model::{DeploymentId, Principal, TokenId};
use headwater_topics::{IncomingRecord, Isolation, Position, Topics};

use crate::{
    deployments::deploy,
    stage::{PATIENCE, Stage, eventually},
};

/// The name, replica, unit, limit and greatest figure of a series.
type Told<'a> = (&'a str, Option<u32>, &'static str, Option<f64>, f32);

fn told(figures: &Figures) -> Vec<Told<'_>> {
    let greatest = |points: &[headwater_control::Point]| points.iter().fold(0.0, |a, point| point.max.max(a));
    let series = figures.series.iter();
    series.map(|s| (s.name.as_str(), s.replica, s.unit, s.limit, greatest(&s.points))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployments_figures_are_kept_by_replica() {
    let stage = Stage::new().await;
    let id = deploy(&stage, true).await.id;
    let two = UpdateDeployment { replicas: Some(2), memory_in_mb: Some(64), ..Default::default() };
    stage.control.deployments.update(&stage.admin, id, two).await.unwrap();
    let metrics = &stage.control.metrics;
    let figures = eventually(async || {
        let figures = metrics.deployment(&stage.admin, id, Wanted::default()).await.unwrap();
        let wanted = |s: &headwater_control::FigureSeries| {
            s.name == "runningReplicas" && s.points.iter().any(|point| point.max == 2.0)
        };
        figures.series.iter().any(wanted).then_some(figures)
    })
    .await;
    let mib = 1024.0 * 1024.0;
    let mut expected = vec![
        ("cpuMillicores", Some(0), "millicores", Some(1000.0), 10.0),
        ("cpuMillicores", Some(1), "millicores", Some(1000.0), 10.0),
        ("cpuMillicores", None, "millicores", Some(2000.0), 20.0),
        ("memoryBytes", Some(0), "bytes", Some(64.0 * mib), mib as f32),
        ("memoryBytes", Some(1), "bytes", Some(64.0 * mib), mib as f32),
        ("memoryBytes", None, "bytes", Some(128.0 * mib), 2.0 * mib as f32),
        ("restarts", Some(0), "count", None, 0.0),
        ("restarts", Some(1), "count", None, 0.0),
        ("restarts", None, "count", None, 0.0),
        ("runningReplicas", None, "count", None, 2.0),
    ];
    expected.sort_by_key(|(name, replica, ..)| (*name, replica.is_none(), *replica));
    assert_eq!(told(&figures), expected);
    assert_eq!(figures.step_seconds, 15, "an hour in 300 points");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topics_traffic_is_kept_and_leaves_with_it() {
    let stage = Stage::new().await;
    stage.topic("cars", 1).await;
    let id = stage.ws.topic("cars").unwrap();
    let metrics = &stage.control.metrics;
    let all = async || {
        let record = IncomingRecord { value: Some("x".into()), ..Default::default() };
        let at = stage.kafka.produce(&id, vec![record; 10]).await.unwrap()[0];
        let from = Position { partition: 0, ..at };
        stage.kafka.fetch(&id, from, 1 << 20, PATIENCE, Isolation::ReadUncommitted).await.unwrap();
        let figures = metrics.topic(&stage.admin, &stage.ws, "cars", Wanted::default()).await.unwrap();
        let flows = told(&figures).into_iter().filter(|(.., greatest)| *greatest > 0.0);
        let flows: Vec<_> = flows.map(|(name, _, unit, ..)| (name.to_owned(), unit)).collect();
        (flows.len() == 4).then_some(flows)
    };
    let expected = [
        ("bytesInPerSecond", "bytesPerSecond"),
        ("bytesOutPerSecond", "bytesPerSecond"),
        ("recordsInPerSecond", "recordsPerSecond"),
        ("recordsOutPerSecond", "recordsPerSecond"),
    ];
    assert_eq!(eventually(all).await, expected.map(|(name, unit)| (name.to_owned(), unit)));

    stage.control.topics.delete(&stage.admin, &stage.ws, "cars", false).await.unwrap();
    // What is new is looked for soon, and so is what is gone.
    stage.topic("bikes", 1).await;
    let series = |name: &str| {
        let range = Range { from_ms: 0, to_ms: i64::MAX };
        stage.metrics.query(&format!("topic/{}-{name}/", stage.ws), range, 10).series.len()
    };
    eventually(async || (series("cars") == 0 && series("bikes") == 4).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_for_those_who_may_read_what_they_are_of() {
    let stage = Stage::new().await;
    let id = deploy(&stage, true).await.id;
    stage.topic("cars", 1).await;
    let metrics = &stage.control.metrics;
    let sdk = Principal::Sdk { workspace: stage.ws.clone(), token: TokenId::new(), replica: None };
    let other =
        Principal::Sdk { workspace: "acme-demo-prod".parse().unwrap(), token: TokenId::new(), replica: None };
    let all = Wanted::default();
    assert!(metrics.topic(&sdk, &stage.ws, "cars", all).await.is_ok());
    for (what, answer) in [
        ("another's deployment", metrics.deployment(&sdk, id, all).await),
        ("no deployment", metrics.deployment(&stage.admin, DeploymentId::new(), all).await),
        ("another's topic", metrics.topic(&other, &stage.ws, "cars", all).await),
        ("no topic", metrics.topic(&sdk, &stage.ws, "bikes", all).await),
    ] {
        assert!(matches!(answer, Err(Error::NotFound { .. })), "{what}: {answer:?}");
    }
    let time = |text: &str| Some(text.parse().unwrap());
    for wanted in [
        Wanted { points: Some(9), ..all },
        Wanted { points: Some(2001), ..all },
        Wanted { from: time("2026-01-02T00:00:00Z"), to: time("2026-01-01T00:00:00Z"), ..all },
    ] {
        let answer = metrics.deployment(&stage.admin, id, wanted).await;
        assert!(matches!(answer, Err(Error::Invalid(_))), "{wanted:?}: {answer:?}");
    }
}
