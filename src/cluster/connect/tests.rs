use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use kube::config::ExecConfig;
use secrecy::ExposeSecret;

use super::credential::{Credentials, Source};
use super::exec::ExecPlugin;
use super::files::Kubeconfigs;
use super::token_file::TokenFile;
use crate::cluster::{ConnectError, Identity};

const SECRET: &str = "s3cr3t-t0k3n-that-must-not-be-seen";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// An executable script.
    fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

fn kubeconfig(name: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {name}\n\
         clusters:\n- name: c-{name}\n  cluster: {{server: 'https://{name}.example:6443'}}\n\
         contexts:\n- name: {name}\n  context: {{cluster: c-{name}, user: u-{name}, namespace: shop}}\n\
         users:\n- name: u-{name}\n  user: {user}\n"
    )
}

fn failed<T>(result: Result<T, ConnectError>) -> String {
    match result {
        Ok(_) => panic!("it worked"),
        Err(error) => {
            let text = format!("{error} / {error:?}");
            assert!(!text.contains(SECRET), "{text}");
            assert!(!error.cause.is_empty() && !error.cure.is_empty(), "{text}");
            text
        }
    }
}

#[test]
fn one_file_gives_its_contexts_and_the_facts_of_the_current_one() {
    let folder = Folder::new();
    let file = folder.file("config", &kubeconfig("prod", "{token: abc}"));
    let configs = Kubeconfigs::load(Some(&file)).unwrap();
    assert_eq!(configs.contexts(), ["prod"]);
    assert_eq!(configs.current(), Some("prod"));
    let endpoint = configs.open(None).unwrap();
    let facts = endpoint.facts();
    assert_eq!((facts.context.as_str(), facts.cluster.as_str()), ("prod", "c-prod"));
    assert_eq!(facts.server, "https://prod.example:6443");
    assert_eq!(facts.namespace.as_deref(), Some("shop"));
    assert!(!facts.insecure && !facts.embedded && facts.ca_sha256.is_none());
}

#[test]
fn of_several_files_the_first_wins_and_absent_ones_are_passed_over() {
    let folder = Folder::new();
    let one = folder.file("one", &kubeconfig("a", "{token: abc}"));
    let two = folder.file("two", &kubeconfig("a", "{}").replace("a.example", "other.example"));
    let three = folder.file("three", &kubeconfig("b", "{}"));
    let absent = folder.0.path().join("absent");
    let configs = Kubeconfigs::from_files(&[absent.clone(), one, two, three], true).unwrap();
    assert_eq!(configs.contexts(), ["a", "b"]);
    assert_eq!(configs.current(), Some("a"));
    assert_eq!(
        configs.open(Some("a")).unwrap().facts().server,
        "https://a.example:6443"
    );
    assert_eq!(
        configs.open(Some("b")).unwrap().facts().server,
        "https://b.example:6443"
    );
    let error = failed(Kubeconfigs::load(Some(&absent)));
    assert!(error.contains("absent") && error.contains("No such file"), "{error}");
}

#[test]
fn a_broken_file_is_named_with_its_line_and_without_its_content() {
    let folder = Folder::new();
    let text = format!("apiVersion: v1\nusers:\n- name: u\n  user:\n    token: [\"{SECRET}\"]\n");
    let error = failed(Kubeconfigs::load(Some(&folder.file("bad", &text))));
    assert!(error.contains("bad") && error.contains("line 5"), "{error}");
    let text = format!("apiVersion: v1\nusers:\n  token: \"{SECRET}\n");
    let error = failed(Kubeconfigs::load(Some(&folder.file("torn", &text))));
    assert!(error.contains("torn") && error.contains("line"), "{error}");
}

#[test]
fn what_a_context_lacks_is_named() {
    let folder = Folder::new();
    let good = kubeconfig("a", "{}");
    let open = |text: &str, context: Option<&str>| {
        let file = folder.file("config", text);
        Kubeconfigs::load(Some(&file)).unwrap().open(context)
    };
    let error = failed(open(&good, Some("nowhere")));
    assert!(
        error.contains("no context named nowhere") && error.contains("choose one of: a"),
        "{error}"
    );
    let error = failed(open(&good.replace("name: c-a\n", "name: x\n"), None));
    assert!(error.contains("cluster c-a is not defined"), "{error}");
    let error = failed(open(&good.replace("name: u-a\n", "name: x\n"), None));
    assert!(error.contains("user u-a is not defined"), "{error}");
    let error = failed(open(&good.replace("current-context: a", "current-context: ''"), None));
    assert!(
        error.contains("no current-context") && error.contains("--context"),
        "{error}"
    );
    let error = failed(open("apiVersion: v1\n", None));
    assert!(error.contains("no context"), "{error}");
    let error = failed(open(&good.replace("'https://a.example:6443'", "'::::'"), None));
    assert!(error.contains("server"), "{error}");
    let missing = good.replace("{server:", "{certificate-authority: /nowhere/ca.crt, server:");
    let error = failed(open(&missing, None));
    assert!(
        error.contains("/nowhere/ca.crt") && error.contains("certificate-authority"),
        "{error}"
    );
}

