//! Words in the memory of a running process (proc(5)).

use std::{collections::BTreeMap, fs::File, io::ErrorKind, os::unix::fs::FileExt as _};

use anyhow::{Context as _, Result};

use super::Words;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// How often a word stands in which part of a process's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What.
    pub word: String,
    /// The mapping, such as `[heap]` or `anonymous`.
    pub place: String,
    /// How often.
    pub times: usize,
    /// What stands around the first of them, for whoever has to find out how it came there.
    pub around: String,
}

/// Every one of `words` in the memory of the process with that id. A process that has ended holds none.
///
/// # Errors
/// The system does not let us look.
pub fn words_in(process: u32, words: &Words) -> Result<Vec<Found>> {
    let Some(maps) = still_there(std::fs::read_to_string(format!("/proc/{process}/maps")))? else { return Ok(Vec::new()) };
    let Some(memory) = still_there(File::open(format!("/proc/{process}/mem")))? else { return Ok(Vec::new()) };
    let Some(pages) = still_there(File::open(format!("/proc/{process}/pagemap")))? else { return Ok(Vec::new()) };
    let mut found: BTreeMap<(usize, String), (usize, String)> = BTreeMap::new();
    // Before each piece the end of the last one, for words that lie across.
    let mut bytes = Vec::with_capacity(PIECE + words.longest());
    for (start, end, place) in maps.lines().filter_map(readable) {
        bytes.clear();
        let mut at = start;
        while at < end {
            let (here, length) = (at, usize::try_from(end - at).unwrap_or(usize::MAX).min(PIECE));
            at += length as u64;
            // Reading a page that was never used would make it one.
            if !is_used(&pages, here, length) {
                bytes.clear();
                continue;
            }
            let before = bytes.len();
            bytes.resize(before + length, 0);
            if memory.read_exact_at(&mut bytes[before..], here).is_err() {
                // It is not there any more, or is no memory.
                bytes.clear();
                continue;
            }
            for (word, here) in words.places(&bytes) {
                if here.end > before {
                    let around = || shown(&bytes[here.start.saturating_sub(48)..bytes.len().min(here.end + 48)]);
                    found.entry((word, place.to_owned())).or_insert_with(|| (0, around())).0 += 1;
                }
            }
            bytes.drain(..bytes.len().saturating_sub(words.longest()));
        }
    }
    let told =
        |((word, place), (times, around)): ((usize, String), _)| Found { word: words.all()[word].clone(), place, times, around };
    Ok(found.into_iter().map(told).collect())
}

/// Whether any page of `length` bytes has ever been used. A web view sets tens of gigabytes aside and touches few of them.
fn is_used(pages: &File, at: u64, length: usize) -> bool {
    const ENTRY: usize = 8;
    /// The page is in memory, or was moved out of it.
    const USED: u64 = 0b11 << 62;
    let size = rustix::param::page_size();
    let mut entries = vec![0; length.div_ceil(size) * ENTRY];
    match pages.read_exact_at(&mut entries, at / size as u64 * ENTRY as u64) {
        Ok(()) => entries.as_chunks::<ENTRY>().0.iter().any(|entry| u64::from_ne_bytes(*entry) & USED != 0),
        Err(_) => true,
    }
}

fn still_there<T>(result: std::io::Result<T>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).context("cannot look into a process's memory"),
    }
}

/// Start, end and name of a mapping that a program can have written to.
fn readable(line: &str) -> Option<(u64, u64, &str)> {
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let rights = fields.next()?;
    let name = fields.nth(3).unwrap_or("anonymous");
    let kernels = matches!(name, "[vvar]" | "[vsyscall]" | "[vdso]" | "[vvar_vclock]");
    // A program's own file, mapped to be read, holds what it was built with.
    let own = name.starts_with('/') && !rights.contains('w');
    if !rights.starts_with('r') || kernels || own {
        return None;
    }
    Some((u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?, name))
}

fn shown(bytes: &[u8]) -> String {
    bytes
        .iter()
        .filter(|byte| **byte != 0)
        .map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_word_is_found_in_another_process_and_another_word_is_not() {
        let mut child = Command::new("sleep").arg("600").env("HELD", "Quokkaville").stdin(Stdio::null()).spawn().unwrap();
        let words = Words::new(&["Quokkaville", "Ushuaia-on-Sea"]);
        let found = crate::wait::blocking("it runs", std::time::Duration::from_secs(5), || {
            Ok(Some(words_in(child.id(), &words)?).filter(|found| !found.is_empty()))
        });
        let found = found.unwrap();
        assert!(found.iter().all(|found| found.word == "Quokkaville"), "{found:?}");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(words_in(child.id(), &words).unwrap(), []);
    }
}
