//! The program's own processes: itself and those that `WebKit` started for it.

use std::{fs, io};

use rustix::process::{Pid, Resource, Rlimit, Signal, WaitOptions, getpid, kill_process, setrlimit, waitpid};

/// Makes sure that no crash of this program or of the page writes its memory to the disk, where a customer's words would stay.
///
/// # Errors
/// The system refuses.
pub(crate) fn keep_crashes_off_the_disk() -> io::Result<()> {
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

/// Ends all children, stopped and hanging ones too, and waits until they are gone.
pub(crate) fn end_children() {
    for child in children() {
        if kill_process(child, Signal::KILL).is_ok() {
            // An error means that somebody else has waited for it.
            let _ = waitpid(Some(child), WaitOptions::empty());
        }
    }
}

/// Bytes of memory that this program and its children hold. Pages that they share count for each.
pub(crate) fn resident() -> u64 {
    children().into_iter().chain([getpid()]).filter_map(pages).sum::<u64>() * rustix::param::page_size() as u64
}

fn pages(process: Pid) -> Option<u64> {
    fs::read_to_string(format!("/proc/{}/statm", process.as_raw_nonzero())).ok()?.split(' ').nth(1)?.parse().ok()
}

fn children() -> Vec<Pid> {
    let own = getpid();
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = numbers.filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw));
    processes.filter(|process| parent(*process) == Some(own)).collect()
}

fn parent(process: Pid) -> Option<Pid> {
    let status = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).ok()?;
    // The name before it is in brackets, and may hold anything.
    let (_, rest) = status.rsplit_once(')')?;
    Pid::from_raw(rest.split_whitespace().nth(1)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_stopped_child_counts_and_is_ended() {
        let before = resident();
        assert!(before > 1 << 20, "{before} bytes");
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let id = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(id, Signal::STOP).unwrap();
        assert!(children().contains(&id));
        end_children();
        assert!(!children().contains(&id));
        assert!(child.wait().is_err(), "nobody has waited for it");
    }
}
