//! Where a receiver lives: a network of its own behind a pair of links that can be cut, and a small
//! disk that can be filled. Gone when dropped.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

static LANDS: AtomicU32 = AtomicU32::new(0);
/// Of the disk, in MiB: room for the longest storm.
const DISK: u32 = 192;

pub struct Land {
    name: String,
    /// Of the receiver, as kglass sees it.
    pub address: String,
    pub disk: PathBuf,
    _folder: tempfile::TempDir,
    pub folder: PathBuf,
}

impl Land {
    pub fn new() -> Self {
        let number = LANDS.fetch_add(1, Ordering::SeqCst);
        let pid = std::process::id();
        let name = format!("kg{}n{number}", pid % 100_000);
        let net = format!("10.{}.{}", 200 + number % 50, pid % 250);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let disk = folder.path().join("disk");
        std::fs::create_dir(&disk).unwrap();
        let land = Self {
            address: format!("{net}.2"),
            folder: folder.path().to_owned(),
            name,
            disk,
            _folder: folder,
        };
        let (name, near, far) = (&land.name, format!("{}a", land.name), format!("{}b", land.name));
        run(
            "mount",
            &["-t", "tmpfs", "-o", &format!("size={DISK}m"), "none", text(&land.disk)],
        );
        run("ip", &["netns", "add", name]);
        run(
            "ip",
            &[
                "link", "add", &near, "type", "veth", "peer", "name", &far, "netns", name,
            ],
        );
        run("ip", &["addr", "add", &format!("{net}.1/24"), "dev", &near]);
        run("ip", &["link", "set", &near, "up"]);
        land.inside(&["ip", "addr", "add", &format!("{net}.2/24"), "dev", &far]);
        land.inside(&["ip", "link", "set", "lo", "up"]);
        land.join();
        land
    }

    /// The link is dead from now on: nothing is refused, nothing arrives.
    pub fn cut(&self) {
        self.inside(&["ip", "link", "set", &format!("{}b", self.name), "down"]);
    }

    pub fn join(&self) {
        self.inside(&["ip", "link", "set", &format!("{}b", self.name), "up"]);
    }

    /// The disk is full from now on.
    pub fn fill(&self) {
        let filler = self.disk.join("filler");
        let status = Command::new("dd")
            .args(["if=/dev/zero", &format!("of={}", text(&filler)), "bs=64k"])
            .stderr(Stdio::null())
            .status();
        // It ends with an error, as it should: no space is left.
        assert!(!status.expect("dd").success());
    }

    pub fn free(&self) {
        std::fs::remove_file(self.disk.join("filler")).expect("the filler is there");
    }

    /// A command in this network.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    fn inside(&self, words: &[&str]) {
        let mut all = vec!["netns", "exec", self.name.as_str()];
        all.extend(words);
        run("ip", &all);
    }
}

impl Drop for Land {
    fn drop(&mut self) {
        // All of it, whatever of it fails.
        for words in [
            vec!["ip", "netns", "del", &self.name],
            vec!["umount", "-l", text(&self.disk)],
        ] {
            let _ = Command::new(words[0]).args(&words[1..]).stderr(Stdio::null()).status();
        }
    }
}

/// Whether the receivers can run here. Under CI they must.
pub fn can_run() -> bool {
    let tools = ["rsyslogd", "ip", "openssl", "mount"];
    let missing = tools.into_iter().find(|tool| !is_there(tool));
    let why = match missing {
        _ if !rustix::process::geteuid().is_root() => "root is needed for a network and a disk of their own".to_owned(),
        Some(tool) => format!("{tool} is missing"),
        None if !Path::new("/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so").exists()
            && !Path::new("/usr/lib/aarch64-linux-gnu/rsyslog/lmnsd_gtls.so").exists() =>
        {
            "rsyslog-gnutls is missing".to_owned()
        }
        None => return true,
    };
    let told = format!("real log receivers did not run: {why}; `tests/run` installs what is missing");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{told}");
    let _ = writeln!(std::io::stderr(), "{told}");
    false
}

pub fn run(program: &str, words: &[&str]) {
    let output = Command::new(program).args(words).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {words:?}: {said}");
}

fn is_there(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    path.split(':').any(|folder| Path::new(folder).join(program).is_file())
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}
