use std::{sync::OnceLock, time::Duration};

use axum::http::StatusCode;
use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge};

use super::Metrics;

/// The statuses that are counted one by one; any other is one more.
const STATUSES: [u16; 23] =
    [101, 200, 201, 202, 204, 206, 301, 302, 303, 304, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503];

/// The figures of one route and method, ready to be counted without looking anything up.
#[derive(Debug)]
pub struct RouteFigures {
    labels: [String; 2],
    requests: IntCounterVec,
    seconds: HistogramVec,
    under_way: IntGauge,
    of_status: [OnceLock<IntCounter>; STATUSES.len() + 1],
    time: OnceLock<Histogram>,
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
pub struct UnderWay<'a>(&'a RouteFigures);

impl RouteFigures {
    pub(super) fn new(route: &str, method: &str, metrics: &Metrics) -> Self {
        Self {
            labels: [route.to_owned(), method.to_ascii_uppercase()],
            requests: metrics.requests.clone(),
            seconds: metrics.seconds.clone(),
            under_way: metrics.under_way.clone(),
            of_status: [const { OnceLock::new() }; STATUSES.len() + 1],
            time: OnceLock::new(),
        }
    }

    /// A request came.
    pub fn begun(&self) -> UnderWay<'_> {
        self.under_way.inc();
        UnderWay(self)
    }
}

impl UnderWay<'_> {
    /// Its answer begins, `took` after it came.
    pub fn answered(self, status: StatusCode, took: Duration) {
        let Self(figures) = &self;
        let [route, method] = figures.labels.each_ref().map(String::as_str);
        let place = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len());
        let counter = figures.of_status[place].get_or_init(|| {
            let name = STATUSES.get(place).map_or_else(|| "other".to_owned(), u16::to_string);
            figures.requests.with_label_values(&[route, method, &name])
        });
        counter.inc();
        figures.time.get_or_init(|| figures.seconds.with_label_values(&[route, method])).observe(took.as_secs_f64());
    }
}

/// A request whose caller went away is no longer being answered either.
impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.dec();
    }
}
