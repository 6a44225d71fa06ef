//! From a request to a live escalation: recorded, asked, consented, acquired, checked. Whatever
//! fails on the way, what was made on the server is ended again and the session is sealed.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::acquire::{Acquired, Order, acquire};
use super::asking::Asking;
use super::consent::{self, Granting};
use super::rules::{PetitionRules, Place};
use super::session::{Elevated, Live};
use super::{Gate, clock, wait};
use crate::audit::{self, Event, Person, Requested};
use crate::escalation::{AskProgress, Enforced, Escalation, EscalationRequest, GateError, GateEvent, Grant, Trigger};

/// The record that opens a session.
pub(super) const FIRST: u64 = 1;
/// A request older than this is approved by nobody.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

impl Gate {
    /// Records, requests, waits for consent, acquires. Progress comes as events.
    pub async fn ask(&self, request: EscalationRequest) -> Result<Escalation, GateError> {
        if self.settings.endpoint.facts().insecure {
            return Err(GateError::Insecure);
        }
        let cancel = self.begin_asking()?;
        let result = self.ask_with(&request, &cancel).await;
        match result {
            Ok(live) => {
                let escalation = Escalation::new(live.grant.clone());
                self.opened(live);
                Ok(escalation)
            }
            Err(error) => {
                self.closed();
                Err(error)
            }
        }
    }

    /// Gives up an ask that is waiting: the request object is deleted and `ask` returns `Withdrawn`.
    pub fn withdraw(&self) {
        self.cancel_asking();
    }

    async fn ask_with(&self, request: &EscalationRequest, cancel: &CancellationToken) -> Result<Live, GateError> {
        let base = self.base().await?;
        let who = base.who().await?;
        let has_kit = base.has_kit().await?;
        let offers = self.settings.policy.offers(&who.username, &who.groups, has_kit);
        let errors = offers.check(request);
        if !errors.is_empty() {
            return Err(GateError::Invalid(errors));
        }
        let role = self.settings.policy.roles.get(&request.role).ok_or(GateError::Closed)?;
        let identity = role.identity(request.namespace.as_deref());
        // Said by the policy alone: a server that hides its kit must not get us to do without it.
        let account = role.service_account.clone();
        let first = requested(request, &who, self.settings.provider.name(), account.is_some());
        let journal = self.new_journal(&base, &Event::Requested(first)).await?;
        let place = account.clone().map_or_else(
            || Place::Kit {
                identities: vec![identity.clone()],
            },
            Place::Account,
        );
        let rules = PetitionRules {
            place,
            hash: journal.session().into(),
            dry_run: false,
        };
        let mut petitions = base.petitions(rules, journal).await?;
        petitions.ahead = self.ahead_of_each();
        let asking = Asking {
            base: &base,
            petitions,
            request,
            role,
            who: &who,
            identity,
            trigger: spell(&request.trigger),
            account,
            is_unmade: std::sync::atomic::AtomicBool::new(false),
        };
        self.tell(GateEvent::Progress(AskProgress::Recorded {
            session: asking.hash().into(),
        }));
        if let Err(error) = self.entry_is_remote(asking.hash(), FIRST, cancel).await {
            asking.never_sent(&error).await;
            return Err(error);
        }
        let mut granting = None;
        let result = self.consent_and_acquire(&asking, cancel, &mut granting).await;
        match result {
            Ok((acquired, granting)) => self.open(asking, acquired, granting, cancel).await,
            Err(error) => Err(asking.give_up(granting.as_ref(), error).await),
        }
    }

    async fn consent_and_acquire(
        &self,
        asking: &Asking<'_>,
        cancel: &CancellationToken,
        made: &mut Option<Granting>,
    ) -> Result<(Acquired, Granting), GateError> {
        let granting = self.consent(asking, cancel).await?;
        *made = Some(granting.clone());
        self.tell(GateEvent::Progress(AskProgress::Approved {
            by: granting.approved_by.clone(),
        }));
        let account = asking.account();
        let order = Order {
            endpoint: &self.settings.endpoint,
            provider: self.settings.provider.as_ref(),
            role: asking.role,
            namespace: asking.request.namespace.as_deref(),
            account: (&account.0, &account.1),
            audience: self.settings.policy.audience(&self.settings.endpoint.facts().context),
        };
        let acquired = acquire(asking.base, &asking.petitions, &order, &granting).await?;
        if cancel.is_cancelled() {
            return Err(GateError::Withdrawn);
        }
        self.tell(GateEvent::Progress(AskProgress::Acquired));
        Ok((acquired, granting))
    }

