//! An answer of the writer thread that is still to come: awaited in async code, waited for in
//! blocking code. Not tokio's, because this room knows no runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::append_error::AppendError;

/// Resolves when the record is durable or has failed. Dropping it does not take the record back.
#[must_use = "only its answer says whether the record is durable"]
pub struct Pending<T>(Arc<Slot<T>>);

/// The writer's end. Answers with an error of its own if it is dropped unanswered.
pub(super) struct Promise<T>(Arc<Slot<T>>);

struct Slot<T> {
    state: Mutex<State<T>>,
    answered: Condvar,
}

struct State<T> {
    answer: Option<Result<T, AppendError>>,
    waker: Option<Waker>,
    done: bool,
}

impl<T> Slot<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, answer: Result<T, AppendError>) {
        let mut state = self.lock();
        if state.done {
            return;
        }
        state.done = true;
        state.answer = Some(answer);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        self.answered.notify_all();
    }
}

pub(super) fn pair<T>() -> (Promise<T>, Pending<T>) {
    let slot = Arc::new(Slot {
        state: Mutex::new(State {
            answer: None,
            waker: None,
            done: false,
        }),
        answered: Condvar::new(),
    });
    (Promise(Arc::clone(&slot)), Pending(slot))
}

impl<T> Promise<T> {
    pub(super) fn answer(self, answer: Result<T, AppendError>) {
        self.0.answer(answer);
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        self.0.answer(Err(AppendError::writer_gone()));
    }
}

impl<T> Pending<T> {
    /// Blocks until the answer is there. Not for async workers.
    pub fn wait(self) -> Result<T, AppendError> {
        let mut state = self.0.lock();
        loop {
            if let Some(answer) = state.answer.take() {
                return answer;
            }
            state = self.0.answered.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, AppendError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.lock();
        if let Some(answer) = state.answer.take() {
            return Poll::Ready(answer);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake;

    use super::*;
    use crate::audit::append_error::AppendFault;

    #[derive(Default)]
    struct Woken(AtomicU32);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn who_awaits_is_woken_once_the_answer_is_there() {
        let (promise, pending) = pair();
        let woken = Arc::new(Woken::default());
        let waker = Arc::clone(&woken).into();
        let mut cx = Context::from_waker(&waker);
        let mut pending = pin!(pending);
        assert!(pending.as_mut().poll(&mut cx).is_pending());
        promise.answer(Ok(7));
        assert_eq!(woken.0.load(Ordering::SeqCst), 1);
        assert!(matches!(pending.poll(&mut cx), Poll::Ready(Ok(7))));
    }

    #[test]
    fn a_writer_that_is_gone_is_an_error_and_no_eternal_wait() {
        let (promise, pending) = pair::<u8>();
        drop(promise);
        assert!(matches!(pending.wait(), Err(error) if matches!(error.fault, AppendFault::WriterGone)));
    }

    #[test]
    fn an_answer_that_nobody_waits_for_hurts_nobody() {
        let (promise, pending) = pair();
        drop(pending);
        promise.answer(Ok(1));
    }
}
