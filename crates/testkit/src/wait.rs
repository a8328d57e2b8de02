//! Waiting for the thing itself: a condition that is looked at again and again until a deadline.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks until `look` sees something, at most `limit` long. `what` is told in the error.
///
/// # Errors
/// The time is over, or a look failed.
#[cfg(feature = "drivers")]
pub async fn until<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if began.elapsed() > limit {
            bail!("waited {:.1} s in vain: {what}", limit.as_secs_f64());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The same for conditions that are only true or false.
///
/// # Errors
/// The time is over, or a look failed.
#[cfg(feature = "drivers")]
pub async fn until_true(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    until(what, limit, async || Ok(look().await?.then_some(()))).await
}

/// [`until`] for callers without an asynchronous runtime; the thread sleeps between two looks.
///
/// # Errors
/// The time is over, or a look failed.
pub fn blocking<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        if began.elapsed() > limit {
            bail!("waited {:.1} s in vain: {what}", limit.as_secs_f64());
        }
        std::thread::sleep(PAUSE / 4);
    }
}
