//! What a request asks for, read from its method and URL as the API server does. Classified by
//! verb and subresource, never by method alone.

use std::collections::BTreeMap;

use http::Method;

/// What RBAC and the audit log go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    pub verb: String,
    pub group: String,
    pub version: String,
    /// None for a path that is no resource: `/version`, discovery.
    pub resource: Option<String>,
    pub subresource: Option<String>,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub path: String,
}

impl Attributes {
    /// `deployments/scale`; empty for a path that is no resource.
    pub fn resource_path(&self) -> String {
        match (&self.resource, &self.subresource) {
            (Some(resource), Some(sub)) => format!("{resource}/{sub}"),
            (Some(resource), None) => resource.clone(),
            (None, _) => String::new(),
        }
    }

    pub(super) fn of(method: &Method, path: &str, query: &Params) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
        let (group, version, rest) = match parts.as_slice() {
            ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
            ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
            _ => return Self::non_resource(method, path),
        };
        let mut at = Self {
            group: group.to_owned(),
            version: version.to_owned(),
            path: path.to_owned(),
            ..Self::default()
        };
        at.place(rest);
        if at.name.is_none() {
            at.name = query.field_name();
        }
        verb(method, rest_has_name(rest), query).clone_into(&mut at.verb);
        at
    }

    fn non_resource(method: &Method, path: &str) -> Self {
        Self {
            verb: method.as_str().to_lowercase(),
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// Namespace, resource, name and subresource from the part behind the version.
    fn place(&mut self, rest: &[&str]) {
        let own = |s: &&str| Some((*s).to_owned());
        let rest = match rest {
            ["namespaces", ns, tail @ ..] => {
                self.namespace = own(ns);
                // `namespaces/shop` and `namespaces/shop/status` are about the namespace itself.
                if tail.is_empty() || matches!(tail, ["status" | "finalize"]) {
                    rest
                } else {
                    tail
                }
            }
            _ => rest,
        };
        self.resource = rest.first().and_then(own);
        self.name = rest.get(1).and_then(own);
        self.subresource = (rest.len() > 2).then(|| rest[2..].join("/"));
    }
}

fn rest_has_name(rest: &[&str]) -> bool {
    match rest {
        ["namespaces", _, tail @ ..] => tail.is_empty() || tail.len() > 1 || matches!(tail, ["status" | "finalize"]),
        _ => rest.len() > 1,
    }
}

fn verb(method: &Method, named: bool, query: &Params) -> &'static str {
    match (method.as_str(), named) {
        ("GET" | "HEAD", _) if query.is_watch() => "watch",
        ("GET" | "HEAD", true) => "get",
        ("GET" | "HEAD", false) => "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => "",
    }
}

/// The query of a URL, decoded.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(BTreeMap<String, Vec<String>>);

impl Params {
    pub fn parse(query: Option<&str>) -> Self {
        let pairs = query.unwrap_or_default().split('&').filter(|p| !p.is_empty());
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in pairs {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            all.entry(decode(key)).or_default().push(decode(value));
        }
        Self(all)
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.all(key).first().map(String::as_str).filter(|v| !v.is_empty())
    }

    /// Every value of a parameter that is named more than once: `command`.
    pub fn all(&self, key: &str) -> &[String] {
        self.0.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn is_true(&self, key: &str) -> bool {
        matches!(self.get(key), Some("true" | "1"))
    }

    pub fn is_watch(&self) -> bool {
        self.is_true("watch")
    }

    pub fn is_dry_run(&self) -> bool {
        self.get("dryRun") == Some("All")
    }

    /// A collection narrowed to one name is checked as a request for that name.
    fn field_name(&self) -> Option<String> {
        let fields = self.get("fieldSelector")?;
        fields
            .split(',')
            .find_map(|term| term.strip_prefix("metadata.name="))
            .map(|name| name.trim_start_matches('=').to_owned())
    }
}

fn decode(raw: &str) -> String {
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| raw.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (hex, bytes[at]) {
            (Some(byte), _) => {
                out.push(byte);
                at += 2;
            }
            (None, b'+') => out.push(b' '),
            (None, byte) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: Method, url: &str) -> String {
        let (path, query) = url.split_once('?').map_or((url, None), |(p, q)| (p, Some(q)));
        let at = Attributes::of(&method, path, &Params::parse(query));
        format!(
            "{} {}|{}|{}|{}",
            at.verb,
            at.group,
            at.resource_path(),
            at.namespace.unwrap_or_default(),
            at.name.unwrap_or_default()
        )
    }

    #[test]
    fn verbs_and_places_are_those_of_the_api_server() {
        for (method, url, expected) in [
            (Method::GET, "/api/v1/pods", "list |pods||"),
            (Method::GET, "/api/v1/namespaces/shop/pods?watch=1", "watch |pods|shop|"),
            (
                Method::GET,
                "/api/v1/namespaces/shop/pods/web-0",
                "get |pods|shop|web-0",
            ),
            (Method::GET, "/api/v1/namespaces/shop", "get |namespaces|shop|shop"),
            (Method::GET, "/api/v1/namespaces", "list |namespaces||"),
            (
                Method::GET,
                "/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dx",
                "list |pods|shop|x",
            ),
            (
                Method::DELETE,
                "/api/v1/namespaces/shop/pods",
                "deletecollection |pods|shop|",
            ),
            (
                Method::PATCH,
                "/apis/apps/v1/namespaces/shop/deployments/web/scale",
                "patch apps|deployments/scale|shop|web",
            ),
            (
                Method::POST,
                "/api/v1/namespaces/kglass-system/serviceaccounts/restarter/token",
                "create |serviceaccounts/token|kglass-system|restarter",
            ),
            (Method::GET, "/apis/apps/v1", "get |||"),
            (Method::GET, "/version", "get |||"),
        ] {
            assert_eq!(read(method, url), expected, "{url}");
        }
    }

    #[test]
    fn a_query_is_decoded() {
        let params = Params::parse(Some("labelSelector=a%20in+(b%2Cc)&watch=true&empty="));
        assert_eq!(params.get("labelSelector"), Some("a in (b,c)"));
        assert!(params.is_watch());
        assert_eq!(params.get("empty"), None);
    }
}
