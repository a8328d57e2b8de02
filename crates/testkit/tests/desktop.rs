//! The desktop's parts, each tried for itself with what the machine has.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use testkit::{
    desktop::{Desktop, KioskWindow, PhoneBrowser, SecretStore, SessionBus, Sound, qr},
    program::Program,
};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn a_secret_store_keeps_a_secret_until_it_is_killed() {
    let bus = SessionBus::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    assert!(!bus.has("org.freedesktop.secrets").unwrap());
    let mut store = SecretStore::start(&bus, folder.path(), "pw").unwrap();
    assert!(bus.has("org.freedesktop.secrets").unwrap());
    store.kill();
    assert!(!bus.has("org.freedesktop.secrets").unwrap());
}

#[tokio::test]
async fn what_is_played_is_heard_and_its_end_is_measured() {
    let sound = Sound::start().unwrap();
    let mut player = Command::new("pacat");
    player
        .args(["--playback", "--raw", "--format=s16le", "--channels=1", "--rate=48000", "--latency-msec=30"])
        .env("PULSE_SERVER", sound.server());
    player.stdin(std::process::Stdio::piped());
    let before = Instant::now();
    let mut playing = Program::start(player).unwrap();
    let mut input = playing.input().unwrap();
    // 2 s of a loud 480 Hz square wave.
    let wave: Vec<u8> = (0..96_000).flat_map(|at| if at / 50 % 2 == 0 { 9_000_i16 } else { -9_000 }.to_le_bytes()).collect();
    std::thread::spawn(move || std::io::Write::write_all(&mut input, &wave));
    let began = sound.starts(before, LIMIT).await.unwrap();
    assert!(began > before);
    // Killed in the middle of the tone.
    testkit::wait::until_true("half a second was heard", LIMIT, async || Ok(sound.recording().loud_seconds(before) > 0.5))
        .await
        .unwrap();
    let killed = Instant::now();
    playing.kill();
    sound.falls_silent(Duration::from_millis(600), LIMIT).await.unwrap();
    let recording = sound.recording();
    assert!(recording.loud_seconds(before) < 1.8, "{}", recording.loud_seconds(before));
    let went_on = recording.went_on_after(killed);
    assert!(went_on < Duration::from_millis(200), "{went_on:?}");
}

#[tokio::test]
async fn a_code_in_a_webkit_window_is_read_from_the_screens_pixels() {
    let browser = Path::new("/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser");
    assert!(browser.is_file(), "WebKit's own small browser belongs to libwebkit2gtk-4.1-0");
    let desktop = Desktop::bare((1080, 1920)).unwrap();
    let window = KioskWindow::open(&desktop, browser, &["--automation".into(), "--full-screen".into()]).await.unwrap();
    let address = "HTTP://127.0.0.1:49152/K/ABCDEFGHIJKLMNOPQRSTUVWX27";
    let code = qrcode::QrCode::new(address).unwrap().render::<qrcode::render::svg::Color<'_>>().min_dimensions(480, 480).build();
    window.page.goto("about:blank").await.unwrap();
    window.page.run("document.body.innerHTML = arguments[0];", &[code.into()]).await.unwrap();
    testkit::wait::until_true("the code is on the screen", LIMIT, async || Ok(qr::read(&desktop.display.pixels()?) == [address]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_phones_browser_opens_a_page() {
    let phone = PhoneBrowser::start().await.unwrap();
    phone.page.goto("data:text/html,<meta name=viewport content='width=device-width'><button onclick=\"this.textContent='tapped'\">tap</button>").await.unwrap();
    phone.page.click("button").await.unwrap();
    assert_eq!(phone.page.text("button").await.unwrap(), "tapped");
    assert_eq!(phone.page.run("return innerWidth;", &[]).await.unwrap(), 390);
}
