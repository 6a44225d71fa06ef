//! The petition transport's allow-list: exactly the paths of one session, exactly their verbs. The
//! base identity can send nothing else that changes anything.

use http::Method;
use http::request::Parts;

use crate::cluster::guard::Refused;
use crate::escalation::names;
use crate::escalation::policy::{KIT_NAMESPACE, ServiceAccountRef};

pub(in crate::escalation) const AUDIT_ID: &str = "audit-id";

/// Where petitions go.
#[derive(Clone, Debug)]
pub(in crate::escalation) enum Place {
    /// The kit's namespace; the accounts that may be minted.
    Kit { identities: Vec<String> },
    /// No kit: one account, and an empty Secret beside it.
    Account(ServiceAccountRef),
}

/// What one session may petition for.
#[derive(Clone, Debug)]
pub(in crate::escalation) struct PetitionRules {
    pub(in crate::escalation) place: Place,
    /// The request's name: one's own, or the one that is decided about.
    pub(in crate::escalation) hash: String,
    /// Only as `dryRun=All`, and nothing can be ended: for `kit check`.
    pub(in crate::escalation) dry_run: bool,
}

impl PetitionRules {
    pub(in crate::escalation) fn check(&self, parts: &Parts) -> Result<(), Refused> {
        let expected = self.dry_run.then_some("dryRun=All");
        if parts.uri.query() != expected {
            return Err(Refused::new(parts, "a petition has no query but that of a dry run"));
        }
        // A dry run leaves nothing behind; everything else has its intent on disk, whose id it carries.
        if !self.dry_run && !parts.headers.contains_key(AUDIT_ID) {
            return Err(Refused::new(
                parts,
                "it carries no Audit-ID, so no intent stands behind it",
            ));
        }
        let path = parts.uri.path();
        let allowed = match parts.method {
            Method::POST => self.may_create(path),
            Method::DELETE => !self.dry_run && self.may_delete(path),
            _ => false,
        };
        if allowed {
            Ok(())
        } else {
            Err(Refused::new(parts, "it is none of this session's petitions"))
        }
    }

    fn may_create(&self, path: &str) -> bool {
        match &self.place {
            Place::Kit { identities } => {
                path == collection("configmaps")
                    || path == collection("secrets")
                    || path == jobs()
                    || identities.iter().any(|identity| path == token(KIT_NAMESPACE, identity))
            }
            Place::Account(account) => {
                path == format!("/api/v1/namespaces/{}/secrets", account.namespace)
                    || path == token(&account.namespace, &account.name)
            }
        }
    }

    fn may_delete(&self, path: &str) -> bool {
        match &self.place {
            Place::Kit { .. } => {
                path == format!("{}/{}", collection("configmaps"), self.hash)
                    || path
                        .strip_prefix(&format!("{}/", collection("secrets")))
                        .and_then(names::parse_grant_name)
                        .is_some_and(|(_, hash)| hash == self.hash)
            }
            Place::Account(account) => path == client_only_secret(&account.namespace, &self.hash),
        }
    }
}

/// `/api/v1/namespaces/kglass-system/<plural>`
pub(in crate::escalation) fn collection(plural: &str) -> String {
    format!("/api/v1/namespaces/{KIT_NAMESPACE}/{plural}")
}

pub(in crate::escalation) fn jobs() -> String {
    format!("/apis/batch/v1/namespaces/{KIT_NAMESPACE}/jobs")
}

pub(in crate::escalation) fn token(namespace: &str, account: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token")
}

/// The Secret that stands for the grant where there is no kit.
pub(in crate::escalation) fn client_only_secret(namespace: &str, hash: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/secrets/kglass-{hash}")
}

/// The elevated transport: whatever changes something carries the id of its intent, and the ways to
/// other identities and to streams stay shut.
pub(in crate::escalation) fn elevated(parts: &Parts) -> Result<(), Refused> {
    let path = parts.uri.path();
    if crate::cluster::guard::read_rules(parts).is_ok() && parts.method == Method::POST {
        return Ok(());
    }
    if !parts.headers.contains_key(AUDIT_ID) {
        return Err(Refused::new(
            parts,
            "it carries no Audit-ID, so no intent stands behind it",
        ));
    }
    if parts.method == Method::POST && is_eviction(path) && parts.uri.query().is_none() {
        return Ok(());
    }
    let is_write = parts.method == Method::DELETE || parts.method == Method::PATCH;
    let is_object = matches!(
        crate::cluster::guard::parse_path(path),
        Ok(crate::cluster::guard::Addressed::Resource(r)) if r.name.is_some() && matches!(r.subresource, None | Some("scale"))
    );
    if is_write && is_object && parts.uri.query().is_none() {
        return Ok(());
    }
    Err(Refused::new(parts, "the gate has no such act"))
}

