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
mod keys;
mod last_words;
mod pace;
mod painter;
mod private;
mod replay;
mod signals;
mod streams;
mod terminal;
mod world;

use std::time::Duration;

use tokio::sync::mpsc::Receiver;

pub use clock::now;
pub use demo::{ShopContexts, demo};
pub use diagnostics::{Diagnostics, start as start_diagnostics};
pub use last_words::say_within;
pub use private::keep_memory_private;
pub use terminal::{Screen, give_back, restore_on_panic};
pub use world::{Contexts, Parting, Resources};

use crate::app::{self, Fact, Msg, Start, State};
use crate::config::Theme;
use crate::escalation::EndReason;
use crate::view;
use happened::Happened;
use keys::{Batch, Keys};
use pace::Pace;
use signals::{Signal, Signals};
use world::{World, connect_failed};

/// What the records say where the input has ended; the kernel's own signal may come or not.
const TERMINAL_GONE: &str = "SIGHUP: the terminal is gone";

/// Between two looks whether the terminal is ours again.
const LOOK_BACK_MS: u64 = 500;

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
        is_away: false,
        signal: None,
    };
    for text in launch.notices {
        running.think(Fact::Notice { text, is_error: true });
    }
    if let Some(session) = launch.replay {
        running
            .world
            .execute(app::Effect::OpenReplay { session: Some(session) });
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
    /// The terminal is another program's: we were put into the background.
    is_away: bool,
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
        let mut keys = Keys::start()?;
        self.pace.pressed();
        while !self.world.quit {
            self.world.size = (self.state.width, self.state.height);
            self.draw_if_due(screen)?;
            let wait = self.wait_ms();
            // By turns: keys without end must not hold up a signal, an answer or an end.
            tokio::select! {
                batch = keys.next() => {
                    let Some(batch) = batch else {
                        self.signalled(TERMINAL_GONE);
                        return Err(anyhow::anyhow!("the terminal is gone"));
                    };
                    self.typed(&batch);
                }
                signal = signals.next() => match signal {
                    Signal::Leave(name) => self.signalled(name),
                    Signal::Suspend => { suspend(&keys)?; self.come_back(screen, &keys)?; }
                    Signal::Resumed => self.come_back(screen, &keys)?,
                },
                Some(happened) = post.recv() => self.happened(happened),
                () = tokio::time::sleep(Duration::from_millis(wait)) => {}
            }
            if self.is_away {
                self.come_back(screen, &keys)?;
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
        let look = self.is_away.then_some(LOOK_BACK_MS);
        let frame = frame.filter(|_| !self.is_away);
        [tick, deadline, frame, look]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(60_000)
    }

    /// Takes the terminal again if it is ours to take. In the background everything goes on but
    /// drawing and keys: a deadline comes, and a signal ends the program.
    fn come_back(&mut self, screen: &mut Screen, keys: &Keys) -> anyhow::Result<()> {
        self.is_away = !screen.retake()?;
        if self.is_away {
            keys.hold();
        } else {
            keys.go_on();
            self.pace.pressed();
        }
        Ok(())
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

    fn typed(&mut self, batch: &Batch) {
        for fact in input::facts(&batch.events, batch.burst) {
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
        if self.is_away || self.pace.due_in(now.boot_ms) != Some(0) {
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

/// SIGTSTP from outside: the terminal is given back, then the process really stops.
fn suspend(keys: &Keys) -> anyhow::Result<()> {
    keys.pause();
    terminal::give_back();
    Ok(rustix::process::kill_process(
        rustix::process::getpid(),
        rustix::process::Signal::STOP,
    )?)
}
