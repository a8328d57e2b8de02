//! The kiosk in its window and the server are killed again and again, at any moment and at the worst one, behind a network that
//! breaks; what stood on the glass arrives, once. `crates/sim/tests/kills` does the same to kiosks without a window, more often.
#![expect(clippy::print_stderr, reason = "it tells what it measured")]

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use protocol::{Entropy as _, ambient::SystemEntropy};
use testkit::{
    chaos::{Chaos, Way, Weather},
    desktop::{Desktop, PORTRAIT},
    dice::SeededEntropy,
    floor::{Floor, PATIENCE},
    records::Records,
    server::TestServer,
    wait,
};

use crate::{tell, turn};

const KILLS: usize = 30;
const PUSH: &str = "POST /v1/sync/push";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_the_window_and_of_the_server_lose_nothing_and_double_nothing() -> Result<()> {
    let _turn = turn().await;
    let seed = match std::env::var("VITRINE_SEED") {
        Ok(seed) => seed.parse()?,
        Err(_) => u64::from_be_bytes(SystemEntropy.bytes()),
    };
    let dice = SeededEntropy::new(seed);
    let mut server = TestServer::prepare()?;
    let wire = Chaos::to(server.port(), dice.below(u64::MAX)).await?;
    server.stand_behind(wire.port());
    server.serve()?;
    let floor = Floor::set_up(Desktop::start(PORTRAIT)?, server).await?;
    tell("kills", floor, async |floor| kills(floor, &wire, &dice).await.with_context(|| format!("VITRINE_SEED={seed}"))).await
}

async fn kills(floor: &mut Floor, wire: &Chaos, dice: &SeededEntropy) -> Result<()> {
    floor.enrol().await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    let (mut shown, mut healing) = (Vec::new(), Vec::new());
    for kill in 0..KILLS {
        let healed = once(floor, wire, dice, kill, &mut shown).await.with_context(|| format!("kill {kill}"))?;
        healing.push(healed);
    }
    let records = Records::of(floor.server.data()).await?;
    for text in &shown {
        ensure!(records.times(text) == 1, "{text:?} stood on the glass and is there {} times", records.times(text));
    }
    let ours = records.said.iter().filter(|(_, text, own)| *own && shown.contains(text)).map(|(_, text, _)| text.clone());
    ensure!(ours.collect::<Vec<_>>() == shown, "not in the order in which it was said: {shown:?}");
    healing.sort();
    eprintln!(
        "{KILLS} kills, {} changes; all there p50 {:?}, at most {:?} after both were back",
        shown.len(),
        healing[KILLS / 2],
        healing[KILLS - 1]
    );
    Ok(())
}

/// Something is said, and one side killed; how long it takes from then on until the server has everything.
async fn once(floor: &mut Floor, wire: &Chaos, dice: &SeededEntropy, kill: usize, shown: &mut Vec<String>) -> Result<Duration> {
    if floor.kiosk.screen().await?.as_deref() == Some("attract") {
        floor.kiosk.press("continue-as-guest").await?;
    }
    floor.kiosk.shows("conversation", PATIENCE).await?;
    floor.kiosk.page.find_within("[data-online=true]", PATIENCE).await?;
    let worst = kill.is_multiple_of(3);
    if worst {
        wire.hold(if dice.chance(500) { Way::There } else { Way::Back }, PUSH);
    } else {
        wire.weather(
            [Weather::Calm, Weather::Storm, Weather::Storm, Weather::Hole, Weather::Gone][usize::try_from(dice.below(5))?],
        );
    }
    for number in 0..=dice.below(2) {
        let text = format!("k {kill} number {number} jacket");
        floor.write(&text).await?;
        // The keyboard of the screen may begin it with a capital letter.
        let entry = floor.entry_with(text.trim_start_matches("k ")).await?;
        shown.push(floor.said(&entry).await?);
    }
    if worst {
        wire.caught().await?;
    }
    tokio::time::sleep(dice.millis(0, 300)).await;
    if dice.chance(600) {
        floor.kiosk.cut_power();
        wire.let_go();
        wire.weather(Weather::Calm);
        floor.power_cycle().await?;
        floor.kiosk.shows("attract", PATIENCE).await?;
    } else {
        floor.server.kill();
        wire.let_go();
        wire.weather(Weather::Calm);
        floor.server.serve()?;
    }
    let back = Instant::now();
    let mut missing = None;
    let all = wait::until_true("all that stood on the glass is there", PATIENCE, async || {
        let records = Records::of(floor.server.data()).await?;
        missing = shown.iter().find(|text| records.times(text) == 0).cloned();
        Ok(missing.is_none())
    });
    all.await.with_context(|| format!("missing: {missing:?}"))?;
    Ok(back.elapsed())
}
