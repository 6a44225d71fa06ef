//! The in-cluster kit, generated from the policy: what makes the API server itself enforce the
//! rules. The same policy always gives the same bytes; must never give a right that the policies
//! printed before it do not bound.

mod access;
mod check;
mod compare;
mod policies;
mod rehearse;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use super::policy::{KIT_NAMESPACE, Policy};

pub use check::{Checked, KitReport, Verdict, check};

/// What `kglass kit print` writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// Namespace, policies, accounts. To be installed first.
    pub policies: String,
    /// The rights. Only when the policies answer.
    pub access: String,
    pub install: String,
}

#[derive(Debug, thiserror::Error)]
pub enum KitError {
    #[error("{}: {cause}; choose a folder that can be written to", path.display())]
    Write { path: PathBuf, cause: io::Error },
    #[error("the policy has no role that the kit could serve: all have a service_account; nothing is printed")]
    NoRoles,
}

/// The kit for the API server of `context` (it has an audience of its own).
pub fn generate(policy: &Policy, context: &str) -> Kit {
    Kit {
        policies: policies::render(policy, context),
        access: access::render(policy),
        install: policies::install(policy),
    }
}

/// Writes the three files, replacing older ones, and names them.
pub fn print(policy: &Policy, context: &str, folder: &Path) -> Result<Vec<PathBuf>, KitError> {
    if policy.kit_identities().is_empty() {
        return Err(KitError::NoRoles);
    }
    let kit = generate(policy, context);
    let failed = |path: &Path, cause| KitError::Write {
        path: path.to_owned(),
        cause,
    };
    std::fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
    let files = [
        ("1-policies.yaml", kit.policies, false),
        ("2-access.yaml", kit.access, false),
        ("install.sh", kit.install, true),
    ];
    let mut written = Vec::new();
    for (name, text, is_program) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|e| failed(&path, e))?;
        if is_program {
            make_executable(&path).map_err(|e| failed(&path, e))?;
        }
        written.push(path);
    }
    Ok(written)
}

fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

/// `system:serviceaccount:kglass-system:<identity>`
pub(super) fn user_of(identity: &str) -> String {
    format!("system:serviceaccount:{KIT_NAMESPACE}:{identity}")
}
