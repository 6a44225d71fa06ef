//! The YAML screen.

use crate::app::screen::Screen;
use crate::app::{Effect, Move, State, YamlScreen};
use crate::cluster::Reading;
use crate::registry::Local;

pub fn reading(yaml: &mut YamlScreen, reading: Reading, height: usize) -> bool {
    match reading {
        Reading::Object(value) => {
            yaml.value = Some(value);
            yaml.error = None;
            yaml.render();
            yaml.scroll.fit(yaml.lines.len(), height);
            true
        }
        Reading::Failed(error) => {
            yaml.error = Some(error);
            true
        }
        _ => false,
    }
}

pub fn act(state: &mut State, act: Local) -> Vec<Effect> {
    let height = state.body_height();
    let Some(Screen::Yaml(yaml)) = state.screen_mut() else {
        return Vec::new();
    };
    match act {
        Local::ManagedFields => {
            yaml.managed_fields = !yaml.managed_fields;
            yaml.render();
            yaml.scroll.fit(yaml.lines.len(), height);
        }
        Local::CopyText => {
            let text: Vec<String> = yaml.lines.iter().map(crate::model::yaml::Line::text).collect();
            return super::act::copy(state, text.join("\n"), "the YAML");
        }
        Local::Left | Local::Right => yaml.scroll.sideways(act == Local::Right),
        Local::NextHit | Local::PreviousHit => jump(yaml, act == Local::NextHit, height),
        _ => {}
    }
    Vec::new()
}

fn jump(yaml: &mut YamlScreen, forward: bool, height: usize) {
    let from = yaml.scroll.top;
    let line = if forward {
        yaml.search.next(from)
    } else {
        yaml.search.previous(from)
    };
    if let Some(line) = line {
        yaml.scroll.reveal(line, yaml.lines.len(), height);
    }
}

pub fn step(yaml: &mut YamlScreen, step: Move, height: usize) {
    yaml.scroll.step(step, yaml.lines.len(), height);
}
