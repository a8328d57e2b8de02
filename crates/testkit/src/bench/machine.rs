//! What the figures were taken on.

use std::{
    fmt::{self, Display, Formatter},
    fs::{self, File},
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde::Serialize;

use super::Quantiles;

/// How long the disk is tried.
const TRIAL: Duration = Duration::from_secs(1);

/// The machine, and what else ran on it.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// Its name.
    pub processor: String,
    /// Those that this program may use.
    pub cores: usize,
    /// All of it.
    pub memory_mb: u64,
    /// Its version.
    pub kernel: String,
    /// Processes that wanted a core in the minute before; more than a little means noise.
    pub load_before: f64,
    /// Writing 4 KiB and waiting until the disk has them, one after the other: what an update cannot be faster than alone.
    pub disk_sync_ms: Quantiles,
}

impl Machine {
    /// Looks at the machine, and tries the disk of `folder` for a second.
    ///
    /// # Errors
    /// The disk cannot be written.
    pub fn look(folder: &Path) -> Result<Self> {
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Ok(Self {
            processor: value(&processors, "model name").unwrap_or("unknown").to_owned(),
            cores: std::thread::available_parallelism()?.get(),
            memory_mb: value(&memory, "MemTotal").and_then(kilobytes).unwrap_or_default() / 1_024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
            load_before: load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default(),
            disk_sync_ms: try_disk(folder)?,
        })
    }
}

impl Display for Machine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, memory_mb, kernel, load_before, disk_sync_ms } = self;
        writeln!(f, "{processor}, {cores} cores for both sides, {memory_mb} MB, Linux {kernel}")?;
        write!(
            f,
            "load before: {load_before:.2}; one write to the disk: p50 {:.2} ms, p99 {:.2} ms",
            disk_sync_ms.p50, disk_sync_ms.p99
        )
    }
}

fn try_disk(folder: &Path) -> Result<Quantiles> {
    let path = folder.join("disk-trial");
    let mut file = File::create(&path)?;
    let (began, mut times) = (Instant::now(), Vec::new());
    while began.elapsed() < TRIAL {
        let written = Instant::now();
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        times.push(u32::try_from(written.elapsed().as_micros())?);
    }
    fs::remove_file(path)?;
    Ok(Quantiles::of(times))
}

pub(super) fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| Some(line.strip_prefix(name)?.trim_start().strip_prefix(':')?.trim()))
}

pub(super) fn kilobytes(text: &str) -> Option<u64> {
    text.strip_suffix("kB")?.trim().parse().ok()
}
