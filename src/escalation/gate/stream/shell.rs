//! A shell: found by trying, pumped both ways, its end recorded with exit code and bytes. What is
//! typed is recorded only where the policy says so, since passwords are typed. A remote that floods
//! is slowed down; one that takes no input cannot keep its output from being read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc;

use super::frames::{Exit, RESIZE, STATUS, STDERR, STDIN, STDOUT, exit};
use super::hang_up;
use super::job::{Connected, Job};
use super::open::Over;
use super::socket::{Receiver, Sender};
use super::typed::Typing;
use crate::audit::Streamed;
use crate::cluster::uri;
use crate::escalation::GateError;
use crate::escalation::gate::clock::boot_ms;
use crate::escalation::stream::{
    Input, MAY_GO_ON, StreamClose, StreamCounts, StreamEnd, StreamFact, StreamIo, TerminalSize,
};

/// Tried in this order; nearly every container with a shell has the first, which prefers bash. One
/// request for all of them would need a shell to choose.
const SHELLS: [(&str, &[&str]); 3] = [("sh", &["sh", "-c", CHOOSE]), ("bash", &["bash"]), ("ash", &["ash"])];
const CHOOSE: &str = "TERM=xterm-256color; export TERM; command -v bash >/dev/null 2>&1 && exec bash; exec sh";
/// Below every idle timeout of proxies in between.
const PING: Duration = Duration::from_secs(25);

/// Bytes so far.
#[derive(Default)]
struct Counter {
    to_pod: AtomicU64,
    from_pod: AtomicU64,
}

/// What ended one try.
enum Ended {
    Exit(Exit),
    Over(Over),
    Broken(String),
}

pub(super) async fn run(
    job: &Job<'_>,
    container: Option<&str>,
    size: TerminalSize,
    mut io: StreamIo,
) -> Result<StreamEnd, GateError> {
    let began = boot_ms();
    let counter = Counter::default();
    let mut size = size;
    for (name, command) in SHELLS {
        let words = format!("{} ({name})", job.words);
        let connected = job.connect("exec", &query(container, command), &words).await?;
        let opened = job.opened("exec", Some(connected.request.intent), None);
        // Without this record the socket is dropped at once, and the escalation ends.
        job.record(opened).await?;
        job.tell(StreamFact::Opened { local: None });
        let (ended, is_gone) = pump(job, connected, &mut io, &mut size, &counter).await?;
        if is_missing(&ended) && counter.to_pod.load(Ordering::Relaxed) == 0 {
            continue;
        }
        return Ok(StreamEnd {
            close: close_of(ended),
            may_go_on: !is_gone,
            counts: StreamCounts {
                bytes_in: counter.to_pod.into_inner(),
                bytes_out: counter.from_pod.into_inner(),
                ..StreamCounts::default()
            },
            took_ms: boot_ms().saturating_sub(began),
        });
    }
    Err(GateError::NoShell {
        what: job.words.clone(),
        tried: SHELLS.map(|(name, _)| name).join(", "),
    })
}

fn query(container: Option<&str>, command: &[&str]) -> String {
    let mut parameters: Vec<(&str, &str)> = command.iter().map(|part| ("command", *part)).collect();
    parameters.extend(container.map(|name| ("container", name)));
    // With a terminal there is no stderr of its own.
    parameters.extend([("stdin", "true"), ("stdout", "true"), ("tty", "true")]);
    uri("", &parameters).trim_start_matches('?').to_owned()
}

/// The program was not there. A shell that nobody typed into does not end with these by itself.
fn is_missing(ended: &Ended) -> bool {
    match ended {
        Ended::Exit(Exit::Code(code)) => matches!(code, 126 | 127),
        Ended::Exit(Exit::Failed(words)) => ["not found", "no such file", "executable"]
            .iter()
            .any(|sign| words.to_lowercase().contains(sign)),
        Ended::Over(_) | Ended::Broken(_) => false,
    }
}

fn close_of(ended: Ended) -> StreamClose {
    match ended {
        Ended::Exit(Exit::Code(code)) => StreamClose::Exit(code),
        Ended::Over(Over::Cut) => StreamClose::Cut,
        Ended::Over(Over::Closed) => StreamClose::Closed,
        Ended::Exit(Exit::Failed(words)) | Ended::Broken(words) => StreamClose::Broken(words),
    }
}

