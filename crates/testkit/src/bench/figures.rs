//! Numbers, and how sure they are.

use anyhow::{Result, ensure};
use serde::Serialize;

/// One run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sample {
    /// How many.
    pub per_second: f64,
    /// How soon each.
    pub latency_ms: Quantiles,
}

impl Sample {
    /// Of latencies in microseconds within so many seconds.
    ///
    /// # Errors
    /// There are none.
    #[expect(clippy::cast_precision_loss, reason = "counts and times of a run are far below 2^52")]
    pub fn of(latencies: Vec<u32>, seconds: u64) -> Result<Self> {
        ensure!(!latencies.is_empty(), "nothing was answered");
        let per_second = latencies.len() as f64 / seconds as f64;
        Ok(Self { per_second, latency_ms: Quantiles::of(latencies) })
    }
}

/// Milliseconds, by the nearest rank.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantiles {
    /// Half are at most this.
    pub p50: f64,
    /// 95 of 100 are at most this.
    pub p95: f64,
    /// 99 of 100 are at most this.
    pub p99: f64,
    /// 999 of 1 000 are at most this.
    pub p999: f64,
    /// The largest.
    pub max: f64,
}

impl Quantiles {
    /// Of microseconds.
    #[must_use]
    pub fn of(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        let rank = |permille: usize| {
            let place = (micros.len() * permille).div_ceil(1_000).saturating_sub(1);
            f64::from(micros.get(place).copied().unwrap_or_default()) / 1_000.0
        };
        Self { p50: rank(500), p95: rank(950), p99: rank(990), p999: rank(999), max: rank(1_000) }
    }
}

/// Smallest, middle and largest of several runs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    /// The smallest.
    pub min: f64,
    /// The middle one.
    pub median: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Of each run's value.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or_default();
        Self { min: at(0), median: at(values.len() / 2), max: at(values.len().saturating_sub(1)) }
    }
}

/// Several runs under one load.
#[derive(Debug, Serialize)]
pub struct Runs {
    /// Open at the same time.
    pub connections: usize,
    /// Answers.
    pub per_second: Spread,
    /// Each run's middle latency.
    pub p50_ms: Spread,
    /// Each run's latency that 99 of 100 stay within.
    pub p99_ms: Spread,
    /// Each run's latency that 999 of 1 000 stay within.
    pub p999_ms: Spread,
    /// The runs themselves.
    pub samples: Vec<Sample>,
}

impl Runs {
    /// Of runs over so many connections.
    #[must_use]
    pub fn of(connections: usize, runs: Vec<Sample>) -> Self {
        let spread = |read: fn(&Sample) -> f64| Spread::of(runs.iter().map(read));
        Self {
            connections,
            per_second: spread(|run| run.per_second),
            p50_ms: spread(|run| run.latency_ms.p50),
            p99_ms: spread(|run| run.latency_ms.p99),
            p999_ms: spread(|run| run.latency_ms.p999),
            samples: runs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        let quantiles = Quantiles::of((1..=1_000).rev().map(|number| number * 1_000).collect());
        let near = |value: f64, wanted: f64| (value - wanted).abs() < f64::EPSILON;
        assert!(
            near(quantiles.p50, 500.0)
                && near(quantiles.p99, 990.0)
                && near(quantiles.p999, 999.0)
                && near(quantiles.max, 1_000.0)
        );
        let spread = Spread::of([3.0, 1.0, 2.0]);
        assert!(near(spread.min, 1.0) && near(spread.median, 2.0) && near(spread.max, 3.0));
    }
}
