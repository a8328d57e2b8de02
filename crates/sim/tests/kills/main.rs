//! The promises on real processes: four kiosks with their encrypted files, the real server with its database, a network that
//! delays, falls silent, breaks and truncates, and `kill -9` of either side at moments of the dice and at the worst of moments.
//!
//! `VITRINE_SEED` repeats a plan; `tests/stories/kills.rs` does the same to the kiosk in its window.
#![expect(clippy::print_stderr, reason = "a test stops where it fails, and prints what it measured")]

mod cable;
mod kiosk;
mod plan;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use protocol::{
    ambient::{Entropy as _, SystemEntropy},
    kiosk_health::StreamState,
    session::Channel,
    view::{Delivery, Screen, View},
};
use testkit::{
    channel::WebChannel,
    chaos::{Chaos, Way, Weather},
    dice::SeededEntropy,
    limits,
    phone::FakePhone,
    records::Records,
    server::TestServer,
    wait,
};

use kiosk::{Kiosk, PATIENCE, talk};
use plan::{KIOSKS, Round, What};

/// Kills at moments of the dice.
const KILLS: usize = 150;
/// Kills between the local commit and the end of its push.
const WORST: usize = 20;
const PASSWORD: &str = "correct horse battery staple";
const PUSH: &str = "POST /v1/sync/push";
/// Somebody who comes to a kiosk may be turned away because too many came before.
const ARRIVING: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_either_side_at_any_moment_lose_nothing_and_double_nothing() {
    let seed =
        std::env::var("VITRINE_SEED").map_or_else(|_| u64::from_be_bytes(SystemEntropy.bytes()), |seed| seed.parse().unwrap());
    eprintln!("VITRINE_SEED={seed}");
    story(seed).await.with_context(|| format!("run it again with VITRINE_SEED={seed}")).unwrap();
}

async fn story(seed: u64) -> Result<()> {
    limits::open_files(4_096)?;
    let dice = SeededEntropy::new(seed);
    let mut floor = Floor::open(&dice).await?;
    let told = floor.live(&dice).await;
    told.with_context(|| format!("the server said\n{}", floor.server.said()))
}

struct Floor {
    server: TestServer,
    wire: Chaos,
    kiosks: Vec<Kiosk>,
    web: Vec<WebChannel>,
    /// What was written on the web while the server took it.
    written: Vec<String>,
    kills: usize,
    healing: Vec<Duration>,
}

impl Floor {
    async fn open(dice: &SeededEntropy) -> Result<Self> {
        let mut server = TestServer::prepare()?;
        let wire = Chaos::to(server.port(), dice.below(u64::MAX)).await?;
        server.stand_behind(wire.port());
        server.serve()?;
        let (mut kiosks, mut web) = (Vec::new(), Vec::new());
        for name in 0..KIOSKS {
            let (number, phone) = (format!("+91984001230{name}"), FakePhone::new(&server.directly())?);
            phone.sign_up("Zephyrine Wren", &number, PASSWORD).await?;
            web.push(WebChannel::login(&server.directly(), &number, PASSWORD).await?);
            let mut kiosk = Kiosk::new(name, &server.origin(), phone)?;
            kiosk.start()?;
            let code = |view: &View| match &view.screen {
                Screen::Enrolling { code, .. } => code.clone(),
                _ => None,
            };
            let code = kiosk.until("a code for the operator", PATIENCE, code).await?;
            server.enrol(&code, "S01", &format!("Place {name}"))?;
            kiosks.push(kiosk);
        }
        Ok(Self { server, wire, kiosks, web, written: Vec::new(), kills: 0, healing: Vec::new() })
    }

    async fn live(&mut self, dice: &SeededEntropy) -> Result<()> {
        for number in 0..WORST {
            self.worst_moment(number).await.with_context(|| format!("the worst moment, number {number}"))?;
        }
        for (number, round) in plan::rounds(dice, KILLS).iter().enumerate() {
            self.round(round).await.with_context(|| format!("round {number}: {round:?}"))?;
        }
        let records = Records::of(self.server.data()).await?;
        self.judge(&records)?;
        self.healing.sort();
        let (said, kept) =
            self.kiosks.iter().fold((0, 0), |(made, kept), kiosk| (made + kiosk.made.len(), kept + kiosk.kept_here()));
        let rank = |percent: usize| self.healing[(self.healing.len() - 1) * percent / 100];
        eprintln!(
            "{} kills, {said} changes, {kept} of them acknowledged, {} from elsewhere; of one mind again after p50 {:?}, p95 {:?}, at most {:?}",
            self.kills,
            self.written.len(),
            rank(50),
            rank(95),
            rank(100)
        );
        ensure!(self.kills == KILLS + WORST && kept > 2 * KILLS, "it was no storm to speak of");
        Ok(())
    }

