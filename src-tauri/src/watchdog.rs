//! Starts the program again when the page's process dies.
//!
//! A page that is only loaded again keeps channels to a program that has gone on without it; a new program does not.

use std::env;

use protocol::Clock;
use tauri::{AppHandle, Manager as _, WebviewWindow};
use webkit2gtk::{WebProcessTerminationReason, WebViewExt as _};

use crate::{closing, program::Program};

/// Carries the restarts so far from one life of the process to the next: seconds since 1970.
const RESTARTS: &str = "VITRINE_RESTARTED_AT";
/// So many restarts are made …
const MOST: usize = 3;
/// … within so many seconds; after that whoever started the program has to decide.
const WITHIN: i64 = 60;

/// Restarts the program when the page's process ends.
///
/// # Errors
/// The window is gone.
pub(crate) fn watch(window: &WebviewWindow, program: Program, clock: std::sync::Arc<dyn Clock>) -> tauri::Result<()> {
    let app = window.app_handle().clone();
    window.with_webview(move |webview| {
        webview.inner().connect_web_process_terminated(move |_, reason| {
            let reason = match reason {
                WebProcessTerminationReason::ExceededMemoryLimit => "it used too much memory",
                _ => "it crashed",
            };
            tracing::error!(reason, "the page's process ended; starting again");
            tauri::async_runtime::spawn(restart(app.clone(), program.clone(), now(clock.as_ref())));
        });
    })
}

async fn restart(app: AppHandle, program: Program, now: i64) {
    closing::wipe(&app).await;
    if let Some(restarts) = next(&env::var(RESTARTS).unwrap_or_default(), now) {
        let cause = program.again_with(RESTARTS, &restarts);
        tracing::error!(%cause, "the program cannot start itself again");
    } else {
        tracing::error!("the page's process ended more than {MOST} times within {WITHIN} s; giving up");
    }
    app.exit(1);
}

fn now(clock: &dyn Clock) -> i64 {
    clock.now().unix_millis() / 1_000
}

/// The restarts to remember if one more is made at `now`; none if there were too many.
fn next(restarts: &str, now: i64) -> Option<String> {
    let recent = restarts.split(',').filter_map(|at| at.parse().ok()).filter(|at| (now - WITHIN..=now).contains(at));
    let recent: Vec<i64> = recent.chain([now]).collect();
    (recent.len() <= MOST).then(|| recent.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_crash_within_a_minute_is_the_last() {
        let first = next("", 1_000).unwrap();
        let second = next(&first, 1_020).unwrap();
        let third = next(&second, 1_040).unwrap();
        assert_eq!(third, "1000,1020,1040");
        assert_eq!(next(&third, 1_060), None);
        assert_eq!(next(&third, 1_061).unwrap(), "1020,1040,1061");
    }

    #[test]
    fn what_makes_no_sense_counts_for_nothing() {
        assert_eq!(next("x,,99999,-", 1_000).unwrap(), "1000");
    }
}
