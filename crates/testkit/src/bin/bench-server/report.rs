//! Everything that was measured, beside what is aimed at.

use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

use anyhow::Result;
use serde::Serialize;

use testkit::bench::{Machine, Runs, Spread};

use crate::{
    login::Login,
    restore::Restore,
    shop::{self, Shop},
    streams::Streams,
    update::Update,
};

#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub program_mb: f64,
    pub sessions: usize,
    /// From the start of the program until it listens.
    pub start_ms: Spread,
    #[serde(skip)]
    starts: Vec<f64>,
    /// Resident memory after the start.
    pub idle_mb: f64,
    /// Resident memory once every session was read and, where that was measured, written to.
    pub warm_mb: f64,
    /// Resident memory after nobody has called for a while since then.
    pub rested_mb: f64,
    pub restore: Option<Restore>,
    pub update: Option<Update>,
    pub login: Option<Login>,
    pub streams: Option<Streams>,
}

/// A figure beside its target.
struct Row {
    what: String,
    target: String,
    measured: String,
    met: bool,
}

impl Report {
    pub fn new(machine: Machine, shop: &Shop) -> Result<Self> {
        Ok(Self {
            machine,
            program_mb: shop::program_mb()?,
            sessions: shop.sessions().len(),
            start_ms: Spread::of([]),
            starts: Vec::new(),
            idle_mb: 0.0,
            warm_mb: 0.0,
            rested_mb: 0.0,
            restore: None,
            update: None,
            login: None,
            streams: None,
        })
    }

    pub fn started(&mut self, took: Duration) {
        self.starts.push(took.as_secs_f64() * 1_000.0);
        self.start_ms = Spread::of(self.starts.iter().copied());
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = vec![Row {
            what: format!("idle memory, {} sessions", self.sessions),
            target: "<= 40 MB".into(),
            measured: format!(
                "{:.1} MB ({:.1} after the start; {:.1} while all were used)",
                self.rested_mb, self.idle_mb, self.warm_mb
            ),
            met: self.rested_mb.max(self.idle_mb) <= 40.0,
        }];
        if let Some(restore) = &self.restore {
            rows.push(rate("session restore", &restore.main, 60_000.0));
            rows.push(Row {
                what: "session restore, p99".into(),
                target: "<= 2 ms".into(),
                measured: format!("{} ms", spread(restore.main.p99_ms)),
                met: restore.main.p99_ms.median <= 2.0,
            });
        }
        if let Some(update) = &self.update {
            rows.push(rate("session update, durable", &update.main, 5_000.0));
        }
        if let Some(login) = &self.login {
            let last = login.memory_mb_after.last().copied().unwrap_or_default();
            rows.push(Row {
                what: "password logins, each core".into(),
                target: ">= 35 /s".into(),
                measured: format!("{:.1} /s", login.per_second_and_core),
                met: login.per_second_and_core >= 35.0,
            });
            let first = login.memory_mb_after.first().copied().unwrap_or_default();
            rows.push(Row {
                what: "memory of logins, first to last run".into(),
                target: "no growth".into(),
                measured: format!("{first:.1} to {last:.1} MB"),
                met: last <= first * 1.05 + 1.0,
            });
        }
        if let Some(streams) = &self.streams {
            rows.push(Row {
                what: format!("memory, {} open event streams", streams.count),
                target: "<= 150 MB".into(),
                measured: format!("{:.1} MB", streams.memory_mb_after_events.max(streams.memory_mb_open)),
                met: streams.memory_mb_after_events.max(streams.memory_mb_open) <= 150.0,
            });
            rows.push(Row {
                what: "one event to all of them, p99".into(),
                target: "<= 100 ms".into(),
                measured: format!("{:.1} ms (p50 {:.1})", streams.delivery_ms.p99, streams.delivery_ms.p50),
                met: streams.delivery_ms.p99 <= 100.0,
            });
        }
        rows
    }
}

fn rate(what: &str, runs: &Runs, target: f64) -> Row {
    Row {
        what: format!("{what}, {} connections", runs.connections),
        target: format!(">= {target:.0} /s"),
        measured: format!("{} /s", spread(runs.per_second)),
        met: runs.per_second.median >= target,
    }
}

/// The middle run, and the others around it.
fn spread(spread: Spread) -> String {
    let digits = if spread.median < 100.0 { 2 } else { 0 };
    format!("{:.digits$} ({:.digits$} to {:.digits$})", spread.median, spread.min, spread.max)
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.machine)?;
        writeln!(f, "vitrine-server has {:.1} MB and listens after {} ms", self.program_mb, spread(self.start_ms))?;
        writeln!(f, "middle run (smallest to largest):\n")?;
        for Row { what, target, measured, met } in self.rows() {
            writeln!(f, "{} {what:<44} {target:>12}   {measured}", if met { "met   " } else { "missed" })?;
        }
        if let Some(restore) = &self.restore {
            writeln!(
                f,
                "\nreading a session of {} bytes: {:.0} % of what GET /health does",
                restore.answer_bytes,
                restore.of_the_floor * 100.0
            )?;
            table(f, std::iter::once(&restore.floor).chain([&restore.main]).chain(&restore.others), "health first")?;
        }
        if let Some(update) = &self.update {
            writeln!(f, "\nwriting a message")?;
            table(f, std::iter::once(&update.main).chain(&update.others), "")?;
        }
        if let Some(streams) = &self.streams {
            writeln!(
                f,
                "\n{} streams opened in {:.1} s, {:.1} KiB each; {:.0} deliveries/s",
                streams.count, streams.opened_in_seconds, streams.kilobytes_each, streams.deliveries_per_second
            )?;
        }
        Ok(())
    }
}

fn table<'a>(f: &mut Formatter<'_>, all: impl Iterator<Item = &'a Runs>, note: &str) -> fmt::Result {
    writeln!(f, "  connections   requests/s   p50 ms   p99 ms   p99.9 ms   {note}")?;
    for runs in all {
        let Runs { connections, per_second, p50_ms, p99_ms, p999_ms, .. } = runs;
        writeln!(
            f,
            "  {connections:>11} {:>12.0} {:>8.2} {:>8.2} {:>10.2}",
            per_second.median, p50_ms.median, p99_ms.median, p999_ms.median
        )?;
    }
    Ok(())
}
