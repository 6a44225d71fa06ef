//! The library as cargo built it for this test, and rustc run against it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// Crates that programs may name beside kglass.
const ALSO: [&str; 5] = ["kube", "serde", "serde_json", "http", "secrecy"];

pub struct Library {
    /// Crate name and rlib, or proc macro.
    externs: BTreeMap<String, PathBuf>,
    deps: PathBuf,
    /// Metadata goes here; nothing is linked.
    out: tempfile::TempDir,
}

pub struct CompileError {
    /// `E0277`; empty if the compiler gave none.
    pub code: String,
    pub file: String,
    pub line: usize,
    pub text: String,
}

impl fmt::Debug for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{}: {}", self.code, self.file, self.line, self.text)
    }
}

pub enum Verdict {
    Compiles,
    Refused(Vec<CompileError>),
}

impl Library {
    pub fn get() -> &'static Self {
        static LIBRARY: OnceLock<Library> = OnceLock::new();
        LIBRARY.get_or_init(Self::find)
    }

    /// Asks cargo itself: several builds of the library may lie in the target folder, and only
    /// cargo knows which is of this source. It finds everything fresh and builds nothing.
    fn find() -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_kglass"));
        let profile = program.parent().expect("target/<profile>/kglass");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--lib", "--offline", "--locked", "--message-format=json"]);
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        let output = cargo
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("CARGO_TARGET_DIR", profile.parent().expect("target/<profile>"))
            .output()
            .expect("cargo runs where it compiled this test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut externs = BTreeMap::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let message: Value = serde_json::from_str(line).expect("cargo writes JSON");
            if let Some((name, path)) = artifact(&message) {
                externs.insert(name, path);
            }
        }
        assert!(externs.contains_key("kglass"), "cargo named no library: {externs:?}");
        Self {
            externs,
            deps: profile.join("deps"),
            out: tempfile::tempdir().expect("there is room for metadata"),
        }
    }

    /// A crate against the built library, with these `cfg`s set.
    pub fn compile(&self, name: &str, text: &str, cfgs: &[&str]) -> Verdict {
        let source = self.out.path().join(format!("{name}.rs"));
        std::fs::write(&source, text).expect("there is room for a few lines");
        let mut wanted: Vec<&str> = vec!["kglass"];
        wanted.extend(ALSO);
        self.run(name, &source, cfgs, &wanted)
    }

    /// The library itself from another copy of its source.
    pub fn compile_library(&self, name: &str, source: &Path) -> Verdict {
        let all: Vec<&str> = self
            .externs
            .keys()
            .map(String::as_str)
            .filter(|n| *n != "kglass")
            .collect();
        self.run(name, source, &[], &all)
    }

    /// A crate of a few lines under clippy, with the package's own settings. Clippy comes with the
    /// toolchain; without it the test fails and says so.
    pub fn lint(&self, name: &str, text: &str) -> Verdict {
        let source = self.out.path().join(format!("{name}.rs"));
        std::fs::write(&source, text).expect("there is room for a few lines");
        let mut command = self.command(OsString::from("clippy-driver"), name, &ALSO);
        command.env("CLIPPY_CONF_DIR", env!("CARGO_MANIFEST_DIR")).args([
            "-D",
            "clippy::disallowed_types",
            "-D",
            "clippy::disallowed_methods",
        ]);
        verdict(command.arg(&source))
    }

    fn run(&self, name: &str, source: &Path, cfgs: &[&str], externs: &[&str]) -> Verdict {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut command = self.command(rustc, name, externs);
        command.args(["--check-cfg", "cfg(bad)", "--cap-lints", "allow"]);
        for cfg in cfgs {
            command.args(["--cfg", cfg]);
        }
        verdict(command.arg(source))
    }

    fn command(&self, compiler: OsString, name: &str, externs: &[&str]) -> Command {
        let mut command = Command::new(compiler);
        command
            .args([
                "--edition",
                "2024",
                "--crate-type",
                "lib",
                "--emit",
                "metadata",
                "--error-format",
                "json",
            ])
            .args(["--crate-name", name])
            .arg("--out-dir")
            .arg(self.out.path())
            .arg("-L")
            .arg(format!("dependency={}", self.deps.display()))
            .env("CARGO_PKG_VERSION", env!("CARGO_PKG_VERSION"))
            .env("CARGO_PKG_NAME", env!("CARGO_PKG_NAME"))
            .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"));
        for name in externs {
            let path = self
                .externs
                .get(*name)
                .unwrap_or_else(|| panic!("cargo built no {name}"));
            command.arg("--extern").arg(format!("{name}={}", path.display()));
        }
        command
    }
}

fn verdict(command: &mut Command) -> Verdict {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{} cannot be run: {e}", command.get_program().display()));
    let told = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<CompileError> = told.lines().filter_map(error).collect();
    if output.status.success() {
        return Verdict::Compiles;
    }
    assert!(
        !errors.is_empty(),
        "the compiler failed without an error of its own: {told}"
    );
    Verdict::Refused(errors)
}

fn artifact(message: &Value) -> Option<(String, PathBuf)> {
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let name = message.pointer("/target/name")?.as_str()?.replace('-', "_");
    let mut files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
    let kind = message.pointer("/target/kind/0")?.as_str()?;
    let ending = if kind == "proc-macro" {
        std::env::consts::DLL_SUFFIX
    } else {
        ".rlib"
    };
    let file = files.rfind(|f| f.ends_with(ending))?;
    (kind != "custom-build" && kind != "bin").then(|| (name, PathBuf::from(file)))
}

/// An error with a place; the summary line at the end has none.
fn error(line: &str) -> Option<CompileError> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["level"] != "error" {
        return None;
    }
    let spans = message["spans"].as_array()?;
    let primary = spans.iter().find(|s| s["is_primary"] == true)?;
    Some(CompileError {
        code: message
            .pointer("/code/code")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        file: primary["file_name"].as_str()?.to_owned(),
        line: usize::try_from(primary["line_start"].as_u64()?).ok()?,
        text: message["message"].as_str()?.to_owned(),
    })
}
