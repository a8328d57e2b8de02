//! The server goes away and comes back, and the kiosk needs nobody's help.

use std::time::Duration;

use anyhow::{Result, ensure};
use protocol::session::Sender;
use testkit::{
    channel::WebChannel,
    desktop::{Desktop, PORTRAIT, PhoneBrowser},
    floor::{Floor, PATIENCE},
    residue,
    server::TestServer,
    wait,
};

use crate::{tell, timed, turn};

#[tokio::test]
async fn a_kiosk_waits_for_its_server_and_keeps_what_was_said_while_it_was_away() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::set_up(Desktop::start(PORTRAIT)?, TestServer::prepare()?).await?;
    tell("outage", floor, async |floor| {
        // The kiosk is switched on before the server.
        floor.kiosk.shows("connecting", PATIENCE).await?;
        floor.kiosk.page.says("does not answer", PATIENCE).await?;
        floor.server.serve()?;
        floor.enrol().await?;
        floor.kiosk.shows("attract", PATIENCE).await?;

        let who = floor.server.sign_ins()[2].clone();
        let web = WebChannel::login(&floor.server.origin(), &who.phone, &who.password).await?;
        let phone = PhoneBrowser::start().await?;
        floor.sign_in(&phone, &who).await?;

        // Killed in the middle of the conversation: what is said stands on the screen at once, and waits.
        floor.server.kill();
        floor.write("cap for the pier at Valparaiso").await?;
        let (entry, shown) = timed(floor.entry_with("Valparaiso")).await?;
        ensure!(entry.delivery == "waiting", "the entry is {entry:?}");
        ensure!(shown < Duration::from_secs(1), "it stood on the screen only after {shown:?}");

        // Back again: delivered once, and answered.
        floor.server.serve()?;
        wait::until_true("the entry is delivered", PATIENCE * 2, async || {
            Ok(floor.entry_with("Valparaiso").await?.delivery == "sent")
        })
        .await?;
        wait::until_true("the answer is on the kiosk", PATIENCE, async || {
            Ok(floor.entries().await?.last().is_some_and(|entry| entry.sender == "agent"))
        })
        .await?;
        let told = told(&web, "Valparaiso").await?;
        ensure!(told == 1, "the message was delivered {told} times");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_was_said_before_a_power_cut_is_delivered_and_the_screen_starts_clean() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    tell("power-cut", floor, async |floor| {
        let who = floor.server.sign_ins()[0].clone();
        let web = WebChannel::login(&floor.server.origin(), &who.phone, &who.password).await?;
        let phone = PhoneBrowser::start().await?;
        floor.sign_in(&phone, &who).await?;

        floor.server.kill();
        floor.write("scarf for the night train to Samarkand").await?;
        floor.entry_with("Samarkand").await?;
        floor.power_cycle().await?;
        let traces = residue::traces(floor.desktop.home.path(), &["Samarkand"])?;
        ensure!(traces.is_empty(), "what was kept can be read: {traces:#?}");

        floor.server.serve()?;
        floor.kiosk.shows("attract", PATIENCE).await?;
        wait::until_true("the message arrives", PATIENCE * 2, async || Ok(told(&web, "Samarkand").await? == 1)).await?;
        phone.shows("ended").await?;
        ensure!(!floor.kiosk.page.page_text().await?.contains("Samarkand"), "the conversation came back");
        Ok(())
    })
    .await
}

/// How often the customer has said `word`, as the server has it.
async fn told(web: &WebChannel, word: &str) -> Result<usize> {
    let chat = web.restore().await?.data.chat_context;
    Ok(chat.iter().filter(|entry| entry.sender == Sender::User && entry.message.contains(word)).count())
}
