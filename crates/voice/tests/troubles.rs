//! What the log says of a device that repeats itself. In a file of its own, because a log belongs to a whole program.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use tracing_subscriber::{Layer, layer::SubscriberExt as _};
use voice::{Fault, Output, Player, Sink, Trouble};

/// Opens once, reports the same thing thousands of times, and is gone.
struct Stammering {
    opened: bool,
}

impl Output for Stammering {
    fn open(&mut self, on_trouble: Box<dyn Fn(Trouble) + Send + Sync>) -> Result<Box<dyn Sink>, Fault> {
        if std::mem::replace(&mut self.opened, true) {
            return Err(Fault("it is gone".into()));
        }
        for _ in 0..3_000 {
            on_trouble(Trouble::Passing("underrun".into()));
        }
        on_trouble(Trouble::Lost("unplugged".into()));
        Ok(Box::new(Silent))
    }
}

struct Silent;

impl Sink for Silent {
    fn play(&self, _: voice::Speech) {}

    fn latency(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    fn beat(&self) -> u64 {
        0
    }
}

struct CountLines(Arc<AtomicU32>);

impl<S: tracing::Subscriber> Layer<S> for CountLines {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        if event.metadata().target().starts_with("voice") {
            self.0.fetch_add(1, Ordering::AcqRel);
        }
    }
}

#[tokio::test]
async fn a_cause_is_logged_once_however_often_it_is_reported() {
    let lines = Arc::new(AtomicU32::new(0));
    let log = tracing_subscriber::registry().with(CountLines(Arc::clone(&lines)));
    tracing::subscriber::set_global_default(log).unwrap();

    let player = Player::start_on(Stammering { opened: false });
    let mut state = player.state();
    state.wait_for(|state| state.available).await.unwrap();
    state.wait_for(|state| !state.available).await.unwrap();
    assert_eq!(lines.load(Ordering::Acquire), 2, "one line for the underruns, one for the loss");
}
