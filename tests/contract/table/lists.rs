//! Collections: selectors, pages, revisions.

use super::super::step::{METADATA_LIST, Step, get};
use super::{core, group};

pub fn steps() -> Vec<Step> {
    let maps = |query: &str| core(&format!("configmaps?labelSelector=contract%3Dyes{query}"));
    let by = |selector: &str| core(&format!("configmaps?labelSelector={selector}"));
    let mut all = vec![
        get("list configmaps", &maps("")).keep("before", "/metadata/resourceVersion"),
        get("list configmaps as metadata", &maps("")).accept(METADATA_LIST),
        get("list in", &by("tier%20in%20(front,back)")),
        get("list notin", &by("contract%3Dyes,tier%20notin%20(front,back)")),
        get("list not equal", &by("contract%3Dyes,tier!%3Dnone")),
        get("list exists", &by("tier")),
        get("list absent", &by("contract%3Dyes,!tier")),
        get("list double equal", &by("tier%3D%3Dfront")),
        get("list bad selector", &by("tier%20in%20front")),
        get("list by name", &core("configmaps?fieldSelector=metadata.name%3Db")),
        get("list by name not", &maps("&fieldSelector=metadata.name!%3Db")),
        get(
            "list by namespace",
            "/api/v1/configmaps?labelSelector=contract%3Dyes&fieldSelector=metadata.namespace%3Dcontract",
        ),
        get("list by unknown field", &core("configmaps?fieldSelector=data.k%3Da")),
        get("list page one", &maps("&limit=2")).keep("two", "/metadata/continue"),
        get("list page two", &maps("&limit=2&continue={two}")).keep("three", "/metadata/continue"),
        get("list page three", &maps("&limit=2&continue={three}")),
        get("list page one of all", &core("configmaps?limit=2")),
        get("list bad continue", &maps("&limit=2&continue=nope")),
        get(
            "list continue with a revision",
            &maps("&limit=2&continue={two}&resourceVersion={before}"),
        ),
        get("list from cache", &maps("&resourceVersion=0")),
        get(
            "list not older",
            &maps("&resourceVersion={before}&resourceVersionMatch=NotOlderThan"),
        ),
        get(
            "list exact",
            &maps("&resourceVersion={before}&resourceVersionMatch=Exact"),
        ),
        get("list of the future", &maps("&resourceVersion=99999999")),
        get("list of a bad revision", &maps("&resourceVersion=nope")),
        get("list match without revision", &maps("&resourceVersionMatch=Exact")),
        get(
            "list exact zero",
            &maps("&resourceVersion=0&resourceVersionMatch=Exact"),
        ),
        get(
            "list unknown match",
            &maps("&resourceVersion=1&resourceVersionMatch=Nope"),
        ),
    ];
    for (name, path) in [
        ("deployments", group("apps/v1", "deployments")),
        ("statefulsets", group("apps/v1", "statefulsets")),
        ("jobs", group("batch/v1", "jobs")),
        ("cronjobs", group("batch/v1", "cronjobs")),
        ("services", core("services")),
        ("ingresses", group("networking.k8s.io/v1", "ingresses")),
        ("promotions", group("shop.example.com/v1", "promotions")),
        ("budgets", group("policy/v1", "poddisruptionbudgets")),
        ("secrets", core("secrets")),
        ("roles", group("rbac.authorization.k8s.io/v1", "roles")),
    ] {
        all.push(get(&format!("list {name}"), &path));
    }
    all.extend([
        get("list nodes by selector", "/api/v1/nodes?labelSelector=contract%3Dyes"),
        get(
            "list namespaces by selector",
            "/api/v1/namespaces?labelSelector=contract%3Dyes",
        ),
        get(
            "list events of an object",
            &core("events?fieldSelector=involvedObject.name%3Dx,involvedObject.kind%3DPod,type%3DWarning"),
        ),
        get("list secrets by type", &core("secrets?fieldSelector=type%3DOpaque")),
        get(
            "list namespaces by phase",
            "/api/v1/namespaces?labelSelector=contract%3Dyes&fieldSelector=status.phase%3DActive",
        ),
        get(
            "list nodes by schedulable",
            "/api/v1/nodes?labelSelector=contract%3Dyes&fieldSelector=spec.unschedulable%3Dfalse",
        ),
    ]);
    all
}
