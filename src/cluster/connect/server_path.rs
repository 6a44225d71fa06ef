//! The path of a context's `server` URL. It is put before every path that the guard has let pass,
//! below the guard: one that leads into the API would turn reads and self-reviews into requests to
//! `proxy` or to anything else. Paths of gateways (`/k8s/clusters/c-1`) stay usable.

use crate::cluster::guard::segments;

/// The error says what is wrong with the path.
pub(super) fn check(path: &str) -> Result<(), &'static str> {
    let path = path.trim_end_matches('/');
    if path.is_empty() {
        return Ok(());
    }
    let segments = segments(path).map_err(|_| "the path of its `server` has an empty, dotted or encoded part")?;
    let begins_api = matches!(segments[0], "api" | "apis");
    // A gateway in front, and the API behind it.
    let is_version = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()))
    };
    let names_version = (0..segments.len()).any(|at| match &segments[at..] {
        ["api", version, ..] | ["apis", _, version, ..] => is_version(version),
        _ => false,
    });
    if begins_api || names_version {
        Err("the path of its `server` leads into an API, where reads would become other requests")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateways_pass_and_paths_into_an_api_do_not() {
        for path in [
            "",
            "/",
            "/k8s/clusters/c-m-abc12",
            "/kubernetes/project/p/cluster/x/",
            "/proxies/1",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
        for path in [
            "/api/v1/namespaces/shop/services/x/proxy",
            "/api",
            "/apis/",
            "/k8s/clusters/c-1/api/v1/namespaces/shop/services/x/proxy",
            "/gateway/apis/apps/v1/namespaces/shop/deployments/web",
            "/gateway/api/v1",
            "/%61pi/v1/namespaces",
            "//api/v1",
            "/x/../api/v1",
        ] {
            assert!(check(path).is_err(), "{path}");
        }
    }
}
