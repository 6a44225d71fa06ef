//! Deletions: preconditions, what is answered, dependents, finalizers, selections.

use serde_json::{Value, json};

use super::super::step::{Step, delete, get, patch, post};
use super::{core, group};

pub fn steps() -> Vec<Step> {
    let maps = core("configmaps");
    let options = |options: Value| options.to_string();
    let owned = json!({
        "metadata": {"name": "owned", "labels": {"contract": "yes"}},
    });
    let held = json!({"metadata": {"name": "held", "finalizers": ["example.com/held"]}});
    let mut all = vec![
        delete("delete by viewer", &core("configmaps/a")).by("viewer"),
        delete("delete another uid", &core("configmaps/a"))
            .body(&options(json!({"preconditions": {"uid": "another"}}))),
        delete("delete stale", &core("configmaps/a"))
            .body(&options(json!({"preconditions": {"resourceVersion": "1"}}))),
        delete("delete dry by query", &core("configmaps/a?dryRun=All")),
        delete("delete dry by options", &core("configmaps/a")).body(&options(json!({"dryRun": ["All"]}))),
        get("a dry deletion left it", &core("configmaps/a")).see(&["/data/k"]),
        delete("delete", &core("configmaps/a")),
        delete("delete again", &core("configmaps/a")),
        post("make held", &maps, &held).silent(),
        delete("delete held", &core("configmaps/held"))
            .see(&["/metadata/deletionGracePeriodSeconds", "/metadata/finalizers"]),
        get("held is still there", &core("configmaps/held")).see(&["/metadata/deletionTimestamp"]),
        patch(
            "let held go",
            &core("configmaps/held"),
            &json!({"metadata": {"finalizers": null}}),
        ),
        get("held is gone", &core("configmaps/held")),
        post("make owned", &maps, &owned).silent(),
        delete("delete in the foreground", &core("configmaps/owned"))
            .body(&options(json!({"propagationPolicy": "Foreground"})))
            .see(&["/metadata/finalizers"]),
        get("owned is gone", &core("configmaps/owned")).until("status", 404),
        delete("delete with a bad policy", &core("configmaps/d")).body(&options(json!({"propagationPolicy": "Nope"}))),
        delete("delete with nonsense", &core("configmaps/d")).body("{nope"),
        delete("delete a service", &core("services/web")),
        delete("delete a deployment", &group("apps/v1", "deployments/web")),
        delete("delete an account", &core("serviceaccounts/robot")),
        delete(
            "delete a custom resource",
            &group("shop.example.com/v1", "promotions/summer"),
        ),
        delete(
            "delete a job",
            &group("batch/v1", "jobs/g-1?propagationPolicy=Background"),
        ),
        delete("delete a pod at once", &core("pods/crash")).body(&options(json!({"gracePeriodSeconds": 0}))),
        get("the pod is gone", &core("pods/crash")),
        delete("delete a secret", &core("secrets/s")),
        delete("delete a role", &group("rbac.authorization.k8s.io/v1", "roles/reader")),
        delete("delete a lease", &group("coordination.k8s.io/v1", "leases/held")),
        delete("delete a selection", &core("configmaps?labelSelector=tier%3Dnone")),
        get("the selection is gone", &core("configmaps?labelSelector=tier")),
        delete("delete a selection by viewer", &core("configmaps")).by("viewer"),
        delete("delete all namespaces", "/api/v1/namespaces"),
    ];
    let deadline = json!({
        "metadata": {"name": "short"},
        "spec": {"parallelism": 0, "activeDeadlineSeconds": 1, "ttlSecondsAfterFinished": 0,
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "none", "image": "none"}]}}},
    });
    let grant = r#"{"metadata":{"name":"grant","ownerReferences":[
        {"apiVersion":"batch/v1","kind":"Job","name":"short","uid":"{job}"}]}}"#;
    all.extend([
        post("make a job with a deadline", &group("batch/v1", "jobs"), &deadline)
            .keep("job", "/metadata/uid")
            .silent(),
        post("make its grant", &core("secrets"), &json!({}))
            .body(grant)
            .silent(),
        get("the deadline took the job", &group("batch/v1", "jobs/short")).until("status", 404),
        get("and what it owned", &core("secrets/grant")).until("status", 404),
        delete("delete the namespace", "/api/v1/namespaces/contract").see(&["/status/phase"]),
    ]);
    all
}
