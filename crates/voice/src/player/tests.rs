//! The player on a silent device that plays exactly as much as a test asks for, with a clock that only the test moves.

use std::sync::{Arc, Mutex};

use futures_util::stream;
use tokio::time::advance;

use super::*;
use crate::{output::Fault, speech::Speech};

const RATE: u32 = 10_000;
const LATENCY: Duration = Duration::from_millis(40);

#[derive(Default)]
struct Bench {
    plugged: bool,
    tries: u32,
    closed: u32,
    frozen: bool,
    beat: u64,
    playing: Option<Speech>,
    on_trouble: Option<Box<dyn Fn(Trouble) + Send + Sync>>,
}

#[derive(Clone, Default)]
struct SilentDevice(Arc<Mutex<Bench>>);

impl Output for SilentDevice {
    fn open(&mut self, on_trouble: Box<dyn Fn(Trouble) + Send + Sync>) -> Result<Box<dyn Sink>, Fault> {
        let mut bench = self.0.lock().unwrap();
        bench.tries += 1;
        if !bench.plugged {
            return Err(Fault("nothing is plugged in".into()));
        }
        bench.on_trouble = Some(on_trouble);
        Ok(Box::new(SilentSink(self.clone())))
    }
}

struct SilentSink(SilentDevice);

impl Sink for SilentSink {
    fn play(&self, speech: Speech) {
        self.0.0.lock().unwrap().playing = Some(speech);
    }

    fn latency(&self) -> Duration {
        LATENCY
    }

    fn beat(&self) -> u64 {
        let mut bench = self.0.0.lock().unwrap();
        bench.beat += u64::from(!bench.frozen);
        bench.beat
    }
}

impl Drop for SilentSink {
    fn drop(&mut self) {
        let mut bench = self.0.0.lock().unwrap();
        bench.closed += 1;
        bench.playing = None;
    }
}

impl SilentDevice {
    fn plugged() -> Self {
        let device = Self::default();
        device.plug(true);
        device
    }

    fn plug(&self, plugged: bool) {
        self.0.lock().unwrap().plugged = plugged;
    }

    fn tries(&self) -> u32 {
        self.0.lock().unwrap().tries
    }

    fn closed(&self) -> u32 {
        self.0.lock().unwrap().closed
    }

    fn trouble(&self, trouble: &Trouble) {
        self.0.lock().unwrap().on_trouble.as_ref().unwrap()(trouble.clone());
    }

    /// Up to `samples` samples of what plays.
    fn pull(&self, samples: usize) -> Vec<f32> {
        self.0.lock().unwrap().playing.iter_mut().flat_map(|speech| speech.take(samples)).collect()
    }
}

fn start(device: &SilentDevice) -> Player {
    let (player, deck, inbox) = Player::on(device.clone());
    tokio::spawn(deck.run(inbox));
    player
}

/// Lets the player do all that it can do now.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

async fn pass(span: Duration) {
    advance(span).await;
    settle().await;
}

fn header() -> Vec<u8> {
    let mut out = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    out.extend(RATE.to_le_bytes());
    out.extend((RATE * 2).to_le_bytes());
    out.extend(b"\x02\0\x10\0data\xff\xff\xff\xff");
    out
}

fn pcm(samples: usize) -> Bytes {
    std::iter::repeat_n(16_384_i16.to_le_bytes(), samples).flatten().collect()
}

fn speak(player: &Player) -> mpsc::Sender<Bytes> {
    let (sender, mut pieces) = mpsc::channel(8);
    player.speak(stream::poll_fn(move |context| pieces.poll_recv(context)).map(Ok).boxed());
    sender
}

async fn say(player: &Player, samples: usize) -> mpsc::Sender<Bytes> {
    let sender = speak(player);
    sender.send(header().into()).await.unwrap();
    sender.send(pcm(samples)).await.unwrap();
    settle().await;
    sender
}

fn state(player: &Player) -> (bool, bool) {
    let VoiceState { available, speaking } = *player.state().borrow();
    (available, speaking)
}

#[tokio::test(start_paused = true)]
async fn sixty_milliseconds_are_gathered_before_the_first_is_played() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    let sender = say(&player, 599).await;
    assert_eq!((device.pull(1).len(), state(&player)), (0, (true, true)));
    sender.send(pcm(1)).await.unwrap();
    settle().await;
    assert_eq!((device.pull(600).len(), state(&player)), (600, (true, true)));
}

#[tokio::test(start_paused = true)]
async fn a_sound_shorter_than_that_is_played_too_and_the_end_is_told_when_it_was_heard() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    drop(say(&player, 10).await);
    settle().await;
    assert_eq!(device.pull(100), vec![0.5; 10]);
    settle().await;
    assert_eq!(state(&player), (true, true), "the device still holds it");
    pass(LATENCY).await;
    assert_eq!(state(&player), (true, false));
}

