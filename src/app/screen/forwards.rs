//! The list of port-forwards; the rows are `State::streams`.

use crate::app::ListCursor;

#[derive(Clone, Debug, Default)]
pub struct ForwardsScreen {
    pub cursor: ListCursor,
}
