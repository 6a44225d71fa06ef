//! Shipping against receivers that behave badly on purpose, each in a way that a real one can.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kglass::audit::sinks::{Outbox, SinkConfig, SinkKind, cursors_in};
use kglass::audit::{Cluster, Event, Journal, Medium, Origin, PolicyId, Refused, Requested};

const PATIENCE: Duration = Duration::from_secs(20);

/// Octet-counted syslog in memory. It can die as a process does: all at once, and politely.
struct Receiver {
    address: SocketAddr,
    kept: Arc<Mutex<Vec<u8>>>,
    dies: Arc<AtomicBool>,
}

impl Receiver {
    /// `dies`: at the end of the first batch everything is closed, and nothing was kept.
    fn start(address: Option<SocketAddr>, dies: bool) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(address.unwrap_or(any)).expect("the port is free");
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            kept: Arc::default(),
            dies: Arc::new(AtomicBool::new(dies)),
        };
        let (kept, dies) = (Arc::clone(&receiver.kept), Arc::clone(&receiver.dies));
        std::thread::spawn(move || serve(&listener, &kept, &dies));
        receiver
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept.lock().unwrap()).into_owned()
    }
}

fn serve(listener: &TcpListener, kept: &Mutex<Vec<u8>>, dies: &AtomicBool) {
    listener.set_nonblocking(true).unwrap();
    let mut open: Vec<(TcpStream, Vec<u8>)> = Vec::new();
    loop {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(true).unwrap();
            open.push((stream, Vec::new()));
        }
        let mut ended = Vec::new();
        for (index, (stream, batch)) in open.iter_mut().enumerate() {
            let mut buffer = [0; 16 * 1024];
            match stream.read(&mut buffer) {
                Ok(0) => ended.push(index),
                Ok(n) => batch.extend_from_slice(&buffer[..n]),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => ended.push(index),
            }
        }
        for index in ended.into_iter().rev() {
            let (stream, batch) = open.remove(index);
            if dies.load(Ordering::SeqCst) && !batch.is_empty() {
                // In the order in which a system closes the files of the dead: by number.
                drop(open);
                drop(stream);
                return;
            }
            kept.lock().unwrap().extend(batch);
        }
        std::thread::yield_now();
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn sink(address: SocketAddr) -> SinkConfig {
    SinkConfig {
        name: "siem".into(),
        kind: SinkKind::SyslogTcp {
            address: address.to_string(),
            max_message: 8096,
        },
        required: true,
        patience: Duration::from_secs(2),
    }
}

fn begin(state: &Path, outbox: &Outbox) -> Journal {
    let origin = Origin::here(Cluster::default(), PolicyId::default());
    let journal = Journal::create(state, &origin, &Event::Requested(Requested::default())).unwrap();
    outbox.take_up(&journal);
    journal
}

async fn write(journal: &Journal, count: u64) {
    for action in 0..count {
        let refused = Refused {
            action,
            ..Refused::default()
        };
        journal.append(Event::Refused(refused)).await.unwrap();
    }
}

/// Ships until nothing is behind or owed.
async fn ship(outbox: &Outbox) {
    let mut statuses = outbox.statuses();
    let done = statuses.wait_for(|all| all.iter().all(|status| status.behind == 0));
    tokio::select! {
        () = outbox.run() => panic!("it ships for ever"),
        done = tokio::time::timeout(PATIENCE, done) => drop(done.expect("all is shipped")),
    }
    assert!(outbox.statuses().borrow().iter().all(|status| status.behind == 0));
}

fn lines(state: &Path, session: &str) -> Vec<String> {
    let text = std::fs::read_to_string(state.join("sessions").join(session).join("journal.jsonl")).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Each line stands in what was kept, and in order.
fn assert_all_there(kept: &str, lines: &[String]) {
    let mut from = 0;
    for line in lines {
        let at = kept[from..].find(line.as_str());
        from += at.unwrap_or_else(|| panic!("lost or out of order: {line:.200}")) + line.len();
    }
}

#[tokio::test]
async fn all_arrives_in_order_and_the_cursor_says_so() {
    let (state, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(None, false));
    let outbox = Outbox::new(state.path().into(), &[sink(receiver.address)], None);
    let journal = begin(state.path(), &outbox);
    write(&journal, 100).await;
    journal.close().await.unwrap();
    ship(&outbox).await;
    let lines = lines(state.path(), journal.session());
    assert_all_there(&receiver.text(), &lines);
    let cursor = cursors_in(journal.folder()).remove(0);
    assert_eq!(cursor.seq, lines.len() as u64);
    let length = std::fs::metadata(journal.folder().join("journal.jsonl")).unwrap().len();
    assert_eq!(cursor.offset, length);
}

#[tokio::test]
async fn a_receiver_that_dies_with_the_records_has_not_confirmed_them() {
    let (state, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(None, true));
    let outbox = Outbox::new(state.path().into(), &[sink(receiver.address)], None);
    let journal = begin(state.path(), &outbox);
    write(&journal, 10).await;
    let mut statuses = outbox.statuses();
    let down = statuses.wait_for(|all| all[0].is_down());
    tokio::select! {
        () = outbox.run() => {}
        down = tokio::time::timeout(PATIENCE, down) => drop(down.expect("it is seen to be dead").unwrap()),
    }
    assert!(receiver.text().is_empty(), "it kept nothing");
    assert_eq!(
        cursors_in(journal.folder()).remove(0).seq,
        0,
        "a polite close alone confirms nothing"
    );
    let successor = Receiver::start(Some(receiver.address), false);
    ship(&outbox).await;
    journal.close().await.unwrap();
    ship(&outbox).await;
    assert_all_there(&successor.text(), &lines(state.path(), journal.session()));
}

#[tokio::test]
async fn a_later_start_ships_what_an_earlier_one_owes() {
    let (state, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(None, false));
    let first = Outbox::new(state.path().into(), &[sink(receiver.address)], None);
    let journal = begin(state.path(), &first);
    write(&journal, 20).await;
    ship(&first).await;
    write(&journal, 700).await;
    journal.close().await.unwrap();
    drop(first);
    let later = Outbox::new(state.path().into(), &[sink(receiver.address)], None);
    let left = tokio::select! {
        () = later.run() => panic!("it ships for ever"),
        left = later.drained(PATIENCE) => left,
    };
    assert_eq!(left[0].owed, 0, "{left:?}");
    let (kept, lines) = (receiver.text(), lines(state.path(), journal.session()));
    assert_all_there(&kept, &lines);
    assert!(
        lines.iter().all(|line| kept.matches(line.as_str()).count() == 1),
        "nothing was sent twice"
    );
}

struct Full(Box<dyn Medium>, Arc<AtomicBool>);

impl Medium for Full {
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        if self.1.load(Ordering::SeqCst) {
            self.0.append(&line[..20])?;
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.append(line)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.0.sync()
    }
}

#[tokio::test]
async fn what_the_own_disk_refuses_is_kept_by_the_sink() {
    let (state, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(None, false));
    let outbox = Outbox::new(state.path().into(), &[sink(receiver.address)], None);
    let origin = Origin::here(Cluster::default(), PolicyId::default());
    let full = Arc::new(AtomicBool::new(false));
    let around = Arc::clone(&full);
    let first = Event::Requested(Requested::default());
    let journal = Journal::create_on(state.path(), &origin, &first, |file| Box::new(Full(file, around))).unwrap();
    outbox.take_up(&journal);
    write(&journal, 3).await;
    full.store(true, Ordering::SeqCst);
    let refused = Refused {
        why: "the disk does not take this one".into(),
        ..Refused::default()
    };
    let error = journal.append(Event::Refused(refused)).await.unwrap_err();
    let line = error.record.expect("it could be made").line;
    ship(&outbox).await;
    let kept = receiver.text();
    assert_all_there(&kept, &[line.trim_end().to_owned()]);
    assert_eq!(kept.matches("the disk does not take").count(), 1);
}

/// Each request, and when it came.
type Came = Arc<Mutex<Vec<(Instant, String)>>>;

/// Answers each request with the next of `answers`, the last for ever; says when each came.
fn webhook(answers: &'static [&'static str]) -> (SocketAddr, Came) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let came = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(n) = stream.read(&mut buffer) {
                request.extend_from_slice(&buffer[..n]);
                if n == 0 || is_whole(&request) {
                    break;
                }
            }
            if request.is_empty() {
                continue;
            }
            let mut came = came.lock().unwrap();
            let answer = answers[came.len().min(answers.len() - 1)];
            came.push((Instant::now(), String::from_utf8(request).unwrap()));
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (address, seen)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse().is_ok_and(|length: usize| body.len() >= length))
}

