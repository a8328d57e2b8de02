//! The story the product is made for: what a customer began on the web goes on at the kiosk, and nothing of it stays there.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use protocol::{ApiError, Clock as _, ErrorCode, ambient::SystemClock, routes};
use testkit::{
    channel::WebChannel,
    desktop::{PORTRAIT, PhoneBrowser, Sound, recording},
    floor::{Floor, PATIENCE, ShownEntry},
    kiosk::FakeKiosk,
    residue,
    server::SignIn,
    tap, wait,
};

use crate::{tell, turn};

/// A sentence that stands nowhere else.
const ON_THE_WEB: &str = "My umbrella drowned in Quokkaville, so it has to be waterproof.";
/// What is asked at the kiosk.
const AT_THE_KIOSK: &str = "jacket for the crossing to Ushuaia";
/// Speech is over when it has been silent for so long.
const QUIET: Duration = Duration::from_millis(800);
/// A touch stops the player within 50 ms; what the sound server has already is heard a little longer, and the recorder hears
/// it in pieces.
const SILENCED: Duration = Duration::from_millis(50 + 150);

#[tokio::test]
async fn a_customer_carries_on_where_they_left_off_and_nothing_of_it_stays() -> Result<()> {
    let _turn = turn().await;
    let floor = Floor::open(PORTRAIT).await?;
    tell("carry-on", floor, async |floor| carry_on(floor).await).await
}

async fn carry_on(floor: &Floor) -> Result<()> {
    let who = floor.server.sign_ins()[0].clone();
    let web = WebChannel::login(&floor.server.origin(), &who.phone, &who.password).await?;
    web.say("user", ON_THE_WEB).await?;

    let phone = PhoneBrowser::start().await?;
    arrive(floor, &phone, &who).await?;
    let answer = ask(floor).await?;
    silence_with_a_touch(floor).await?;
    take_a_card(floor, &web, &answer).await?;

    // Not even now is anything on the kiosk's disk in the clear. On the server's it is, so that the search is seen to find.
    let words = words(&who, &answer);
    ensure_clean(floor, &words)?;
    ensure!(!residue::traces(floor.server.data(), &["Ushuaia"])?.is_empty(), "the search finds nothing where something is");

    let (thief, token) = steal(floor).await?;
    leave(floor, &who).await?;
    ensure_clean(floor, &words)?;

    // The phone says so, and what opened the session opens it no more. The web goes on.
    phone.shows("ended").await?;
    phone.page.says("Ended", PATIENCE).await?;
    let refused = thief.snapshot(&token).await?;
    ensure!(
        refused.status == 404 && refused.code() == Some(ErrorCode::SessionExpired),
        "the old token is answered with {} {}",
        refused.status,
        refused.body
    );
    ensure!(web.restore().await?.is_active, "the web's session has ended too");
    Ok(())
}

/// The phone reads the code from the screen, signs in and continues; its digits are typed on the kiosk, which greets by the first
/// name, aloud too, and has the history.
async fn arrive(floor: &Floor, phone: &PhoneBrowser, who: &SignIn) -> Result<()> {
    let silence = Instant::now();
    floor.sign_in(phone, who).await?;
    phone.shows("live").await?;
    let greeting = floor.kiosk.page.text("[data-testid=greeting]").await?;
    ensure!(greeting.contains(first_name(who)) && !greeting.contains(&who.name), "the greeting is {greeting:?}");
    let marker = floor.entry_with(ON_THE_WEB).await?;
    ensure!(marker.sender == "user" && marker.channel == "web", "the web's entry is {marker:?}");

    let began = sound(floor)?.starts(silence, PATIENCE).await.context("the greeting")?;
    sound(floor)?.falls_silent(QUIET, PATIENCE).await?;
    let heard = sound(floor)?.recording().loud_seconds(began);
    ensure!(heard > 0.5, "the greeting is heard for {heard:.2} s");
    Ok(())
}

/// A message is typed, answered with cards, and the answer is spoken to its end.
async fn ask(floor: &Floor) -> Result<ShownEntry> {
    let asked = Instant::now();
    floor.write(AT_THE_KIOSK).await?;
    let question = floor.entry_with("Ushuaia").await?;
    ensure!(question.sender == "user" && question.channel == "kiosk", "the question is {question:?}");
    let answer = floor.answer_with_cards().await?;
    ensure!((1..=3).contains(&answer.cards.len()), "the answer has {} cards", answer.cards.len());

    sound(floor)?.starts(asked, PATIENCE).await.context("the answer")?;
    sound(floor)?.falls_silent(QUIET, PATIENCE).await?;
    let heard = sound(floor)?.recording().loud_seconds(asked);
    let expected = spoken_seconds(floor, &floor.said(&answer).await?).await?;
    ensure!(
        (heard - expected).abs() < 0.2 * expected + 0.2,
        "the answer is heard for {heard:.2} s; spoken, it lasts {expected:.2} s"
    );
    Ok(answer)
}

