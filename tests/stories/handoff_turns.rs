//! A handoff that goes another way: wrong digits, a second phone, and an end that is said on the phone.

use anyhow::{Result, ensure};
use testkit::{
    desktop::{PORTRAIT, PhoneBrowser},
    floor::{Floor, PATIENCE},
    phone::FakePhone,
    residue, visit,
};

use crate::turn;

#[tokio::test]
async fn handoffs_that_fail_bring_both_screens_back_and_the_phone_can_end_what_it_began() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    let Floor { kiosk, desktop, server } = &floor;
    let who = &server.sign_ins()[1];
    let phone = PhoneBrowser::start().await?;

    // Wrong digits: one try, both screens say so, the kiosk has a fresh code.
    let used = floor.scan().await?;
    phone.page.goto(&used).await?;
    phone.sign_in(who).await?;
    let digits = phone.continue_on_kiosk().await?;
    let wrong = if digits == "42" { "43" } else { "42" };
    floor.type_digits(wrong).await?;
    kiosk.shows("attract", PATIENCE).await?;
    kiosk.page.says("Those were not the digits", PATIENCE).await?;
    phone.shows("failed").await?;
    let fresh = floor.scan().await?;
    ensure!(fresh != used, "the kiosk shows the used code again");

    // A used code opens nothing.
    let late = FakePhone::new(&server.origin())?;
    late.sign_in(&server.sign_ins()[2].phone, &server.sign_ins()[2].password).await?;
    ensure!(late.try_visit(&visit::display_code(&used)?).await?.status == 404, "a used code is accepted");

    // A second phone that continues after the first stops both.
    let code = floor.scan().await?;
    let visit = late.visit(&visit::display_code(&code)?).await?;
    phone.page.goto(&code).await?;
    phone.shows("visit").await?;
    phone.continue_on_kiosk().await?;
    kiosk.shows("matching", PATIENCE).await?;
    ensure!(late.try_claim(&visit.ticket).await?.status == 409, "a second phone takes over");
    kiosk.shows("attract", PATIENCE).await?;
    kiosk.page.says("A second phone", PATIENCE).await?;
    phone.shows("failed").await?;

    // End session, said on the phone, wipes the kiosk.
    phone.page.goto(&floor.scan().await?).await?;
    phone.shows("visit").await?;
    let digits = phone.continue_on_kiosk().await?;
    floor.type_digits(&digits).await?;
    kiosk.shows("conversation", PATIENCE).await?;
    phone.shows("live").await?;
    phone.tap("end").await?;
    phone.shows("ended").await?;
    kiosk.shows("attract", PATIENCE).await?;
    floor.scan().await?;
    let (first, last) = who.name.split_once(' ').unwrap_or((&who.name, ""));
    ensure!(residue::traces(desktop.home.path(), &[first, last, &who.phone[3..]])?.is_empty());
    Ok(())
}