#[tokio::test]
async fn a_webhook_acknowledges_by_2xx_alone_and_its_wish_to_wait_is_respected() {
    let (address, seen) = webhook(&[
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 429 Slow\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    ]);
    let state = tempfile::tempdir().unwrap();
    let config = SinkConfig {
        kind: SinkKind::Webhook {
            url: format!("http://{address}/in").parse().unwrap(),
            tls: kglass::audit::sinks::TlsConfig::default(),
            bearer: None,
        },
        ..sink(address)
    };
    let outbox = Outbox::new(state.path().into(), &[config], None);
    let journal = begin(state.path(), &outbox);
    ship(&outbox).await;
    let seen = seen.lock().unwrap();
    assert!(seen.len() >= 3, "{}", seen.len());
    assert!(seen[2].0 - seen[1].0 >= Duration::from_secs(2), "it was asked to wait");
    let first = lines(state.path(), journal.session()).remove(0);
    for (_, request) in &seen[..3] {
        assert!(request.starts_with("POST /in HTTP/1.1") && request.contains(&first));
        assert!(request.contains("idempotency-key: "), "{request}");
    }
}

#[tokio::test]
async fn a_journal_that_a_hand_has_changed_is_told_and_the_others_go_on() {
    let (state, receiver) = (tempfile::tempdir().unwrap(), Receiver::start(None, false));
    let first = Outbox::new(state.path().into(), &[sink(receiver.address)], None);
    let changed = begin(state.path(), &first);
    ship(&first).await;
    write(&changed, 2).await;
    changed.close().await.unwrap();
    drop(first);
    // As long as it was, but the line after the cursor follows from another one.
    let path = changed.folder().join("journal.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let (kept, rest) = text.split_at(text.find('\n').unwrap() + 1);
    let (second, third) = rest.split_at(rest.find('\n').unwrap() + 1);
    std::fs::write(&path, format!("{kept}{third}{second}")).unwrap();
    let later = Outbox::new(state.path().into(), &[sink(receiver.address)], None);
    let other = begin(state.path(), &later);
    other.close().await.unwrap();
    let mut statuses = later.statuses();
    let told = statuses.wait_for(|all| !all[0].faults.is_empty() && all[0].behind == 0);
    let status = tokio::select! {
        () = later.run() => panic!("it ships for ever"),
        told = tokio::time::timeout(PATIENCE, told) => told.expect("it is told").unwrap()[0].clone(),
    };
    assert!(status.faults[0].contains(changed.session()), "{status:?}");
    assert_all_there(&receiver.text(), &lines(state.path(), other.session()));
}
