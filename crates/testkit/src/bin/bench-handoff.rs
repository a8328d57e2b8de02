//! Machine time of the handoff, measured on the real window and a real mobile browser: from the last digit to the conversation
//! drawn, and from Continue on the phone to the number pad drawn. Writes `bench/handoff.json` in cargo's target folder.

use std::{io::Write as _, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use serde::Serialize;
use serde_json::Value;
use testkit::{
    desktop::{PORTRAIT, PhoneBrowser},
    floor::{Floor, PATIENCE},
    wait,
};
use tokio::time::Instant;

/// A kiosk may open ten handoffs a minute, and every run takes one.
const PACE: Duration = Duration::from_millis(6_200);

/// Notes in the kiosk's page when a finger came down on a digit and when the screen after it was drawn. Two frames after the
/// change of the page, its first picture is on the glass.
const WATCH: &str = "
    const noted = window.benchmark = {};
    addEventListener('click', (event) => {
        if (event.target.closest('[data-action^=digit-]')) noted.pressed = performance.now();
    }, { capture: true });
    new MutationObserver(() => {
        const screen = document.querySelector('[data-screen]')?.dataset.screen;
        if (screen === noted.screen) return;
        noted.screen = screen;
        requestAnimationFrame(() => requestAnimationFrame(() => {
            noted[screen] = { monotonic: performance.now(), wall: Date.now() };
        }));
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-screen'] });";

/// Notes in the phone's page when Continue was tapped.
const WATCH_CONTINUE: &str = "document.querySelector('[data-action=continue]').addEventListener('click', () => { window.tapped = Date.now(); }, { capture: true });";

#[derive(Debug, Parser)]
struct Options {
    /// How often.
    #[arg(long, default_value_t = 20)]
    runs: usize,
}

#[derive(Debug, Serialize)]
struct Report {
    runs: usize,
    digits_to_conversation_ms: Quantiles,
    continue_to_number_pad_ms: Quantiles,
}

#[derive(Debug, Serialize)]
struct Quantiles {
    p50: f64,
    p95: f64,
}

impl Quantiles {
    /// By the nearest rank.
    fn of(mut millis: Vec<f64>) -> Self {
        millis.sort_by(f64::total_cmp);
        let rank =
            |percent: usize| millis.get((millis.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default();
        Self { p50: rank(50), p95: rank(95) }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.runs > 0, "at least one run is needed");
    let floor = Floor::open(PORTRAIT).await?;
    floor.kiosk.page.run(WATCH, &[]).await?;

    // A customer may continue five times a minute, so they take turns.
    let mut phones = Vec::new();
    for who in floor.server.sign_ins() {
        let phone = PhoneBrowser::start().await?;
        floor.visit(&phone).await?;
        phone.sign_in(who).await?;
        phones.push(phone);
    }

    let (mut digits, mut pads) = (Vec::new(), Vec::new());
    for (run, phone) in (0..options.runs).zip(phones.iter().cycle()) {
        let began = Instant::now();
        let (pad, conversation) = hand_over(&floor, phone).await.with_context(|| format!("run {}", run + 1))?;
        pads.push(pad);
        digits.push(conversation);
        tokio::time::sleep_until(began + PACE).await;
    }

    let report = Report {
        runs: options.runs,
        digits_to_conversation_ms: Quantiles::of(digits),
        continue_to_number_pad_ms: Quantiles::of(pads),
    };
    let json = serde_json::to_string_pretty(&report)?;
    let file = target()?.join("bench/handoff.json");
    std::fs::create_dir_all(file.parent().context("the report has a folder")?)?;
    std::fs::write(&file, format!("{json}\n")).with_context(|| format!("cannot write {}", file.display()))?;
    writeln!(std::io::stdout(), "{json}")?;
    Ok(())
}

/// One handoff and its end; milliseconds from Continue to the number pad, and from the last digit to the conversation.
async fn hand_over(floor: &Floor, phone: &PhoneBrowser) -> Result<(f64, f64)> {
    let kiosk = &floor.kiosk.page;
    kiosk.run("delete window.benchmark.matching; delete window.benchmark.conversation;", &[]).await?;
    floor.visit(phone).await?;
    phone.page.run(WATCH_CONTINUE, &[]).await?;
    let shown = phone.continue_on_kiosk().await?;
    let pad = noted(floor, "matching").await?;
    let tapped = phone.page.run("return window.tapped;", &[]).await?;

    floor.type_digits(&shown).await?;
    let conversation = noted(floor, "conversation").await?;
    let pressed = kiosk.run("return window.benchmark.pressed;", &[]).await?;

    floor.kiosk.press("done").await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    Ok((millis(&pad["wall"])? - millis(&tapped)?, millis(&conversation["monotonic"])? - millis(&pressed)?))
}

async fn noted(floor: &Floor, screen: &str) -> Result<Value> {
    wait::until(&format!("{screen} is drawn"), PATIENCE, async || {
        let noted = floor.kiosk.page.run("return window.benchmark[arguments[0]] || null;", &[screen.into()]).await?;
        Ok(Some(noted).filter(Value::is_object))
    })
    .await
}

fn millis(value: &Value) -> Result<f64> {
    value.as_f64().with_context(|| format!("the page noted {value} instead of a time"))
}

/// Cargo's target folder, which this program lies in.
fn target() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    program.ancestors().nth(2).map(PathBuf::from).context("this program lies in no target folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        let quantiles = Quantiles::of((1..=20).rev().map(f64::from).collect());
        assert!((quantiles.p50 - 10.0).abs() < f64::EPSILON && (quantiles.p95 - 19.0).abs() < f64::EPSILON);
    }
}
