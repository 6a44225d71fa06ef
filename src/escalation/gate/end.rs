//! The end: stop accepting, cut streams, let what is in flight be answered and recorded, drop the
//! client, delete grant and request, see the server refuse the credential, record, seal. The order
//! is the promise: nothing is accepted after the first step, whatever the later ones do. And every
//! wait has a bound, be it for the server or for the disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::clock::boot_ms;
pub(super) use super::confirm::sleep_until;
use super::petition::Petitions;
use super::session::Live;
use super::take_back::{Deleted, ends_the_request, take_back};
use super::taken::{Taken, hung};
use super::{Gate, Timing};
use crate::audit::{self, Event, Journal, Probe};
use crate::escalation::stream::MAY_GO_ON;
use crate::escalation::{EndReason, EndStep, Ended, Escalation, GateEvent, Left, Revocation};

/// How long the last records may take to the sinks; the rest is sent at the next start.
pub(super) const FLUSH: Duration = Duration::from_secs(3);
/// Beyond a bound: for what is cut to be recorded, if the disk still takes records.
const GRACE: Duration = Duration::from_millis(200);

/// The longest waits of an end.
struct Pace {
    /// For streams that are cut to have their outcomes on disk.
    streams: Duration,
    /// For requests in flight, before the grant is deleted under them.
    flight: Duration,
    /// For drains to write what they left.
    drains: Duration,
    /// For grant and request to be deleted.
    petitions: Duration,
    /// For a look whether there are more grants, and for those to be deleted.
    others: Duration,
    seal: Duration,
    flush: Duration,
    confirms: bool,
}

fn usual(timing: &Timing) -> Pace {
    Pace {
        streams: Duration::from_millis(900),
        flight: Duration::from_secs(3),
        drains: Duration::from_secs(1),
        petitions: timing.petitions,
        others: Duration::from_secs(2),
        seal: timing.seal,
        flush: FLUSH,
        confirms: true,
    }
}

/// For signals: two seconds for everything.
const FAST: Pace = Pace {
    streams: Duration::from_millis(250),
    flight: Duration::from_millis(250),
    drains: Duration::from_millis(100),
    petitions: Duration::from_millis(600),
    others: Duration::from_millis(200),
    seal: Duration::from_millis(300),
    flush: Duration::from_millis(150),
    confirms: false,
};

impl Gate {
    /// Ends the escalation and waits until the server refuses the credential (10 s and more).
    pub async fn end(&self, escalation: Escalation, reason: EndReason) -> Ended {
        match self.begin_ending(&escalation.grant().session) {
            Some((live, hurry)) => {
                self.end_live(&live, reason, &hurry, &usual(&self.settings.timing))
                    .await
            }
            None => already_over(&escalation, reason),
        }
    }

    /// Makes a running `end` leave whatever it waits for; the end is then unconfirmed.
    pub fn hurry(&self) {
        self.hurry_up();
    }

    /// For signals: delete the grant, record, seal, within two seconds and unconfirmed.
    pub async fn end_fast(&self, escalation: Escalation, reason: EndReason) -> Ended {
        match self.begin_ending(&escalation.grant().session) {
            Some((live, hurry)) => self.end_live(&live, reason, &hurry, &FAST).await,
            None => already_over(&escalation, reason),
        }
    }

    /// The same for whatever is live. For a program that leaves: an ask may have been answered while
    /// nobody was there any more to take the escalation.
    pub async fn end_whatever_lives(&self, reason: EndReason) -> Option<Ended> {
        let session = self.live().ok()?.grant.session.clone();
        let (live, hurry) = self.begin_ending(&session)?;
        Some(self.end_live(&live, reason, &hurry, &FAST).await)
    }

