//! State is `Clone`, so it cannot hold authority: it would be kept past the end.
use kglass::app::State;

#[derive(Clone)]
pub struct Remembered {
    pub state: State,
    #[cfg(bad)]
    pub authority: kglass::escalation::Escalation, //~ E0277
    #[cfg(not(bad))]
    pub facts: Option<kglass::escalation::Grant>,
}
