//! What the base identity's transport lets pass: reads and self-reviews. An allow-list of verbs,
//! subresources, non-resource paths and three POST paths (design 4). Exec, attach, port-forward
//! and proxy are GETs on the wire and no reads: their subresources are not in the list.

use http::Method;
use http::request::Parts;

use super::Refused;
use super::path::{Addressed, ResourcePath, parse_path};

/// Reviews about oneself: created, but nothing is stored.
const SELF_REVIEWS: [&str; 3] = [
    "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
];

/// Get, list and watch of resources, discovery, health, and POST of the three self-reviews.
pub fn read_rules(parts: &Parts) -> Result<(), Refused> {
    let refuse = |why: &str| Err(Refused::new(parts, why));
    let path = parts.uri.path();
    if parts.method == Method::POST {
        return if SELF_REVIEWS.contains(&path) && parts.uri.query().is_none() {
            Ok(())
        } else {
            refuse("only reviews about oneself may be posted")
        };
    }
    if parts.method != Method::GET && parts.method != Method::HEAD {
        return refuse("the method is not a read");
    }
    match parse_path(path) {
        Err(why) => refuse(why),
        Ok(Addressed::Discovery) => Ok(()),
        Ok(Addressed::Resource(resource)) if subresource_is_read(&resource) => Ok(()),
        Ok(Addressed::Resource(_)) => refuse("the subresource is not a read"),
        Ok(Addressed::Other(segments)) if is_public(&segments) => Ok(()),
        Ok(Addressed::Other(_)) => refuse("the path is not in the list of reads"),
    }
}

fn subresource_is_read(path: &ResourcePath<'_>) -> bool {
    match path.subresource {
        None | Some("status" | "scale") => true,
        Some("log") => path.group.is_empty() && path.resource == "pods",
        Some(_) => false,
    }
}

fn is_public(segments: &[&str]) -> bool {
    match segments {
        ["version"] | ["openapi", "v2"] => true,
        ["healthz" | "livez" | "readyz", rest @ ..] => rest.len() <= 2,
        ["openapi", "v3", rest @ ..] => rest.len() <= 3,
        _ => false,
    }
}
