//! What the system knows of this program.

/// Memory that the program takes, in bytes; none where the system does not say.
pub(super) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

/// Open files and connections; none where the system does not say.
pub(super) fn open_files() -> Option<u64> {
    // The folder itself is open while it is read.
    let files = std::fs::read_dir("/proc/self/fd").ok()?.count();
    Some(files.saturating_sub(1) as u64)
}
