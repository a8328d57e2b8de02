//! What the system lets a process have.

use anyhow::{Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process, and what it starts from here on, have so many files and connections open at a time.
///
/// # Errors
/// The system allows fewer; the error says how to change that.
pub fn open_files(wanted: u64) -> Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    if maximum.is_some_and(|most| most < wanted) {
        bail!(
            "{wanted} open files are needed and {} are allowed; raise the hard limit, such as with `ulimit -Hn {wanted}` as root",
            maximum.unwrap_or_default()
        );
    }
    Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })?)
}
