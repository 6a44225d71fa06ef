//! `pods/exec`: a shell in a container over the channels of `v5.channel.k8s.io`. The shell itself is
//! `shell`; here are frames, the terminal's size, the exit status, and the end: with the program,
//! the connection, the container or the server.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};

use super::admission::Operation;
use super::answer::Outcome;
use super::asked::Asked;
use super::kinds::Kind;
use super::object::found;
use super::pulse::Pulse;
use super::refusal::Refusal;
use super::runs::{self, Found};
use super::server::{Shared, State};
use super::shell::{Out, Shell, Situation};
use super::store::{Key, Store};
use super::upgrade::{self, Socket};
use super::writer::Writer;

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
const CLOSE: u8 = 255;

/// With v5 a client can end its input without ending the connection.
const PROTOCOLS: &[&str] = &["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// Admission, before anything is opened: a `CONNECT` with the options.
pub(super) fn admit(writer: &mut Writer<'_>, kind: &'static Kind, options: (&str, Value)) -> Result<(), Refusal> {
    found(writer.store, kind, &writer.asked.key(kind))?;
    let (name, mut object) = options;
    object["kind"] = json!(name);
    object["apiVersion"] = json!("v1");
    writer.admit(
        Operation::Connect,
        ("", "v1", name),
        (Some(&object), None),
        &Value::Null,
    )
}

pub(super) fn options(asked: &Asked) -> Value {
    json!({
        "container": asked.query.get("container").unwrap_or_default(),
        "command": asked.query.all("command"),
        "stdin": asked.query.is_true("stdin"), "stdout": asked.query.is_true("stdout"),
        "stderr": asked.query.is_true("stderr"), "tty": asked.query.is_true("tty"),
    })
}

pub(super) fn open(shared: &Arc<Shared>, state: &State, kind: &'static Kind, asked: &Asked) -> Outcome {
    let key = asked.key(kind);
    let pod = found(&state.store, kind, &key)?.clone();
    let container = runs::container(&pod, asked.query.get("container"))?;
    let run = runs::present(&state.kubelet, &pod, &container)
        .ok_or_else(|| Refusal::bad_request(&format!("container {container} of pod {} is not running", key.name)))?;
    let command: Vec<String> = asked.query.all("command").to_vec();
    if command.is_empty() {
        return Err(Refusal::bad_request(
            "you must specify at least 1 command for the container",
        ));
    }
    let files = {
        let of = super::world::Run {
            pod: &pod,
            container: &container,
            attempt: run.attempt,
            started_ms: run.started_ms,
        };
        state.world.files(&of)
    };
    let line = Line {
        shared: Arc::clone(shared),
        key,
        uid: pod["metadata"]["uid"].clone(),
        run,
        stdin: asked.query.is_true("stdin"),
        pulse: Pulse::new(shared, &state.store),
    };
    let tty = asked.query.is_true("tty");
    let situation = Situation::new(&pod, &container, files);
    upgrade::answer(
        asked,
        PROTOCOLS,
        Box::new(move |socket| Box::pin(line.run(socket, Shell::new(situation, tty), command))),
    )
}

struct Line {
    shared: Arc<Shared>,
    key: Key,
    uid: Value,
    run: Found,
    stdin: bool,
    pulse: Pulse,
}

impl Line {
    async fn run(mut self, mut socket: Socket, mut shell: Shell, command: Vec<String>) {
        let mut outs = shell.start(&command, self.shared.clock.now_ms());
        if !self.stdin {
            outs.extend(shell.end_of_input());
        }
        loop {
            for out in outs.drain(..) {
                if !send(&mut socket, out).await {
                    return;
                }
            }
            let wait = shell.wakes_in().unwrap_or(Duration::from_secs(3600));
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Binary(frame))) => outs = take(&mut shell, &frame),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                },
                goes_on = self.pulse.beat() => {
                    if !goes_on {
                        return;
                    }
                    if !self.is_alive() {
                        outs = vec![Out::Exit(137)];
                    }
                }
                () = tokio::time::sleep(wait) => outs = shell.wake(self.shared.clock.now_ms()),
            }
        }
    }

    /// The container that the shell was opened in still runs.
    fn is_alive(&self) -> bool {
        let state = self.shared.settled();
        let pod = present(&state.store, &self.key, &self.uid);
        pod.and_then(|pod| runs::present(&state.kubelet, pod, &self.run.container))
            .is_some_and(|run| run.attempt == self.run.attempt)
    }
}

pub(super) fn present<'a>(store: &'a Store, key: &Key, uid: &Value) -> Option<&'a Value> {
    store.get(key).filter(|pod| pod["metadata"]["uid"] == *uid)
}

fn take(shell: &mut Shell, frame: &Bytes) -> Vec<Out> {
    match frame.split_first() {
        Some((&STDIN, input)) => shell.input(input),
        Some((&CLOSE, [STDIN])) => shell.end_of_input(),
        Some((&RESIZE, size)) => {
            let size: Value = serde_json::from_slice(size).unwrap_or_default();
            let side = |name: &str| size[name].as_u64().and_then(|n| u16::try_from(n).ok());
            match (side("Width"), side("Height")) {
                (Some(width), Some(height)) => shell.resize(width, height),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// False when it is over.
async fn send(socket: &mut Socket, out: Out) -> bool {
    let frame = |channel: u8, bytes: &[u8]| {
        let mut frame = Vec::with_capacity(bytes.len() + 1);
        frame.push(channel);
        frame.extend_from_slice(bytes);
        Message::Binary(frame.into())
    };
    match out {
        Out::Stdout(bytes) => socket.send(frame(STDOUT, &bytes)).await.is_ok(),
        Out::Stderr(bytes) => socket.send(frame(STDERR, &bytes)).await.is_ok(),
        Out::NotFound(program) => finish(socket, frame(STATUS, not_found(&program).to_string().as_bytes())).await,
        Out::Exit(code) => finish(socket, frame(STATUS, exit_status(code).to_string().as_bytes())).await,
    }
}

async fn finish(socket: &mut Socket, status: Message) -> bool {
    let sent = socket.send(status).await.is_ok();
    // kubectl takes a close without a code for an error.
    let close = CloseFrame {
        code: CloseCode::Normal,
        reason: "".into(),
    };
    if sent && socket.close(Some(close)).await.is_ok() {
        // Until the client has read it all.
        while let Some(Ok(_)) = socket.next().await {}
    }
    false
}

fn exit_status(code: i32) -> Value {
    if code == 0 {
        return json!({"metadata": {}, "status": "Success"});
    }
    json!({
        "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
        "message": format!("command terminated with non-zero exit code: command terminated with exit code {code}"),
        "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
    })
}

fn not_found(program: &str) -> Value {
    let why = format!(
        "error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec \
         failed: exec failed: unable to start container process: exec: \"{program}\": executable file not found in \
         $PATH: unknown"
    );
    json!({
        "metadata": {}, "status": "Failure", "reason": "InternalError", "code": 500,
        "message": format!("Internal error occurred: {why}"), "details": {"causes": [{"message": why}]},
    })
}
