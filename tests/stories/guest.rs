//! A guest looks around without a phone.

use anyhow::{Result, ensure};
use testkit::{
    desktop::LANDSCAPE,
    floor::{Floor, PATIENCE},
    residue,
};

use crate::{tell, turn};

#[tokio::test]
async fn a_guest_is_served_and_leaves_nothing() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(LANDSCAPE).await?;
    tell("guest", floor, async |floor| look_around(floor).await).await
}

async fn look_around(floor: &Floor) -> Result<()> {
    let kiosk = &floor.kiosk;
    kiosk.press("continue-as-guest").await?;
    kiosk.shows("conversation", PATIENCE).await?;

    floor.write("shoes for dancing in Timbuktu").await?;
    let question = floor.entry_with("Timbuktu").await?;
    ensure!(question.sender == "user", "the question is {question:?}");
    let answer = floor.answer_with_cards().await?;
    floor.add_to_cart(&answer, &answer.cards[0]).await?;
    kiosk.page.find_within("[data-cart-quantity=\"1\"]", PATIENCE).await?;

    kiosk.press("done").await?;
    kiosk.shows("goodbye", PATIENCE).await?;
    kiosk.shows("attract", PATIENCE).await?;
    floor.scan().await?;

    // The next guest finds an empty cart and nobody's words.
    kiosk.press("continue-as-guest").await?;
    kiosk.shows("conversation", PATIENCE).await?;
    kiosk.page.find_within("[data-cart-quantity=\"0\"]", PATIENCE).await?;
    ensure!(!kiosk.page.page_text().await?.contains("Timbuktu"), "the next guest reads the last one's words");
    ensure!(residue::traces(floor.desktop.home.path(), &["Timbuktu"])?.is_empty());
    Ok(())
}
