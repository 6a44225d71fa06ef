//! Who the base identity is, and what the server would let it write. The answer stands in the
//! header; only "every probe was refused" is called read-only by the server, and a review that
//! fails or is unsure proves nothing.

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;

use super::discovery::server_version;
use super::fault::Fault;
use super::query::{BaseRights, Reading, ServerAnswer};
use super::reader::{Out, Reader, Unheard};

/// Reviews in flight.
const AT_ONCE: usize = 8;

/// The namespace that petitions go to; what may be written there is what the kit grants.
const KIT: &str = "kglass-system";

#[derive(Clone, Copy)]
struct Probe {
    verb: &'static str,
    group: &'static str,
    resource: &'static str,
    subresource: &'static str,
    /// Asked in the current namespace too.
    namespaced: bool,
}

const fn probe(verb: &'static str, group: &'static str, resource: &'static str, namespaced: bool) -> Probe {
    Probe {
        verb,
        group,
        resource,
        subresource: "",
        namespaced,
    }
}

const fn sub(verb: &'static str, resource: &'static str, subresource: &'static str) -> Probe {
    Probe {
        verb,
        group: "",
        resource,
        subresource,
        namespaced: true,
    }
}

/// The probes, in the order in which the header names them: what an operator does in an incident
/// first, then what leads to more rights. Asked over all namespaces, and those marked also in the
/// context's own namespace, where a RoleBinding may allow what a ClusterRoleBinding does not.
const PROBES: [Probe; 34] = [
    probe("delete", "", "pods", true),
    probe("create", "", "pods", true),
    probe("patch", "", "pods", true),
    sub("create", "pods", "exec"),
    sub("get", "pods", "exec"),
    sub("create", "pods", "attach"),
    sub("create", "pods", "portforward"),
    sub("create", "pods", "eviction"),
    sub("patch", "pods", "ephemeralcontainers"),
    probe("patch", "apps", "deployments", true),
    probe("update", "apps", "deployments", true),
    probe("create", "apps", "deployments", true),
    probe("delete", "apps", "deployments", true),
    probe("patch", "apps", "statefulsets", true),
    probe("patch", "apps", "daemonsets", true),
    probe("create", "batch", "jobs", true),
    probe("delete", "batch", "jobs", true),
    probe("create", "", "configmaps", true),
    probe("patch", "", "configmaps", true),
    probe("delete", "", "configmaps", true),
    probe("create", "", "secrets", true),
    probe("patch", "", "secrets", true),
    probe("delete", "", "secrets", true),
    probe("delete", "", "persistentvolumeclaims", true),
    probe("delete", "", "services", true),
    sub("create", "serviceaccounts", "token"),
    probe("impersonate", "", "serviceaccounts", true),
    probe("impersonate", "", "users", false),
    probe("impersonate", "", "groups", false),
    probe("create", "rbac.authorization.k8s.io", "rolebindings", true),
    probe("create", "rbac.authorization.k8s.io", "clusterrolebindings", false),
    probe("patch", "", "nodes", false),
    probe("delete", "", "namespaces", false),
    probe("*", "*", "*", false),
];

/// A probe, where it was asked, and whether it is allowed or why nobody knows.
type Answer = (Probe, Option<String>, Result<bool, String>);

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SelfSubjectReview {
    #[serde(default)]
    status: ReviewStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReviewStatus {
    #[serde(default)]
    user_info: UserInfo,
}

#[derive(Default, Deserialize)]
struct UserInfo {
    #[serde(default)]
    username: String,
    #[serde(default)]
    groups: Vec<String>,
}

#[derive(Default, Deserialize)]
struct AccessReview {
    #[serde(default)]
    status: AccessStatus,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessStatus {
    #[serde(default)]
    allowed: bool,
    #[serde(default)]
    evaluation_error: String,
}

pub(super) async fn run(reader: &Reader, out: &Out) -> Result<(), Unheard> {
    match ask(reader).await {
        Ok(rights) => out.send(Reading::Rights(rights.into())).await,
        Err(fault) => out.fail(&fault, "ask who we are").await,
    }
}

async fn ask(reader: &Reader) -> Result<BaseRights, Fault> {
    let (version, who, answer) = tokio::join!(server_version(reader), who_am_i(reader), server_answer(reader));
    let version = version?;
    let (user, groups) = match who {
        Ok(user) => (user.username, user.groups),
        // Servers before 1.28 have no such review; the identity stays unknown, the rest does not.
        Err(fault) if fault.code() == Some(404) => ("unknown".to_owned(), Vec::new()),
        Err(fault) => return Err(fault),
    };
    Ok(BaseRights {
        user,
        groups,
        server_version: version,
        answer,
    })
}

async fn who_am_i(reader: &Reader) -> Result<UserInfo, Fault> {
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let answer: SelfSubjectReview = reader.review(path, &review).await?;
    Ok(answer.status.user_info)
}

/// All probes; the first failure among them makes the answer unknown unless something was allowed.
async fn server_answer(reader: &Reader) -> ServerAnswer {
    let namespace = reader.facts().namespace.clone().unwrap_or_else(|| "default".to_owned());
    let mut asking: Vec<BoxFuture<'_, Answer>> = Vec::new();
    for probe in PROBES {
        asking.push(Box::pin(answer(reader, probe, None)));
    }
    for probe in PROBES {
        if probe.namespaced && namespace != KIT {
            asking.push(Box::pin(answer(reader, probe, Some(namespace.clone()))));
        }
    }
    let answers: Vec<Answer> = futures_util::stream::iter(asking).buffered(AT_ONCE).collect().await;
    let mut could: Vec<String> = Vec::new();
    let mut unsure = None;
    for (probe, namespace, allowed) in answers {
        match allowed {
            Ok(true) => {
                let name = probe.name();
                let known = could.contains(&name);
                match namespace {
                    Some(namespace) if !known => could.push(format!("{name} in {namespace}")),
                    None => could.push(name),
                    Some(_) => {}
                }
            }
            Ok(false) => {}
            Err(why) => unsure = unsure.or(Some(why)),
        }
    }
    match unsure {
        _ if !could.is_empty() => ServerAnswer::ClientOnly { could },
        Some(why) => ServerAnswer::Unknown { why },
        None => ServerAnswer::Refuses,
    }
}

async fn answer(reader: &Reader, probe: Probe, namespace: Option<String>) -> Answer {
    let allowed = is_allowed(reader, &probe, namespace.as_deref()).await;
    (probe, namespace, allowed)
}

async fn is_allowed(reader: &Reader, probe: &Probe, namespace: Option<&str>) -> Result<bool, String> {
    let mut attributes = json!({
        "verb": probe.verb,
        "group": probe.group,
        "resource": probe.resource,
    });
    if !probe.subresource.is_empty() {
        attributes["subresource"] = json!(probe.subresource);
    }
    if let Some(namespace) = namespace {
        attributes["namespace"] = json!(namespace);
    }
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    });
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let answer: AccessReview = reader
        .review(path, &review)
        .await
        .map_err(|fault| fault.read_error("ask what we may do", false).cause)?;
    match answer.status {
        AccessStatus { allowed: true, .. } => Ok(true),
        AccessStatus { evaluation_error, .. } if !evaluation_error.is_empty() => {
            Err(crate::model::TermSafe::new(&evaluation_error).to_string())
        }
        AccessStatus { .. } => Ok(false),
    }
}