    /// The kiosk has committed a change, and its push, or the answer, is on the wire: then one side is killed. What was on the wire
    /// arrives late, beside what is pushed anew.
    async fn worst_moment(&mut self, number: usize) -> Result<()> {
        let (place, way) = (number % KIOSKS, if number.is_multiple_of(2) { Way::There } else { Way::Back });
        let is_kiosk = (number / 2).is_multiple_of(2);
        let kiosk = &mut self.kiosks[place];
        ensure!(kiosk.arrive(!number.is_multiple_of(3), PATIENCE).await?, "nobody could arrive");
        self.wire.hold(way, PUSH);
        let text = kiosk.say()?.context("somebody has just arrived")?;
        self.wire.caught().await?;
        let waiting = |view: &View| {
            let own = talk(view)?.entries.iter().find(|entry| entry.text == text)?;
            (own.delivery == Delivery::Waiting).then_some(())
        };
        if way == Way::There {
            kiosk.until("the change waits", PATIENCE, waiting).await?;
        }
        let there = Records::of(self.server.data()).await?.times(&text);
        ensure!(there == u64::from(way == Way::Back), "{text} is there {there} times");
        if is_kiosk {
            self.kill_kiosk(place, Duration::ZERO).await?;
        } else {
            self.kill_server(Duration::ZERO).await?;
        }
        self.wire.let_go();
        self.converge().await?;
        let there = Records::of(self.server.data()).await?.times(&text);
        ensure!(there == 1, "{text} is there {there} times");
        Ok(())
    }

    async fn round(&mut self, round: &Round) -> Result<()> {
        for (kiosk, guest) in self.kiosks.iter_mut().zip(round.guests) {
            kiosk.arrive(guest, ARRIVING).await?;
        }
        for step in &round.steps {
            tokio::time::sleep(step.after).await;
            match step.what {
                What::Weather(weather) => self.wire.weather(weather),
                What::KillServer(down) => self.kill_server(down).await?,
                What::KillKiosk(place, down) => self.kill_kiosk(place, down).await?,
                What::Say(place) => drop(self.kiosks[place].say()?),
                What::Add(place) => self.kiosks[place].add()?,
                What::Web(place) => {
                    let text = format!("web {}", self.written.len());
                    self.web[place].say("user", &text).await?;
                    self.written.push(text);
                }
            }
        }
        self.wire.weather(Weather::Calm);
        self.converge().await
    }

    async fn kill_server(&mut self, down: Duration) -> Result<()> {
        self.kills += 1;
        self.server.kill();
        tokio::time::sleep(down).await;
        tokio::task::block_in_place(|| self.server.serve())
    }

    async fn kill_kiosk(&mut self, place: usize, down: Duration) -> Result<()> {
        self.kills += 1;
        self.kiosks[place].kill();
        tokio::time::sleep(down).await;
        self.kiosks[place].start()
    }

    /// Waits until kiosks and server are of one mind.
    async fn converge(&mut self) -> Result<()> {
        let (healed, mut why) = (Instant::now(), None);
        let converged = wait::until_true("all are of one mind", PATIENCE, async || {
            why = self.apart().await?;
            Ok(why.is_none())
        });
        converged.await.with_context(|| why.unwrap_or_default())?;
        self.healing.push(healed.elapsed());
        Ok(())
    }

    async fn apart(&mut self) -> Result<Option<String>> {
        for (place, kiosk) in self.kiosks.iter_mut().enumerate() {
            let Some(view) = kiosk.view() else { return Ok(Some(format!("kiosk {place} shows nothing"))) };
            let health = kiosk.health().await?;
            ensure!(
                health.outbox.wedged.is_empty() && health.set_aside.is_empty(),
                "kiosk {place} gave something up: {health:?}"
            );
            if !view.frame.online || health.outbox.waiting + health.outbox.in_memory > 0 || health.stream.state != StreamState::Up
            {
                return Ok(Some(format!("kiosk {place}, online {}: {health:?}", view.frame.online)));
            }
        }
        let records = Records::of(self.server.data()).await?;
        for (place, kiosk) in self.kiosks.iter().enumerate() {
            if let Some(lost) = kiosk.kept().iter().find(|kept| records.times(kept) == 0) {
                return Ok(Some(format!("{lost} is not there")));
            }
            let Some(view) = kiosk.view() else { continue };
            let Some(talk) = talk(&view) else { continue };
            let shown: Vec<&str> = talk.entries.iter().map(|entry| entry.text.as_str()).collect();
            let Some(own) = talk.entries.iter().find(|entry| entry.channel == Channel::Kiosk && records.times(&entry.text) == 1)
            else {
                continue;
            };
            let there = records.conversation_with(&own.text);
            if !there.ends_with(&shown) {
                return Ok(Some(format!("kiosk {place} shows {shown:?}, and there is {there:?}")));
            }
        }
        Ok(None)
    }

    /// What must hold in the end.
    fn judge(&self, records: &Records) -> Result<()> {
        for kiosk in &self.kiosks {
            let kept = kiosk.kept();
            for (_, text) in &kiosk.made {
                let times = records.times(text);
                ensure!(times <= 1 && (times == 1 || !kept.contains(text)), "{text} is there {times} times");
            }
            let places: BTreeMap<&str, usize> = records
                .said
                .iter()
                .enumerate()
                .filter(|(_, (.., own))| *own)
                .map(|(place, (_, text, _))| (text.as_str(), place))
                .collect();
            let mut last = BTreeMap::new();
            for (conversation, text) in &kiosk.made {
                let Some(place) = places.get(text.as_str()) else { continue };
                let before = last.insert(conversation, (*place, text));
                ensure!(before.is_none_or(|(before, _)| before < *place), "{text} overtook {before:?}");
            }
        }
        for text in &self.written {
            ensure!(records.times(text) == 1, "{text} is there {} times", records.times(text));
        }
        Ok(())
    }
}
