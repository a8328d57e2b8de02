//! Pictures of every screen of the kiosk, upright and lying, and of every state of the phone page, taken from the real window
//! and a real mobile browser into docs/shots.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Result;
use testkit::{
    desktop::{Desktop, LANDSCAPE, PORTRAIT, PhoneBrowser, Size},
    floor::{Floor, PATIENCE},
    server::{TestServer, demo_shop},
    wait,
};

/// A screen with a countdown is never still; so long is it waited for.
const MOVING: Duration = Duration::from_secs(3);
/// A kiosk fetches a picture a second while nobody is there.
const FETCHED: Duration = Duration::from_mins(5);
/// A customer is warned after forty seconds.
const IDLE: Duration = Duration::from_mins(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    std::fs::create_dir_all(folder())?;
    kiosk(PORTRAIT, "portrait").await?;
    kiosk(LANDSCAPE, "landscape").await
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/shots")
}

/// Where the pictures of one run go.
struct Album<'a> {
    floor: &'a Floor,
    way: &'a str,
}

impl Album<'_> {
    /// The kiosk's screen, once its pictures are there and nothing on it moves any more.
    async fn take(&self, name: &str) -> Result<()> {
        let page = &self.floor.kiosk.page;
        let loaded = "return document.fonts.status === 'loaded' && [...document.images].every((image) => image.complete);";
        wait::until_true("all pictures are loaded", PATIENCE, async || Ok(page.run(loaded, &[]).await?.as_bool() == Some(true)))
            .await?;
        let began = Instant::now();
        let mut last = self.floor.desktop.display.pixels()?;
        while began.elapsed() < MOVING {
            tokio::time::sleep(Duration::from_millis(150)).await;
            let now = self.floor.desktop.display.pixels()?;
            if std::mem::replace(&mut last, now) == last {
                break;
            }
        }
        let file = folder().join(format!("{name}-{}.png", self.way));
        last.save(&file)?;
        told(&file)
    }
}

/// The phone's page.
async fn take_phone(phone: &PhoneBrowser, name: &str) -> Result<()> {
    phone.page.run("return document.fonts.ready.then(() => true);", &[]).await?;
    let file = folder().join(format!("phone-{name}.png"));
    std::fs::write(&file, phone.page.screenshot().await?)?;
    told(&file)
}

fn told(file: &Path) -> Result<()> {
    let name = file.file_name().unwrap_or_default().display();
    Ok(writeln!(std::io::stdout(), "docs/shots/{name}")?)
}

/// Every screen of the kiosk at this size; the phone is photographed on the way of the upright one.
async fn kiosk(size: Size, way: &str) -> Result<()> {
    let mut floor = Floor::set_up(Desktop::start(size)?, TestServer::prepare()?).await?;
    floor.kiosk.shows("connecting", PATIENCE).await?;
    Album { floor: &floor, way }.take("connecting").await?;

    floor.server.serve()?;
    floor.kiosk.shows("enrolling", PATIENCE).await?;
    wait::until_true("an enrolment code", PATIENCE, async || {
        Ok(floor.kiosk.page.text("[data-testid=enrolment-code]").await?.is_ascii())
    })
    .await?;
    Album { floor: &floor, way }.take("enrolling").await?;
    floor.enrol().await?;

    let album = Album { floor: &floor, way };
    floor.kiosk.shows("attract", PATIENCE).await?;
    floor.scan().await?;
    album.take("attract").await?;

    let phone = PhoneBrowser::start().await?;
    let photographed = size == PORTRAIT;
    customer(&album, &phone, photographed).await?;
    guest(&album).await?;
    staff(&album).await?;
    alone(&album).await?;
    if photographed {
        mishaps(&floor, &phone).await?;
    }
    Ok(())
}

