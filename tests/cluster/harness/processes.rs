//! What runs in a container, as the machine's own kernel has it: the rig's pods are its processes.

use std::{fs, path::PathBuf};

use super::{people, rig::Rig};

/// One process in a container, as the host sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    pub pid: u32,
    /// Its arguments, with blanks between.
    pub line: String,
}

impl Process {
    /// A file of the container, by its path there.
    pub fn file(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.pid))
    }
}

impl Rig {
    /// Everything that runs in the first container of a pod, whoever started it: whatever is started in a
    /// container, by exec too, is in its control group, and no client can take it out.
    pub fn processes(&self, namespace: &str, pod: &str) -> Vec<Process> {
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}");
        let pod = self.http("GET", &path, Some(&people::token("admin")), None).json;
        let id = pod["status"]["containerStatuses"][0]["containerID"].as_str();
        let id = id.and_then(|id| id.strip_prefix("containerd://")).expect("it has run");
        let all = fs::read_dir("/proc").expect("Linux").flatten();
        let mut found: Vec<Process> = all
            .filter_map(|process| {
                let pid = process.file_name().to_str()?.parse().ok()?;
                let groups = fs::read_to_string(process.path().join("cgroup")).ok()?;
                let line = fs::read(process.path().join("cmdline")).ok()?;
                let line = String::from_utf8_lossy(&line).replace('\0', " ").trim().to_owned();
                // Without arguments it is one that has ended and is not taken off the list yet.
                (groups.contains(id) && !line.is_empty()).then_some(Process { pid, line })
            })
            .collect();
        found.sort();
        found
    }
}
