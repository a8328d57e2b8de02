//! What the figures were taken on.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::figures::Quantiles;

/// How long the disk is tried.
const TRIAL: Duration = Duration::from_secs(1);

/// The machine, and what else ran on it.
#[derive(Debug, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub memory_mb: u64,
    pub kernel: String,
    /// Processes that wanted a core in the minute before; more than a little means noise.
    pub load_before: f64,
    /// Writing 4 KiB and waiting until the disk has them, one after the other: what an update cannot be faster than alone.
    pub disk_sync_ms: Quantiles,
}

impl Machine {
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

/// Resident memory of a process in MB.
pub fn resident_mb(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("the server runs no more")?;
    let kilobytes = value(&status, "VmRSS").and_then(kilobytes).context("the system does not tell a process's memory")?;
    Ok(f64::from(u32::try_from(kilobytes)?) / 1_024.0)
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| Some(line.strip_prefix(name)?.trim_start().strip_prefix(':')?.trim()))
}

fn kilobytes(text: &str) -> Option<u64> {
    text.strip_suffix("kB")?.trim().parse().ok()
}
