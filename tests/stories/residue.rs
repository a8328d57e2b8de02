//! Nothing of a customer stays behind: not on the disk, not in the clipboard, not in the memory of what runs on.
//!
//! The kiosk here is the one of a shop: nobody drives its page, which keeps nothing on the disk by design.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use protocol::{ids::ClaimId, phone::ClaimState, routes};
use serde_json::{Map, json};
use testkit::{
    channel::WebChannel,
    desktop::{Key, PORTRAIT, Selection},
    floor::{Floor, PATIENCE},
    glass::{Glass, Place},
    phone::FakePhone,
    program::Process,
    residue::{self, Words, memory},
    tap, wait,
};

use crate::{evidence, tell, turn};

/// How soon after an end nothing may be left.
const GONE: Duration = Duration::from_secs(1);
/// How soon the memory of what runs on has forgotten everything; looking through all of it takes a while by itself.
const FORGOTTEN: Duration = Duration::from_secs(10);

const FIRST_NAME: &str = "Zephyrinewren";
const PHONE: &str = "+919840012377";
/// What is typed on the kiosk itself.
const AT_THE_KIOSK: &str = "lantern for the ferry to ushuaia";
/// What is typed there and never sent.
const UNSENT: &str = "perhaps rather a quokkaparasol";

/// What the customer told the shop on the web before; each is found again in the kiosk's memory.
const MARKERS: [&str; 9] = [
    FIRST_NAME,
    "Quillworth-Abara",
    "+919840012377",
    "zq.wren@quokka.example",
    "14 Drowned Umbrella Lane",
    "My grandmother sails to Valparaiso on her ninetieth birthday.",
    "SKU-QUOKKA-77",
    "petrol-blue-for-the-aunt",
    "loose as a quokka",
];

/// Where a customer touches.
struct Places {
    message: Place,
    done: Place,
    end_visit: Place,
}

/// A customer who has told the shop a lot.
struct Customer {
    phone: FakePhone,
    web: WebChannel,
}

#[tokio::test]
async fn nothing_of_a_customer_stays_however_they_leave() -> Result<()> {
    let _turn = turn().await;
    let places = look_for_places().await?;
    let mut glass = Glass::open(PORTRAIT).await?;
    let told = leave_in_every_way(&mut glass, &places).await;
    told.with_context(|| evidence(&glass.desktop.display, "residue", &[&glass.kiosk.logged(), &glass.server.said()]))
}

/// A kiosk whose page is driven tells where things stand; on the other one they stand in the same places.
async fn look_for_places() -> Result<Places> {
    let floor = Floor::open(PORTRAIT).await?;
    let mut places = None;
    tell("places", floor, async |floor| {
        floor.kiosk.press("continue-as-guest").await?;
        floor.kiosk.shows("conversation", PATIENCE).await?;
        let (message, done) = (floor.place("[data-testid=message]").await?, floor.place("[data-action=done]").await?);
        floor.open_staff_desk().await?;
        places = Some(Places { message, done, end_visit: floor.place("[data-action=end-visit]").await? });
        Ok(())
    })
    .await?;
    places.context("the driven kiosk told no places")
}

async fn leave_in_every_way(glass: &mut Glass, places: &Places) -> Result<()> {
    let customer = Customer::new(glass).await?;

    let visit = Visit::begin(glass, &customer, places).await?;
    let began = Instant::now();
    glass.hands.touch(places.done.0, places.done.1)?;
    visit.leaves_nothing(glass, "done", began).await?;

    let visit = Visit::begin(glass, &customer, places).await?;
    glass.open_staff_desk().await?;
    let began = Instant::now();
    glass.hands.touch(places.end_visit.0, places.end_visit.1)?;
    visit.leaves_nothing(glass, "an end by staff", began).await?;

    let visit = Visit::begin(glass, &customer, places).await?;
    let began = Instant::now();
    customer.phone.end(visit.claim).await?;
    visit.leaves_nothing(glass, "the phone's end", began).await?;

    let visit = Visit::begin(glass, &customer, places).await?;
    customer
        .phone
        .claim_state(visit.claim, PATIENCE * 4, |state| matches!(state, ClaimState::Ended { .. }).then_some(()))
        .await?;
    visit.leaves_nothing(glass, "nobody there", Instant::now()).await?;

    let visit = Visit::begin(glass, &customer, places).await?;
    glass.power_cycle()?;
    visit.leaves_nothing(glass, "a power cut", Instant::now()).await?;

    let visit = Visit::begin(glass, &customer, places).await?;
    let began = Instant::now();
    customer.web.end().await?;
    visit.leaves_nothing(glass, "an end on the web", began).await
}

impl Customer {
    /// Signs up, and tells the shop all the markers on the web.
    async fn new(glass: &Glass) -> Result<Self> {
        let (origin, password) = (glass.server.origin(), "correct horse battery staple");
        let phone = FakePhone::new(&origin)?;
        phone.sign_up(FIRST_NAME, PHONE, password).await?;
        let web = WebChannel::login(&origin, PHONE, password).await?;
        let [_, family, number, mail, address, sentence, sku, colour, fit] = MARKERS;
        web.say("user", &format!("I am {FIRST_NAME} {family}; write to {mail} or call {number}.")).await?;
        web.say("user", &format!("It goes to {address}. {sentence}")).await?;
        // The shop sells it no more: what it sells is on the kiosk with and without a customer.
        let card = json!({"sku": sku, "name": "A parasol of last year", "price_minor": 129_000, "currency": "INR"});
        let shown = json!({"sender": "agent", "message": "Like this one?", "metadata": {"cards": [card]}});
        web.update("chat_message", shown.as_object().cloned().unwrap_or_default()).await?;
        let item = json!({"sku": "SKU-1047", "quantity": 1, "options": {"colour": colour}});
        web.update("add_to_cart", Map::from_iter([("item".to_owned(), item)])).await?;
        phone.change_preferences(&origin, &json!({"fit": fit})).await?;
        Ok(Self { phone, web })
    }

