//! What a shell finds around it: the pod's name, its container's command, environment and files.

use serde_json::Value;

use super::super::store::text;

pub(in crate::embedded) struct Situation {
    pub(super) hostname: String,
    pub(super) command: String,
    pub(super) files: Vec<(String, String)>,
    pub(super) environment: Vec<(String, String)>,
}

impl Situation {
    pub fn new(pod: &Value, container: &str, files: Vec<(String, String)>) -> Self {
        let hostname = text(pod, "/metadata/name").unwrap_or_default().to_owned();
        let specs = pod.pointer("/spec/containers").and_then(Value::as_array);
        let spec = specs.and_then(|all| all.iter().find(|c| text(c, "/name") == Some(container)));
        let list = |field: &str| -> Vec<String> {
            let words = spec.and_then(|s| s.get(field)).and_then(Value::as_array);
            words
                .into_iter()
                .flatten()
                .filter_map(|w| w.as_str().map(str::to_owned))
                .collect()
        };
        let mut command = list("command");
        command.extend(list("args"));
        let own = spec.and_then(|s| s.get("env")).and_then(Value::as_array);
        let mut environment = vec![
            (
                "PATH".to_owned(),
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
            ),
            ("HOSTNAME".to_owned(), hostname.clone()),
            ("HOME".to_owned(), "/root".to_owned()),
            ("KUBERNETES_SERVICE_HOST".to_owned(), "10.96.0.1".to_owned()),
            ("KUBERNETES_SERVICE_PORT".to_owned(), "443".to_owned()),
        ];
        environment.extend(own.into_iter().flatten().filter_map(|e| {
            Some((
                text(e, "/name")?.to_owned(),
                text(e, "/value").unwrap_or_default().to_owned(),
            ))
        }));
        let mut all = vec![
            ("/etc/hostname".to_owned(), format!("{hostname}\n")),
            (
                "/etc/os-release".to_owned(),
                "NAME=\"Embedded\"\nID=embedded\n".to_owned(),
            ),
            (
                "/etc/hosts".to_owned(),
                format!("127.0.0.1\tlocalhost\n10.1.0.1\t{hostname}\n"),
            ),
        ];
        all.extend(files);
        Self {
            hostname,
            command: if command.is_empty() {
                format!("/{container}")
            } else {
                command.join(" ")
            },
            files: all,
            environment,
        }
    }
}