    async fn end_live(&self, live: &Arc<Live>, reason: EndReason, hurry: &CancellationToken, pace: &Pace) -> Ended {
        self.tell(GateEvent::Ending(EndStep::Flight));
        let flight = async {
            let _ = within(pace.streams, hurry, live.streams.idle()).await;
            let _ = within(pace.flight, hurry, live.idle()).await;
            live.cut.cancel();
        };
        // Where nothing is on its way the client and its pool go at once; else when it is cut.
        let take_token = async { live.take_elevated().await.map(|elevated| elevated.token) };
        let ((), token) = tokio::join!(flight, take_token);
        let _ = within(pace.drains, hurry, live.drains.idle()).await;
        let mut taken = self.take_back_within(live, hurry, pace.petitions).await;
        if live.account.is_none() {
            self.look_for_others(live, hurry, pace.others, &mut taken).await;
        }
        // The token lives only for the question whether it is dead.
        let (mut revocation, probes) = match token {
            Some(token) => self.confirm_if(token, &taken, &reason, hurry, pace).await,
            None => (unconfirmed("the credential was gone already"), Vec::new()),
        };
        if let Revocation::Confirmed { .. } = revocation
            && let Some(why) = self.doubt(live, hurry, pace.others, &mut taken).await
        {
            // The next start looks again at what is not confirmed.
            revocation = unconfirmed(&format!("the credential is refused, but {why}"));
        }
        self.finish(live, reason, (revocation, probes), taken, hurry, pace)
            .await
    }

    /// Looks once more: a consent that was on its way when the request went may have landed meanwhile.
    async fn doubt(
        &self,
        live: &Live,
        hurry: &CancellationToken,
        bound: Duration,
        taken: &mut Taken,
    ) -> Option<String> {
        let known = taken.others.len();
        if live.account.is_none() {
            self.look_for_others(live, hurry, bound, taken).await;
        }
        let late = (taken.others.len() > known).then(|| "somebody's late consent was taken back".to_owned());
        taken.doubt(boot_ms() >= live.grant.deadline.boot_ms).or(late)
    }

    async fn take_back_within(&self, live: &Live, hurry: &CancellationToken, bound: Duration) -> Taken {
        let petitions = &live.petitions;
        let mut is_late = false;
        let patience = run_out(petitions, hurry, bound, &mut is_late);
        let taken = tokio::select! {
            biased;
            taken = take_back(petitions, Some(&live.granting), live.account.is_none()) => Some(taken),
            () = patience => None,
            () = self.tell_steps(live) => None,
        };
        let taken = taken.unwrap_or_else(|| hung(live));
        Taken {
            notes: taken.notes(),
            grant: taken.grant,
            request: taken.request,
            others: Vec::new(),
            unlooked: None,
            at: boot_ms(),
            is_late,
        }
    }

