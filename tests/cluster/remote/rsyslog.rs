//! rsyslog as an administrator would run it for kglass: nothing kept in memory, nothing given up.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use kglass::audit::sinks::{DEFAULT_MAX_MESSAGE, SinkKind, TlsConfig};

use super::land::{Land, text};
use super::places::{Papers, papers};

pub const PORT: u16 = 6514;
/// As the guide says: rsyslog's own omfile drops what a full disk refuses.
const KEEPER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rsyslog-keep.pl");

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Secured {
    No,
    Tls,
    /// It wants a certificate of its clients as well.
    Mutual,
}

pub struct Rsyslog {
    config: PathBuf,
    papers: Option<Papers>,
    secured: Secured,
}

impl Rsyslog {
    pub fn new(land: &Land, secured: Secured) -> Self {
        let papers = (secured != Secured::No).then(|| papers(&land.folder, &land.address));
        let streams = papers.as_ref().map_or_else(String::new, |papers| {
            format!(
                "global(defaultNetstreamDriverCAFile=\"{}\" defaultNetstreamDriverCertFile=\"{}\" defaultNetstreamDriverKeyFile=\"{}\")\n",
                text(&papers.ca),
                text(&papers.certificate),
                text(&papers.key)
            )
        });
        let driver = |mode: &str| {
            format!(
                r#"module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="{mode}")"#
            )
        };
        let module = match secured {
            Secured::No => r#"module(load="imtcp")"#.to_owned(),
            Secured::Tls => driver("anon"),
            Secured::Mutual => driver("x509/certvalid"),
        };
        let work = text(&land.folder);
        let (out, keeper) = (land.disk.join("received"), land.folder.join("rsyslog-keep.pl"));
        let lines = [
            format!("global(workDirectory=\"{work}\" parser.escapeControlCharactersOnReceive=\"off\")"),
            streams,
            "main_queue(queue.type=\"Direct\")".into(),
            module,
            format!("input(type=\"imtcp\" port=\"{PORT}\")"),
            r#"template(name="kglass" type="string" string="%structured-data% %msg%\n")"#.into(),
            r#"module(load="omprog")"#.into(),
            format!(
                "action(type=\"omprog\" binary=\"{} {}\" confirmMessages=\"on\" template=\"kglass\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")",
                text(&keeper),
                text(&out)
            ),
        ];
        // A copy, as an administrator would install it.
        std::fs::copy(KEEPER, &keeper).unwrap();
        let config = land.folder.join("rsyslog.conf");
        std::fs::write(&config, lines.join("\n") + "\n").unwrap();
        Self {
            config,
            papers,
            secured,
        }
    }

    pub fn command(&self, land: &Land) -> Command {
        let mut command = land.command("rsyslogd");
        command.args(["-n", "-iNONE", "-f", text(&self.config)]);
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    pub fn kind(&self, land: &Land) -> SinkKind {
        let address = format!("{}:{PORT}", land.address);
        // As rsyslog's own default: longer records must come in parts.
        let max_message = DEFAULT_MAX_MESSAGE;
        match &self.papers {
            None => SinkKind::SyslogTcp { address, max_message },
            Some(papers) => SinkKind::SyslogTls {
                address,
                max_message,
                tls: TlsConfig {
                    ca: Some(papers.ca.clone()),
                    client: (self.secured == Secured::Mutual).then(|| (papers.certificate.clone(), papers.key.clone())),
                    ..TlsConfig::default()
                },
            },
        }
    }
}
