//! A day of a seed: customers come and go while everything goes wrong; then it heals, and the promises are looked at.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use protocol::{
    intent::Intent,
    session::{Channel, Sender},
    sync::OpBody,
    view::Screen,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    machine::Machine,
    promises::{self, Broken},
    shop::{DIGITS, Rules, SKUS},
    world::World,
};

/// How long kiosks and server may take to be of one mind again.
const CONVERGED: Duration = Duration::from_secs(5);
/// Until the last copy of a message that the network held back has come.
const LAST_COPY: Duration = Duration::from_secs(25);
/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// How a day went.
#[derive(Debug)]
pub struct Outcome {
    /// What happened, line by line.
    pub trace: Vec<String>,
    /// Of the trace: the same for the same seed.
    pub hash: u64,
    /// How long it took until everybody was of one mind.
    pub converged_in: Option<Duration>,
    /// Changes that were made at kiosks.
    pub made: usize,
    /// Guests who began while the server was out of reach.
    pub began_away: usize,
    /// What the kiosks' own assistants answered.
    pub answered_away: usize,
    /// The promise that was not kept.
    pub broken: Option<Broken>,
}

pub(crate) async fn live(seed: u64, rules: Rules) -> anyhow::Result<Outcome> {
    let kiosks = usize::try_from(1 + seed % 4)?;
    let world = World::new(seed, rules, kiosks);
    let machines: Vec<_> =
        (0..kiosks).map(|device| Machine::new(Arc::clone(&world), device).map(Arc::new)).collect::<Result<_, _>>()?;
    let mut people = JoinSet::new();
    for machine in &machines {
        machine.start();
        people.spawn(customers(Arc::clone(&world), Arc::clone(machine)));
        people.spawn(trouble(Arc::clone(&world), Arc::clone(machine)));
    }
    people.spawn(elsewhere(Arc::clone(&world)));
    people.spawn(servers_trouble(Arc::clone(&world)));
    people.spawn(shopkeeper(Arc::clone(&world)));
    sleep(world.dice.millis(20_000, 70_000)).await;
    people.shutdown().await;
    world.heal();
    let at = world.now();
    world.records(|records| records.tell_of_catalogue(at));
    for machine in &machines {
        machine.set_disk_full(false);
        machine.start();
    }

    let healed = Instant::now();
    let mut broken = None;
    let converged_in = loop {
        let mut first = None;
        for machine in &machines {
            if let Some(why) = promises::apart(&world, machine).await {
                first = Some(Broken::Apart(machine.device, why));
                break;
            }
        }
        match first {
            None => break Some(healed.elapsed()),
            Some(apart) if healed.elapsed() >= CONVERGED => {
                broken = Some(apart);
                break None;
            }
            Some(_) => sleep(Duration::from_millis(25)).await,
        }
    };
    world.trace.note(format!("of one mind after {converged_in:?}"));
    sleep(LAST_COPY).await;
    let mut broken = promises::check(&world).err().or(broken);
    for machine in &machines {
        broken = broken.or(promises::copied(&world, machine).await.err());
    }
    let made = world.made();
    let count = |is: fn(&OpBody) -> bool| made.iter().filter(|(_, op, _)| is(&op.body)).count();
    Ok(Outcome {
        hash: world.trace.hash(),
        trace: world.trace.all(),
        converged_in,
        began_away: count(|body| matches!(body, OpBody::BeginGuest { .. })),
        answered_away: count(|body| matches!(body, OpBody::Answer { .. })),
        made: made.len(),
        broken,
    })
}

/// People at one kiosk.
async fn customers(world: Arc<World>, machine: Arc<Machine>) {
    let mut said = 0;
    loop {
        sleep(machine.dice.millis(100, 2_500)).await;
        let Some(view) = machine.view() else { continue };
        let dice = &machine.dice;
        match &view.screen {
            Screen::Attract(_) if dice.chance(400) => machine.intend(Intent::ContinueAsGuest),
            Screen::Attract(_) => {
                let at = world.now();
                world.records(|records| records.claim(machine.device, at));
            }
            Screen::Matching { .. } => {
                for digit in DIGITS.bytes() {
                    machine.intend(Intent::PressDigit { digit: digit - b'0' });
                }
            }
            Screen::Conversation(_) => {
                let sku = SKUS[dice.index(SKUS.len())].into();
                machine.intend(match dice.below(100) {
                    0..50 => {
                        said += 1;
                        let text = match dice.below(10) {
                            // Some people say the same again and again.
                            0..3 => "yes".to_owned(),
                            3 => "do you have shoes?".to_owned(),
                            4 => "add the first one to my cart".to_owned(),
                            _ => format!("{}-{said}", machine.device),
                        };
                        Intent::SendMessage { text }
                    }
                    50..75 => Intent::AddToCart { sku, options: BTreeMap::default() },
                    75..90 => {
                        let quantity = u32::try_from(dice.below(6)).unwrap_or(0);
                        Intent::SetQuantity { sku, options: BTreeMap::default(), quantity }
                    }
                    _ => Intent::Done,
                });
            }
            _ => machine.intend(Intent::Touched),
        }
    }
}

/// The same customers on the web.
async fn elsewhere(world: Arc<World>) {
    let dice = world.dice.fork();
    for number in 0_u32.. {
        sleep(dice.millis(300, 3_000)).await;
        let customers = world.records(|records| records.customers());
        if customers.is_empty() || !world.is_server_up() {
            continue;
        }
        let (session, at) = (customers[dice.index(customers.len())], world.now());
        if dice.chance(700) {
            world.records(|records| records.write(session, Sender::User, &format!("web-{number}"), Channel::Web, at));
        } else {
            let quantity = u32::try_from(1 + dice.below(5)).unwrap_or(1);
            world.records(|records| records.change_cart(session, SKUS[dice.index(SKUS.len())], quantity, at));
        }
    }
}

/// Prices change, pieces are sold, products come and go; kiosks are not always told.
async fn shopkeeper(world: Arc<World>) {
    let dice = world.dice.fork();
    loop {
        sleep(dice.millis(300, 4_000)).await;
        if !world.is_server_up() {
            continue;
        }
        let at = world.now();
        for _ in 0..=dice.below(4) {
            world.records(|records| records.catalogue.change(&dice));
        }
        if dice.chance(600) {
            world.records(|records| records.tell_of_catalogue(at));
        }
    }
}

/// What happens to one kiosk.
async fn trouble(world: Arc<World>, machine: Arc<Machine>) {
    let dice = world.dice.fork();
    loop {
        sleep(dice.millis(500, 9_000)).await;
        match dice.below(100) {
            0..50 => {
                world.cut(machine.device);
                sleep(dice.millis(50, 12_000)).await;
                world.join(machine.device);
            }
            50..75 => {
                machine.cut_power();
                sleep(dice.millis(100, 3_000)).await;
                machine.start();
            }
            75..85 => machine.jump(match dice.below(3) {
                0 => -DAY,
                1 => DAY,
                _ => 0,
            }),
            _ => {
                machine.set_disk_full(true);
                sleep(dice.millis(100, 3_000)).await;
                machine.set_disk_full(false);
            }
        }
    }
}

/// What happens to the server.
async fn servers_trouble(world: Arc<World>) {
    let dice = world.dice.fork();
    loop {
        sleep(dice.millis(3_000, 15_000)).await;
        if dice.chance(600) {
            world.crash_server();
            sleep(dice.millis(50, 5_000)).await;
            world.start_server();
        } else {
            let kept = i64::try_from(dice.below(4)).unwrap_or(0);
            world.trace.note("the log forgets");
            world.records(|records| records.forget(kept));
        }
    }
}
