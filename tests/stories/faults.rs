//! Disks, keys and clocks that fail: the kiosk stays usable or says in one sentence what staff must do, and nothing that stood on
//! the glass is lost. The same table stands in docs/operating.md.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use testkit::{
    desktop::{Desktop, PORTRAIT},
    floor::{Floor, Machine, PATIENCE},
    program::{Program, built},
    records::Records,
    server::TestServer,
    small_disk::SmallDisk,
    wait,
    wrong_clock::WrongClock,
};

use crate::{tell, turn};

#[tokio::test]
async fn a_full_or_read_only_disk_is_said_and_costs_nothing_that_was_said() -> Result<()> {
    let _turn = turn().await;
    let Some(disk) = SmallDisk::mount(16 * 1024)? else { return Ok(()) };
    let desktop = Desktop::start(PORTRAIT)?;
    let machine = Machine { program: disk.program(&built("vitrine")?)?, data: disk.path().join("kiosk") };
    let floor = Floor::set_up_on(machine, desktop, TestServer::start()?).await?;
    tell("disk", floor, async |floor| full_then_read_only(floor, &disk).await).await
}

async fn full_then_read_only(floor: &mut Floor, disk: &SmallDisk) -> Result<()> {
    floor.enrol().await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    begin(floor).await?;
    say(floor, "x before it was full").await?;

    // In the middle of a conversation: what cannot be kept is not shown as if it were.
    disk.fill()?;
    floor.write("x into nothing").await?;
    floor.kiosk.page.says("disk is full", PATIENCE).await?;
    ensure!(floor.entries().await?.iter().all(|entry| !entry.text.contains("into nothing")), "it is shown all the same");
    disk.free()?;
    say(floor, "x after it was full").await?;
    arrives(floor, "before it was full").await?;
    arrives(floor, "after it was full").await?;

    // Who leaves is let go, whatever the disk does.
    disk.fill()?;
    floor.kiosk.press("done").await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    ensure!(
        !disk.seen("kiosk/cache.db").exists() || !contains(&disk.seen("kiosk/cache.db"), b"full")?,
        "something of them stays"
    );

    // At the start.
    floor.power_cycle().await?;
    floor.kiosk.shows("connecting", PATIENCE).await?;
    floor.kiosk.page.says("cannot write to its data folder", PATIENCE).await?;
    floor.kiosk.page.says("free space", PATIENCE).await?;
    disk.free()?;
    floor.kiosk.shows("attract", PATIENCE * 2).await?;

    // Read-only at the start, with something in the outbox.
    begin(floor).await?;
    floor.server.kill();
    say(floor, "x waits on the disk").await?;
    floor.kiosk.cut_power();
    floor.server.serve()?;
    disk.read_only(true)?;
    floor.power_cycle().await?;
    floor.kiosk.shows("connecting", PATIENCE).await?;
    floor.kiosk.page.says("cannot write to its data folder", PATIENCE).await?;
    disk.read_only(false)?;
    floor.kiosk.shows("attract", PATIENCE * 2).await?;
    arrives(floor, "waits on the disk").await
}

#[tokio::test]
async fn a_damaged_outbox_and_another_key_are_survived_and_told_to_staff() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    tell("outbox", floor, async |floor| damaged_then_strange(floor).await).await
}

async fn damaged_then_strange(floor: &mut Floor) -> Result<()> {
    // A page of the outbox cannot be read any more: what stands on the others arrives.
    begin(floor).await?;
    floor.server.kill();
    for number in 0..12 {
        say(floor, &format!("x {number} of a long story, {}", "word ".repeat(150))).await?;
    }
    // With the customer's leave everything is in the file itself, no longer in its log.
    floor.kiosk.press("done").await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    floor.kiosk.cut_power();
    let outbox = floor.kiosk_data().join("outbox.db");
    let whole = damage(&outbox)?;
    floor.server.serve()?;
    floor.power_cycle().await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    let aside = set_aside(floor).await?;
    ensure!(fs::read(&aside)?.len() == whole, "what was set aside is not what was there");
    arrives(floor, "x 0 of a long story").await?;
    let records = Records::of(floor.server.data()).await?;
    let arrived = records.said.iter().filter(|(_, text, _)| text.contains("of a long story")).count();
    ensure!((8..=12).contains(&arrived), "{arrived} of 12 arrived");

    // Another key: the file is kept for whoever finds the right one, and the kiosk goes on.
    floor.kiosk.cut_power();
    fs::remove_file(&aside)?;
    let right = secret(floor, "outbox")?;
    put_secret(floor, "outbox", &"k".repeat(32))?;
    floor.power_cycle().await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    ensure!(set_aside(floor).await?.is_file(), "nothing was set aside");
    begin(floor).await?;
    say(floor, "x under another key").await?;
    arrives(floor, "under another key").await?;
    ensure!(right.len() == 32, "the key has {} bytes", right.len());

    // What is no key at all.
    floor.kiosk.cut_power();
    put_secret(floor, "outbox", "no key")?;
    floor.power_cycle().await?;
    floor.kiosk.shows("connecting", PATIENCE).await?;
    floor.kiosk.page.says("gave no usable key", PATIENCE).await
}