impl Probe {
    /// `delete pods`, `create pods/exec`, `patch deployments`.
    fn name(&self) -> String {
        if self.verb == "*" {
            return "do anything".to_owned();
        }
        if self.subresource.is_empty() {
            format!("{} {}", self.verb, self.resource)
        } else {
            format!("{} {}/{}", self.verb, self.resource, self.subresource)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Query;
    use crate::cluster::mock::{Asked, Mock, Reply, status};

    fn answering(allow: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Mock {
        Mock::new(move |asked| match asked.path.as_str() {
            "/version" => Reply::Json(200, json!({"gitVersion": "v1.36.2"})),
            "/apis/authentication.k8s.io/v1/selfsubjectreviews" => Reply::Json(
                201,
                json!({"status": {"userInfo": {"username": "alice", "groups": ["system:authenticated"]}}}),
            ),
            _ => allow(asked),
        })
        .in_namespace("shop")
    }

    fn review(allowed: bool, error: &str) -> Reply {
        Reply::Json(201, json!({"status": {"allowed": allowed, "evaluationError": error}}))
    }

    async fn rights(mock: &Mock) -> BaseRights {
        let readings = mock.run(Query::BaseRights).await.all().await;
        match &readings[..] {
            [Reading::Rights(rights), Reading::Ended] => (**rights).clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_probes_are_documented() {
        let page = include_str!("../../docs/normal-mode.md");
        for probe in &PROBES {
            assert!(page.contains(&format!("`{}`", probe.name())), "{}", probe.name());
        }
    }

    #[tokio::test]
    async fn a_server_that_refuses_every_probe_enforces_read_only() {
        let mock = answering(|_| review(false, ""));
        let rights = rights(&mock).await;
        assert_eq!(rights.answer, ServerAnswer::Refuses);
        assert_eq!(
            (rights.user.as_str(), rights.server_version.as_str()),
            ("alice", "v1.36.2")
        );
        let namespaced = PROBES.iter().filter(|probe| probe.namespaced).count();
        assert_eq!(mock.seen().len(), 2 + PROBES.len() + namespaced);
    }

    #[tokio::test]
    async fn what_could_be_written_is_named_also_where_only_one_namespace_allows_it() {
        let mock = answering(|asked| {
            let attributes = &asked.body["spec"]["resourceAttributes"];
            let everywhere = attributes["verb"] == "delete" && attributes["resource"] == "pods";
            let here = attributes["subresource"] == "exec" && attributes["namespace"] == "shop";
            review(everywhere || here, "")
        });
        assert_eq!(
            rights(&mock).await.answer,
            ServerAnswer::ClientOnly {
                could: vec![
                    "delete pods".into(),
                    "create pods/exec in shop".into(),
                    "get pods/exec in shop".into()
                ]
            }
        );
    }

    #[tokio::test]
    async fn a_review_that_fails_or_is_unsure_proves_nothing() {
        for unsure in [
            || status(403, "no reviews for you"),
            || review(false, "webhook timed out"),
        ] {
            let mock = answering(move |asked| {
                let attributes = &asked.body["spec"]["resourceAttributes"];
                if attributes["resource"] == "nodes" {
                    unsure()
                } else {
                    review(false, "")
                }
            });
            let ServerAnswer::Unknown { why } = rights(&mock).await.answer else {
                panic!("it was sure");
            };
            assert!(why.contains("no reviews") || why.contains("webhook"), "{why}");
        }
    }

    #[tokio::test]
    async fn the_kits_own_namespace_is_not_counted() {
        let mock = answering(|asked| {
            let attributes = &asked.body["spec"]["resourceAttributes"];
            review(attributes["namespace"] == KIT, "")
        })
        .in_namespace(KIT);
        assert_eq!(rights(&mock).await.answer, ServerAnswer::Refuses);
    }
}
