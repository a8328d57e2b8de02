//! A bad network: a wire that delays, falls silent, breaks and truncates at any byte, as the dice of a seed fall. Nothing is
//! doubled, altered or overtaken: between the programs there is TCP.

use std::{
    convert::Infallible,
    future::pending,
    net::Ipv4Addr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::AbortHandle,
    time::{sleep, timeout},
};

use crate::{dice::SeededEntropy, floor::PATIENCE};

/// What the network is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything passes at once.
    Calm,
    /// Each connection has a fate of its own: it is slow, and most of them break after some byte, this way or that.
    Storm,
    /// What is open stays open, and nothing passes.
    Hole,
    /// What is open breaks, and nothing new comes through.
    Gone,
}

/// To or from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Requests.
    There,
    /// Answers.
    Back,
}

/// Requests whose line begins so, or their answers, go no further.
type Hold = Option<(Way, String)>;

/// The wire. Dropping it breaks it.
#[derive(Debug)]
pub struct Chaos {
    port: u16,
    sky: Sky,
    listening: AbortHandle,
}

/// What all connections look at.
#[derive(Clone, Debug)]
struct Sky {
    weather: watch::Sender<Weather>,
    hold: watch::Sender<Hold>,
    caught: watch::Sender<bool>,
}

impl Chaos {
    /// A wire to `target` of the loopback interface, in calm weather. The same seed means the same fates in the same order.
    ///
    /// # Errors
    /// No port is free.
    pub async fn to(target: u16, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        let port = listener.local_addr()?.port();
        let sky =
            Sky { weather: watch::Sender::new(Weather::Calm), hold: watch::Sender::new(None), caught: watch::Sender::new(false) };
        let (above, dice) = (sky.clone(), SeededEntropy::new(seed));
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, target, above.clone(), Fate::draw(&dice)));
            }
        });
        Ok(Self { port, sky, listening: listening.abort_handle() })
    }

    /// Where it begins.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Changes the weather, for what is open as well. What a hole has kept silent goes on when it is calm again; what a storm has
    /// silenced breaks then.
    pub fn weather(&self, weather: Weather) {
        self.sky.weather.send_replace(weather);
    }

    /// Stops requests whose line begins with `line`, or the answers to them, where they are.
    pub fn hold(&self, way: Way, line: &str) {
        self.sky.caught.send_replace(false);
        self.sky.hold.send_replace(Some((way, line.to_owned())));
    }

    /// Waits until something is held.
    ///
    /// # Errors
    /// Nothing comes.
    pub async fn caught(&self) -> Result<()> {
        let mut caught = self.sky.caught.subscribe();
        timeout(PATIENCE, caught.wait_for(|caught| *caught)).await.context("nothing came that was to be held")??;
        Ok(())
    }

    /// Lets what is held go on, however late it is.
    pub fn let_go(&self) {
        self.sky.hold.send_replace(None);
    }
}

impl Drop for Chaos {
    fn drop(&mut self) {
        self.listening.abort();
        self.weather(Weather::Gone);
    }
}

/// How a connection ends that the network breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    /// Both ends read that the other one has closed.
    Closed,
    /// Both ends read that it was reset.
    Reset,
}

/// What a storm does to a connection.
#[derive(Clone, Copy, Debug)]
struct Fate {
    /// Bytes there and back until it breaks.
    left: (u64, u64),
    how: Broken,
    /// It falls silent instead, until the weather changes.
    silent: bool,
    /// Each piece waits so many milliseconds.
    slow: u64,
}

impl Fate {
    fn draw(dice: &SeededEntropy) -> Self {
        // From within the first line of a request to after many calls, each order of magnitude as likely.
        let bytes = || if dice.chance(250) { u64::MAX } else { dice.below(1 << (3 + dice.below(13))) };
        Self {
            left: (bytes(), bytes()),
            how: if dice.chance(500) { Broken::Closed } else { Broken::Reset },
            silent: dice.chance(200),
            slow: dice.below(60),
        }
    }
}

async fn connect(mut client: TcpStream, target: u16, sky: Sky, fate: Fate) {
    let end = carry(&mut client, target, &sky, fate).await;
    if end == Err(Broken::Reset) {
        // Without effect where it is closed already.
        let _ = client.set_zero_linger();
    }
}

async fn carry(client: &mut TcpStream, target: u16, sky: &Sky, fate: Fate) -> Result<(), Broken> {
    passable(sky).await?;
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await.map_err(|_| Broken::Reset)?;
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let answers_held = AtomicBool::new(false);
    let carried = {
        let ((requests, answers), (back, there)) = (client.split(), server.split());
        let pump = |way, left| Pump { way, left, fate, sky, answers_held: &answers_held };
        tokio::try_join!(pump(Way::There, fate.left.0).run(requests, there), pump(Way::Back, fate.left.1).run(back, answers))
    };
    if carried == Err(Broken::Reset) {
        let _ = server.set_zero_linger();
    }
    carried.map(drop)
}

/// Waits until something can pass.
async fn passable(sky: &Sky) -> Result<(), Broken> {
    let mut weather = sky.weather.subscribe();
    match weather.wait_for(|weather| *weather != Weather::Hole).await.map(|weather| *weather) {
        Ok(Weather::Gone) | Err(_) => Err(Broken::Reset),
        Ok(_) => Ok(()),
    }
}

/// Breaks when the network goes away.
async fn gone(sky: &Sky) -> Result<Infallible, Broken> {
    let _ = sky.weather.subscribe().wait_for(|weather| *weather == Weather::Gone).await;
    Err(Broken::Reset)
}

