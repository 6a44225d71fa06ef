//! The only room that waits: takes keys, messages and time, lets `app` think, executes effects,
//! lets `view` draw. No decision about Kubernetes or screens is made here.

#![expect(clippy::disallowed_methods, reason = "this room spawns what the others are")]

mod clock;
mod connection;
mod demo;
mod diagnostics;
mod emulator;
mod grid;
mod happened;
mod held;
mod input;
mod pace;
mod painter;
mod replay;
mod signals;
mod streams;
mod terminal;
mod world;

use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc::Receiver;

pub use clock::now;
pub use demo::{ShopContexts, demo};
pub use diagnostics::{Diagnostics, start as start_diagnostics};
pub use terminal::{Screen, give_back, restore_on_panic};
pub use world::{Contexts, Parting, Resources};

use crate::app::{self, Fact, Msg, Start, State};
use crate::config::Theme;
use crate::escalation::EndReason;
use crate::view;
use happened::Happened;
use pace::Pace;
use signals::{Signal, Signals};
use world::{World, connect_failed};

/// What the records say where the input has ended; the kernel's own signal may come or not.
const TERMINAL_GONE: &str = "SIGHUP: the terminal is gone";

/// What the screen starts with.
pub struct Launch {
    pub start: Start,
    pub theme: Theme,
    pub resources: Resources,
    /// The context to open; None is the current one.
    pub context: Option<String>,
    /// A session to replay instead of opening a context.
    pub replay: Option<String>,
    /// What went wrong before the screen was there: shown in the message log.
    pub notices: Vec<String>,
}

/// Runs until the user leaves. The terminal is given back on every way out. The answer is what
/// can only be said when the screen is gone, and how it ended.
pub async fn run(launch: Launch) -> anyhow::Result<(Parting, anyhow::Result<()>)> {
    let mut screen = Screen::take()?;
    let signals = Signals::listen()?;
    let (mail, post) = happened::channel();
    let (width, height) = screen.size()?;
    let state = State::new(Start {
        width,
        height,
        now: clock::now(),
        ..launch.start
    });
    let world = World::new(launch.resources, mail);
    let mut running = Running {
        state,
        world,
        theme: launch.theme,
        pace: Pace::default(),
        ticked: 0,
        signal: None,
    };
    for text in launch.notices {
        running.think(Fact::Notice { text, is_error: true });
    }
    if let Some(session) = launch.replay {
        running.world.execute(app::Effect::OpenReplay { session });
    } else {
        running.world.list_contexts();
        running.world.connect(launch.context);
    }
    let result = running.turn(&mut screen, post, signals).await;
    let reason = running
        .signal
        .map_or(EndReason::Quit, |name| EndReason::Signal(name.into()));
    running.world.leave(reason).await;
    Ok((running.world.parting(), result))
}

struct Running {
    state: State,
    world: World,
    theme: Theme,
    pace: Pace,
    /// Boot-clock time of the last tick.
    ticked: u64,
    /// The signal that ended the program.
    signal: Option<&'static str>,
}

impl Running {
    async fn turn(
        &mut self,
        screen: &mut Screen,
        mut post: Receiver<Happened>,
        mut signals: Signals,
    ) -> anyhow::Result<()> {
        let mut keys = EventStream::new();
        self.pace.pressed();
        while !self.world.quit {
            self.world.size = (self.state.width, self.state.height);
            self.draw_if_due(screen)?;
            let wait = self.wait_ms();
            tokio::select! {
                biased;
                event = keys.next() => {
                    let Some(Ok(events)) = event.map(|event| event.and_then(read_all)) else {
                        self.signalled(TERMINAL_GONE);
                        return Err(anyhow::anyhow!("the terminal is gone"));
                    };
                    self.typed(events);
                }
                signal = signals.next() => match signal {
                    Signal::Leave(name) => self.signalled(name),
                    Signal::Suspend => suspend(screen)?,
                    Signal::Resumed => { screen.retake()?; self.pace.pressed(); }
                },
                Some(happened) = post.recv() => self.happened(happened),
                () = tokio::time::sleep(Duration::from_millis(wait)) => {}
            }
            self.world.expire();
            self.tick_if_due();
            if let Some(text) = self.world.to_copy.take() {
                screen.copy(text);
            }
        }
        Ok(())
    }

