//! A customer's sizes at the kiosk: chosen there, changed elsewhere, and both at once.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use testkit::{
    chaos::{Chaos, Weather},
    desktop::PhoneBrowser,
    floor::{Floor, PATIENCE},
    phone::FakePhone,
    wait,
};

use crate::{behind_chaos, tell, timed, turn};

const SHOES: &str = "[data-testid=profile-sheet] [data-field=shoe_size]";
/// What happens on another channel is on the screen so soon.
const SOON: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_size_is_chosen_at_the_kiosk_and_of_two_values_the_customer_takes_one() -> Result<()> {
    let _turn = turn().await;
    let (floor, wire) = behind_chaos().await?;
    tell("profile", floor, async |floor| profile(floor, &wire).await).await
}

async fn profile(floor: &Floor, wire: &Chaos) -> Result<()> {
    floor.enrol().await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    let who = floor.server.sign_ins()[0].clone();
    let web = FakePhone::new(&floor.server.origin())?;
    web.sign_in(&who.phone, &who.password).await?;
    let web = Web { phone: web, origin: floor.server.directly() };
    web.wears("41").await?;

    let phone = PhoneBrowser::start().await?;
    floor.sign_in(&phone, &who).await?;
    floor.kiosk.press("details").await?;
    shoes(floor, "41").await?;
    let text = floor.kiosk.page.text("[data-testid=profile-sheet]").await?;
    ensure!(!text.contains(&who.phone) && !text.contains('@'), "the sheet shows too much: {text}");

    // Each side sees what the other one does.
    web.wears("40").await?;
    let ((), took) = timed(shoes(floor, "40")).await?;
    ensure!(took < SOON, "it was on the kiosk only after {took:?}");
    choose(floor, "42").await?;
    shoes(floor, "42").await?;
    wait::until_true("the profile has it", PATIENCE, async || Ok(web.shoe_size().await? == json!("42"))).await?;

    // Both at once, while the network is away.
    wire.weather(Weather::Gone);
    wait::until_true("the kiosk is alone", PATIENCE, async || {
        Ok(floor.kiosk.page.attribute("[data-screen]", "data-online").await?.as_deref() == Some("false"))
    })
    .await?;
    choose(floor, "44").await?;
    shoes(floor, "44").await?;
    floor.kiosk.page.says("sent when the network is back", PATIENCE).await?;
    web.wears("43").await?;
    wire.weather(Weather::Calm);
    floor.kiosk.page.says("You chose “44” here. Somewhere else it was set to “43”.", PATIENCE).await?;
    ensure!(web.shoe_size().await? == json!("43"), "the profile was overwritten before the customer chose");
    floor.kiosk.press("settle-here").await?;
    shoes(floor, "44").await?;
    wait::until_true("the profile has the choice", PATIENCE, async || Ok(web.shoe_size().await? == json!("44"))).await
}

/// The customer's other hand: the shop's site.
struct Web {
    phone: FakePhone,
    origin: String,
}

impl Web {
    async fn wears(&self, size: &str) -> Result<()> {
        self.phone.change_preferences(&self.origin, &json!({"shoe_size": size})).await.map(drop)
    }

    /// As the profile has it.
    async fn shoe_size(&self) -> Result<serde_json::Value> {
        // A change that changes nothing tells what is there.
        let profile = self.phone.change_preferences(&self.origin, &json!({})).await?;
        Ok(profile.preferences.get("shoe_size").cloned().unwrap_or_default())
    }
}

async fn choose(floor: &Floor, size: &str) -> Result<()> {
    floor.kiosk.page.click(&format!("{SHOES} [data-choice=\"{size}\"]")).await
}

/// Waits until that shoe size is on the screen.
async fn shoes(floor: &Floor, size: &str) -> Result<()> {
    wait::until_true(&format!("shoe size {size} is on the screen"), PATIENCE, async || {
        Ok(floor.kiosk.page.attribute(SHOES, "data-value").await?.as_deref() == Some(size))
    })
    .await
}
