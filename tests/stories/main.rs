//! Stories across programs, on real parts: the kiosk's real window on a virtual screen, a real mobile browser as the phone, the
//! real server on its database, a real keyring, and a sound server whose loudspeaker is recorded.
//!
//! Each story has a floor of its own, and only one is told at a time: the machine's two cores would otherwise tell all of them
//! slowly, and some measure time.

mod away;
mod bad_input;
mod carry_on;
mod catalogue;
mod faults;
mod guest;
mod handoff_turns;
mod hang;
mod keyring;
mod kills;
mod look_up;
mod obstacles;
mod outage;
mod profile;
mod residue;
mod restarts;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use testkit::{
    chaos::Chaos,
    desktop::{Desktop, Display, PORTRAIT},
    floor::Floor,
    server::TestServer,
};
use tokio::sync::{Mutex, MutexGuard};

static TURN: Mutex<()> = Mutex::const_new(());

/// Waits until no other story is told.
async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

/// What `work` gives, and how long it took.
async fn timed<T>(work: impl Future<Output = Result<T>>) -> Result<(T, Duration)> {
    let began = Instant::now();
    let done = work.await?;
    Ok((done, began.elapsed()))
}

/// A kiosk that is not enrolled yet, and its server behind a network whose weather the story makes.
async fn behind_chaos() -> Result<(Floor, Chaos)> {
    let mut server = TestServer::prepare()?;
    let wire = Chaos::to(server.port(), 1).await?;
    server.stand_behind(wire.port());
    server.serve()?;
    Ok((Floor::set_up(Desktop::start(PORTRAIT)?, server).await?, wire))
}

/// Tells a story on its floor; if it goes wrong, with what could be seen and heard then.
async fn tell(name: &str, mut floor: Floor, story: impl AsyncFnOnce(&mut Floor) -> Result<()>) -> Result<()> {
    match story(&mut floor).await {
        Ok(()) => Ok(()),
        Err(error) => {
            let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
            Err(error.context(floor.evidence(&picture).await))
        }
    }
}

/// What could be seen when a story without a driver went wrong, and the last of what was said.
fn evidence(display: &Display, name: &str, said: &[&str]) -> String {
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
    let saved = display.screenshot(&picture).map_or_else(|error| format!("{error:#}"), |()| picture.display().to_string());
    let end = |said: &str| said.lines().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
    std::iter::once(format!("picture: {saved}")).chain(said.iter().map(|said| end(said))).collect::<Vec<_>>().join("\n--\n")
}