#[tokio::test(start_paused = true)]
async fn a_stop_fades_then_clears_the_device_within_fifty_milliseconds_and_drops_the_sound() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    let sender = say(&player, 5_000).await;
    assert_eq!(device.pull(100), vec![0.5; 100]);
    player.stop();
    settle().await;
    assert_eq!(state(&player), (true, false));
    assert!(sender.is_closed(), "whoever renders the sound can stop");
    let fade = device.pull(5_000);
    assert!(fade.len() <= 101 && fade.windows(2).all(|pair| pair[1] < pair[0]), "{} samples", fade.len());
    assert_eq!(device.closed(), 0);
    pass(Duration::from_millis(49)).await;
    assert_eq!((device.closed(), device.tries()), (1, 2), "what it held is gone, and it is open again");
    assert_eq!(state(&player), (true, false));
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_nothing_plays_leaves_the_device_alone() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    let sender = say(&player, 10).await;
    player.stop();
    settle().await;
    assert!(sender.is_closed());
    pass(RETRY).await;
    assert_eq!((device.tries(), device.closed()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_new_sound_takes_the_place_of_the_old() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    let old = say(&player, 5_000).await;
    assert_eq!(device.pull(1).len(), 1);
    let new = say(&player, 700).await;
    assert!(old.is_closed() && !new.is_closed());
    drop(new);
    settle().await;
    assert_eq!(device.pull(10_000).len(), 700);
    settle().await;
    pass(LATENCY).await;
    assert_eq!(state(&player), (true, false));
}

#[tokio::test(start_paused = true)]
async fn without_a_device_the_sound_is_dropped_and_a_device_is_looked_for_every_five_seconds() {
    let device = SilentDevice::default();
    let player = start(&device);
    let sender = speak(&player);
    settle().await;
    assert!(sender.is_closed());
    assert_eq!((state(&player), device.tries()), ((false, false), 1), "asking does not make it look more often");
    device.plug(true);
    pass(RETRY.mul_f32(0.99)).await;
    assert_eq!((state(&player), device.tries()), ((false, false), 1));
    pass(RETRY.mul_f32(0.02)).await;
    assert_eq!((state(&player), device.tries()), ((true, false), 2));
    let _sender = say(&player, 600).await;
    assert_eq!(device.pull(600).len(), 600);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_vanishes_is_replaced_by_the_next() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    let sender = say(&player, 5_000).await;
    device.plug(false);
    pass(RETRY).await;
    device.trouble(&Trouble::Lost("unplugged".into()));
    settle().await;
    assert_eq!((state(&player), device.closed()), ((false, false), 1));
    assert!(sender.is_closed());
    device.plug(true);
    pass(RETRY + Duration::from_millis(1)).await;
    assert_eq!(state(&player), (true, false));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_takes_no_sound_any_more_is_replaced() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    settle().await;
    pass(WAKING).await;
    pass(LOOK_AFTER * 2).await;
    assert_eq!((device.tries(), state(&player)), (1, (true, false)));
    device.0.lock().unwrap().frozen = true;
    device.plug(false);
    pass(WAKING).await;
    pass(RETRY).await;
    assert_eq!((device.closed(), state(&player)), (1, (false, false)));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_nobody_uses_is_closed_until_a_touch_or_a_word() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    drop(say(&player, 600).await);
    settle().await;
    device.pull(10_000);
    settle().await;
    pass(LATENCY).await;
    pass(REST.mul_f32(0.99)).await;
    assert_eq!((device.closed(), state(&player)), (0, (true, false)), "who has heard it may hear it again soon");
    pass(REST.mul_f32(0.02)).await;
    assert_eq!((device.closed(), state(&player)), (1, (true, false)), "there is a device all the same");
    let tries = device.tries();
    pass(REST * 100).await;
    assert_eq!(device.tries(), tries, "nothing wakes it by itself");
    player.stop();
    settle().await;
    assert_eq!(device.tries(), tries + 1, "a touch opens it");
    pass(REST * 2).await;
    let _sender = say(&player, 600).await;
    assert_eq!((device.pull(600).len(), state(&player)), (600, (true, true)), "so does a word");
}

#[tokio::test(start_paused = true)]
async fn what_is_said_for_long_is_said_to_its_end() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    let _sender = say(&player, 5_000).await;
    for _ in 0..10 {
        pass(REST).await;
    }
    assert_eq!((device.closed(), device.pull(5_000).len(), state(&player)), (0, 5_000, (true, true)));
}

#[tokio::test(start_paused = true)]
async fn what_an_old_device_still_reports_does_not_close_the_new_one() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    settle().await;
    let old = device.0.lock().unwrap().on_trouble.take().unwrap();
    drop(say(&player, 600).await);
    player.stop();
    settle().await;
    pass(CUT).await;
    assert_eq!(device.tries(), 2);
    old(Trouble::Lost("closed".into()));
    settle().await;
    assert_eq!((device.tries(), state(&player)), (2, (true, false)));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_sound_is_dropped_and_the_next_sound_is_played() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    let sender = speak(&player);
    sender.send(Bytes::from_static(b"{\"detail\":\"no\"}")).await.unwrap();
    settle().await;
    assert!(sender.is_closed());
    let _sender = say(&player, 600).await;
    assert_eq!(device.pull(600).len(), 600);
}

#[tokio::test(start_paused = true)]
async fn a_sound_that_breaks_off_is_played_as_far_as_it_came() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    let came = [Ok(header().into()), Ok(pcm(700)), Err(io::Error::other("connection reset"))];
    player.speak(stream::iter(came).boxed());
    settle().await;
    assert_eq!(device.pull(10_000).len(), 700);
    settle().await;
    pass(LATENCY).await;
    assert_eq!(state(&player), (true, false));
}

#[tokio::test(start_paused = true)]
async fn the_volume_holds_for_what_follows() {
    let device = SilentDevice::plugged();
    let player = start(&device);
    player.set_volume(0.5);
    let _sender = say(&player, 600).await;
    assert_eq!(device.pull(1), [0.25]);
}
