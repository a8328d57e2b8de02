//! What the log says of a device that repeats itself. In a file of its own, because a log belongs to a whole program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

use tokio::{sync::watch, time::timeout};
use tracing_subscriber::{Layer, layer::SubscriberExt as _};
use voice::{Fault, Output, Player, Sink, Trouble, VoiceState};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

type Report = Box<dyn Fn(Trouble) + Send + Sync>;

/// Opens once, hands out how it reports troubles, and is gone.
struct Once {
    report: Option<mpsc::Sender<Report>>,
}

impl Output for Once {
    fn open(&mut self, on_trouble: Report) -> Result<Box<dyn Sink>, Fault> {
        let report = self.report.take().ok_or_else(|| Fault("it is gone".into()))?;
        report.send(on_trouble).map_err(|_| Fault("nobody listens".into()))?;
        Ok(Box::new(Silent))
    }
}

struct Silent;

impl Sink for Silent {
    fn play(&self, _: voice::Speech) {}

    fn latency(&self) -> Duration {
        Duration::ZERO
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

    let (report, reports) = mpsc::channel();
    let player = Player::start_on(Once { report: Some(report) });
    let mut state = player.state();
    until(&mut state, |state| state.available).await;
    let report = reports.recv().unwrap();
    for _ in 0..3_000 {
        report(Trouble::Passing("underrun".into()));
    }
    report(Trouble::Lost("unplugged".into()));
    until(&mut state, |state| !state.available).await;
    assert_eq!(lines.load(Ordering::Acquire), 2, "one line for the underruns, one for the loss");
}

async fn until(state: &mut watch::Receiver<VoiceState>, wanted: impl FnMut(&VoiceState) -> bool) {
    timeout(PATIENCE, state.wait_for(wanted)).await.unwrap().unwrap();
}
