//! The recording of the screen: started, fed and ended. Its trouble is told and stops nothing else.

use std::path::PathBuf;
use std::time::Duration;

use super::{World, notice};
use crate::app::Fact;
use crate::audit::ScreenHead;
use crate::model::{Grid, Moment, Rect};
use crate::recording::{Recorder, RecordingError};
use crate::runtime::clock;
use crate::runtime::happened::Happened;

/// The recorder waits for its last write, and a disk may hang.
const PATIENCE: Duration = Duration::from_millis(500);

impl World {
    /// Starts the recording off the UI task, since it makes a file.
    pub(super) fn record(&self, folder: PathBuf, session: String, screen: ScreenHead) {
        // The next frame follows at once and has everything on it.
        let (mail, grid, at) = (self.mail.clone(), Grid::blank(self.size.0, self.size.1), clock::now());
        tokio::spawn(async move {
            let start = move || Recorder::start(&folder, &session, &grid, at, screen);
            let happened = match tokio::task::spawn_blocking(start).await {
                Ok(Ok(recorder)) => Happened::Recording(recorder),
                Ok(Err(error)) => Happened::Fact(notice(&error.to_string())),
                Err(panic) => Happened::Fact(notice(&panic.to_string())),
            };
            mail.send(happened).await;
        });
    }

    /// Hands something to the recorder, if there is one. A recording whose session is closed is
    /// over; other trouble is told once, then the recording goes on as far as it can.
    pub(super) fn recorded(&mut self, hand_over: impl FnOnce(&Recorder) -> Result<(), RecordingError>) -> Option<Fact> {
        let result = hand_over(self.recorder.as_ref()?);
        match result {
            Ok(()) => None,
            Err(RecordingError::Over) => {
                self.recorder = None;
                None
            }
            Err(RecordingError::Behind) => {
                let first = !std::mem::replace(&mut self.behind, true);
                first.then(|| notice(&RecordingError::Behind.to_string()))
            }
            Err(error) => {
                self.recorder = None;
                Some(notice(&error.to_string()))
            }
        }
    }

    /// Whether frames are wanted.
    pub fn is_recording(&self) -> bool {
        self.recorder.is_some()
    }

    /// What was drawn; `private` is not recorded.
    pub fn drawn(&mut self, at: Moment, grid: &Grid, private: &[Rect]) -> Option<Fact> {
        self.recorded(|recorder| recorder.frame(at, grid, private))
    }

    /// Ends the recording, as far as the disk lets it.
    pub(super) async fn stop_recording(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            let finished = tokio::task::spawn_blocking(move || drop(recorder));
            let _ = tokio::time::timeout(PATIENCE, finished).await;
        }
    }
}
