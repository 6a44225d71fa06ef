//! Sinks of a policy text, and what is required of them. Every mistake is told with its line: a sink
//! that is misspelt would otherwise be missed only when its records are.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeValue;

use super::check::is_label;
use super::remote::{Remote, RemoteRequired};
use super::table::{Keys, Mistakes};
use crate::audit::sinks::{Bound, DEFAULT_MAX_MESSAGE, MIN_MAX_MESSAGE, SecretSource, SinkConfig, SinkKind, TlsConfig};

const DEFAULT_DEADLINE: u32 = 10;
const LONGEST_DEADLINE: u32 = 120;
/// Where acknowledgements are required at all.
const DEFAULT_BOUND: Bound = Bound {
    records: Some(200),
    seconds: Some(60),
};
/// It is a word of the banner.
const LONGEST_NAME: usize = 20;
const MOST_MESSAGE: usize = 1024 * 1024;

pub(super) fn read_remote(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Remote {
    let required = read_required(top, mistakes);
    let bound = read_bound(top, mistakes);
    let deadline = top.duration(mistakes, "remote_deadline").unwrap_or(DEFAULT_DEADLINE);
    if deadline > LONGEST_DEADLINE {
        let offset = top.offset_of("remote_deadline");
        mistakes.at(
            offset,
            "`remote_deadline` is longer than anybody waits",
            "write at most \"2m\"",
        );
    }
    let sinks = read_sinks(top, mistakes);
    let has_required = sinks.iter().any(|sink| sink.required);
    let needs = [
        ("remote_required", required != RemoteRequired::None),
        ("max_unacknowledged", bound.is_some()),
    ];
    for (key, _) in needs.into_iter().filter(|(_, asked)| *asked && !has_required) {
        let cause = format!("`{key}` asks for acknowledgements, and no sink could give them");
        mistakes.at(
            top.offset_of(key),
            cause,
            "write a table [[sinks]] without `required = false`",
        );
    }
    Remote {
        required,
        deadline_seconds: deadline,
        bound: bound.or((required != RemoteRequired::None).then_some(DEFAULT_BOUND)),
        sinks,
    }
}

fn read_required(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> RemoteRequired {
    let Some(text) = top.string(mistakes, "remote_required") else {
        return RemoteRequired::None;
    };
    let found = RemoteRequired::ALL
        .into_iter()
        .find(|required| required.as_str() == text);
    found.unwrap_or_else(|| {
        let offset = top.offset_of("remote_required");
        let words = RemoteRequired::ALL.map(|required| format!("\"{}\"", required.as_str()));
        let cause = format!("`remote_required` cannot be \"{text}\"");
        mistakes.at(offset, cause, format!("write one of {}", words.join(", ")));
        RemoteRequired::None
    })
}

fn read_bound(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<Bound> {
    let offset = top.offset_of("max_unacknowledged");
    let mut keys = top.table(mistakes, "max_unacknowledged")?;
    let bound = Bound {
        records: keys.number(mistakes, "records").map(|n| n as u64),
        seconds: keys.duration(mistakes, "age"),
    };
    keys.refuse_unknown(mistakes);
    // Fewer would refuse the first write for the records of entry alone.
    if bound.records.is_some_and(|records| records < 10) {
        let cause = "`max_unacknowledged.records` leaves no room for the records of entry itself";
        mistakes.at(offset, cause, "write 10 or more");
    }
    if bound == Bound::default() {
        let cure = "write e.g. max_unacknowledged = { records = 200, age = \"1m\" }";
        mistakes.at(offset, "`max_unacknowledged` bounds nothing", cure);
    }
    Some(bound)
}

fn read_sinks(top: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Vec<SinkConfig> {
    let Some(value) = top.get("sinks") else {
        return Vec::new();
    };
    let Some(items) = value.get_ref().as_array() else {
        mistakes.at(value.span().start, "`sinks` is not a list of tables", "write [[sinks]]");
        return Vec::new();
    };
    let mut sinks: Vec<SinkConfig> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let offset = item.span().start;
        let DeValue::Table(table) = item.get_ref() else {
            mistakes.at(offset, format!("`sinks[{index}]` is not a table"), "write [[sinks]]");
            continue;
        };
        let mut keys = Keys::new(&format!("sinks[{index}]."), offset, table);
        let sink = read_sink(&mut keys, mistakes);
        if let Some(sink) = sink {
            if sinks.iter().any(|other| other.name == sink.name) {
                let cause = format!("two sinks are called `{}`", sink.name);
                mistakes.at(
                    keys.offset_of("name"),
                    cause,
                    "their cursors are named so: give each a name of its own",
                );
            }
            sinks.push(sink);
        }
        keys.refuse_unknown(mistakes);
    }
    sinks
}

fn read_sink(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<SinkConfig> {
    let name = read_name(keys, mistakes);
    let required = keys.get("required").is_none() || keys.boolean(mistakes, "required");
    let timeout = keys.duration(mistakes, "timeout").unwrap_or(DEFAULT_DEADLINE);
    let kind = match needed(keys, mistakes, "kind", "\"syslog_tls\"")?.as_str() {
        "syslog_tcp" => {
            let max_message = read_max_message(keys, mistakes);
            read_address(keys, mistakes).map(|address| SinkKind::SyslogTcp { address, max_message })
        }
        "syslog_tls" => {
            let (tls, max_message) = (read_tls(keys, mistakes), read_max_message(keys, mistakes));
            read_address(keys, mistakes).map(|address| SinkKind::SyslogTls {
                address,
                max_message,
                tls,
            })
        }
        "webhook" => {
            let (tls, bearer) = (read_tls(keys, mistakes), read_bearer(keys, mistakes));
            read_url(keys, mistakes).map(|url| SinkKind::Webhook { url, tls, bearer })
        }
        other => {
            let cause = format!("there is no kind of sink `{other}`");
            let cure = "write \"syslog_tcp\", \"syslog_tls\" or \"webhook\"";
            mistakes.at(keys.offset_of("kind"), cause, cure);
            None
        }
    };
    Some(SinkConfig {
        name: name?,
        kind: kind?,
        required,
        patience: Duration::from_secs(timeout.into()),
    })
}

fn needed(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>, key: &'static str, example: &str) -> Option<String> {
    if keys.get(key).is_none() {
        let cause = format!("`{}{key}` is missing", keys.place);
        mistakes.at(keys.offset, cause, format!("write e.g. {key} = {example}"));
    }
    keys.string(mistakes, key)
}

fn read_name(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<String> {
    let name = needed(keys, mistakes, "name", "\"siem\"")?;
    if is_label(&name) && name.len() <= LONGEST_NAME {
        return Some(name);
    }
    let cause = format!("`{name}` cannot be the name of a sink");
    let cure = format!("use lower-case letters, digits and hyphens, at most {LONGEST_NAME}");
    mistakes.at(keys.offset_of("name"), cause, cure);
    None
}

fn read_address(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<String> {
    let text = needed(keys, mistakes, "address", "\"siem.example:6514\"")?;
    let authority = text.parse::<http::uri::Authority>().ok();
    let good = authority.is_some_and(|a| a.port_u16().is_some_and(|port| port > 0) && !text.contains('@'));
    if good {
        return Some(text);
    }
    let cause = format!("`{text}` is no address");
    mistakes.at(
        keys.offset_of("address"),
        cause,
        "write host:port, e.g. \"siem.example:6514\"",
    );
    None
}

fn read_url(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<http::Uri> {
    let text = needed(keys, mistakes, "url", "\"https://siem.example/kglass\"")?;
    let offset = keys.offset_of("url");
    let url = text.parse::<http::Uri>().ok().filter(|url| url.host().is_some());
    let Some(url) = url else {
        mistakes.at(
            offset,
            format!("`{text}` is no URL"),
            "write e.g. \"https://siem.example/kglass\"",
        );
        return None;
    };
    if url
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'))
    {
        mistakes.at(
            offset,
            "the URL holds a user or a secret",
            "write bearer_file = \"/path\" instead",
        );
        return None;
    }
    match url.scheme_str() {
        Some("https") => Some(url),
        Some("http") if url.host().is_some_and(is_loopback) => Some(url),
        _ => {
            let cause = format!("`{text}` is not https, so anybody on the way could read and change the records");
            mistakes.at(offset, cause, "write https://…; plain http is for loopback alone");
            None
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn read_max_message(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> usize {
    let most = keys.number(mistakes, "max_message").unwrap_or(DEFAULT_MAX_MESSAGE);
    if !(MIN_MAX_MESSAGE..=MOST_MESSAGE).contains(&most) {
        let cause = format!("`{}max_message` is {most} bytes", keys.place);
        let cure = format!("write what the receiver takes, {MIN_MAX_MESSAGE} to {MOST_MESSAGE}");
        mistakes.at(keys.offset_of("max_message"), cause, cure);
    }
    most
}

fn read_tls(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> TlsConfig {
    let chain = read_path(keys, mistakes, "client_certificate");
    let key = read_path(keys, mistakes, "client_key");
    if chain.is_some() != key.is_some() {
        let cause = "a client certificate needs both halves";
        mistakes.at(keys.offset, cause, "write client_certificate and client_key");
    }
    TlsConfig {
        server_name: keys.string(mistakes, "server_name"),
        ca: read_path(keys, mistakes, "ca"),
        client: chain.zip(key),
    }
}

fn read_path(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>, key: &'static str) -> Option<PathBuf> {
    let path = PathBuf::from(keys.string(mistakes, key)?);
    if path.is_absolute() {
        return Some(path);
    }
    let cause = format!("`{}{key}` depends on where kglass is started", keys.place);
    mistakes.at(keys.offset_of(key), cause, "write an absolute path");
    None
}

fn read_bearer(keys: &mut Keys<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<SecretSource> {
    let file = read_path(keys, mistakes, "bearer_file");
    let variable = keys.string(mistakes, "bearer_env");
    if file.is_some() && variable.is_some() {
        let cause = "two places hold the secret";
        mistakes.at(keys.offset_of("bearer_env"), cause, "keep bearer_file or bearer_env");
    }
    file.map(SecretSource::File).or(variable.map(SecretSource::Env))
}
