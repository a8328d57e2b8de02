//! The kiosk has the shop's catalogue while its server is away, and hears afterwards of what changed meanwhile.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use testkit::{
    desktop::PORTRAIT,
    floor::{Floor, PATIENCE},
    program::{Program, built},
    server::demo_shop,
    wait,
};

use crate::{tell, turn};

#[tokio::test]
async fn the_catalogue_stays_without_the_server_and_a_new_price_comes_with_it() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    tell("catalogue", floor, async |floor| follow(floor).await).await
}

async fn follow(floor: &mut Floor) -> Result<()> {
    floor.kiosk.shows("attract", PATIENCE).await?;
    let products = fs::read_to_string(demo_shop().join("products.csv"))?.lines().count() - 1;
    let whole = format!("{products} products, as of ");
    told(floor, "the catalogue is copied", |told| told.contains(&whole)).await?;

    // Nobody is there: not the server, and after a power cut not the program's memory either.
    floor.server.kill();
    floor.power_cycle().await?;
    let alone = told(floor, "the kiosk is alone", |told| told.contains("server could not be asked")).await?;
    ensure!(alone.contains(&whole), "without the server it says {alone:?}");

    let changes = floor.server.data().join("changes");
    fs::create_dir_all(&changes)?;
    fs::write(changes.join("products.csv"), "sku,name,price\nSKU-1001,Field Jacket,77.00\nSKU-9999,Paper Lantern,9.00\n")?;
    let ended = floor.server.run([Path::new("import"), &changes])?;
    ensure!(ended.status.success(), "{}", ended.said);
    floor.server.serve()?;
    let more = format!("{} products, as of ", products + 1);
    told(floor, "the difference is there", |told| told.contains(&more) && !told.contains("could not be asked")).await?;

    // Found and priced as the shop has it now.
    floor.kiosk.shows("attract", PATIENCE).await?;
    floor.open_staff_desk().await?;
    floor.kiosk.press("look-up").await?;
    for letter in "lantern".chars() {
        floor.kiosk.page.click(&format!("[data-testid=keyboard] [data-key=\"{letter}\"]")).await?;
    }
    floor.kiosk.page.find_within("[data-found=\"SKU-9999\"]", PATIENCE).await.map(drop)
}

/// What `vitrine --doctor` says on the kiosk's machine, once it is as wanted.
async fn told(floor: &Floor, what: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
    wait::until(what, PATIENCE * 2, async || {
        let told = doctor(floor)?;
        Ok(wanted(&told).then_some(told))
    })
    .await
    .with_context(|| doctor(floor).unwrap_or_default())
}

fn doctor(floor: &Floor) -> Result<String> {
    let mut command = Command::new(built("vitrine")?);
    floor.desktop.furnish(&mut command);
    command.args(["--doctor", "--server", &floor.server.origin(), "--data"]).arg(floor.kiosk_data());
    Ok(Program::run(command, PATIENCE)?.said)
}