    /// How often the server has what is typed on the kiosk.
    async fn told(&self) -> Result<usize> {
        let chat = self.web.restore().await?.data.chat_context;
        Ok(chat.iter().filter(|entry| entry.message == AT_THE_KIOSK).count())
    }
}

/// A customer at the kiosk, and everything that must go with them.
struct Visit {
    claim: ClaimId,
    words: Words,
    /// The page's processes while they were there.
    pages: Vec<Process>,
}

impl Visit {
    /// They arrive, write on the kiosk itself, and mark a sentence that they do not send. All of it is then in the kiosk's
    /// memory, so that the search is seen to find.
    async fn begin(glass: &Glass, customer: &Customer, places: &Places) -> Result<Self> {
        let (claim, before) = (glass.arrive(&customer.phone).await?, customer.told().await?);

        let token = token(glass).await?;

        glass.hands.touch(places.message.0, places.message.1)?;
        glass.still().await?;
        glass.hands.write(AT_THE_KIOSK)?;

        glass.hands.key(Key::Return)?;
        wait::until_true("the message arrives", PATIENCE, async || Ok(customer.told().await? > before)).await?;
        glass.still().await?;
        glass.hands.touch(places.message.0, places.message.1)?;
        glass.still().await?;
        glass.hands.write(UNSENT)?;

        glass.hands.shift(Key::Home)?;
        wait::until_true("the sentence is marked", PATIENCE, async || {
            Ok(glass.hands.selection(Selection::Primary)?.as_deref() == Some(UNSENT))
        })
        .await?;

        let mut words = MARKERS.to_vec();

        words.extend([AT_THE_KIOSK, UNSENT, &token]);
        let words = Words::new(&words);
        let all = wait::until("all of it is in the kiosk's memory", PATIENCE, async || {
            let found = in_memory(&glass.kiosk.processes(), &words)?;
            let missing = words.all().iter().any(|word| found.iter().all(|(_, found)| found.word != *word));
            Ok((!missing).then_some(()))
        });
        all.await.context("the search finds nothing where something is")?;
        on_disk(glass, &words)?;
        Ok(Self { claim, words, pages: glass.kiosk.pages() })
    }

    async fn leaves_nothing(self, glass: &Glass, how: &str, began: Instant) -> Result<()> {
        self.gone(glass, began).await.with_context(|| format!("after {how}"))
    }

    async fn gone(self, glass: &Glass, began: Instant) -> Result<()> {
        on_disk(glass, &self.words)?;
        wait::until_true("the page's process is replaced", PATIENCE, async || {
            Ok(glass.kiosk.pages().iter().all(|page| !self.pages.contains(page)))
        })
        .await?;
        for selection in [Selection::Primary, Selection::Clipboard] {
            let marked = glass.hands.selection(selection)?.unwrap_or_default();
            ensure!(marked.is_empty(), "still marked: {marked:?}");
        }
        let took = began.elapsed();

        ensure!(took < GONE, "it took {took:?}");

        let mut left = Vec::new();
        let forgotten = wait::until_true("the memory is clean", FORGOTTEN, async || {
            left = in_memory(&glass.kiosk.processes(), &self.words)?;
            Ok(left.is_empty())
        });
        forgotten.await.with_context(|| format!("in the memory: {left:#?}"))?;
        // The kiosk is itself again, and whoever comes next finds it so.
        glass.scan().await?;
        on_disk(glass, &self.words)
    }
}

/// Which words stand in the memory of which process.
fn in_memory(processes: &[Process], words: &Words) -> Result<Vec<(String, memory::Found)>> {
    let mut all = Vec::new();
    for process in processes {
        all.extend(memory::words_in(process.id, words)?.into_iter().map(|found| (process.name.clone(), found)));
    }
    Ok(all)
}

/// No file of the kiosk, of its webview, of its log, or of anything else in its home contains one of `words`.
fn on_disk(glass: &Glass, words: &Words) -> Result<()> {
    let traces = residue::files(glass.desktop.home.path(), words)?;
    ensure!(traces.is_empty(), "found on the disk: {traces:#?}");
    Ok(())
}

/// The token that the kiosk itself holds; it goes over the wire when the kiosk must catch up.
async fn token(glass: &Glass) -> Result<String> {
    let wire = glass.server.wire();
    let known = wire.requests().len();
    let expired = protocol::ApiError::new(protocol::ErrorCode::CursorExpired, "Take a snapshot.");
    wire.plant(&format!("GET {}", routes::EVENTS), "410 Gone", &serde_json::to_string(&expired)?);
    wire.cut();
    wire.mend();
    wait::until("the kiosk catches up", PATIENCE, async || {
        let sent = wire.requests();
        let mut by_the_kiosk = sent[known..].iter().filter(|head| tap::header(head, routes::HEADER_PROOF).is_some());
        Ok(by_the_kiosk.find_map(|head| tap::header(head, routes::HEADER_SESSION_TOKEN)).map(str::to_owned))
    })
    .await
}