/// Until one end closes or the gate cuts; then the outcome, on disk. True if the program has ended.
async fn pump(
    job: &Job<'_>,
    connected: Connected,
    io: &mut StreamIo,
    size: &mut TerminalSize,
    counter: &Counter,
) -> Result<(Ended, bool), GateError> {
    let Connected { socket, request } = connected;
    let (mut sender, mut receiver) = socket.split();
    let StreamIo { output, input } = io;
    let ended = tokio::select! {
        biased;
        over = job.entered.over() => Ended::Over(over),
        ended = from_pod(&mut receiver, output, counter) => ended,
        ended = to_pod(job, &mut sender, input, size, counter) => ended,
    };
    let is_gone = match ended {
        Ended::Exit(_) => true,
        Ended::Over(_) => {
            let time = hang_up::time(job.live.grant.deadline.boot_ms);
            hang_up::hang_up(&mut sender, &mut receiver, time).await
        }
        Ended::Broken(_) => false,
    };
    // What is cut is gone before it is recorded.
    drop((sender, receiver));
    if !is_gone {
        job.entered.lingers(&job.words);
    }
    let (code, message) = told(&ended, is_gone);
    let streamed = Streamed {
        exit_code: code,
        bytes_in: counter.to_pod.load(Ordering::Relaxed),
        bytes_out: counter.from_pod.load(Ordering::Relaxed),
        cut: matches!(ended, Ended::Over(Over::Cut)),
    };
    job.conclude(request, SWITCHED, message, Some(streamed)).await?;
    Ok((ended, is_gone))
}

/// For the record: the exit code of a program that ended by itself, and how it ended.
fn told(ended: &Ended, is_gone: bool) -> (Option<i32>, String) {
    let how = match ended {
        Ended::Exit(Exit::Code(code)) => return (Some(*code), format!("ended with exit code {code}")),
        Ended::Exit(Exit::Failed(words)) => return (None, words.clone()),
        Ended::Broken(cause) => format!("the connection broke: {cause}"),
        Ended::Over(Over::Cut) => "cut by the end of the escalation".to_owned(),
        Ended::Over(Over::Closed) => "closed by the operator".to_owned(),
    };
    if is_gone {
        (None, format!("{how}; the shell has ended"))
    } else {
        (None, format!("{how}; {MAY_GO_ON}"))
    }
}

/// 101 Switching Protocols: what the server answered when the stream was opened.
pub(super) const SWITCHED: u16 = 101;

async fn from_pod(receiver: &mut Receiver, output: &mpsc::Sender<Bytes>, counter: &Counter) -> Ended {
    loop {
        // Room first: a frame that is read must have a place.
        let Ok(room) = output.reserve().await else {
            return Ended::Over(Over::Closed);
        };
        match receiver.next().await {
            Some(Ok(frame)) if matches!(frame.channel, STDOUT | STDERR) && !frame.data.is_empty() => {
                counter.from_pod.fetch_add(frame.data.len() as u64, Ordering::Relaxed);
                room.send(frame.data);
            }
            Some(Ok(frame)) if frame.channel == STATUS && !frame.data.is_empty() => {
                return Ended::Exit(exit(&frame.data));
            }
            Some(Ok(_)) => {}
            Some(Err(cause)) => return Ended::Broken(cause),
            None => return Ended::Broken("the server closed it without a reason".into()),
        }
    }
}

async fn to_pod(
    job: &Job<'_>,
    sender: &mut Sender,
    input: &mut mpsc::Receiver<Input>,
    size: &mut TerminalSize,
    counter: &Counter,
) -> Ended {
    let mut typing = Typing::new(job);
    if let Err(cause) = sender.send(RESIZE, &resized(*size)).await {
        return Ended::Broken(cause);
    }
    loop {
        let sent = tokio::select! {
            typed = input.recv() => match typed {
                Some(Input::Bytes(bytes)) => {
                    if typing.record(&bytes).await.is_err() {
                        // The gate has ended everything; the cut comes by itself.
                        return Ended::Over(Over::Cut);
                    }
                    counter.to_pod.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    sender.send(STDIN, &bytes).await
                }
                Some(Input::Resize(new)) => {
                    *size = new;
                    sender.send(RESIZE, &resized(new)).await
                }
                None => return Ended::Over(Over::Closed),
            },
            () = tokio::time::sleep(PING) => sender.ping().await,
        };
        if let Err(cause) = sent {
            return Ended::Broken(cause);
        }
    }
}

fn resized(size: TerminalSize) -> Vec<u8> {
    json!({"Width": size.columns, "Height": size.rows})
        .to_string()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_finds_the_shell_of_nearly_every_container() {
        let query = query(Some("web"), SHELLS[0].1);
        assert!(query.starts_with("command=sh&command=-c&command=TERM%3D"), "{query}");
        assert!(
            query.ends_with("&container=web&stdin=true&stdout=true&tty=true"),
            "{query}"
        );
    }

    #[test]
    fn only_a_program_that_is_not_there_makes_the_next_be_tried() {
        assert!(is_missing(&Ended::Exit(Exit::Code(127))));
        let words = "exec: \"sh\": executable file not found in $PATH";
        assert!(is_missing(&Ended::Exit(Exit::Failed(words.into()))));
        assert!(!is_missing(&Ended::Exit(Exit::Code(1))));
        assert!(!is_missing(&Ended::Exit(Exit::Failed(
            "container is not running".into()
        ))));
        assert!(!is_missing(&Ended::Over(Over::Cut)));
    }
}