/// Parameters of an exec or a port-forward.
const STREAM_PARAMETERS: [&str; 7] = ["command", "container", "ports", "stderr", "stdin", "stdout", "tty"];

/// The transport of one stream: a websocket to exec or portforward of one pod, with its intent.
pub(super) fn streaming(parts: &Parts) -> Result<(), Refused> {
    use crate::cluster::guard::{Addressed, parse_path};
    if !parts.headers.contains_key(AUDIT_ID) {
        return Err(Refused::new(
            parts,
            "it carries no Audit-ID, so no intent stands behind it",
        ));
    }
    let upgrades = parts
        .headers
        .get(http::header::UPGRADE)
        .is_some_and(|upgrade| upgrade == "websocket");
    let is_pod = matches!(
        parse_path(parts.uri.path()),
        Ok(Addressed::Resource(r)) if r.group.is_empty()
            && r.resource == "pods"
            && r.namespace.is_some()
            && r.name.is_some()
            && matches!(r.subresource, Some("exec" | "portforward"))
    );
    let known = |pair: &str| STREAM_PARAMETERS.contains(&pair.split('=').next().unwrap_or_default());
    let parameters = parts.uri.query().is_some_and(|query| query.split('&').all(known));
    if parts.method == Method::GET && upgrades && is_pod && parameters {
        return Ok(());
    }
    Err(Refused::new(parts, "the gate has no such stream"))
}

