//! What an end has taken back, as far as it is known: what may stay keeps the end from being confirmed.

use std::sync::atomic::Ordering;

use super::consent::Granting;
use super::session::Live;
use super::take_back::{Deleted, TakenBack};

/// Each could be minted from.
pub(super) const MORE_GRANTS: &str = "whether there are more grants of this request is not known";

/// What became of grant and request.
pub(super) struct Taken {
    pub(super) grant: Deleted,
    pub(super) request: Deleted,
    /// Grants of this session that were not used, and could not be deleted.
    pub(super) others: Vec<(Granting, Deleted)>,
    /// Why nobody knows whether there are more of them.
    pub(super) unlooked: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) at: u64,
    /// The bound was reached, so nothing more is asked.
    pub(super) is_late: bool,
}

impl Taken {
    /// Whether the grant stands in the server's own list, whatever came of its deletion.
    pub(super) fn seen(&mut self, is_there: bool) {
        match (&self.grant, is_there) {
            (Deleted::Unknown { .. }, false) => self.grant = Deleted::Gone,
            (Deleted::Gone, true) => {
                let (what, cause) = ("the grant".to_owned(), "it is still on the server".to_owned());
                self.grant = Deleted::Stays { what, cause };
                self.notes.extend(self.grant.note());
            }
            _ => {}
        }
    }

    /// Why the end is not confirmed although the credential is refused.
    pub(super) fn doubt(&self, is_expired: bool) -> Option<String> {
        if let Some(why) = &self.unlooked {
            return Some(format!("{MORE_GRANTS}: {why}"));
        }
        if !self.grant.is_gone() && !is_expired {
            return Some("it is not known that the grant is deleted".into());
        }
        (!self.request.is_gone()).then(|| "the request may be there, and could be consented to".into())
    }
}

/// Of both nothing is known: the time was up.
pub(super) fn hung(live: &Live) -> TakenBack {
    let deleted = |what: String| {
        if live.petitions.at_disk.load(Ordering::SeqCst) > 0 {
            let cause = "nothing is sent without a record, and the disk does not answer".into();
            Deleted::Stays { what, cause }
        } else {
            let cause = "the server did not answer in time".into();
            Deleted::Unknown { what, cause }
        }
    };
    TakenBack {
        grant: deleted(format!("secrets/{}", live.granting.name)),
        // Without the kit nobody was asked.
        request: if live.account.is_none() {
            deleted(format!("configmaps/{}", live.grant.session))
        } else {
            Deleted::Gone
        },
    }
}
