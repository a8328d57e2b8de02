//! Machine time of the handoff, measured on the real window and a real mobile browser: from the last digit to the conversation
//! drawn, and from Continue on the phone to the number pad drawn. Writes `bench/handoff.json` in cargo's target folder.

use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use serde::Serialize;
use serde_json::Value;
use testkit::{
    bench::{Quantiles, publish},
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

impl Display for Report {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} runs; milliseconds, p50 / p95", self.runs)?;
        for (what, took) in [
            ("last digit to conversation", &self.digits_to_conversation_ms),
            ("Continue to number pad", &self.continue_to_number_pad_ms),
        ] {
            writeln!(out, "{what:30}{:>8.0} / {:.0}", took.p50, took.p95)?;
        }
        Ok(())
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
    publish("handoff.json", &report)
}

/// One handoff and its end; microseconds from Continue to the number pad, and from the last digit to the conversation.
async fn hand_over(floor: &Floor, phone: &PhoneBrowser) -> Result<(u32, u32)> {
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
    Ok((micros(&tapped, &pad["wall"])?, micros(&pressed, &conversation["monotonic"])?))
}

async fn noted(floor: &Floor, screen: &str) -> Result<Value> {
    wait::until(&format!("{screen} is drawn"), PATIENCE, async || {
        let noted = floor.kiosk.page.run("return window.benchmark[arguments[0]] || null;", &[screen.into()]).await?;
        Ok(Some(noted).filter(Value::is_object))
    })
    .await
}

/// Between two times that the page noted.
fn micros(began: &Value, done: &Value) -> Result<u32> {
    let millis = |value: &Value| value.as_f64().with_context(|| format!("the page noted {value} instead of a time"));
    let took = Duration::try_from_secs_f64((millis(done)? - millis(began)?) / 1_000.0)?;
    Ok(u32::try_from(took.as_micros())?)
}
