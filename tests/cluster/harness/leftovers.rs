//! What a rig has left on the machine. Nothing, one hopes.

use std::{fs, path::Path};

/// Everything of a slot that is still there, in words; the lock file stays by design.
pub fn leftovers(slot: u16) -> Vec<String> {
    let folder = format!("/tmp/kglass-rig/{slot}");
    let cgroup = format!("kglass-rig-{slot}");
    let mut found = processes(slot, &folder, &cgroup);
    if let Ok(mounts) = fs::read_to_string("/proc/mounts") {
        let of_rig = |line: &&str| line.contains(&format!("{folder}/"));
        found.extend(mounts.lines().filter(of_rig).map(|line| format!("mount {line}")));
    }
    let bridge = format!("/sys/class/net/kglass-rig{slot}");
    let groups = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten();
    let groups = groups.map(|entry| entry.path().join(&cgroup).display().to_string());
    let places = [folder, bridge, format!("/sys/fs/cgroup/{cgroup}")];
    found.extend(places.into_iter().chain(groups).filter(|path| Path::new(path).exists()));
    found
}

/// By environment, command line and control group: a container has only the last.
fn processes(slot: u16, folder: &str, cgroup: &str) -> Vec<String> {
    let marker = format!("KGLASS_RIG_SLOT={slot}");
    let is_of_rig = |process: &Path| {
        let read = |file| fs::read(process.join(file)).unwrap_or_default();
        let has = |text: &[u8], part: &str| text.windows(part.len()).any(|window| window == part.as_bytes());
        read("environ")
            .split(|byte| *byte == 0)
            .any(|entry| entry == marker.as_bytes())
            || has(&read("cmdline"), &format!("{folder}/"))
            || has(&read("cgroup"), &format!("/{cgroup}/"))
    };
    let all = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    all.filter(|path| is_of_rig(path))
        .map(|path| {
            let command = fs::read(path.join("cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            format!("process {} {command}", path.display())
        })
        .collect()
}
