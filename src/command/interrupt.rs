//! Ctrl-C, and its likes, while something is under way: no write is cut in two, and the report still comes.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Notify;

/// Notes that the user, or the system, wants this to stop. From when it is made on, SIGINT, SIGTERM and SIGHUP no longer
/// end the program by themselves.
pub struct Interrupt {
    happened: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

impl Interrupt {
    /// Begins to listen.
    pub fn listen() -> Self {
        let interrupt = Self { happened: Arc::default(), notify: Arc::default() };
        #[cfg(unix)]
        for kind in [
            tokio::signal::unix::SignalKind::interrupt(),
            tokio::signal::unix::SignalKind::terminate(),
            tokio::signal::unix::SignalKind::hangup(),
        ] {
            // A system that does not let us listen ends us as before.
            let Ok(mut signal) = tokio::signal::unix::signal(kind) else { continue };
            let (happened, notify) = interrupt.shared();
            tokio::spawn(async move {
                while signal.recv().await.is_some() {
                    happened.store(true, Ordering::Relaxed);
                    notify.notify_waiters();
                }
            });
        }
        #[cfg(not(unix))]
        {
            let (happened, notify) = interrupt.shared();
            tokio::spawn(async move {
                while tokio::signal::ctrl_c().await.is_ok() {
                    happened.store(true, Ordering::Relaxed);
                    notify.notify_waiters();
                }
            });
        }
        interrupt
    }

    fn shared(&self) -> (Arc<AtomicBool>, Arc<Notify>) {
        (Arc::clone(&self.happened), Arc::clone(&self.notify))
    }

    pub fn happened(&self) -> bool {
        self.happened.load(Ordering::Relaxed)
    }

    /// Waits for it.
    pub async fn wait(&self) {
        let stopped = self.notify.notified();
        if !self.happened() {
            stopped.await;
        }
    }

    /// Sleeps; false if nobody wants to wait for it any more.
    pub async fn sleep(&self, time: Duration) -> bool {
        let stopped = self.notify.notified();
        if self.happened() {
            return false;
        }
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = stopped => false,
        }
    }
}
