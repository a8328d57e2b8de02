//! A handoff that goes another way: wrong digits, a second phone, and an end that is said on the phone.

use anyhow::{Result, ensure};
use testkit::{
    desktop::{PORTRAIT, PhoneBrowser},
    floor::{Floor, PATIENCE},
    phone::FakePhone,
    residue, visit,
};

use crate::{tell, turn};

#[tokio::test]
async fn handoffs_that_fail_bring_both_screens_back_and_the_phone_can_end_what_it_began() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    tell("handoff-turns", floor, async |floor| {
        let phone = PhoneBrowser::start().await?;
        floor.visit(&phone).await?;
        phone.sign_in(&floor.server.sign_ins()[1]).await?;
        let other = FakePhone::new(&floor.server.origin())?;
        let who = &floor.server.sign_ins()[2];
        other.sign_in(&who.phone, &who.password).await?;

        mistype(floor, &phone, &other).await?;
        come_second(floor, &phone, &other).await?;
        end_on_the_phone(floor, &phone).await
    })
    .await
}

/// Wrong digits: one try, both screens say so, the kiosk has a fresh code, and the used one opens nothing any more.
async fn mistype(floor: &Floor, phone: &PhoneBrowser, other: &FakePhone) -> Result<()> {
    let used = floor.visit(phone).await?;
    let digits = phone.continue_on_kiosk().await?;
    floor.type_digits(if digits == "42" { "43" } else { "42" }).await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    floor.kiosk.page.says("Those were not the digits", PATIENCE).await?;
    phone.shows("failed").await?;
    ensure!(floor.scan().await? != used, "the kiosk shows the used code again");
    ensure!(other.try_visit(&visit::display_code(&used)?).await?.status == 404, "a used code is accepted");
    Ok(())
}

/// A second phone that continues after the first stops both.
async fn come_second(floor: &Floor, phone: &PhoneBrowser, other: &FakePhone) -> Result<()> {
    let code = floor.visit(phone).await?;
    let visit = other.visit(&visit::display_code(&code)?).await?;
    phone.continue_on_kiosk().await?;
    floor.kiosk.shows("matching", PATIENCE).await?;
    ensure!(other.try_claim(&visit.ticket).await?.status == 409, "a second phone takes over");
    floor.kiosk.shows("attract", PATIENCE).await?;
    floor.kiosk.page.says("A second phone", PATIENCE).await?;
    phone.shows("failed").await
}

/// "End session" on the phone wipes the kiosk.
async fn end_on_the_phone(floor: &Floor, phone: &PhoneBrowser) -> Result<()> {
    floor.visit(phone).await?;
    let digits = phone.continue_on_kiosk().await?;
    floor.type_digits(&digits).await?;
    floor.kiosk.shows("conversation", PATIENCE).await?;
    phone.shows("live").await?;
    phone.tap("end").await?;
    phone.shows("ended").await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    floor.scan().await?;
    let who = &floor.server.sign_ins()[1];
    let mut words: Vec<&str> = who.name.split(' ').collect();
    words.push(&who.phone[3..]);
    let traces = residue::traces(floor.desktop.home.path(), &words)?;
    ensure!(traces.is_empty(), "found on the kiosk: {traces:#?}");
    Ok(())
}