/// One direction of a connection.
struct Pump<'a> {
    way: Way,
    left: u64,
    fate: Fate,
    sky: &'a Sky,
    /// The answer to what this connection asked for is to be held.
    answers_held: &'a AtomicBool,
}

impl Pump<'_> {
    async fn run(self, from: ReadHalf<'_>, to: WriteHalf<'_>) -> Result<(), Broken> {
        let sky = self.sky;
        tokio::select! {
            carried = self.carry(from, to) => carried,
            gone = gone(sky) => gone.map(drop),
        }
    }

    async fn carry(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), Broken> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let read = from.read(&mut buffer).await.map_err(|_| Broken::Reset)?;
            passable(self.sky).await?;
            let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
                let _ = to.shutdown().await;
                return Ok(());
            };
            self.be_held(piece).await;
            let storm = *self.sky.weather.borrow() == Weather::Storm;
            if storm {
                sleep(Duration::from_millis(self.fate.slow)).await;
                passable(self.sky).await?;
            }
            let whole = u64::try_from(read).unwrap_or(u64::MAX);
            let passing = if storm { whole.min(self.left) } else { whole };
            self.left -= passing.min(self.left);
            let piece = piece.get(..usize::try_from(passing).unwrap_or(read)).unwrap_or(piece);
            to.write_all(piece).await.map_err(|_| Broken::Reset)?;
            if passing < whole {
                if self.fate.silent {
                    let mut weather = self.sky.weather.subscribe();
                    let _ = weather.wait_for(|weather| *weather != Weather::Storm).await;
                }
                return Err(self.fate.how);
            }
        }
    }

    /// Waits where this piece, or the answer to it, is to be held.
    async fn be_held(&self, piece: &[u8]) {
        let mut wish = self.sky.hold.subscribe();
        let stops = match &*wish.borrow_and_update() {
            Some((way, line)) if self.way == Way::There && piece.starts_with(line.as_bytes()) => {
                self.answers_held.store(*way == Way::Back, Ordering::Release);
                *way == Way::There
            }
            Some((Way::Back, _)) => self.way == Way::Back && self.answers_held.load(Ordering::Acquire),
            _ => false,
        };
        if stops {
            self.sky.caught.send_replace(true);
            if wish.wait_for(Option::is_none).await.is_err() {
                pending::<()>().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        port
    }

    async fn ask(stream: &mut TcpStream, text: &str) -> std::io::Result<String> {
        stream.write_all(text.as_bytes()).await?;
        let mut answer = vec![0; text.len()];
        stream.read_exact(&mut answer).await?;
        Ok(String::from_utf8(answer).unwrap())
    }

    async fn call(wire: &Chaos) -> TcpStream {
        TcpStream::connect((Ipv4Addr::LOCALHOST, wire.port())).await.unwrap()
    }

    #[tokio::test]
    async fn a_calm_wire_carries_everything_and_one_that_is_gone_nothing() {
        let wire = Chaos::to(echo().await, 1).await.unwrap();
        let mut stream = call(&wire).await;
        assert_eq!(ask(&mut stream, "hello").await.unwrap(), "hello");
        wire.weather(Weather::Gone);
        assert!(ask(&mut stream, "hello").await.is_err());
        assert!(ask(&mut call(&wire).await, "hello").await.is_err());
        wire.weather(Weather::Calm);
        assert_eq!(ask(&mut call(&wire).await, "hello").await.unwrap(), "hello");
    }

    #[tokio::test]
    async fn a_hole_keeps_what_is_open_and_lets_it_go_on_afterwards() {
        let wire = Chaos::to(echo().await, 1).await.unwrap();
        let mut stream = call(&wire).await;
        ask(&mut stream, "hello").await.unwrap();
        wire.weather(Weather::Hole);
        assert!(timeout(Duration::from_millis(200), ask(&mut stream, "later")).await.is_err(), "nothing passes");
        wire.weather(Weather::Calm);
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"later");
    }

    /// How many bytes come back over each of some connections in a storm.
    async fn storm(seed: u64) -> Vec<usize> {
        let wire = Chaos::to(echo().await, seed).await.unwrap();
        wire.weather(Weather::Storm);
        let mut came = Vec::new();
        for _ in 0..24 {
            let mut stream = call(&wire).await;
            let (mut back, mut there) = stream.split();
            let sending = async {
                for _ in 0..64 {
                    if there.write_all(&[7; 1024]).await.is_err() {
                        break;
                    }
                }
                let _ = there.shutdown().await;
            };
            let mut bytes = Vec::new();
            let receiving = timeout(Duration::from_millis(400), back.read_to_end(&mut bytes));
            let _ = tokio::join!(sending, receiving);
            came.push(bytes.len());
        }
        came
    }

    #[tokio::test]
    async fn a_storm_truncates_at_bytes_that_the_seed_decides() {
        let came = storm(7).await;
        assert!(came.iter().any(|bytes| (1..64 * 1024).contains(bytes)), "{came:?}");
        let fates = |seed| {
            let dice = SeededEntropy::new(seed);
            (0..24).map(|_| Fate::draw(&dice).left).collect::<Vec<_>>()
        };
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
    }

    #[tokio::test]
    async fn what_is_held_is_neither_lost_nor_passed_on() {
        let wire = Chaos::to(echo().await, 1).await.unwrap();
        wire.hold(Way::There, "POST /push");
        let (mut held, mut other) = (call(&wire).await, call(&wire).await);
        assert_eq!(ask(&mut other, "GET /").await.unwrap(), "GET /");
        assert!(timeout(Duration::from_millis(200), ask(&mut held, "POST /push HTTP")).await.is_err());
        wire.caught().await.unwrap();
        wire.let_go();
        let mut answer = [0; 15];
        held.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"POST /push HTTP");
    }
}