/// The answer is said again, and stops at once when the screen is touched.
async fn silence_with_a_touch(floor: &Floor) -> Result<()> {
    let sound = sound(floor)?;
    let again = Instant::now();
    floor.kiosk.press("speak").await?;
    wait::until_true("it is speaking", PATIENCE, async || Ok(sound.recording().loud_seconds(again) > 0.3)).await?;
    let touched = touch(floor).await?;
    sound.falls_silent(QUIET, PATIENCE).await?;
    let went_on = sound.recording().went_on_after(touched);
    ensure!(went_on < SILENCED, "after the touch it went on for {went_on:?}");
    Ok(())
}

/// One card goes into the cart, and is in the web's cart.
async fn take_a_card(floor: &Floor, web: &WebChannel, answer: &ShownEntry) -> Result<()> {
    let before: u32 = web.restore().await?.data.cart.iter().map(|line| line.quantity).sum();
    let sku = &answer.cards[0];
    floor.add_to_cart(answer, sku).await?;
    wait::until_true("the card is in the web's cart", PATIENCE, async || {
        let cart = web.restore().await?.data.cart;
        let pieces: u32 = cart.iter().map(|line| line.quantity).sum();
        Ok(pieces == before + 1 && cart.iter().any(|line| line.sku.as_ref() == sku))
    })
    .await
}

/// Done: goodbye, then a fresh code, and nothing of the customer on the screen.
async fn leave(floor: &Floor, who: &SignIn) -> Result<()> {
    ensure!(floor.scan_now()?.is_none(), "a code is on the screen during the conversation");
    floor.kiosk.press("done").await?;
    floor.kiosk.shows("attract", PATIENCE).await?;
    floor.scan().await?;
    let shown = floor.kiosk.page.page_text().await?;
    ensure!(!shown.contains(first_name(who)) && !shown.contains("Ushuaia"), "the screen still shows:\n{shown}");
    Ok(())
}

/// Whoever holds the machine and listens on the wire has the kiosk's key and its token; this is such a thief, and the token.
async fn steal(floor: &Floor) -> Result<(FakeKiosk, String)> {
    let wire = floor.server.wire();
    // The kiosk sends its token when it must catch up after it missed too much. That is a story of its own: nothing is lost.
    let expired = ApiError::new(ErrorCode::CursorExpired, "Take a snapshot.");
    wire.plant(&format!("GET {}", routes::EVENTS), "410 Gone", &serde_json::to_string(&expired)?);
    wire.cut();
    wire.mend();
    let token = wait::until("the kiosk catches up", PATIENCE, async || {
        let sent = wire.requests();
        let mut by_the_kiosk = sent.iter().rev().filter(|head| tap::header(head, routes::HEADER_PROOF).is_some());
        Ok(by_the_kiosk.find_map(|head| tap::header(head, routes::HEADER_SESSION_TOKEN)).map(str::to_owned))
    })
    .await?;
    floor.kiosk.page.find_within("[data-online=true]", PATIENCE).await?;
    floor.entry_with("Ushuaia").await?;

    let thief = FakeKiosk::with_key(&floor.server.origin(), floor.desktop.stolen_device_key()?)?;
    let opened = thief.snapshot(&token).await?;
    ensure!(opened.status == 200, "the token is answered with {} while the session lives", opened.status);
    Ok((thief, token))
}

/// What must not be found: who it was, and what was said.
fn words<'a>(who: &'a SignIn, answer: &'a ShownEntry) -> Vec<&'a str> {
    let mut words: Vec<&str> = who.name.split(' ').collect();
    words.extend([&who.phone[3..], "Quokkaville", "Ushuaia", "Shimla", &answer.text]);
    words
}

/// No file of the kiosk, of its webview, or of anything else in its home contains one of `words`.
fn ensure_clean(floor: &Floor, words: &[&str]) -> Result<()> {
    let traces = residue::traces(floor.desktop.home.path(), words)?;
    ensure!(traces.is_empty(), "found on the kiosk: {traces:#?}");
    Ok(())
}

fn first_name(who: &SignIn) -> &str {
    who.name.split(' ').next().unwrap_or_default()
}

fn sound(floor: &Floor) -> Result<&Sound> {
    floor.desktop.sound.as_ref().context("this desktop has sound")
}

/// How long `text` lasts when the server speaks it.
async fn spoken_seconds(floor: &Floor, text: &str) -> Result<f64> {
    let device = FakeKiosk::new(&floor.server.origin())?;
    floor.server.enrol(&device.ask_enrolment().await?.code, "S01", "Beside it")?;
    recording::loud_seconds_of_wav(&device.speech(text).await?)
}

/// Touches the screen where nothing happens; the moment of the touch as the page saw it.
async fn touch(floor: &Floor) -> Result<Instant> {
    let page = &floor.kiosk.page;
    let note = "addEventListener('pointerdown', () => { window.touchedAt = Date.now(); }, { capture: true, once: true });";
    page.run(note, &[]).await?;
    page.click("[data-testid=greeting]").await?;
    let at = page.run("return window.touchedAt;", &[]).await?.as_i64().context("the page saw no touch")?;
    let (now, wall) = (Instant::now(), SystemClock::new().now().unix_millis());
    let ago = Duration::from_millis(u64::try_from(wall - at).unwrap_or_default());
    Ok(now.checked_sub(ago).unwrap_or(now))
}
