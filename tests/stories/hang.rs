//! A page that hangs is noticed, and costs its customer no more than another scan.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use protocol::{kiosk_session::EndReason, phone::ClaimState};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, json};
use testkit::{
    channel::WebChannel,
    desktop::PORTRAIT,
    floor::PATIENCE,
    glass::Glass,
    phone::FakePhone,
    program::Process,
    residue::{Words, memory},
    wait,
};

use crate::{evidence, turn};

/// A page that hangs is noticed within this time.
const NOTICED: Duration = Duration::from_secs(30);
/// What is in the cart stands nowhere else on the kiosk.
const SKU: &str = "SKU-1047";
const COLOUR: &str = "petrol-blue-for-the-aunt";

#[tokio::test]
async fn a_page_that_hangs_is_replaced_and_the_cart_is_there_after_another_scan() -> Result<()> {
    let _turn = turn().await;
    let glass = Glass::open(PORTRAIT).await?;
    let told = hang(&glass).await;
    told.with_context(|| evidence(&glass.desktop.display, "hang", &[&glass.kiosk.logged(), &glass.server.said()]))
}

async fn hang(glass: &Glass) -> Result<()> {
    let (origin, number, password) = (glass.server.origin(), "+919840012378", "correct horse battery staple");
    let phone = FakePhone::new(&origin)?;
    phone.sign_up("Zephyrine Wren", number, password).await?;
    let web = WebChannel::login(&origin, number, password).await?;
    let item = json!({"sku": SKU, "quantity": 1, "options": {"colour": COLOUR}});
    web.update("add_to_cart", Map::from_iter([("item".to_owned(), item)])).await?;

    let claim = glass.arrive(&phone).await?;
    shows_cart(glass).await?;
    let page = only_page(glass)?;
    let began = Instant::now();
    stop(&page)?;

    // The customer's hold ends cleanly, and says why; the hung process is gone for good, and the glass invites again.
    let reason = phone.claim_state(claim, NOTICED, |state| match state {
        ClaimState::Ended { reason } => Some(reason),
        _ => None,
    });
    let reason = reason.await?;
    ensure!(reason == EndReason::Restart, "the visit ended for {reason:?}");
    ensure!(began.elapsed() < NOTICED, "it took {:?}", began.elapsed());
    wait::until_true("another page is there", PATIENCE, async || {
        let pages = glass.kiosk.pages();
        Ok(!pages.is_empty() && !pages.contains(&page))
    })
    .await?;
    glass.scan().await?;

    let cart = web.restore().await?.data.cart;
    ensure!(cart.iter().any(|line| line.sku.as_ref() == SKU), "the cart is {cart:?}");
    glass.arrive(&phone).await?;
    shows_cart(glass).await
}

/// The cart is in the memory of the page that draws it.
async fn shows_cart(glass: &Glass) -> Result<()> {
    let words = Words::new(&[COLOUR]);
    wait::until_true("the cart is on the kiosk", PATIENCE, async || {
        let mut found = false;
        for page in glass.kiosk.pages() {
            found |= !memory::words_in(page.id, &words)?.is_empty();
        }
        Ok(found)
    })
    .await
}

fn only_page(glass: &Glass) -> Result<Process> {
    let mut pages = glass.kiosk.pages();
    ensure!(pages.len() == 1, "the pages are {pages:?}");
    pages.pop().context("there is no page")
}

fn stop(process: &Process) -> Result<()> {
    let id = Pid::from_raw(i32::try_from(process.id)?).context("it has no id")?;
    Ok(kill_process(id, Signal::STOP)?)
}
