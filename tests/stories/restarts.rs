//! The program starts itself anew, and knows when that is no help.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use testkit::{desktop::PORTRAIT, floor::PATIENCE, glass::Glass, program::Process, wait};

use crate::{evidence, turn};

/// So often it starts anew within a minute.
const OFTEN: usize = 3;
/// It looks every half a minute, and twice before it believes that nobody is there.
const NOTICED: Duration = Duration::from_secs(100);

#[tokio::test]
async fn a_page_that_crashes_again_and_again_is_left_to_whoever_started_the_program() -> Result<()> {
    let _turn = turn().await;
    let mut glass = Glass::open(PORTRAIT).await?;
    let told = storm(&mut glass).await;
    told.with_context(|| evidence(&glass.desktop.display, "restart-storm", &[&glass.kiosk.logged()]))
}

async fn storm(glass: &mut Glass) -> Result<()> {
    let program = glass.kiosk.program.id();
    let began = Instant::now();
    for crash in 0..OFTEN {
        let page = page(glass).await?;
        crash_of(&page)?;
        wait::until_true(&format!("another page after crash {crash}"), PATIENCE, async || {
            Ok(glass.kiosk.pages().iter().any(|other| other.id != page.id))
        })
        .await?;
        glass.scan().await?;
        ensure!(glass.kiosk.program.id() == program && glass.kiosk.program.is_running(), "the process is another one");
    }
    ensure!(began.elapsed() < Duration::from_secs(50), "this machine is too slow to crash so often: {:?}", began.elapsed());
    let page = page(glass).await?;
    crash_of(&page)?;
    let status = glass.kiosk.program.ended(PATIENCE)?;
    ensure!(status.code() == Some(1), "it ended with {status}");
    ensure!(glass.kiosk.logged().contains("giving up"), "it does not say why it ended");

    // Whoever started it starts it again, and it is itself.
    glass.power_cycle()?;
    glass.scan().await.map(drop)
}

#[tokio::test]
async fn a_program_that_has_grown_too_large_starts_anew_while_nobody_is_there_and_once_an_hour() -> Result<()> {
    let _turn = turn().await;
    let mut glass = Glass::open(PORTRAIT).await?;
    glass.kiosk.program.stop()?;
    let settings = glass.desktop.home.path().join("kiosk/settings.json");
    let mut kept: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&fs::read(&settings)?)?;
    kept.insert("memory_limit_mib".into(), 20.into());
    fs::write(&settings, serde_json::to_vec(&kept)?)?;
    glass.power_cycle()?;
    let told = grown(&glass).await;
    told.with_context(|| evidence(&glass.desktop.display, "memory", &[&glass.kiosk.logged()]))
}

async fn grown(glass: &Glass) -> Result<()> {
    let page = page(glass).await?;
    glass.scan().await?;
    wait::until_true("it starts anew", NOTICED, async || {
        Ok(glass.kiosk.logged().contains("has grown too large") && glass.kiosk.pages().iter().any(|other| other.id != page.id))
    })
    .await?;
    glass.scan().await?;
    // A limit that a fresh program breaks is too low: it says so, and does not start anew for ever.
    let fresh = self::page(glass).await?;
    wait::until_true("it asks for a higher limit", NOTICED, async || Ok(glass.kiosk.logged().contains("raise memory_limit_mib")))
        .await?;
    ensure!(glass.kiosk.pages().contains(&fresh), "it started anew once more");
    Ok(())
}

#[tokio::test]
async fn a_program_whose_page_is_ended_with_it_does_not_start_anew() -> Result<()> {
    let _turn = turn().await;
    let mut glass = Glass::open(PORTRAIT).await?;
    let told = ended_with_its_page(&mut glass).await;
    told.with_context(|| evidence(&glass.desktop.display, "ended-with-its-page", &[&glass.kiosk.logged()]))
}

/// As when a session ends, or somebody ends all processes of a terminal.
async fn ended_with_its_page(glass: &mut Glass) -> Result<()> {
    let program = glass.kiosk.program.id();
    let page = page(glass).await?;
    // It hears of both at once.
    signal(program, Signal::STOP)?;
    signal(page.id, Signal::TERM)?;
    signal(program, Signal::TERM)?;
    signal(program, Signal::CONT)?;
    let status = glass.kiosk.program.ended(PATIENCE)?;
    ensure!(status.code() == Some(0), "it ended with {status}");

    // It hears of its page first, and is about to start anew.
    glass.power_cycle()?;
    glass.scan().await?;
    crash_of(&self::page(glass).await?)?;
    wait::until_true("it starts anew", PATIENCE, async || Ok(glass.kiosk.logged().contains("starting again"))).await?;
    glass.kiosk.program.ask_to_end();
    glass.kiosk.program.ended(PATIENCE).map(drop)
}

async fn page(glass: &Glass) -> Result<Process> {
    wait::until("a page", PATIENCE, async || Ok(glass.kiosk.pages().pop())).await
}

fn crash_of(page: &Process) -> Result<()> {
    signal(page.id, Signal::KILL)
}

fn signal(process: u32, signal: Signal) -> Result<()> {
    let id = Pid::from_raw(i32::try_from(process)?).context("it has no id")?;
    Ok(kill_process(id, signal)?)
}
