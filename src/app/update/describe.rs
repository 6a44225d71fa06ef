//! The screen that describes an object.

use crate::app::screen::Screen;
use crate::app::{DescribeScreen, Effect, State};
use crate::cluster::{Freshness, Reading};
use crate::model::Moment;
use crate::registry::Local;
use crate::registry::describe::Line;

pub fn reading(screen: &mut DescribeScreen, reading: Reading, height: usize) -> bool {
    match reading {
        Reading::Object(value) => {
            screen.value = Some(value);
            screen.error = None;
            screen.render(height);
        }
        // Asked for again every half minute, and mostly the same.
        Reading::Related(related) if screen.related.as_ref() == Some(&related) => return false,
        Reading::Related(related) => {
            screen.related = Some(related);
            screen.render(height);
        }
        Reading::Events(events) => {
            screen.events = Some(events);
            screen.render(height);
        }
        Reading::Freshness(freshness) => {
            let before = std::mem::replace(&mut screen.freshness, freshness);
            return before != freshness;
        }
        Reading::Failed(error) => screen.error = Some(error),
        _ => return false,
    }
    true
}

pub fn act(state: &mut State, act: Local) -> Vec<Effect> {
    let height = state.body_height();
    let Some(Screen::Describe(screen)) = state.screen_mut() else {
        return Vec::new();
    };
    match act {
        Local::Wrap => {
            screen.wrap = !screen.wrap;
            screen.scroll.left = 0;
            screen.fit(height);
        }
        Local::CopyText => {
            let text: Vec<String> = screen.lines.iter().map(Line::to_copy).collect();
            return super::act::copy(state, text.join("\n"), "the description");
        }
        Local::Left | Local::Right if !screen.wrap => screen.scroll.sideways(act == Local::Right),
        Local::NextHit | Local::PreviousHit => {
            let from = screen.scroll.top;
            let line = match act {
                Local::NextHit => screen.search.next(from),
                _ => screen.search.previous(from),
            };
            if let Some(line) = line {
                screen.reveal(line, height);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// True if a second makes a difference to what is seen.
pub fn shows_seconds(screen: &DescribeScreen, now: Moment, height: usize) -> bool {
    /// Ages above this are shown in whole minutes or more.
    const YOUNG_MS: i64 = 600_000;
    let is_young = |since: i64| now.wall_ms - since < YOUNG_MS;
    let mut seen = screen.lines.iter().skip(screen.scroll.top).take(height);
    screen.freshness != Freshness::Live
        || seen.any(|line| line.spans.iter().any(|span| span.since_ms.is_some_and(is_young)))
}
