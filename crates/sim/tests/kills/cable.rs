//! The cable between a kiosk and its server is pulled: nobody tells the kiosk, and what was sent is lost without a word.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use protocol::view::{Delivery, Screen, View};
use testkit::{
    cable::Cable,
    phone::FakePhone,
    program::{Program, free_port},
    records::Records,
    server::{command, demo_shop, listening, run},
    wait,
};

use crate::kiosk::{Kiosk, PATIENCE, talk};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_half_dead_is_noticed_and_replaced() {
    let Some(cable) = Cable::lay().unwrap() else { return };
    story(&cable).await.unwrap();
}

async fn story(cable: &Cable) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let imported = run(&data, ["import".as_ref(), demo_shop().as_os_str()])?;
    ensure!(imported.status.success(), "{}", imported.said);

    let mut serve = command(&data)?;
    serve.args(["serve", "--listen", &format!("{}:{}", cable.here(), free_port()?)]);
    let (server, origin): (Program, String) = listening(serve)?;
    let mut kiosk = Kiosk::new(0, &origin, FakePhone::new(&origin)?)?;
    kiosk.start_at(&cable.enter())?;
    let code = |view: &View| match &view.screen {
        Screen::Enrolling { code, .. } => code.clone(),
        _ => None,
    };
    let code = kiosk.until("a code for the operator", PATIENCE, code).await?;
    let enrolled = run(&data, ["enrol", &code, "--store", "S01", "--label", "At the cable"])?;
    ensure!(enrolled.status.success(), "{}", enrolled.said);
    ensure!(kiosk.arrive(true, PATIENCE).await?, "nobody could arrive");

    let mut figures = Vec::new();
    for silent in [true, false] {
        let online = |view: &View| {
            (view.frame.online && talk(view)?.entries.iter().all(|entry| entry.delivery == Delivery::Sent)).then_some(())
        };
        kiosk.until("it is online", PATIENCE, online).await?;
        cable.pull()?;
        let pulled = Instant::now();
        let mut said = None;
        if !silent {
            said = kiosk.say()?;
        }
        kiosk.until("it notices", PATIENCE, |view| (!view.frame.online).then_some(())).await?;
        let noticed = pulled.elapsed();
        if said.is_none() {
            said = kiosk.say()?;
        }
        let said = said.context("a customer is there")?;
        // Longer than a call may take, so that nothing waits for an old answer.
        tokio::time::sleep(Duration::from_secs(12).saturating_sub(pulled.elapsed())).await;
        cable.plug()?;
        let plugged = Instant::now();
        wait::until_true("it arrives", PATIENCE, async || Ok(Records::of(&data).await?.times(&said) == 1)).await?;
        kiosk.until("it is online again", PATIENCE, online).await?;
        figures.push((noticed, plugged.elapsed()));
    }
    eprintln!("the cable pulled while nothing is said, and while something is: (noticed after, back after) {figures:?}");
    drop(server);
    Ok(())
}
