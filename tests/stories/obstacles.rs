//! What stands in a kiosk's way is said on its screen, and the kiosk goes on by itself once it is gone.

use std::fs;

use anyhow::{Result, ensure};
use testkit::{
    desktop::PORTRAIT,
    floor::{Floor, PATIENCE},
};

use crate::{tell, turn};

#[tokio::test]
async fn a_kiosk_says_that_it_cannot_write_and_goes_on_when_it_can() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    tell("unwritable", floor, async |floor| {
        floor.kiosk.cut_power();
        let (data, away) = (floor.kiosk_data(), floor.kiosk_data().with_extension("away"));
        fs::rename(&data, &away)?;
        // A file where the folder should be: nobody can write below it, not even root.
        fs::write(&data, "")?;
        floor.power_cycle().await?;
        floor.kiosk.shows("connecting", PATIENCE).await?;
        floor.kiosk.page.says("cannot write to its data folder", PATIENCE).await?;

        fs::remove_file(&data)?;
        fs::rename(&away, &data)?;
        floor.kiosk.shows("attract", PATIENCE * 2).await?;
        floor.scan().await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn damaged_settings_are_set_aside_and_said() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    tell("damaged-settings", floor, async |floor| {
        floor.kiosk.cut_power();
        let settings = floor.kiosk_data().join("settings.json");
        fs::write(&settings, "{\"server\": \"http://127")?;
        // Nobody tells this kiosk its server, so that it has to guess one.
        floor.power_cycle_without_address().await?;
        floor.kiosk.shows("connecting", PATIENCE).await?;
        floor.kiosk.page.says("settings could not be read and were set aside", PATIENCE).await?;
        let kept = fs::read_to_string(settings.with_extension("json.damaged-1"))?;
        ensure!(kept == "{\"server\": \"http://127", "what was set aside is {kept:?}");

        floor.power_cycle().await?;
        floor.kiosk.shows("attract", PATIENCE).await?;
        Ok(())
    })
    .await
}
