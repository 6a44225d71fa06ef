//! What a request path addresses, by the rules of the API server's RequestInfo, but stricter: a
//! path that two readers could understand differently (encoded, doubled, dotted, upper-case) is
//! not parsed at all.

/// The parts of a resource path. `resource` and `subresource` are as RBAC names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourcePath<'a> {
    /// Empty for the core group.
    pub group: &'a str,
    pub version: &'a str,
    pub namespace: Option<&'a str>,
    pub resource: &'a str,
    pub name: Option<&'a str>,
    pub subresource: Option<&'a str>,
}

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressed<'a> {
    /// `/api`, `/api/v1`, `/apis`, `/apis/apps`, `/apis/apps/v1`: documents of discovery.
    Discovery,
    Resource(ResourcePath<'a>),
    /// Everything else, by its segments.
    Other(Vec<&'a str>),
}

/// Splits a path into segments, or says what is wrong with it.
pub fn segments(path: &str) -> Result<Vec<&str>, &'static str> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err("the path is not absolute");
    };
    let segments: Vec<&str> = rest.split('/').collect();
    for segment in &segments {
        match *segment {
            "" => return Err("the path has an empty segment or a trailing slash"),
            "." | ".." => return Err("the path has a dot segment"),
            _ => {}
        }
        if !segment.bytes().all(is_plain) {
            return Err("the path has an encoded or unusual character");
        }
    }
    Ok(segments)
}

/// Characters of names that servers and proxies pass on as they are. RBAC names hold `:` and `@`.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'@' | b'+' | b'~')
}

/// Groups, versions, resources and subresources are lower-case words.
fn is_word(segment: &str) -> bool {
    segment
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

/// What `path` addresses; the error says what is wrong with it.
pub fn parse_path(path: &str) -> Result<Addressed<'_>, &'static str> {
    let segments = segments(path)?;
    let (group, version, rest) = match segments.as_slice() {
        ["api" | "apis"] => return Ok(Addressed::Discovery),
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group] if is_word(group) => return Ok(Addressed::Discovery),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return Ok(Addressed::Other(segments)),
    };
    if !is_word(group) || !is_word(version) {
        return Err("group or version is not a lower-case word");
    }
    if rest.is_empty() {
        return Ok(Addressed::Discovery);
    }
    parse_resource(group, version, rest).map(Addressed::Resource)
}

/// `namespaces/x/pods` is pods in x; `namespaces`, `namespaces/x`, `namespaces/x/status` and
/// `namespaces/x/finalize` are about the namespace itself.
fn parse_resource<'a>(group: &'a str, version: &'a str, rest: &[&'a str]) -> Result<ResourcePath<'a>, &'static str> {
    let (namespace, parts) = match rest {
        ["namespaces", _, "status" | "finalize", ..] => (None, rest),
        ["namespaces", namespace, parts @ ..] if !parts.is_empty() => (Some(*namespace), parts),
        _ => (None, rest),
    };
    let (resource, name, subresource) = match *parts {
        [resource] => (resource, None, None),
        [resource, name] => (resource, Some(name), None),
        [resource, name, subresource] => (resource, Some(name), Some(subresource)),
        _ => return Err("the path goes deeper than a subresource"),
    };
    // Old servers read these first words as a verb: `/api/v1/proxy/…`, `/api/v1/watch/…`.
    if matches!(resource, "proxy" | "redirect" | "watch") || rest[0] == "proxy" || rest[0] == "watch" {
        return Err("the path names a verb");
    }
    if !is_word(resource) || !subresource.is_none_or(is_word) {
        return Err("resource or subresource is not a lower-case word");
    }
    Ok(ResourcePath {
        group,
        version,
        namespace,
        resource,
        name,
        subresource,
    })
}
