//! Who the API server knows, by static tokens, and the kubeconfigs with which
//! they come.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Name and groups; who else may ask is `outsider`, whose token the server does not know.
const PEOPLE: &[(&str, &[&str])] = &[
    ("admin", &["system:masters"]),
    ("viewer", &["viewers"]),
    ("oncall", &["oncall", "viewers"]),
    ("lead", &["approvers", "viewers"]),
    ("mona", &["approvers", "oncall", "viewers"]),
    ("norights", &[]),
];

/// Components that come as themselves.
const MACHINERY: &[(&str, &str, &[&str])] = &[
    ("controllers", "system:kube-controller-manager", &[]),
    ("scheduler", "system:kube-scheduler", &[]),
    // The node is called by its address, so that the API server reaches it on loopback.
    ("node", "system:node:127.0.0.1", &["system:nodes"]),
];

/// A kubeconfig for everybody, and one for somebody the server does not know, ready for whoever
/// looks into a running rig.
pub fn write_kubeconfigs(folder: &Path, server: &str, ca_pem: &str) -> io::Result<()> {
    for name in PEOPLE.iter().map(|(name, _)| *name).chain(["outsider"]) {
        write_kubeconfig(folder, server, ca_pem, &[name])?;
    }
    Ok(())
}

pub fn token(user: &str) -> String {
    format!("{user}-token")
}

/// The file for `--token-auth-file`.
pub fn token_file(more: &[(String, Vec<String>)]) -> String {
    let mut text = String::new();
    let mut line = |key: &str, name: &str, groups: String| {
        let _ = writeln!(text, "{},{name},uid-{key},\"{groups}\"", token(key));
    };
    for (name, groups) in PEOPLE {
        line(name, name, groups.join(","));
    }
    for (key, name, groups) in MACHINERY {
        line(key, name, groups.join(","));
    }
    for (name, groups) in more {
        line(name, name, groups.join(","));
    }
    text
}

/// Writes a kubeconfig with a context for each user, named after them; the first is current.
pub fn write_kubeconfig(folder: &Path, server: &str, ca_pem: &str, users: &[&str]) -> io::Result<PathBuf> {
    let ca = STANDARD.encode(ca_pem);
    let mut text = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: rig\n  cluster:\n    server: {server}\n    \
         certificate-authority-data: {ca}\ncurrent-context: {}\n",
        users[0]
    );
    text.push_str("users:\n");
    for user in users {
        let _ = writeln!(text, "- name: {user}\n  user:\n    token: {}", token(user));
    }
    text.push_str("contexts:\n");
    for user in users {
        let _ = writeln!(text, "- name: {user}\n  context:\n    cluster: rig\n    user: {user}");
    }
    let path = folder.join("kubeconfig").join(format!("{}.yaml", users.join("-")));
    fs::create_dir_all(folder.join("kubeconfig"))?;
    // By rename: two tests may write the same file at once, and a reader must see all of it.
    let draft = tempfile::NamedTempFile::new_in(folder.join("kubeconfig"))?;
    fs::write(draft.path(), text)?;
    draft.persist(&path).map_err(|error| error.error)?;
    Ok(path)
}
