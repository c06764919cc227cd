//! Ctrl-C while something is under way: no write is cut in two, and the report still comes.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use tokio::sync::Notify;

/// Notes that the user wants to stop. From when it is made on, Ctrl-C no longer ends the program by itself.
pub struct Interrupt {
    happened: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

impl Interrupt {
    /// Begins to listen.
    pub fn listen() -> Self {
        let interrupt = Self { happened: Arc::default(), notify: Arc::default() };
        let (happened, notify) = (Arc::clone(&interrupt.happened), Arc::clone(&interrupt.notify));
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                happened.store(true, Ordering::Relaxed);
                notify.notify_waiters();
            }
        });
        interrupt
    }

    pub fn happened(&self) -> bool {
        self.happened.load(Ordering::Relaxed)
    }

    /// Sleeps; false if the user did not want to wait for it.
    pub async fn sleep(&self, time: std::time::Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => !self.happened(),
            () = self.notify.notified() => false,
        }
    }
}