#[test]
fn a_context_without_certificate_checks_is_marked() {
    let folder = Folder::new();
    let text = kubeconfig("a", "{}").replace("{server:", "{insecure-skip-tls-verify: true, server:");
    let configs = Kubeconfigs::load(Some(&folder.file("config", &text))).unwrap();
    assert!(configs.open(None).unwrap().facts().insecure);
}

#[test]
fn passwords_in_urls_are_not_shown() {
    let folder = Folder::new();
    let text = kubeconfig("a", "{}").replace("https://", &format!("https://user:{SECRET}@"));
    let configs = Kubeconfigs::load(Some(&folder.file("config", &text))).unwrap();
    assert_eq!(configs.open(None).unwrap().facts().server, "https://a.example:6443");
}

#[tokio::test]
async fn a_proxy_of_an_unknown_kind_is_told_without_its_password() {
    let folder = Folder::new();
    let proxy = format!("{{proxy-url: 'ftp://user:{SECRET}@proxy:1', server:");
    let file = folder.file("config", &kubeconfig("a", "{}").replace("{server:", &proxy));
    let endpoint = Kubeconfigs::load(Some(&file)).unwrap().open(None).unwrap();
    assert!(failed(endpoint.transport(Identity::Base).await).contains("proxy-url"));
}

fn plugin(command: &str, more: &str) -> ExecConfig {
    let text = format!(
        "{{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"command\": \"{command}\", \"interactiveMode\": \"Never\"{more}}}"
    );
    serde_json::from_str(&text).unwrap()
}

fn credential(status: &str) -> String {
    format!(
        "echo '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{status}}}'"
    )
}

fn runs(folder: &Folder) -> usize {
    fs::read_to_string(folder.0.path().join("runs"))
        .unwrap_or_default()
        .lines()
        .count()
}

fn counted(folder: &Folder, text: &str) -> PathBuf {
    let runs = folder.0.path().join("runs");
    folder.script("plugin", &format!("echo run >> {}\n{text}", runs.display()))
}

#[tokio::test]
async fn a_plugin_gets_its_arguments_and_environment_and_runs_once() {
    let folder = Folder::new();
    let script = counted(
        &folder,
        "[ \"$1\" = get-token ] && [ \"$REGION\" = eu ] || exit 9\n\
         case \"$KUBERNETES_EXEC_INFO\" in *'\"interactive\":false'*) ;; *) exit 8;; esac\n\
         read line && exit 7\n\
         echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"abc\"}}'",
    );
    let config = plugin(
        script.to_str().unwrap(),
        ", \"args\": [\"get-token\"], \"env\": [{\"name\": \"REGION\", \"value\": \"eu\"}]",
    );
    let answer = ExecPlugin::new(config.clone(), "prod").unwrap().run().await.unwrap();
    assert_eq!(answer.token.unwrap().expose_secret(), "abc");
    let credentials = Credentials::new(Source::Exec(Box::new(ExecPlugin::new(config, "prod").unwrap())));
    for _ in 0..5 {
        let issued = credentials.current().await.unwrap();
        assert!(issued.authorization.as_ref().unwrap().is_sensitive());
        assert_eq!(issued.generation, 1);
    }
    assert_eq!(runs(&folder), 2);
}

#[tokio::test]
async fn a_plugin_that_fails_is_told_with_its_last_words_but_no_token() {
    let folder = Folder::new();
    let run = async |text: &str| {
        let script = folder.script("plugin", text);
        let plugin = ExecPlugin::new(plugin(script.to_str().unwrap(), ""), "prod").unwrap();
        failed(plugin.with_time_limit(Duration::from_millis(300)).run().await)
    };
    let long = SECRET.repeat(3);
    let error = run(&format!("echo 'your login has expired {long}' >&2; exit 3")).await;
    assert!(
        error.contains("login has expired") && error.contains("exit status: 3"),
        "{error}"
    );
    assert!(run("sleep 60").await.contains("did not answer"));
    assert!(run(&format!("echo '{SECRET}'")).await.contains("no ExecCredential"));
    assert!(
        run(&credential("{}"))
            .await
            .contains("neither a token nor a certificate")
    );
    assert!(
        run(&credential("{\"clientCertificateData\": \"x\"}"))
            .await
            .contains("without its key")
    );
    let other = credential("{\"token\": \"x\"}").replace("/v1", "/v1beta1");
    assert!(run(&other).await.contains("another kind or version"));
}