    async fn consent(&self, asking: &Asking<'_>, cancel: &CancellationToken) -> Result<Granting, GateError> {
        if let Some(account) = &asking.account {
            return asking.client_only_grant(account).await;
        }
        asking.send_request().await?;
        if asking.role.self_approve {
            let who = &asking.who.username;
            return consent::give(asking.base, &asking.petitions, &asking.asked(), who, None).await;
        }
        self.tell(GateEvent::Progress(AskProgress::Waiting {
            session: asking.hash().into(),
            command: format!("kglass approve {}", asking.hash()),
        }));
        let wanted = asking.wanted()?;
        tokio::select! {
            found = wait::wait(asking.base, &wanted) => found,
            () = cancel.cancelled() => Err(GateError::Withdrawn),
            () = tokio::time::sleep(LONGEST_WAIT) => Err(GateError::Unanswered),
        }
    }

    /// The credential is held and checked: recorded, and the glass is open.
    async fn open(
        &self,
        asking: Asking<'_>,
        acquired: Acquired,
        granting: Granting,
        cancel: &CancellationToken,
    ) -> Result<Live, GateError> {
        let enforced = if asking.account.is_some() {
            Enforced::ClientOnly
        } else {
            Enforced::Server
        };
        let grant = Grant {
            session: asking.hash().into(),
            context: self.settings.endpoint.facts().context.clone(),
            role: asking.role.name.clone(),
            namespace: asking.request.namespace.clone(),
            ticket: asking.request.ticket.clone(),
            reason: asking.request.reason.clone(),
            identity: acquired.identity.username.clone(),
            approved_by: granting.approved_by.clone(),
            enforced,
            kept: self.settings.policy.remote.kept(),
            rights: acquired.rights.lines.clone().into(),
            granted_at: clock::now(),
            deadline: acquired.end,
        };
        let mut event = granted(&grant, &acquired, &granting, self.settings.provider.name());
        event.approvals[0].own = granting.approved_by == asking.who.username;
        let event = Event::Granted(event);
        if let Some(skew) = asking.base.clock.skew_ms() {
            asking.petitions.journal.set_clock_skew_ms(skew);
        }
        if let Err(error) = self.enter(&asking, event, cancel).await {
            return Err(asking.give_up(Some(&granting), error).await);
        }
        let elevated = Elevated {
            wire: acquired.wire,
            token: acquired.token,
        };
        Ok(Live::new(grant, asking.petitions, granting, asking.account, elevated))
    }

    /// The grant is on disk, with the checkpoint of entry behind it, and elsewhere if it must be.
    async fn enter(&self, asking: &Asking<'_>, granted: Event, cancel: &CancellationToken) -> Result<(), GateError> {
        let appended = asking.petitions.journal.append(granted).await;
        let appended = appended.map_err(|error| GateError::Unacceptable {
            what: "record the grant".into(),
            cause: error.to_string(),
            cure: "it was given back".into(),
        })?;
        // The change of mode is followed by a checkpoint, which was written before the answer came.
        self.entry_is_remote(asking.hash(), appended.seq + 1, cancel).await
    }
}

fn requested(request: &EscalationRequest, who: &Person, provider: &str, client_only: bool) -> Requested {
    Requested {
        requester: who.clone(),
        trigger: spell(&request.trigger),
        ticket: request.ticket.clone(),
        reason: request.reason.trim().into(),
        role: request.role.clone(),
        namespace: request.namespace.clone(),
        ttl_seconds: request.ttl_seconds,
        provider: provider.into(),
        enforced: if client_only { "client only" } else { "server" }.into(),
    }
}

fn granted(grant: &Grant, acquired: &Acquired, granting: &Granting, provider: &str) -> audit::Granted {
    audit::Granted {
        identity: acquired.identity.clone(),
        role: grant.role.clone(),
        namespace: grant.namespace.clone(),
        credential_id: acquired.credential_id.clone(),
        provider: provider.into(),
        approvals: vec![audit::Approval {
            by: granting.approved_by.clone(),
            at_ms: None,
            own: false,
            evidence: format!("secrets/{} in {}", granting.name, granting.namespace),
        }],
        granted_until_ms: granting.deadline as i64 * 1000,
        expires_at_ms: acquired.expires_at as i64 * 1000,
        effective_end_ms: grant.deadline.wall_ms,
        rights: grant.rights.to_vec(),
        enforced: grant.enforced.as_str().trim_start_matches("enforced: ").into(),
    }
}

/// As request and records name it.
fn spell(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Manual(category) => format!("manual:{category}"),
        Trigger::Incident(id) => format!("incident:{id}"),
    }
}
