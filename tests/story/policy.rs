//! Policies for stories: the built-in one with short grants and the namespace of the test.

/// The built-in policy with `ttl` as the longest grant of both roles, and `namespace` for the
/// namespace-operator.
pub fn with(ttl: &str, namespace: &str) -> String {
    let policy = include_str!("../../assets/policy.toml");
    let policy = policy.replace("namespaces = [\"default\"]", &format!("namespaces = [\"{namespace}\"]"));
    assert!(
        policy.contains(namespace),
        "the built-in policy names its namespaces as expected"
    );
    policy
        .replace("max_ttl = \"10m\"", &format!("max_ttl = \"{ttl}\""))
        .replace("max_ttl = \"30m\"", &format!("max_ttl = \"{ttl}\""))
}
