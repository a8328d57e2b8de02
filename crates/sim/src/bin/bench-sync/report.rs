//! Everything that was measured, beside what is aimed at.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;
use testkit::bench::{Machine, Spread};

use crate::{
    Options,
    copy::{Copy, Transfer},
    flush::Flush,
    idle::{Idle, Rest},
    search::Search,
};

/// A search may take so long.
const SEARCH_MS: f64 = 20.0;

#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub runs: usize,
    pub flush: Option<Flush>,
    pub copy: Option<Copy>,
    pub search: Option<Search>,
    pub idle: Option<Idle>,
}

impl Report {
    pub fn new(machine: Machine, options: &Options) -> Self {
        Self { machine, runs: options.runs, flush: None, copy: None, search: None, idle: None }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.machine)?;
        writeln!(f, "middle run (smallest to largest) of {}:", self.runs)?;
        if let Some(flush) = &self.flush {
            writeln!(f, "\n{} changes of {} conversations that waited", flush.ops, flush.conversations)?;
            line(f, "written down", &format!("{} /s", spread(flush.written_per_second)))?;
            line(f, "delivered after the start", &format!("{} s", spread(flush.seconds)))?;
            line(f, "delivered", &format!("{} /s", spread(flush.per_second)))?;
            line(f, "… of one conversation alone", &format!("{} /s", spread(flush.in_one_conversation_per_second)))?;
            line(f, "the kiosk's part of a core", &format!("{} s", spread(flush.kiosk_cpu_seconds)))?;
        }
        if let Some(copy) = &self.copy {
            writeln!(f, "\nfirst copy of {} products; {:.1} MB on the disk", copy.products, copy.file_mb)?;
            transfer(f, &copy.first)?;
            writeln!(
                f,
                "\ndifference: {} new prices; the first copy takes {:.0} times as long",
                copy.changed, copy.first_to_difference
            )?;
            transfer(f, &copy.difference)?;
        }
        if let Some(search) = &self.search {
            let met = if search.typed_ms.p95.max(search.asked_ms.p95) <= SEARCH_MS { "met" } else { "missed" };
            writeln!(f, "\n{} searches of {} products; p95 <= {SEARCH_MS} ms is {met}", search.searches, search.products)?;
            for (what, times) in [("as typed", &search.typed_ms), ("as the assistant asks", &search.asked_ms)] {
                let told = format!(
                    "p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, at most {:.2} ms",
                    times.p50, times.p95, times.p99, times.max
                );
                line(f, what, &told)?;
            }
            line(f, "the first after the start", &format!("{:.1} ms", search.first_ms))?;
        }
        if let Some(idle) = &self.idle {
            rest(f, idle.seconds, "with its server", &idle.online)?;
            rest(f, idle.seconds, "without", &idle.offline)?;
        }
        Ok(())
    }
}

fn transfer(f: &mut Formatter<'_>, transfer: &Transfer) -> fmt::Result {
    line(f, "after the start of the kiosk", &format!("{} s", spread(transfer.seconds)))?;
    line(f, "over the wire", &format!("{} MB", spread(transfer.wire_mb)))?;
    line(f, "written by the kiosk", &format!("{} MB", spread(transfer.kiosk_written_mb)))?;
    line(f, "the kiosk's part of a core", &format!("{} s", spread(transfer.kiosk_cpu_seconds)))
}

fn rest(f: &mut Formatter<'_>, seconds: u64, how: &str, rest: &Rest) -> fmt::Result {
    writeln!(f, "\nidle for {seconds} s, {how}; {:.0} MB resident", rest.resident_mb)?;
    for (whose, cost) in [("the program", &rest.program), ("its page", &rest.page)] {
        let told =
            format!("{} bytes to the disk, {:.2} s of a core, {} wakeups", cost.disk_bytes, cost.cpu_seconds, cost.wakeups);
        line(f, whose, &told)?;
    }
    Ok(())
}

fn line(f: &mut Formatter<'_>, what: &str, measured: &str) -> fmt::Result {
    writeln!(f, "  {what:<30} {measured}")
}

/// The middle run, and the others around it.
fn spread(spread: Spread) -> String {
    let digits = if spread.median < 100.0 { 2 } else { 0 };
    format!("{:.digits$} ({:.digits$} to {:.digits$})", spread.median, spread.min, spread.max)
}
