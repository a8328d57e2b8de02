//! Figures for the operator's monitoring, in the form of Prometheus.
//!
//! No label is drawn from what a caller sends: routes are those of the description, so the number of figures is bounded and
//! none of them names a person.

mod http;
mod process;
mod route;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use http::routes;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder, core::Collector,
};
pub use route::{RouteFigures, UnderWay};

use crate::state::AppState;

/// Bounds of the times of answers, in seconds.
const TIMES: &[f64] = &[0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Why a request could not be answered for a reason of the database's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Somebody else used it for too long.
    Busy,
    /// It does not answer.
    Away,
}

/// Counters of this server since its start.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    under_way: IntGauge,
    /// Calls of an address without a credential that were one too many.
    pub anonymous_refused: IntCounter,
    /// Events of the log that were told to who follows them.
    pub events: IntCounter,
    /// Requests whose kept answer was given again.
    pub replayed: IntCounter,
    /// Changes of kiosks that came again and had no second effect.
    pub repeated: IntCounter,
    busy: IntCounter,
    away: IntCounter,
}

impl Metrics {
    /// Nothing counted yet.
    ///
    /// # Errors
    /// Two figures have the same name, or one has a name that Prometheus does not take.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str| added(&registry, IntCounter::new(name, help)?);
        let troubles = IntCounterVec::new(
            Opts::new("vitrine_database_troubles_total", "Requests that the database kept from being answered"),
            &["kind"],
        )?;
        let troubles = added(&registry, troubles)?;
        let requests =
            IntCounterVec::new(Opts::new("vitrine_http_requests_total", "Requests answered"), &["route", "method", "status"])?;
        let seconds = HistogramVec::new(
            HistogramOpts::new("vitrine_http_request_seconds", "Time until an answer begins").buckets(TIMES.to_vec()),
            &["route", "method"],
        )?;
        let under_way = IntGauge::new("vitrine_http_requests_under_way", "Requests that are being answered")?;
        Ok(Self {
            requests: added(&registry, requests)?,
            seconds: added(&registry, seconds)?,
            under_way: added(&registry, under_way)?,
            anonymous_refused: counter(
                "vitrine_anonymous_calls_refused_total",
                "Calls without a credential that were too many for their address",
            )?,
            events: counter("vitrine_events_total", "Events of the log that this server has passed on")?,
            replayed: counter("vitrine_answers_replayed_total", "Repeated requests that got their first answer again")?,
            repeated: counter(
                "vitrine_kiosk_changes_repeated_total",
                "Changes of kiosks that came again and had no second effect",
            )?,
            busy: troubles.with_label_values(&["busy"]),
            away: troubles.with_label_values(&["away"]),
            registry,
        })
    }

    /// The figures of a route, which are shown once it is called.
    #[must_use]
    pub fn route(&self, route: &str, method: &str) -> RouteFigures {
        RouteFigures::new(route, method, self)
    }

    /// Counts a request that the database kept from being answered.
    pub fn troubled(&self, trouble: Trouble) {
        match trouble {
            Trouble::Busy => self.busy.inc(),
            Trouble::Away => self.away.inc(),
        }
    }

    /// All figures as text, with those that are what they are only now.
    ///
    /// # Errors
    /// They cannot be written.
    pub async fn text(&self, state: &AppState) -> prometheus::Result<String> {
        let mut families = self.registry.gather();
        families.extend(now(state).await?.gather());
        TextEncoder::new().encode_to_string(&families)
    }
}

/// Figures that are looked at, not counted.
async fn now(state: &AppState) -> prometheus::Result<Registry> {
    let registry = Registry::new();
    let show = |name: &str, help: &str, value: u64| {
        added(&registry, IntGauge::new(name, help)?).map(|figure| figure.set(i64::try_from(value).unwrap_or(i64::MAX)))
    };
    let count =
        |name: &str, help: &str, value: u64| added(&registry, IntCounter::new(name, help)?).map(|figure| figure.inc_by(value));
    let connections = &state.limits.connections;
    show("vitrine_connections_open", "Connections that are open", connections.open())?;
    count("vitrine_connections_refused_total", "Connections that were too many for their address", connections.refused())?;
    show("vitrine_streams_open", "Event streams that are open", state.bus.followers())?;
    show("vitrine_sessions_in_memory", "Live sessions that are answered from memory", state.live.len() as u64)?;
    let (hits, misses) = state.live.hits_and_misses();
    count("vitrine_session_memory_hits_total", "Looks at a session that memory answered", hits)?;
    count("vitrine_session_memory_misses_total", "Looks at a session that the database answered", misses)?;
    count("vitrine_sign_ins_refused_total", "Tries to sign in or up that had to wait", state.throttle.refused())?;
    show("vitrine_passwords_waiting", "Password checks that wait for a processor", state.passwords.waiting())?;
    let current = tokio::time::timeout(PATIENCE, state.store.is_current()).await;
    show(
        "vitrine_database_up",
        "1 while the database answers and is the one this program was built for",
        u64::from(matches!(current, Ok(Ok(true)))),
    )?;
    show("vitrine_stopping", "1 once the server was told to stop", u64::from(state.shutdown.is_cancelled()))?;
    let build = IntGaugeVec::new(Opts::new("vitrine_build_info", "The program that runs"), &["version"])?;
    added(&registry, build)?.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
    if let Some(bytes) = process::resident_bytes() {
        show("process_resident_memory_bytes", "Memory of the program", bytes)?;
    }
    if let Some(files) = process::open_files() {
        show("process_open_fds", "Open files and connections of the program", files)?;
    }
    show("process_start_time_seconds", "When the program started, in seconds since 1970", state.started_seconds())?;
    Ok(registry)
}

/// A database that takes longer than this to say its version does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

fn added<F: Collector + Clone + 'static>(registry: &Registry, family: F) -> prometheus::Result<F> {
    registry.register(Box::new(family.clone()))?;
    Ok(family)
}
