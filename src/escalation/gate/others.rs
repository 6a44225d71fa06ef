//! Grants of this session that it does not use: somebody consented more than once. Never calls an end
//! confirmed that could not look for them.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Gate;
use super::consenting::request_uid;
use super::end::run_out;
use super::grants::grants_of;
use super::session::Live;
use super::take_back::{Deleted, delete_grant};
use super::taken::{MORE_GRANTS, Taken};

impl Gate {
    pub(super) async fn look_for_others(
        &self,
        live: &Live,
        hurry: &CancellationToken,
        bound: Duration,
        taken: &mut Taken,
    ) {
        // A later look knows more than the one before.
        taken.unlooked = None;
        if taken.is_late {
            taken.unlooked = Some("no time was left to look".into());
            return;
        }
        let mut is_late = false;
        let patience = run_out(&live.petitions, hurry, bound, &mut is_late);
        tokio::select! {
            biased;
            () = self.take_back_others(live, taken) => {}
            () = patience => {}
        }
        if is_late && taken.unlooked.is_none() {
            taken.unlooked = Some("the server did not answer in time".into());
        }
        if let Some(why) = &taken.unlooked {
            taken.notes.push(format!("{MORE_GRANTS}: {why}"));
        }
    }

    /// Somebody may have consented more than once, with kubectl or at the same moment as another: each
    /// consent is a grant that a token can be minted from. Looked for when the request is gone, since
    /// from then on there are no more of them. And what was to be deleted is looked for once more.
    async fn take_back_others(&self, live: &Live, taken: &mut Taken) {
        let base = match self.base().await {
            Ok(base) => base,
            Err(error) => return taken.unlooked = Some(error.to_string()),
        };
        if !taken.request.is_gone() && matches!(request_uid(&base, &live.grant.session).await, Ok(None)) {
            taken.request = Deleted::Gone;
        }
        let grants = match grants_of(&base, &live.grant.session).await {
            Ok(grants) => grants,
            Err(error) => return taken.unlooked = Some(error.to_string()),
        };
        // By uid: one made anew under the same name is another one.
        let (own, others): (Vec<_>, Vec<_>) = grants
            .into_iter()
            .filter(|grant| grant.who() == live.granting.who())
            .partition(|grant| grant.uid == live.granting.uid);
        taken.seen(!own.is_empty());
        for grant in others {
            let deleted = delete_grant(&live.petitions, &grant).await;
            taken.notes.extend(deleted.note());
            if !deleted.is_gone() {
                taken.unlooked = Some(format!("{} may be there", grant.name));
            }
            taken.others.push((grant, deleted));
        }
    }
}
