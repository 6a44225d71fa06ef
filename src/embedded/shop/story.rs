//! The three steps of the demo, as the card tells them.

use crate::app::{Guide, GuideStep, GuideTask, Sign};

use super::apps::{CAUSE, SICK};

pub(super) fn guide() -> Guide {
    let task = |text, sign| GuideTask {
        text,
        sign,
        done: false,
    };
    Guide {
        steps: vec![
            GuideStep {
                title: "Find out why",
                tasks: vec![
                    task(
                        "Nobody can pay: checkout crash-loops. Put the cursor on one of its pods (arrow keys), then {view.logs} \
                         shows what it says.",
                        Sign::LogOf(SICK),
                    ),
                    task(
                        "It cannot reach ledger. {app.back} goes back to the pods; look at what ledger-0 says: cursor on it, \
                         {view.logs}.",
                        Sign::LogOf(CAUSE),
                    ),
                ],
            },
            GuideStep {
                title: "Break the glass",
                tasks: vec![
                    task(
                        "The ledger holds dead connections and needs a restart, but you may only read. {glass.toggle} asks for the \
                         right to write.",
                        Sign::Asking,
                    ),
                    task(
                        "Fill in ticket (INC-4711) and reason (20 letters or more); tab moves on, ctrl-s asks. For \
                         namespace-operator a colleague, lead, consents.",
                        Sign::GlassBroken,
                    ),
                    task(
                        "You may write now, for some minutes, and all of it is recorded. :sts then enter lists stateful sets; \
                         cursor on ledger, {workload.restart} restarts it, y confirms.",
                        Sign::Wrote(CAUSE),
                    ),
                    task(
                        "checkout would try again within five minutes; do not wait for it: :deploy then enter, cursor on checkout, \
                         {workload.restart}, y.",
                        Sign::Wrote(SICK),
                    ),
                ],
            },
            GuideStep {
                title: "End and replay",
                tasks: vec![
                    task(
                        "See :pods heal. Then give the right back: {glass.toggle} twice ends it at once; the server refuses the \
                         credential from then on.",
                        Sign::Ended,
                    ),
                    task(
                        "Every screen and every write was kept, and signed. :replay {session} then enter plays it back; n jumps from \
                         event to event.",
                        Sign::Replayed,
                    ),
                ],
            },
        ],
        farewell: "That was all: look, break the glass, act, end, prove. {app.back} goes back, :q then enter leaves and says how to \
                   go on with a cluster of your own.",
        hidden: false,
        session: None,
    }
}