    /// What is waited for, as long as this is polled.
    async fn tell_steps(&self, live: &Live) {
        let mut told = None;
        loop {
            let at_disk = live.petitions.at_disk.load(Ordering::SeqCst) > 0;
            let step = if at_disk { EndStep::Disk } else { EndStep::Server };
            if told.replace(step) != Some(step) {
                self.tell(GateEvent::Ending(step));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Only where there is something to confirm: a grant that stays keeps its credential alive.
    async fn confirm_if(
        &self,
        token: SecretString,
        taken: &Taken,
        reason: &EndReason,
        hurry: &CancellationToken,
        pace: &Pace,
    ) -> (Revocation, Vec<Probe>) {
        let stays = matches!(taken.grant, Deleted::Stays { .. }) && *reason != EndReason::Expired;
        let why = match () {
            () if !pace.confirms => "a signal left no time to wait for the server",
            () if hurry.is_cancelled() => "the operator did not wait",
            () if taken.is_late => "server or disk did not answer in time",
            () if stays => "the grant is not deleted",
            () => {
                self.tell(GateEvent::Ending(EndStep::Confirm));
                return tokio::select! {
                    confirmed = self.confirm(&token, taken.at) => confirmed,
                    () = hurry.cancelled() => (unconfirmed("the operator did not wait"), Vec::new()),
                };
            }
        };
        (unconfirmed(why), Vec::new())
    }

    async fn finish(
        &self,
        live: &Arc<Live>,
        reason: EndReason,
        (revocation, probes): (Revocation, Vec<Probe>),
        taken: Taken,
        hurry: &CancellationToken,
        pace: &Pace,
    ) -> Ended {
        let counts = &live.counts;
        let of = |count: &std::sync::atomic::AtomicU32| count.load(Ordering::SeqCst);
        let (writes, declined, unknown) = (of(&counts.writes), of(&counts.declined), of(&counts.unknown));
        let refused = of(&counts.refused);
        let streams = live.streams.were_cut();
        let notes = taken.notes.iter().cloned();
        let cut = streams.iter().cloned().chain(live.drains.were_cut()).chain(notes);
        let record = audit::Ended {
            reason: match &reason {
                EndReason::Signal(name) => format!("signal {name}"),
                other => other.as_str().to_owned(),
            },
            revocation: match &revocation {
                Revocation::Confirmed { .. } => "confirmed".into(),
                Revocation::Unconfirmed { .. } => "unconfirmed".into(),
            },
            probes,
            writes,
            done: writes.saturating_sub(declined + unknown),
            declined,
            unknown,
            refused,
            cut: cut.collect(),
        };
        self.tell(GateEvent::Ending(EndStep::Disk));
        let sealed = within(pace.seal, hurry, seal(&live.petitions.journal, record)).await;
        self.closed();
        let session = live.grant.session.clone();
        let unsent = self.flush(&session, pace.flush).await;
        Ended {
            left: left(self, live, &taken, sealed),
            session,
            reason,
            revocation,
            writes,
            declined,
            unknown,
            refused,
            unsent,
            cut: streams,
        }
    }
}

/// What the operator must know when everything is over.
fn left(gate: &Gate, live: &Live, taken: &Taken, sealed: Option<Result<(), String>>) -> Vec<Left> {
    let context = &gate.settings.endpoint.facts().context;
    let grant = taken.grant.words(&live.granting, context).map(|text| Left {
        text,
        until: Some(live.grant.deadline),
    });
    let request = taken.request.note().map(|note| Left {
        text: format!("{note}; {}", ends_the_request(&live.grant.session, context)),
        until: None,
    });
    let others = taken.others.iter().filter_map(|(granting, deleted)| {
        let text = deleted.words(granting, context)?;
        Some(Left { text, until: None })
    });
    let trouble = match sealed {
        Some(Ok(())) => None,
        Some(Err(error)) => Some(error),
        None => Some("the disk does not answer".to_owned()),
    };
    let unsealed = trouble.map(|why| Left {
        text: format!(
            "the end of session {} is not recorded: {why}; the next start closes it",
            live.grant.session
        ),
        until: None,
    });
    // What the deadline has ended meanwhile needs no word.
    let grant = grant.filter(|_| boot_ms() < live.grant.deadline.boot_ms);
    let lingering = live.streams.lingering().into_iter().map(|words| Left {
        text: format!("the {words} did not say that it ended: {MAY_GO_ON}; look there, or delete the pod"),
        until: None,
    });
    grant
        .into_iter()
        .chain(others)
        .chain(unsealed)
        .chain(request)
        .chain(lingering)
        .collect()
}

/// Returns when the time is up: what is on its way then is let go, and has a last moment for its record.
pub(super) async fn run_out(petitions: &Petitions, hurry: &CancellationToken, bound: Duration, is_late: &mut bool) {
    let _ = within(bound, hurry, std::future::pending::<()>()).await;
    *is_late = true;
    petitions.haste.cancel();
    tokio::time::sleep(GRACE).await;
}

/// None if it takes longer, or if nobody waits any more; then what is nearly done has a last moment.
async fn within<T>(bound: Duration, hurry: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    let patience = async {
        tokio::select! {
            () = tokio::time::sleep(bound) => {}
            () = hurry.cancelled() => tokio::time::sleep(GRACE.min(bound)).await,
        }
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = patience => None,
    }
}

pub(super) fn unconfirmed(why: &str) -> Revocation {
    Revocation::Unconfirmed { why: why.into() }
}

fn already_over(escalation: &Escalation, reason: EndReason) -> Ended {
    Ended {
        session: escalation.grant().session.clone(),
        reason,
        revocation: unconfirmed("the session was over already"),
        writes: 0,
        declined: 0,
        unknown: 0,
        refused: 0,
        unsent: Vec::new(),
        cut: Vec::new(),
        left: Vec::new(),
    }
}

/// Notes of an end that are kept: a record has an end, and whoever approves can make any number of grants.
const MOST_NOTES: usize = 20;

/// The last two records. What cannot be written here is found by the next start, which sees an
/// unclosed journal and says so; there is nobody left to refuse anything to.
pub(super) async fn seal(journal: &Journal, mut ended: audit::Ended) -> Result<(), String> {
    let more = ended.cut.len().saturating_sub(MOST_NOTES);
    if more > 0 {
        ended.cut.truncate(MOST_NOTES);
        ended.cut.push(format!("and {more} more"));
    }
    let ended = journal.append(Event::Ended(ended)).await;
    let closed = journal.close().await;
    ended.and(closed).map(drop).map_err(|error| {
        tracing::error!(%error, "the end is not recorded, or the journal is not sealed");
        error.to_string()
    })
}
