//! How the sinks are doing, in the few words that a line has for it.

use crate::audit::sinks::{Health, SinkStatus};
use crate::model::Moment;

/// The sink that is worst off, and how many are well; none where there is no sink.
pub fn words(statuses: &[SinkStatus], now: Moment) -> Option<String> {
    let worst = statuses.iter().max_by_key(|status| {
        let down = matches!(status.health, Health::Down { .. });
        (status.refusing, down, status.behind)
    })?;
    let well = statuses
        .iter()
        .all(|status| status.health == Health::Ok && !status.refusing);
    let words = worst.words(now);
    Some(match statuses.len() {
        1 => words,
        many if well && words.ends_with(" ok") => format!("{many} sinks ok"),
        many => format!("{words} +{}", many - 1),
    })
}

/// One of them does not take records now, or holds writes up.
pub fn is_in_trouble(statuses: &[SinkStatus]) -> bool {
    statuses.iter().any(|status| status.refusing || status.is_down())
}

/// `sent to siem.example (ok)`; what follows `recorded and` in the pane.
pub fn pane(statuses: &[SinkStatus], now: Moment) -> Option<String> {
    let each = statuses.iter().map(|status| {
        let words = status.words(now);
        let state = words.strip_prefix(&status.name).unwrap_or(&words).trim();
        format!("{} ({state})", status.host)
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| format!("sent to {}", each.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(name: &str, health: Health) -> SinkStatus {
        SinkStatus {
            name: name.into(),
            host: format!("{name}.example"),
            required: true,
            health,
            behind: 0,
            oldest: None,
            refusing: false,
            owed: 0,
            faults: [].into(),
        }
    }

    #[test]
    fn the_worst_sink_is_the_one_that_is_named() {
        let now = Moment {
            boot_ms: 20_000,
            wall_ms: 0,
        };
        let down = Health::Down {
            since: Moment {
                boot_ms: 8_000,
                wall_ms: 0,
            },
            cause: "refused".into(),
        };
        assert_eq!(words(&[], now), None);
        assert_eq!(words(&[status("siem", Health::Ok)], now).unwrap(), "siem ok");
        let two = [status("siem", Health::Ok), status("lake", Health::Ok)];
        assert_eq!(words(&two, now).unwrap(), "2 sinks ok");
        let two = [status("siem", down), status("lake", Health::Ok)];
        assert_eq!(words(&two, now).unwrap(), "siem down 12 s +1");
        assert_eq!(
            pane(&two, now).unwrap(),
            "sent to siem.example (down 12 s), lake.example (ok)"
        );
    }
}
