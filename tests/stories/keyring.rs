//! A kiosk without a secret store says so, keeps its key nowhere else, and goes on when there is one.

use anyhow::{Result, ensure};
use testkit::{
    desktop::{Desktop, PORTRAIT},
    floor::{Floor, PATIENCE},
    server::TestServer,
};

use crate::{tell, turn};

#[tokio::test]
async fn a_kiosk_without_a_secret_store_waits_for_one_and_keeps_its_enrolment_in_it() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::set_up(Desktop::bare(PORTRAIT)?, TestServer::start()?).await?;
    tell("keyring", floor, async |floor| {
        floor.kiosk.shows("connecting", PATIENCE).await?;
        floor.kiosk.page.says("no key store", PATIENCE).await?;

        floor.desktop.start_secrets()?;
        floor.enrol().await?;
        floor.kiosk.shows("attract", PATIENCE).await?;
        floor.scan().await?;

        // Started anew it is still the same kiosk.
        floor.power_cycle().await?;
        floor.kiosk.shows("attract", PATIENCE).await?;
        floor.scan().await?;
        ensure!(floor.desktop.sound.is_none(), "this kiosk has no sound, and works all the same");
        ensure!(floor.kiosk.page.look("[data-action=mute]").await?.is_none(), "there is a button for a voice that is not there");
        Ok(())
    })
    .await
}
