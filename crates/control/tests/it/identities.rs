//! Replicas have a token and a Kafka user of their own, which end with their deployment or with the token behind them.

use headwater_broker::Access;
use headwater_compute::ReplicaId;
use headwater_control::BrokerAccess;
use headwater_model::{DeploymentId, Principal};

use crate::{
    deployments::deploy,
    stage::{Stage, eventually},
};

/// A replica with what it signs in with: its token, its Kafka user and the password.
struct Identity {
    id: ReplicaId,
    token: String,
    user: String,
    password: String,
}

async fn identity(stage: &Stage, deployment: DeploymentId) -> Identity {
    let spec = eventually(async || stage.machine.specs(deployment).into_iter().next()).await;
    let token = spec.variables["Quix__Sdk__Token"].clone();
    let who = holder(stage, &token).await.expect("a token that holds");
    let mut options = stage.control.workspaces.librdkafka(&who, &stage.ws).await.unwrap();
    let mut take = |name: &str| options.remove(name).unwrap();
    Identity { id: spec.id, token, user: take("sasl.username"), password: take("sasl.password") }
}

async fn holder(stage: &Stage, token: &str) -> Option<Principal> {
    stage.control.tokens.authenticate(token).await.unwrap()
}

/// Whom the broker takes the user for, when the password is right.
fn let_in(access: &BrokerAccess, who: &Identity) -> Option<Principal> {
    let credential = access.credential(&who.user)?;
    credential.keys.verify(&who.password).then_some(credential.principal)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_known_to_the_api_and_to_the_broker() {
    let stage = Stage::new().await;
    let deployment = deploy(&stage, true).await;
    let one = identity(&stage, deployment.id).await;
    let who = holder(&stage, &one.token).await.unwrap();
    assert!(matches!(&who, Principal::Sdk { workspace, .. } if *workspace == stage.ws));
    assert_eq!(who.replica(), Some(&one.id));
    let at_broker = Principal::Broker { workspace: stage.ws.clone(), replica: Some(one.id.clone()) };
    assert_eq!(let_in(&stage.access, &one), Some(at_broker.clone()));
    // The older way to ask tells the same, and the workspace's own password is nowhere.
    let listed = stage.control.workspaces.list(&who).await.unwrap().remove(0).broker.unwrap();
    assert_eq!((&listed.username, listed.password.expose()), (&one.user, one.password.as_str()));
    let own = stage.store.read().await.unwrap().workspace(&stage.ws).await.unwrap().broker_password;
    assert_ne!(own.expose(), one.password);
    // A platform that starts anew knows it at once.
    let again = BrokerAccess::open(&stage.store).await.unwrap();
    assert_eq!(let_in(&again, &one), Some(at_broker));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_ends_with_its_deployment() {
    let stage = Stage::new().await;
    let deployment = deploy(&stage, true).await;
    let one = identity(&stage, deployment.id).await;
    stage.control.deployments.stop(&stage.admin, deployment.id).await.unwrap();
    assert!(let_in(&stage.access, &one).is_some());
    stage.control.deployments.delete(&stage.admin, deployment.id).await.unwrap();
    eventually(async || holder(&stage, &one.token).await.is_none().then_some(())).await;
    assert_eq!(let_in(&stage.access, &one), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_ends_with_the_token_behind_it() {
    let stage = Stage::new().await;
    let deployment = deploy(&stage, true).await;
    let one = identity(&stage, deployment.id).await;
    for token in stage.control.tokens.list(&stage.admin, Some(&stage.ws)).await.unwrap() {
        stage.control.tokens.delete(&stage.admin, token.id).await.unwrap();
    }
    assert_eq!(holder(&stage, &one.token).await, None);
    assert_eq!(let_in(&stage.access, &one), None);
}
