//! Memory that is given back is overwritten, so that what a customer said does not lie about in a program that runs on.
//!
//! The program's own values, the libraries' and `WebKit`'s all come from the C library's allocator, which does that where it is told
//! before it starts (mallopt(3) `M_PERTURB`). Its small per-thread caches would skip it, so there are none; and `WebKit`'s allocator
//! of its own is told to stand aside.

use std::env;

use crate::program::Variable;

const TUNABLES: &str = "GLIBC_TUNABLES";
const OVERWRITE: &str = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0";
const SYSTEMS_OWN: &str = "Malloc";

/// What the allocator must be told and has not been.
pub(crate) fn missing() -> Vec<Variable> {
    let mut missing = tunables(env::var(TUNABLES).ok().as_deref()).map(|value| (TUNABLES, value)).into_iter().collect::<Vec<_>>();
    if env::var_os(SYSTEMS_OWN).is_none() {
        missing.push((SYSTEMS_OWN, "1".into()));
    }
    missing
}

/// What others have told it stays.
fn tunables(set: Option<&str>) -> Option<String> {
    match set {
        Some(set) if set.contains("glibc.malloc.perturb=") => None,
        Some(set) if !set.is_empty() => Some(format!("{set}:{OVERWRITE}")),
        _ => Some(OVERWRITE.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_before_stays_and_nothing_is_told_twice() {
        assert_eq!(tunables(None).as_deref(), Some(OVERWRITE));
        assert_eq!(tunables(Some("")).as_deref(), Some(OVERWRITE));
        let both = tunables(Some("glibc.cpu.x86_ibt=on")).unwrap();
        assert_eq!(both, format!("glibc.cpu.x86_ibt=on:{OVERWRITE}"));
        assert_eq!(tunables(Some(&both)), None);
    }
}
