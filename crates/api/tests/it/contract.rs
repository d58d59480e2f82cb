//! `docs/reference/openapi/portal.json` is what the handlers say, and every operation says who may call it.

use std::{fs, path::Path};

use serde_json::Value;

fn contract() -> Value {
    serde_json::to_value(headwater_api::openapi()).expect("the contract is JSON")
}

#[test]
fn the_committed_contract_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi/portal.json");
    let mut fresh = serde_json::to_string_pretty(&contract()).expect("the contract is JSON");
    fresh.push('\n');
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&path, &fresh).expect("docs/ is writable");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == fresh, "run `UPDATE_CONTRACT=1 cargo test -p headwater-api` and commit the change");
}

#[test]
fn every_operation_says_who_may_call_it() {
    let contract = contract();
    let paths = contract["paths"].as_object().expect("there are paths");
    let mut operations = 0;
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("a path has methods") {
            let permission = operation["x-permission"].as_str();
            let known = permission.is_some_and(|text| text == "none" || text.split_once(':').is_some());
            assert!(known, "{method} {path} has no x-permission");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            operations += 1;
        }
    }
    assert!(operations > 35, "only {operations} operations");
}
