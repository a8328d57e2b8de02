//! Staff look a product up at the kiosk although its server is gone.

use std::fs;

use anyhow::{Result, ensure};
use testkit::{
    desktop::PORTRAIT,
    floor::{Floor, PATIENCE},
    server::demo_shop,
    wait,
};

use crate::{tell, turn};

#[tokio::test]
async fn staff_find_a_product_by_word_and_by_number_while_the_server_is_away() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    tell("look-up", floor, async |floor| look_up(floor).await).await
}

async fn look_up(floor: &mut Floor) -> Result<()> {
    floor.kiosk.shows("attract", PATIENCE).await?;
    floor.open_staff_desk().await?;
    let products = fs::read_to_string(demo_shop().join("products.csv"))?.lines().count() - 1;
    wait::until_true("the catalogue is copied", PATIENCE, async || {
        Ok(floor.kiosk.page.text("[data-fact=catalogue]").await?.contains(&products.to_string()))
    })
    .await?;
    floor.server.kill();
    wait::until_true("the kiosk is alone", PATIENCE, async || {
        Ok(floor.kiosk.page.attribute("[data-screen]", "data-online").await?.as_deref() == Some("false"))
    })
    .await?;

    floor.kiosk.press("look-up").await?;
    write(floor, "trail").await?;
    let found = found(floor, "SKU-1085").await?;
    ensure!(found.contains("Trail Knit") && found.contains("in all stores"), "what is found is {found:?}");
    ensure!(floor.kiosk.page.text("[data-testid=as-of]").await?.contains("ago"), "nothing says how old it is");

    floor.kiosk.press("clear-look-up").await?;
    floor.kiosk.page.click("[data-testid=keyboard] [data-key=page]").await?;
    write(floor, "1098").await?;
    self::found(floor, "SKU-1098").await?;

    floor.kiosk.press("leave-look-up").await?;
    floor.kiosk.press("close-staff").await?;
    floor.kiosk.page.gone("[data-overlay=staff_desk]", PATIENCE).await?;
    ensure!(!floor.kiosk.page.page_text().await?.contains("1098"), "what was looked up stays on the screen");
    Ok(())
}

/// Types with the keys of the glass.
async fn write(floor: &Floor, text: &str) -> Result<()> {
    for letter in text.chars() {
        floor.kiosk.page.click(&format!("[data-testid=keyboard] [data-key=\"{letter}\"]")).await?;
    }
    Ok(())
}

/// What is shown of a product, once it is found.
async fn found(floor: &Floor, sku: &str) -> Result<String> {
    let css = format!("[data-found=\"{sku}\"]");
    floor.kiosk.page.find_within(&css, PATIENCE).await?;
    floor.kiosk.page.text(&css).await
}
