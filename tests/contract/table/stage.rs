//! What the table stands on: a namespace, a definition, a node that nobody runs.

use serde_json::json;

use super::super::step::{Step, get, post};
use super::core;

pub fn steps() -> Vec<Step> {
    let namespace = json!({"metadata": {"name": "contract", "labels": {"contract": "yes"}}});
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "promotions.shop.example.com"},
        "spec": {
            "group": "shop.example.com", "scope": "Namespaced",
            "names": {"plural": "promotions", "singular": "promotion", "kind": "Promotion", "shortNames": ["promo"]},
            "versions": [{
                "name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema},
                "subresources": {"status": {}},
                "additionalPrinterColumns": [
                    {"name": "Discount", "type": "integer", "jsonPath": ".spec.discount"},
                    {"name": "Phase", "type": "string", "jsonPath": ".status.phase"},
                    {"name": "Ends", "type": "date", "jsonPath": ".spec.ends", "priority": 1},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
            }],
        },
    });
    let ghost = json!({"metadata": {"name": "ghost", "labels": {"contract": "yes"}}});
    vec![
        post("create namespace", "/api/v1/namespaces", &namespace).see(&["/status/phase", "/spec/finalizers"]),
        post(
            "create definition",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            &definition,
        )
        .see(&["/spec/names", "/spec/scope", "/metadata/generation"]),
        get("the definition is served", "/apis/shop.example.com/v1/promotions")
            .until("status", 200)
            .silent(),
        get("the definition is discovered", "/apis/shop.example.com/v1")
            .until("status", 200)
            .silent(),
        get("the account is there", &core("serviceaccounts/default"))
            .until("status", 200)
            .silent(),
        post("create node", "/api/v1/nodes", &ghost).silent(),
    ]
}
