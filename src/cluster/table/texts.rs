//! Repeated texts are kept once: ten thousand pods share one `Running`. Bounded, so that a cluster
//! full of unique texts does not fill the table of texts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::TermSafe;

const LONGEST: usize = 48;
const MOST: usize = 16_384;

#[derive(Default)]
pub struct Texts {
    cells: HashMap<Box<str>, TermSafe>,
    names: HashSet<Arc<str>>,
}

impl Texts {
    /// Text for a cell.
    pub fn cell(&mut self, raw: &str) -> TermSafe {
        if let Some(known) = self.cells.get(raw) {
            return known.clone();
        }
        let safe = TermSafe::new(raw);
        if raw.len() <= LONGEST && self.cells.len() < MOST {
            self.cells.insert(raw.into(), safe.clone());
        }
        safe
    }

    /// A namespace, an owner: an identifier that many rows have.
    pub fn name(&mut self, raw: &str) -> Arc<str> {
        if let Some(known) = self.names.get(raw) {
            return Arc::clone(known);
        }
        let name: Arc<str> = raw.into();
        if self.names.len() < MOST {
            self.names.insert(Arc::clone(&name));
        }
        name
    }
}
