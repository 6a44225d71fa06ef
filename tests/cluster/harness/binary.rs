//! Whether this machine can run a rig: the one place that decides between
//! running the real tests, failing, and saying in one line what did not run.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use sha2::{Digest, Sha256};

/// The program that is every component, built by `tests/run` from `tests/cluster/rig`.
#[derive(Clone, Debug)]
pub struct RigBinary(PathBuf);

impl RigBinary {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// The rig's program if real clusters can be started here. Where they cannot,
/// CI fails, and anybody else's run is told once what it went without.
pub fn require() -> Option<RigBinary> {
    static FOUND: OnceLock<Result<RigBinary, String>> = OnceLock::new();
    let mut is_first = false;
    let found = FOUND.get_or_init(|| {
        is_first = true;
        find()
    });
    match found {
        Ok(binary) => Some(binary.clone()),
        Err(missing) => {
            let told = format!("real clusters did not run: {missing}; `tests/run` installs and builds what is missing");
            assert!(env::var("CI").as_deref() != Ok("true"), "{told}");
            if is_first {
                // Past the capture of a passing test's output, which would swallow it.
                let _ = writeln!(std::io::stderr(), "{told}");
            }
            None
        }
    }
}

fn find() -> Result<RigBinary, String> {
    if !cfg!(target_os = "linux") {
        return Err("they need Linux".to_owned());
    }
    if !rustix::process::geteuid().is_root() {
        return Err("they need root".to_owned());
    }
    let tools = [
        "unshare",
        "setsid",
        "flock",
        "ip",
        "containerd",
        "ctr",
        "runc",
        "busybox",
    ];
    let missing: Vec<&str> = tools.into_iter().filter(|tool| !is_on_path(tool)).collect();
    if !missing.is_empty() {
        return Err(format!("no {} on the PATH", missing.join(", ")));
    }
    let path = cache()?.join(sources_hash()?).join("rig");
    if path.is_file() {
        Ok(RigBinary(path))
    } else {
        Err(format!("no {}", path.display()))
    }
}

fn is_on_path(tool: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(tool).is_file()))
}

/// Outside the checkout, so that a fresh clone need not build for five minutes again.
fn cache() -> Result<PathBuf, String> {
    let of = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    of("KGLASS_RIG_CACHE")
        .or_else(|| of("XDG_CACHE_HOME").map(|folder| folder.join("kglass-rig")))
        .or_else(|| of("HOME").map(|folder| folder.join(".cache/kglass-rig")))
        .ok_or_else(|| "neither KGLASS_RIG_CACHE nor HOME is set".to_owned())
}

/// `tests/cluster` of the checkout that runs: cargo says at run time which, and
/// a target folder shared by several checkouts would bring the wrong one along.
pub fn cluster_folder() -> PathBuf {
    let checkout = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&checkout).join("tests/cluster")
}

/// The same as `sha256sum *.go go.mod go.sum | sha256sum`, sorted by name, in `tests/run`.
fn sources_hash() -> Result<String, String> {
    let folder = cluster_folder().join("rig");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name == "go.mod" || name == "go.sum" || name.rsplit('.').next() == Some("go"))
        .collect();
    names.sort();
    let mut list = String::new();
    for name in names {
        let text = fs::read(folder.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        list.push_str(&hex(&Sha256::digest(&text)));
        list.push_str("  ");
        list.push_str(&name);
        list.push('\n');
    }
    Ok(hex(&Sha256::digest(list.as_bytes())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
