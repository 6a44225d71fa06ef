//! Shells and forwarded ports, over kube's own client.

use kube::Api;
use kube::api::{AttachParams, TerminalSize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

type Pods = Api<k8s_openapi::api::core::v1::Pod>;

async fn pods(server: &EmbeddedServer, token: &str) -> Pods {
    let transport = server
        .endpoint(token)
        .transport(Identity::Base)
        .await
        .expect("in-process");
    Api::namespaced(kube::Client::new(transport, "default"), "shop")
}

#[tokio::test]
async fn a_command_runs_and_its_status_comes_back() {
    let server = EmbeddedServer::seeded();
    let pods = pods(&server, ADMIN).await;
    let mut run = pods
        .exec(
            "ledger-0",
            ["sh", "-c", "echo out; nope; exit 3"],
            &AttachParams::default(),
        )
        .await
        .expect("opened");
    let (mut out, mut err) = (String::new(), String::new());
    run.stdout()
        .expect("asked for")
        .read_to_string(&mut out)
        .await
        .expect("whole");
    run.stderr()
        .expect("asked for")
        .read_to_string(&mut err)
        .await
        .expect("whole");
    let status = run.take_status().expect("once").await.expect("a status");
    assert_eq!((out.as_str(), err.as_str()), ("out\n", "sh: nope: not found\n"));
    let causes = status.details.expect("details").causes.expect("causes");
    assert_eq!(causes[0].message.as_deref(), Some("3"));
    let last = server.audit_events().pop().expect("logged");
    assert_eq!((last.act().as_str(), last.status), ("get pods/exec", 101));
}

#[tokio::test]
async fn a_terminal_echoes_follows_its_size_and_ends_with_the_container() {
    let server = EmbeddedServer::seeded();
    let pods = pods(&server, ADMIN).await;
    let mut run = pods
        .exec("ledger-0", ["sh"], &AttachParams::interactive_tty())
        .await
        .expect("opened");
    let mut stdin = run.stdin().expect("asked for");
    let mut stdout = run.stdout().expect("asked for");
    let size = TerminalSize { width: 101, height: 33 };
    futures_util::SinkExt::send(&mut run.terminal_size().expect("a terminal"), size)
        .await
        .expect("sent");
    // Two channels: the size is sure to be known once a second line is answered.
    let mut seen = String::new();
    while !seen.contains("33 101") {
        stdin.write_all(b"stty size\r").await.expect("sent");
        let mut bytes = [0; 256];
        let count = stdout.read(&mut bytes).await.expect("open");
        seen.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    assert!(seen.starts_with("/ # "), "{seen}");
    assert!(server.remove("pods", "shop", "ledger-0"));
    let status = run.take_status().expect("once").await.expect("a status");
    assert_eq!(status.reason.as_deref(), Some("NonZeroExitCode"));
}

#[tokio::test]
async fn a_shell_that_is_not_there_and_a_person_who_may_not() {
    let server = EmbeddedServer::seeded();
    let admin = pods(&server, ADMIN).await;
    let mut run = admin
        .exec("ledger-0", ["bash"], &AttachParams::default())
        .await
        .expect("opened");
    let status = run.take_status().expect("once").await.expect("a status");
    assert!(
        status
            .message
            .expect("text")
            .contains("executable file not found in $PATH")
    );
    let viewer = pods(&server, VIEWER).await;
    assert!(viewer.exec("ledger-0", ["sh"], &AttachParams::default()).await.is_err());
    assert_eq!(server.audit_events().pop().expect("logged").status, 403);
}

#[tokio::test]
async fn a_cut_line_ends_shell_and_port() {
    let server = EmbeddedServer::seeded();
    let pods = pods(&server, ADMIN).await;
    let mut run = pods
        .exec("ledger-0", ["sh"], &AttachParams::interactive_tty())
        .await
        .expect("opened");
    let mut forward = pods.portforward("ledger-0", &[8080]).await.expect("opened");
    let mut port = forward.take_stream(8080).expect("asked for");
    port.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .expect("sent");
    let mut page = String::new();
    while !page.ends_with("ledger-0 port 8080\n") {
        let mut bytes = [0; 256];
        let count = port.read(&mut bytes).await.expect("open");
        assert_ne!(count, 0, "{page}");
        page.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"));
    server.cut_streams();
    let mut rest = Vec::new();
    port.read_to_end(&mut rest).await.expect("ended");
    assert!(run.take_status().expect("once").await.is_none(), "cut, not ended");
}
