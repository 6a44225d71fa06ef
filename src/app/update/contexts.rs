//! The list of contexts.

use super::{leave, navigate};
use crate::app::screen::Screen;
use crate::app::{ContextsScreen, Effect, Filter, Level, ListCursor, State};
use crate::cluster::ContextPlace;
use std::sync::Arc;

impl ContextsScreen {
    pub fn new(names: Arc<[String]>, current: &str) -> Self {
        let mut screen = Self {
            names,
            current: current.into(),
            ..Self::default()
        };
        screen.arrange(usize::MAX);
        let at = screen.shown.iter().position(|&i| screen.names[i] == current);
        screen.cursor = ListCursor {
            index: at.unwrap_or(0),
            top: 0,
        };
        screen
    }

    pub fn arrange(&mut self, height: usize) {
        let chosen = self.chosen().map(ToOwned::to_owned);
        self.shown = (0..self.names.len())
            .filter(|&i| self.filter.fits(&self.names[i]))
            .collect();
        let at = self.shown.iter().position(|&i| Some(&self.names[i]) == chosen.as_ref());
        let index = at.unwrap_or(self.cursor.index);
        self.cursor.go(index, self.shown.len(), height);
    }

    /// The context under the cursor.
    pub fn chosen(&self) -> Option<&str> {
        let at = *self.shown.get(self.cursor.index)?;
        self.names.get(at).map(String::as_str)
    }
}

pub fn open(state: &mut State) -> Vec<Effect> {
    let Some(Screen::Contexts(screen)) = state.screens.current() else {
        return Vec::new();
    };
    match screen.chosen() {
        Some(name) => {
            let name = name.to_owned();
            if leave::is_in_use(state, &name) {
                let effects = navigate::back(state);
                state.say(Level::Note, format!("{name} is in use"));
                return effects;
            }
            leave::switch(state, &name)
        }
        None => Vec::new(),
    }
}

pub fn filter(screen: &mut ContextsScreen, filter: Filter, height: usize) {
    screen.filter = filter;
    screen.arrange(height);
}

/// The kubeconfig was read. Its current context is the one in use only until another is opened.
pub fn placed(state: &mut State, places: Arc<[ContextPlace]>) {
    state.connection.places = places;
    state.changed = true;
}

pub fn listed(state: &mut State, names: Arc<[String]>, current: &str) {
    let height = state.body_height();
    let current = match &state.connection.facts {
        Some(facts) => facts.context.clone(),
        None => current.to_owned(),
    };
    state.connection.contexts = names.clone();
    for screen in state.screens.path_mut() {
        if let Screen::Contexts(screen) = screen {
            screen.names = names.clone();
            screen.current.clone_from(&current);
            screen.arrange(height);
        }
    }
    state.changed = true;
}
