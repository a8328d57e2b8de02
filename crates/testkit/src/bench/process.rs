//! What a running process costs the machine.

use std::fs;

use anyhow::{Context as _, Result};
use rustix::param::clock_ticks_per_second;
use serde::Serialize;

use super::machine::{kilobytes, value};

/// Resident memory of a process in MB.
///
/// # Errors
/// It runs no more.
pub fn resident_mb(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("the process runs no more")?;
    let kilobytes = value(&status, "VmRSS").and_then(kilobytes).context("the system does not tell a process's memory")?;
    Ok(f64::from(u32::try_from(kilobytes)?) / 1_024.0)
}

/// What a process has cost since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Bytes that it caused to be written to a disk.
    pub disk_bytes: u64,
    /// Bytes that it handed to the system to write: files, pipes and sockets alike.
    pub write_bytes: u64,
    /// Seconds of a core.
    pub cpu_seconds: f64,
    /// How often its threads were woken from a wait.
    pub wakeups: u64,
}

impl Cost {
    /// Of a process and all of its threads.
    ///
    /// # Errors
    /// It runs no more, or the system does not tell.
    pub fn of(process: u32) -> Result<Self> {
        let folder = format!("/proc/{process}");
        let io = fs::read_to_string(format!("{folder}/io")).context("the process runs no more, or is somebody else's")?;
        let count = |name: &str| value(&io, name).and_then(|count| count.parse().ok());
        let stat = fs::read_to_string(format!("{folder}/stat"))?;
        // The name may hold anything, so counting begins behind it.
        let (_, fields) = stat.rsplit_once(") ").context("the system tells of a process in another way")?;
        let ticks: u64 = fields.split(' ').skip(11).take(2).map(str::parse::<u64>).sum::<Result<_, _>>()?;
        let mut wakeups = 0;
        for thread in fs::read_dir(format!("{folder}/task"))? {
            // One that has just ended is not counted.
            let status = fs::read_to_string(thread?.path().join("status")).unwrap_or_default();
            wakeups += value(&status, "voluntary_ctxt_switches").and_then(|count| count.parse::<u64>().ok()).unwrap_or_default();
        }
        #[expect(clippy::cast_precision_loss, reason = "ticks of a process are far below 2^52")]
        let cpu_seconds = ticks as f64 / clock_ticks_per_second() as f64;
        Ok(Self {
            disk_bytes: count("write_bytes").context("the system does not tell what a process writes")?,
            write_bytes: count("wchar").context("the system does not tell what a process writes")?,
            cpu_seconds,
            wakeups,
        })
    }

    /// What was added since `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            disk_bytes: self.disk_bytes.saturating_sub(before.disk_bytes),
            write_bytes: self.write_bytes.saturating_sub(before.write_bytes),
            cpu_seconds: self.cpu_seconds - before.cpu_seconds,
            wakeups: self.wakeups.saturating_sub(before.wakeups),
        }
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            disk_bytes: sum.disk_bytes + one.disk_bytes,
            write_bytes: sum.write_bytes + one.write_bytes,
            cpu_seconds: sum.cpu_seconds + one.cpu_seconds,
            wakeups: sum.wakeups + one.wakeups,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_is_written_is_counted() {
        let before = Cost::of(std::process::id()).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[7; 4_096]).unwrap();
        file.sync_data().unwrap();
        let cost = Cost::of(std::process::id()).unwrap().since(before);
        assert!(cost.write_bytes >= 4_096 && cost.cpu_seconds >= 0.0, "{cost:?}");
        assert!(resident_mb(std::process::id()).unwrap() > 0.5);
    }
}