/// Of a pod, which the server refuses where a disruption budget does; deleting asks nobody.
fn is_eviction(path: &str) -> bool {
    use crate::cluster::guard::{Addressed, parse_path};
    matches!(
        parse_path(path),
        Ok(Addressed::Resource(r)) if r.group.is_empty()
            && r.resource == "pods"
            && r.namespace.is_some()
            && r.name.is_some()
            && r.subresource == Some("eviction")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "abcdefghij234567";
    const KIT: &str = "/api/v1/namespaces/kglass-system";

    fn kit() -> PetitionRules {
        PetitionRules {
            place: Place::Kit {
                identities: vec!["restarter".into()],
            },
            hash: HASH.into(),
            dry_run: false,
        }
    }

    fn passes(rules: &PetitionRules, method: &str, uri: &str) -> bool {
        let request = http::Request::builder().method(method).uri(uri).header(AUDIT_ID, "x");
        rules.check(&request.body(()).unwrap().into_parts().0).is_ok()
    }

    #[test]
    fn the_five_petitions_pass() {
        let jobs = "/apis/batch/v1/namespaces/kglass-system/jobs";
        for (method, path) in [
            ("POST", format!("{KIT}/configmaps")),
            ("POST", format!("{KIT}/secrets")),
            ("POST", jobs.into()),
            ("POST", format!("{KIT}/serviceaccounts/restarter/token")),
            ("DELETE", format!("{KIT}/configmaps/{HASH}")),
            ("DELETE", format!("{KIT}/secrets/restarter.ualice.1800000000-{HASH}")),
        ] {
            assert!(passes(&kit(), method, &path), "{method} {path}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (method, path) in [
            ("GET", format!("{KIT}/secrets")),
            ("PUT", format!("{KIT}/configmaps/{HASH}")),
            ("PATCH", format!("{KIT}/configmaps/{HASH}")),
            ("DELETE", format!("{KIT}/configmaps")),
            ("DELETE", format!("{KIT}/secrets")),
            ("DELETE", format!("{KIT}/configmaps/abcdefghij234562")),
            (
                "DELETE",
                format!("{KIT}/secrets/restarter.ualice.1800000000-abcdefghij234562"),
            ),
            ("DELETE", format!("{KIT}/secrets/anything")),
            ("DELETE", "/apis/batch/v1/namespaces/kglass-system/jobs/g-1".into()),
            ("POST", format!("{KIT}/serviceaccounts/other/token")),
            ("POST", format!("{KIT}/serviceaccounts")),
            ("POST", format!("{KIT}/secrets?dryRun=All")),
            ("POST", format!("{KIT}/secrets/")),
            ("POST", "/api/v1/namespaces/shop/secrets".into()),
            ("POST", "/api/v1/namespaces/shop/serviceaccounts/restarter/token".into()),
            ("DELETE", "/api/v1/namespaces/shop/pods/web-0".into()),
        ] {
            assert!(!passes(&kit(), method, &path), "{method} {path}");
        }
    }

    #[test]
    fn a_stream_is_a_websocket_to_one_pod_with_an_intent_and_nothing_else() {
        let check = |method: &str, uri: &str, headers: &[(&str, &str)]| {
            let mut request = http::Request::builder().method(method).uri(uri);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            streaming(&request.body(()).unwrap().into_parts().0).is_ok()
        };
        let good = [(AUDIT_ID, "x"), ("upgrade", "websocket")];
        let pod = "/api/v1/namespaces/shop/pods/web-0";
        assert!(check("GET", &format!("{pod}/exec?command=sh&tty=true"), &good));
        assert!(check("GET", &format!("{pod}/portforward?ports=80"), &good));
        for (method, uri) in [
            ("POST", format!("{pod}/exec?command=sh")),
            ("GET", format!("{pod}/exec")),
            ("GET", format!("{pod}/exec?command=sh&as=admin")),
            ("GET", format!("{pod}/attach?stdin=true")),
            ("GET", format!("{pod}/proxy?command=x")),
            ("GET", format!("{pod}?command=x")),
            ("GET", "/api/v1/nodes/a/exec?command=x".into()),
            ("GET", "/apis/x.io/v1/namespaces/shop/pods/web-0/exec?command=x".into()),
        ] {
            assert!(!check(method, &uri, &good), "{method} {uri}");
        }
        let exec = format!("{pod}/exec?command=sh");
        assert!(!check("GET", &exec, &good[..1]) && !check("GET", &exec, &good[1..]));
    }

    #[test]
    fn a_petition_without_an_intent_is_refused() {
        let request = http::Request::post(format!("{KIT}/configmaps"));
        assert!(kit().check(&request.body(()).unwrap().into_parts().0).is_err());
    }

    #[test]
    fn a_dry_run_is_nothing_but_a_dry_run() {
        let rules = PetitionRules { dry_run: true, ..kit() };
        assert!(passes(&rules, "POST", &format!("{KIT}/secrets?dryRun=All")));
        assert!(!passes(&rules, "POST", &format!("{KIT}/secrets")));
        assert!(!passes(&rules, "POST", &format!("{KIT}/secrets?dryRun=All&x=y")));
        assert!(!passes(
            &rules,
            "DELETE",
            &format!("{KIT}/configmaps/{HASH}?dryRun=All")
        ));
    }

    #[test]
    fn without_the_kit_only_the_accounts_own_paths_pass() {
        let account = ServiceAccountRef {
            namespace: "shop".into(),
            name: "bg".into(),
        };
        let rules = PetitionRules {
            place: Place::Account(account),
            ..kit()
        };
        assert!(passes(&rules, "POST", "/api/v1/namespaces/shop/secrets"));
        assert!(passes(
            &rules,
            "POST",
            "/api/v1/namespaces/shop/serviceaccounts/bg/token"
        ));
        assert!(passes(
            &rules,
            "DELETE",
            &format!("/api/v1/namespaces/shop/secrets/kglass-{HASH}")
        ));
        assert!(!passes(&rules, "DELETE", "/api/v1/namespaces/shop/secrets/other"));
        assert!(!passes(&rules, "POST", &format!("{KIT}/secrets")));
    }

    #[test]
    fn the_elevated_transport_sends_no_write_without_an_intent_and_no_stream() {
        let check = |method: &str, uri: &str, id: bool| {
            let mut request = http::Request::builder().method(method).uri(uri);
            if id {
                request = request.header(AUDIT_ID, "x");
            }
            elevated(&request.body(()).unwrap().into_parts().0).is_ok()
        };
        let pod = "/api/v1/namespaces/shop/pods/web-0";
        assert!(check("DELETE", pod, true) && !check("DELETE", pod, false));
        assert!(check(
            "PATCH",
            "/apis/apps/v1/namespaces/shop/deployments/web/scale",
            true
        ));
        assert!(!check("PATCH", &format!("{pod}/ephemeralcontainers"), true));
        assert!(!check("GET", &format!("{pod}/exec"), true) && !check("POST", &format!("{pod}/exec"), true));
        assert!(check("POST", &format!("{pod}/eviction"), true) && !check("POST", &format!("{pod}/eviction"), false));
        assert!(!check("POST", &format!("{pod}/eviction?dryRun=All"), true));
        assert!(!check("POST", pod, true) && !check("POST", &format!("{pod}/binding"), true));
        assert!(!check("DELETE", "/api/v1/namespaces/shop/pods", true));
        assert!(!check("POST", &format!("{KIT}/serviceaccounts/restarter/token"), true));
        assert!(check(
            "POST",
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            false
        ));
    }
}