#[tokio::test]
async fn clocks_that_are_set_back_a_day_change_nothing_for_a_customer() -> Result<()> {
    let _turn = turn().await;
    let clock = WrongClock::new()?;
    let desktop = Desktop::start(PORTRAIT)?;
    let machine = Machine { program: clock.program(&built("vitrine")?)?, ..Machine::of(&desktop)? };
    let mut server = TestServer::start()?;
    let at_the_server = WrongClock::new()?;
    server.give(at_the_server.environment());
    server.kill();
    server.serve()?;
    let floor = Floor::set_up_on(machine, desktop, server).await?;
    tell("clock", floor, async |floor| {
        floor.enrol().await?;
        floor.kiosk.shows("attract", PATIENCE).await?;
        begin(floor).await?;
        say(floor, "x on time").await?;
        arrives(floor, "on time").await?;

        // The kiosk's clock goes back in the middle of a conversation, and the next visit begins so.
        clock.set("-1d")?;
        say(floor, "x a day late").await?;
        arrives(floor, "a day late").await?;
        floor.kiosk.press("done").await?;
        floor.kiosk.shows("attract", PATIENCE).await?;
        floor.power_cycle().await?;
        floor.kiosk.shows("attract", PATIENCE).await?;
        floor.scan().await?;
        begin(floor).await?;
        say(floor, "x still a day late").await?;
        arrives(floor, "still a day late").await?;

        // Now the server's, and the kiosk's is right again.
        clock.set("+0")?;
        at_the_server.set("-1d")?;
        say(floor, "x before the server").await?;
        arrives(floor, "before the server").await?;
        floor.server.kill();
        say(floor, "x while it is away").await?;
        floor.server.serve()?;
        arrives(floor, "while it is away").await?;
        floor.kiosk.press("done").await?;
        floor.kiosk.shows("attract", PATIENCE).await?;
        floor.scan().await?;
        begin(floor).await
    })
    .await
}

async fn begin(floor: &Floor) -> Result<()> {
    floor.kiosk.page.find_within("[data-online=true]", PATIENCE).await?;
    floor.kiosk.press("continue-as-guest").await?;
    floor.kiosk.shows("conversation", PATIENCE).await
}

/// Something is said, and stands on the glass.
async fn say(floor: &Floor, text: &str) -> Result<()> {
    floor.write(text).await?;
    floor.entry_with(text.trim_start_matches("x ").trim_end()).await.map(drop)
}

/// It is on the server, once.
async fn arrives(floor: &Floor, words: &str) -> Result<()> {
    wait::until_true(&format!("{words:?} arrives"), PATIENCE * 2, async || {
        let records = Records::of(floor.server.data()).await?;
        Ok(records.said.iter().filter(|(_, text, own)| *own && text.contains(words)).count() == 1)
    })
    .await
}

/// The outbox that the staff's screen tells of, which it leaves again.
async fn set_aside(floor: &Floor) -> Result<std::path::PathBuf> {
    floor.open_staff_desk().await?;
    let told = floor.kiosk.page.text("[data-fact=set-aside] bdi").await?;
    floor.kiosk.press("close-staff").await?;
    floor.kiosk.page.gone("[data-fact=version]", PATIENCE).await?;
    Ok(told.into())
}

/// Writes over a page in the middle; answers with the file's length.
fn damage(file: &Path) -> Result<usize> {
    let mut bytes = fs::read(file)?;
    let page = 4_096;
    let place = page * (bytes.len() / page / 2);
    bytes.get_mut(place..place + page).context("the file has few pages")?.fill(0x5a);
    fs::write(file, &bytes)?;
    Ok(bytes.len())
}

fn contains(file: &Path, words: &[u8]) -> Result<bool> {
    Ok(fs::read(file)?.windows(words.len()).any(|window| window == words))
}

/// `secret-tool` on the desktop's keyring.
fn keyring(floor: &Floor, arguments: &[&str]) -> Command {
    let mut command = Command::new("secret-tool");
    floor.desktop.furnish(&mut command);
    command.args(arguments);
    command
}

fn secret(floor: &Floor, name: &str) -> Result<Vec<u8>> {
    let found = keyring(floor, &["lookup", "service", "vitrine", "username", name]).stdin(Stdio::null()).output()?;
    Ok(found.stdout)
}

fn put_secret(floor: &Floor, name: &str, secret: &str) -> Result<()> {
    let mut clear = keyring(floor, &["clear", "service", "vitrine", "username", name]);
    clear.stdin(Stdio::null());
    Program::run(clear, PATIENCE)?;
    let mut store = keyring(floor, &["store", "--label", name, "service", "vitrine", "username", name]);
    store.stdin(Stdio::piped());
    let mut store = Program::start(store)?;
    let mut input = store.input().context("it takes a secret")?;
    std::io::Write::write_all(&mut input, secret.as_bytes())?;
    drop(input);
    ensure!(store.ended(PATIENCE)?.success(), "the keyring takes no secret: {}", store.said());
    Ok(())
}