async fn customer(album: &Album<'_>, phone: &PhoneBrowser, photographed: bool) -> Result<()> {
    let (floor, kiosk) = (album.floor, &album.floor.kiosk);
    let who = &floor.server.sign_ins()[0];
    floor.visit(phone).await?;
    if photographed {
        take_phone(phone, "visit").await?;
        phone.tap("sign-up").await?;
        phone.shows("sign-up").await?;
        take_phone(phone, "sign-up").await?;
        phone.tap("sign-in").await?;
        phone.shows("sign-in").await?;
        take_phone(phone, "sign-in").await?;
        phone.tap("back").await?;
    }
    phone.sign_in(who).await?;
    if photographed {
        take_phone(phone, "continue").await?;
    }
    let digits = phone.continue_on_kiosk().await?;
    if photographed {
        take_phone(phone, "digits").await?;
    }
    kiosk.shows("matching", PATIENCE).await?;
    kiosk.press(&format!("digit-{}", &digits[..1])).await?;
    album.take("matching").await?;
    kiosk.press(&format!("digit-{}", &digits[1..])).await?;
    kiosk.shows("conversation", PATIENCE).await?;
    phone.shows("live").await?;
    if photographed {
        take_phone(phone, "live").await?;
    }
    album.take("conversation").await?;
    kiosk.press("details").await?;
    album.take("details").await?;
    kiosk.press("close-profile").await?;

    kiosk.press("open-keyboard").await?;
    album.take("keyboard").await?;
    kiosk.press("close-keyboard").await?;
    floor.write("shoes to go with the jacket").await?;
    floor.answer_with_cards().await?;
    album.take("cards").await?;
    kiosk.press("cart").await?;
    album.take("cart").await?;
    kiosk.press("close-cart").await?;

    floor.server.wire().cut();
    kiosk.page.find_within("[data-online=false]", PATIENCE).await?;
    floor.write("and a cap").await?;
    kiosk.page.find_within("[data-delivery=waiting]", PATIENCE).await?;
    album.take("offline").await?;
    floor.server.wire().mend();
    kiosk.page.find_within("[data-online=true]", PATIENCE).await?;

    kiosk.press("done").await?;
    kiosk.shows("goodbye", PATIENCE).await?;
    album.take("goodbye").await?;
    kiosk.shows("attract", PATIENCE).await?;
    if photographed {
        phone.shows("ended").await?;
        take_phone(phone, "ended").await?;
    }
    Ok(())
}

async fn guest(album: &Album<'_>) -> Result<()> {
    let kiosk = &album.floor.kiosk;
    kiosk.press("continue-as-guest").await?;
    kiosk.shows("conversation", PATIENCE).await?;
    album.take("guest").await?;
    kiosk.page.find_within("[data-overlay=idle_warning]", IDLE).await?;
    album.take("idle-warning").await?;
    // Nobody says that they are still there.
    kiosk.shows("attract", IDLE).await
}

/// What staff see behind their PIN.
async fn staff(album: &Album<'_>) -> Result<()> {
    let (floor, kiosk) = (album.floor, &album.floor.kiosk);
    wait::until_true("the catalogue is copied", PATIENCE, async || Ok(floor.health().await?.catalogue.complete)).await?;
    floor.open_staff_desk().await?;
    album.take("staff").await?;
    kiosk.press("look-up").await?;
    for letter in "trail".chars() {
        kiosk.page.click(&format!("[data-testid=keyboard] [data-key=\"{letter}\"]")).await?;
    }
    // Both colours and what goes with them.
    wait::until_true("what is found", PATIENCE, async || Ok(kiosk.page.look_for_all("[data-found]").await?.len() == 3)).await?;
    album.take("look-up").await?;
    kiosk.press("leave-look-up").await?;
    kiosk.press("close-staff").await
}

/// A kiosk whose server is out of reach, and a guest there.
async fn alone(album: &Album<'_>) -> Result<()> {
    let (floor, kiosk) = (album.floor, &album.floor.kiosk);
    let pictures = std::fs::read_dir(demo_shop().join("images"))?.count();
    wait::until_true("the pictures are on the kiosk", FETCHED, async || {
        Ok(std::fs::read_dir(floor.machine.data.join("pictures"))?.count() >= pictures)
    })
    .await?;
    floor.server.wire().cut();
    kiosk.page.find_within("[data-online=false]", PATIENCE).await?;
    album.take("attract-offline").await?;
    kiosk.press("continue-as-guest").await?;
    kiosk.shows("conversation", PATIENCE).await?;
    floor.write("shoes to go with the jacket").await?;
    floor.answer_with_cards().await?;
    album.take("guest-offline").await?;
    kiosk.press("done").await?;
    kiosk.shows("attract", PATIENCE).await?;
    floor.server.wire().mend();
    kiosk.page.find_within("[data-online=true]", PATIENCE).await?;
    Ok(())
}

/// What the phone shows when it does not come to a session.
async fn mishaps(floor: &Floor, phone: &PhoneBrowser) -> Result<()> {
    let used = floor.visit(phone).await?;
    let digits = phone.continue_on_kiosk().await?;
    floor.type_digits(if digits == "42" { "43" } else { "42" }).await?;
    phone.shows("failed").await?;
    take_phone(phone, "failed").await?;
    phone.page.goto(&used).await?;
    phone.shows("gone").await?;
    take_phone(phone, "gone").await?;
    phone.page.goto(&format!("{}/k", floor.server.origin())).await?;
    phone.shows("code-entry").await?;
    take_phone(phone, "code-entry").await
}