    /// Until the next frame, the next tick or the deadline; at most a second while an escalation
    /// lives, since suspend stops this timer but not the deadline.
    fn wait_ms(&self) -> u64 {
        let now = clock::now();
        let tick = self
            .state
            .tick_interval_ms()
            .map(|every| (self.ticked + every).saturating_sub(now.boot_ms));
        let deadline = self.world.deadline_in().map(|left| left.min(1000));
        let frame = self.pace.due_in(now.boot_ms);
        [tick, deadline, frame].into_iter().flatten().min().unwrap_or(60_000)
    }

    fn tick_if_due(&mut self) {
        let now = clock::now().boot_ms;
        if self
            .state
            .tick_interval_ms()
            .is_some_and(|every| now >= self.ticked + every)
        {
            self.ticked = now;
            self.think(Fact::Tick);
        }
    }

    fn typed(&mut self, events: Vec<Event>) {
        for fact in input::facts(&events) {
            // A key for a shell changes nothing here: what is drawn at once is its echo.
            if self.think(fact) {
                self.pace.pressed();
            }
        }
    }

    fn signalled(&mut self, name: &'static str) {
        self.signal = Some(name);
        self.think(Fact::Terminate { signal: name });
        // Whatever the screen thinks of it: a signal ends the program.
        self.world.quit = true;
    }

    fn happened(&mut self, happened: Happened) {
        match happened {
            Happened::Fact(fact) => {
                if matches!(fact, Fact::Terminal { .. }) {
                    // The echo of a key, as a rule; the emulator sends no more than a frame's worth.
                    self.pace.pressed();
                }
                self.think(fact);
            }
            Happened::Gate(event) => {
                if let Some(fact) = self.world.heard(event) {
                    self.think(fact);
                }
            }
            Happened::Granted(held) => {
                let fact = self.world.granted(held);
                self.think(fact);
            }
            Happened::GateDone(fact) => {
                self.world.gate_done(&fact);
                self.think(fact);
            }
            Happened::Recording(recorder) => {
                self.world.recorder = Some(recorder);
                self.pace.changed();
            }
            Happened::Connected {
                attempt,
                facts,
                connection,
            } => {
                if let Some(fact) = self.world.connected(attempt, facts, connection) {
                    self.think(fact);
                }
            }
            Happened::ConnectFailed {
                attempt,
                context,
                error,
            } => {
                if self.world.is_awaited(attempt) {
                    self.think(connect_failed(context, &error));
                }
            }
        }
    }

    /// True if something visible changed.
    fn think(&mut self, fact: Fact) -> bool {
        let msg = Msg { at: clock::now(), fact };
        for effect in app::update(&mut self.state, self.world.authority(), msg) {
            self.world.execute(effect);
        }
        let changed = self.state.take_change();
        if changed {
            self.pace.changed();
        }
        changed
    }

    fn draw_if_due(&mut self, screen: &mut Screen) -> anyhow::Result<()> {
        let now = clock::now();
        if self.pace.due_in(now.boot_ms) != Some(0) {
            return Ok(());
        }
        let is_recording = self.world.is_recording();
        let (drawn, grid) = screen.draw(is_recording, |buffer| view::draw(&self.state, &self.theme, buffer))?;
        let told = grid.and_then(|grid| self.world.drawn(now, &grid, &drawn.private));
        self.pace.drawn(now.boot_ms);
        if let Some(fact) = told {
            self.think(fact);
        }
        Ok(())
    }
}

/// All events that are there already, so that keys of one read are known as such. Not by polling
/// the stream once more: a stream polled without a waker never wakes the loop again.
fn read_all(first: Event) -> std::io::Result<Vec<Event>> {
    let mut events = vec![first];
    while crossterm::event::poll(Duration::ZERO)? {
        events.push(crossterm::event::read()?);
    }
    Ok(events)
}

/// SIGTSTP from outside: the terminal is given back, then the process really stops.
fn suspend(screen: &mut Screen) -> anyhow::Result<()> {
    terminal::give_back();
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)?;
    Ok(screen.retake()?)
}
