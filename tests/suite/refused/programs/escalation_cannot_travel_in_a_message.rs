//! A message holds the facts of a grant, never the authority.
use kglass::app::Fact;
use kglass::escalation::Escalation;

pub fn tell(authority: Escalation) -> Fact {
    #[cfg(bad)]
    return Fact::Granted(authority); //~ E0308
    #[cfg(not(bad))]
    return Fact::Granted(authority.grant().clone());
}
