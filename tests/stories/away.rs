//! The server is away, and guests come all the same.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use testkit::{
    chaos::{Chaos, Weather},
    desktop::{PORTRAIT, Sound},
    floor::{Floor, PATIENCE, ShownEntry},
    records::Records,
    residue, wait,
};

use crate::{behind_chaos, tell, turn};

/// What the first guest asks, who leaves before the server is back.
const FIRST: &str = "shoes for the steps of Ljubljana";
/// What the second one asks, who is still there.
const SECOND: &str = "jacket for the harbour of Reykjavik";
/// What the second one asks when the server is back.
const AGAIN: &str = "trousers for the tram of Lisbon";
/// Once the kiosk sees its server again, everything is where it belongs after this time.
const CONVERGED: Duration = Duration::from_secs(5);

#[tokio::test]
async fn guests_come_and_go_without_the_server_and_it_hears_of_each_once() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    tell("away", floor, async |floor| away(floor).await).await
}

#[tokio::test]
async fn what_a_guest_wrote_into_a_dead_network_is_answered_by_the_kiosk_and_told_once() -> Result<()> {
    let _turn = turn().await;
    let (floor, wire) = behind_chaos().await?;
    tell("dead-network", floor, async |floor| dead_network(floor, &wire).await).await
}

async fn dead_network(floor: &Floor, wire: &Chaos) -> Result<()> {
    floor.enrol().await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    wait::until_true("the catalogue is on the kiosk", PATIENCE, async || Ok(floor.health().await?.catalogue.complete)).await?;
    floor.kiosk.press("continue-as-guest").await?;
    floor.kiosk.shows("conversation", PATIENCE).await?;

    // Nothing tells the kiosk that the network is dead, so the message is one for the server.
    wire.weather(Weather::Hole);
    floor.write(FIRST).await?;
    floor.kiosk.page.find_within("[data-delivery=waiting]", PATIENCE).await?;
    let answer = floor.answer_with_cards().await?;
    ensure!(answer.delivery == "kept" && answer.text.contains("Stock as of"), "the answer is {answer:?}");

    wire.weather(Weather::Gone);
    wire.weather(Weather::Calm);
    floor.kiosk.page.find_within("[data-online=true]", PATIENCE).await?;
    wait::until_true("everything is told", CONVERGED, async || {
        Ok(floor.entries().await?.iter().all(|entry| entry.delivery == "sent"))
    })
    .await?;
    floor.write(AGAIN).await?;
    wait::until_true("the server answers the next message", PATIENCE, async || Ok(floor.entries().await?.len() == 4)).await?;
    let said = Records::of(floor.server.data()).await?.conversation_with(FIRST).len();
    ensure!(said == 4, "in the conversation {said} things were said");
    Ok(())
}

async fn away(floor: &mut Floor) -> Result<()> {
    wait::until_true("the catalogue is on the kiosk", PATIENCE, async || Ok(floor.health().await?.catalogue.complete)).await?;
    floor.server.kill();
    floor.kiosk.page.find_within("[data-online=false]", PATIENCE).await?;
    floor.kiosk.page.says("You can look around meanwhile", PATIENCE).await?;

    let taken = first_visit(floor).await?;
    begin(floor).await?;
    let kept = ask(floor, SECOND).await?;

    floor.server.serve()?;
    floor.kiosk.page.find_within("[data-online=true]", PATIENCE).await?;
    let back = Instant::now();
    wait::until_true("everything is told", CONVERGED, async || {
        let records = Records::of(floor.server.data()).await?;
        let shown = floor.entries().await?;
        Ok(records.times(FIRST) == 1 && records.times(SECOND) == 1 && shown.iter().all(|entry| entry.delivery == "sent"))
    })
    .await?;
    ensure!(back.elapsed() < CONVERGED, "that took {:?}", back.elapsed());
    goes_on(floor, &kept).await?;

    let records = Records::of(floor.server.data()).await?;
    for text in [FIRST, SECOND, AGAIN] {
        ensure!(records.times(text) == 1, "{text:?} is there {} times", records.times(text));
        let said = records.conversation_with(text).len();
        ensure!(said == if text == FIRST { 2 } else { 4 }, "in the conversation with {text:?} {said} things were said");
    }
    ensure!(records.cart_with(FIRST) == [(taken.as_str(), 1)], "the first guest's cart is {:?}", records.cart_with(FIRST));
    ensure!(records.cart_with(SECOND).is_empty(), "the second guest has the first one's cart");
    Ok(())
}

async fn begin(floor: &Floor) -> Result<()> {
    floor.kiosk.press("continue-as-guest").await?;
    floor.kiosk.shows("conversation", PATIENCE).await?;
    floor.kiosk.page.says("I answer from what this kiosk knows", PATIENCE).await
}

/// Asks, and is answered by the kiosk itself, aloud too, with cards that say how old their stock is.
async fn ask(floor: &Floor, text: &str) -> Result<ShownEntry> {
    let asked = Instant::now();
    floor.write(text).await?;
    let answer = floor.answer_with_cards().await?;
    ensure!(answer.delivery == "kept" && answer.text.contains("Stock as of"), "the answer is {answer:?}");
    sound(floor)?.starts(asked, PATIENCE).await.context("the answer")?;
    Ok(answer)
}

/// A guest asks, takes something, and leaves nothing. Answers with what they took.
async fn first_visit(floor: &Floor) -> Result<String> {
    begin(floor).await?;
    let answer = ask(floor, FIRST).await?;
    let taken = answer.cards[0].clone();
    floor.add_to_cart(&answer, &taken).await?;
    floor.kiosk.page.find_within("[data-cart-quantity=\"1\"]", PATIENCE).await?;
    floor.kiosk.press("done").await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    let traces = residue::traces(floor.desktop.home.path(), &["Ljubljana"])?;
    ensure!(traces.is_empty(), "what was kept can be read: {traces:#?}");
    Ok(taken)
}

/// The guest who is still there is answered by the server, after what was said before.
async fn goes_on(floor: &Floor, kept: &ShownEntry) -> Result<()> {
    floor.write(AGAIN).await?;
    let answered = wait::until("the server's answer", PATIENCE, async || {
        let shown = floor.entries().await?;
        Ok((shown.len() == 4 && shown[3].sender == "agent").then_some(shown))
    })
    .await?;
    let texts: Vec<_> = answered.iter().map(|entry| entry.text.as_str()).collect();
    ensure!(texts[0].contains(SECOND) && answered[1].key == kept.key && texts[2].contains(AGAIN), "the screen says {texts:?}");
    ensure!(!texts[3].contains("Stock as of"), "with the server stock has no age: {texts:?}");
    Ok(())
}

fn sound(floor: &Floor) -> Result<&Sound> {
    floor.desktop.sound.as_ref().context("this desktop has sound")
}