#[tokio::test]
async fn a_missing_plugin_comes_with_its_install_hint() {
    let config = plugin("/nowhere/plugin", ", \"installHint\": \"brew install plugin\"");
    let error = failed(ExecPlugin::new(config, "prod").unwrap().run().await);
    assert!(error.contains("brew install plugin"), "{error}");
}

#[test]
fn plugins_that_cannot_be_run_are_refused_when_the_context_is_opened() {
    let old: ExecConfig =
        serde_json::from_str("{\"apiVersion\": \"client.authentication.k8s.io/v1alpha1\", \"command\": \"x\"}")
            .unwrap();
    assert!(failed(ExecPlugin::new(old, "prod")).contains("apiVersion"));
    let mut interactive = plugin("x", "");
    interactive.interactive_mode = Some(kube::config::ExecInteractiveMode::Always);
    assert!(failed(ExecPlugin::new(interactive, "prod")).contains("terminal"));
    assert!(failed(ExecPlugin::new(plugin("", ""), "prod")).contains("no command"));
}

#[tokio::test]
async fn a_credential_is_renewed_before_it_expires() {
    let folder = Folder::new();
    let script = counted(
        &folder,
        &credential("{\"token\":\"abc\",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\"}"),
    );
    let plugin = ExecPlugin::new(plugin(script.to_str().unwrap(), ""), "prod").unwrap();
    let credentials = Credentials::new(Source::Exec(plugin.into()));
    assert_eq!(credentials.current().await.unwrap().generation, 1);
    assert_eq!(credentials.current().await.unwrap().generation, 2, "it had expired");
}

#[tokio::test]
async fn a_refusing_server_starts_no_storm_of_plugins() {
    let folder = Folder::new();
    let script = counted(&folder, &credential("{\"token\":\"abc\"}"));
    let good = ExecPlugin::new(plugin(script.to_str().unwrap(), ""), "prod").unwrap();
    let credentials = Credentials::new(Source::Exec(good.into()));
    let issued = credentials.current().await.unwrap();
    for _ in 0..20 {
        assert!(
            credentials.after_refusal(issued.generation).await.is_none(),
            "it was issued just now"
        );
    }
    assert_eq!(runs(&folder), 1);

    let script = counted(&folder, "exit 1");
    let bad = ExecPlugin::new(plugin(script.to_str().unwrap(), ""), "prod").unwrap();
    let credentials = Credentials::new(Source::Exec(bad.into()));
    for _ in 0..20 {
        assert!(credentials.current().await.is_err());
    }
    assert_eq!(runs(&folder), 2, "failures are remembered for a while");
}

#[tokio::test]
async fn token_files_are_trimmed_and_their_absence_is_told() {
    let folder = Folder::new();
    let file = folder.file("token", "abc\n");
    let token = TokenFile::new(file.to_str().unwrap().into()).read().await.unwrap();
    assert_eq!(token.expose_secret(), "abc");
    assert!(failed(TokenFile::new("/nowhere/token".into()).read().await).contains("/nowhere/token"));
    let empty = folder.file("empty", "\n");
    assert!(failed(TokenFile::new(empty.to_str().unwrap().into()).read().await).contains("empty"));
}

#[tokio::test]
async fn a_plugin_that_fails_is_told_when_the_endpoint_is_connected() {
    let folder = Folder::new();
    let script = folder.script("plugin", "echo no login >&2; exit 1");
    let user = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', interactiveMode: Never}}}}",
        script.display()
    );
    let file = folder.file("config", &kubeconfig("a", &user));
    let endpoint = Kubeconfigs::load(Some(&file)).unwrap().open(None).unwrap();
    let error = failed(endpoint.transport(Identity::Base).await);
    assert!(error.contains("no login"), "{error}");
    // The ephemeral identity needs nothing of the base identity.
    assert!(endpoint.transport(Identity::Bearer(&"token".into())).await.is_ok());
}
