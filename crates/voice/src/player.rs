//! The player: one thread that owns the sound device for as long as the program lives.

use std::{collections::HashMap, io, num::NonZero, thread, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use crate::{
    output::{Output, Sink, Trouble},
    speech::{Feed, prebuffer, speech},
    state::VoiceState,
    system::SystemOutput,
    wav::{WavError, WavReader},
};

/// A WAV (16-bit mono PCM) that is still arriving, in pieces of any size. It is dropped when nobody listens any more.
pub type Sound = BoxStream<'static, io::Result<Bytes>>;

/// Shortest time between two tries to open a device.
const RETRY: Duration = Duration::from_secs(5);

/// Time from a hush until what the device still holds is thrown away: longer than the fade takes where the device is
/// fast, and short enough that a touch silences a slow one within 50 ms.
const CUT: Duration = Duration::from_millis(15);

/// How often an open device is asked whether it still takes sound.
const LOOK_AFTER: Duration = Duration::from_secs(2);

/// When it is asked first: a sound server that slept for long begins up to two seconds late.
const WAKING: Duration = Duration::from_secs(5);

/// A device that nobody used for so long is closed: an open one takes silence fifty times a second. Whoever touches the screen
/// opens it, so that it is awake before the first word.
const REST: Duration = Duration::from_secs(90);

/// How long a cause that was logged is not logged again.
const LOG_AGAIN: Duration = Duration::from_hours(1);

/// Longest speech that is kept, in samples: ten minutes at 48 kHz.
const MAX_SAMPLES: usize = 10 * 60 * 48_000;

/// The voice. Clones speak through the same device; the last one to go closes it.
#[derive(Clone, Debug)]
pub struct Player {
    orders: mpsc::UnboundedSender<Order>,
    state: watch::Receiver<VoiceState>,
}

impl Player {
    /// Starts the voice on the system's sound device. Never fails: without a device it looks for one every five seconds.
    #[must_use]
    pub fn start() -> Self {
        Self::start_on(SystemOutput::default())
    }

    /// Starts the voice on a device of the caller's choosing.
    #[must_use]
    pub fn start_on(output: impl Output) -> Self {
        let (player, deck, inbox) = Self::on(output);
        let spawned =
            thread::Builder::new().name("voice".into()).spawn(move || {
                match tokio::runtime::Builder::new_current_thread().enable_time().build() {
                    Ok(runtime) => runtime.block_on(deck.run(inbox)),
                    Err(cause) => {
                        tracing::error!(%cause, "the voice stays silent: its thread has no timer");
                    }
                }
            });
        if let Err(cause) = spawned {
            tracing::error!(%cause, "the voice stays silent: its thread did not start");
        }
        player
    }

    fn on<O: Output>(output: O) -> (Self, Deck<O>, mpsc::UnboundedReceiver<Order>) {
        let (orders, inbox) = mpsc::unbounded_channel();
        let (publish, state) = watch::channel(VoiceState::default());
        (Self { orders, state }, Deck::new(output, publish), inbox)
    }

    /// Says `sound` as it arrives, instead of whatever is being said.
    pub fn speak(&self, sound: Sound) {
        self.order(Order::Speak(sound));
    }

    /// Silences the voice within 50 ms and drops the sound.
    pub fn stop(&self) {
        self.order(Order::Stop);
    }

    /// Sets the volume, 0 to 1, of what is being said and of what follows.
    pub fn set_volume(&self, volume: f32) {
        self.order(Order::SetVolume(volume.clamp(0.0, 1.0)));
    }

    /// The voice's state, now and from now on.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<VoiceState> {
        self.state.clone()
    }

    fn order(&self, order: Order) {
        // The thread is gone only when it could not start, which was logged then.
        let _ = self.orders.send(order);
    }
}

enum Order {
    Speak(Sound),
    Stop,
    SetVolume(f32),
}

#[derive(Debug)]
enum Event {
    /// The device took the last sample of the speech with this number.
    Ended(u64),
    /// The device with this number reports something.
    Trouble(u64, Trouble),
}

#[derive(Default)]
enum Phase {
    #[default]
    Quiet,
    /// Too little has arrived to begin.
    Gathering { sound: Sound, wav: WavReader, samples: Vec<i16> },
    /// The device plays, and the rest may still be arriving.
    Speaking { number: u64, sound: Option<Sound>, wav: WavReader, feed: Feed, taken: usize },
    /// The device has taken everything; it is heard until then.
    Ringing(Instant),
}

struct OpenDevice {
    number: u64,
    sink: Box<dyn Sink>,
    beat: u64,
    look_after: Instant,
}

struct Deck<O> {
    output: O,
    device: Option<OpenDevice>,
    tried: Option<Instant>,
    /// When somebody last wanted something of it, or heard it.
    used: Instant,
    /// It was closed because nobody used it, and is opened with the next order.
    resting: bool,
    /// When a hushed device is thrown away.
    cut: Option<Instant>,
    phase: Phase,
    /// Numbers speeches and devices, so that late events of old ones are known.
    number: u64,
    volume: f32,
    publish: watch::Sender<VoiceState>,
    events: mpsc::UnboundedSender<Event>,
    reports: mpsc::UnboundedReceiver<Event>,
    logged: HashMap<String, Instant>,
}

impl<O: Output> Deck<O> {
    fn new(output: O, publish: watch::Sender<VoiceState>) -> Self {
        let (events, reports) = mpsc::unbounded_channel();
        Self {
            output,
            device: None,
            tried: None,
            used: Instant::now(),
            resting: false,
            cut: None,
            phase: Phase::Quiet,
            number: 0,
            volume: 1.0,
            publish,
            events,
            reports,
            logged: HashMap::new(),
        }
    }

    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Order>) {
        self.open();
        loop {
            self.tell();
            let alarm = self.alarm();
            tokio::select! {
                biased;
                order = inbox.recv() => match order {
                    Some(order) => self.obey(order),
                    None => return,
                },
                Some(event) = self.reports.recv() => self.hear_of(event),
                () = sleep_until(alarm.unwrap_or_else(Instant::now)), if alarm.is_some() => self.wake(),
                piece = next_piece(&mut self.phase) => self.take(piece),
            }
        }
    }

    fn tell(&self) {
        let state =
            VoiceState { available: self.device.is_some() || self.resting, speaking: !matches!(self.phase, Phase::Quiet) };
        self.publish.send_if_modified(|known| std::mem::replace(known, state) != state);
    }

    fn obey(&mut self, order: Order) {
        self.used = Instant::now();
        if std::mem::take(&mut self.resting) {
            self.tried = None;
            self.open();
        }
        match order {
            Order::Stop => self.hush(),
            Order::Speak(sound) => {
                self.hush();
                if self.device.is_none() {
                    self.open();
                }
                // Without a device the sound is dropped here, which its sender sees.
                if self.device.is_some() {
                    self.phase = Phase::Gathering { sound, wav: WavReader::default(), samples: Vec::new() };
                }
            }
            Order::SetVolume(volume) => {
                self.volume = volume;
                if let Phase::Speaking { feed, .. } = &self.phase {
                    feed.set_volume(volume);
                }
            }
        }
    }

    fn hear_of(&mut self, event: Event) {
        match event {
            Event::Ended(number) => {
                if matches!(self.phase, Phase::Speaking { number: current, .. } if current == number) {
                    let latency = self.device.as_ref().map_or(Duration::ZERO, |device| device.sink.latency());
                    self.phase = Phase::Ringing(Instant::now() + latency);
                }
            }
            Event::Trouble(_, Trouble::Passing(cause)) => {
                self.log_once(&cause, "the sound device has a problem and plays on");
            }
            Event::Trouble(number, Trouble::Lost(cause)) => {
                if self.device.as_ref().is_some_and(|device| device.number == number) {
                    self.lose(&cause);
                }
            }
        }
    }

    fn lose(&mut self, cause: &str) {
        self.log_once(cause, "the sound device is lost; looking for another");
        self.close();
        self.output.lost();
        self.phase = Phase::Quiet;
        self.open();
    }

    /// The next moment at which something is due.
    fn alarm(&self) -> Option<Instant> {
        let look = match &self.device {
            None if self.resting => None,
            None => self.tried.map(|tried| tried + RETRY),
            Some(device) => Some(device.look_after.min(self.used + REST)),
        };
        let heard = match self.phase {
            Phase::Ringing(until) => Some(until),
            _ => None,
        };
        [self.cut, look, heard].into_iter().flatten().min()
    }

    fn wake(&mut self) {
        let now = Instant::now();
        if self.cut.is_some_and(|cut| cut <= now) {
            self.replace();
        }
        if matches!(self.phase, Phase::Ringing(until) if until <= now) {
            self.phase = Phase::Quiet;
            self.used = now;
        }
        if matches!(self.phase, Phase::Quiet) {
            if self.device.is_some() && self.used + REST <= now {
                self.rest();
            }
        } else {
            self.used = now;
        }
        match &mut self.device {
            None if self.resting => {}
            None => self.open(),
            Some(device) if device.look_after <= now => {
                let beat = device.sink.beat();
                device.look_after = now + LOOK_AFTER;
                if std::mem::replace(&mut device.beat, beat) == beat {
                    self.lose("it takes no sound any more");
                }
            }
            Some(_) => {}
        }
    }

    fn take(&mut self, piece: Option<io::Result<Bytes>>) {
        let piece = piece.and_then(|piece| {
            piece.inspect_err(|cause| self.log_once(&cause.to_string(), "a sound broke off; what came of it is played")).ok()
        });
        if let Err(cause) = self.feed(piece) {
            self.log_once(&cause.to_string(), "this sound cannot be played");
            self.hush();
        }
    }

    fn feed(&mut self, piece: Option<Bytes>) -> Result<(), WavError> {
        match (&mut self.phase, piece) {
            (Phase::Gathering { wav, samples, .. }, Some(piece)) => {
                samples.extend(wav.push(&piece)?);
                if let Some(rate) = wav.rate()
                    && samples.len() >= prebuffer(rate)
                {
                    self.begin(rate);
                }
            }
            (Phase::Gathering { wav, .. }, None) => {
                let rate = wav.rate().ok_or(WavError::NotWav)?;
                self.begin(rate);
            }
            (Phase::Speaking { wav, feed, taken, sound, .. }, Some(piece)) => {
                let samples = wav.push(&piece)?;
                *taken += samples.len();
                feed.push(samples);
                if *taken > MAX_SAMPLES {
                    *sound = None;
                    feed.complete();
                }
            }
            (Phase::Speaking { feed, sound, .. }, None) => {
                *sound = None;
                feed.complete();
            }
            (Phase::Quiet | Phase::Ringing(_), _) => {}
        }
        Ok(())
    }

    /// Hands what was gathered to the device.
    fn begin(&mut self, rate: NonZero<u32>) {
        if self.cut.is_some() {
            self.replace();
        }
        let (Phase::Gathering { sound, wav, samples }, Some(device)) = (std::mem::take(&mut self.phase), &self.device) else {
            return;
        };
        self.number += 1;
        let (events, number) = (self.events.clone(), self.number);
        let (feed, speech) = speech(rate, self.volume, move || {
            let _ = events.send(Event::Ended(number));
        });
        let taken = samples.len();
        feed.push(samples);
        device.sink.play(speech);
        self.phase = Phase::Speaking { number, sound: Some(sound), wav, feed, taken };
    }

    fn hush(&mut self) {
        match std::mem::take(&mut self.phase) {
            Phase::Speaking { feed, .. } => {
                feed.hush();
                self.cut = Some(Instant::now() + CUT);
            }
            Phase::Ringing(_) => self.cut = Some(Instant::now()),
            Phase::Quiet | Phase::Gathering { .. } => {}
        }
    }

    /// Throws the device away with what it still holds, and opens it anew.
    fn replace(&mut self) {
        self.close();
        self.tried = None;
        self.open();
    }

    fn close(&mut self) {
        self.cut = None;
        self.device = None;
    }

    /// Closes the device until somebody wants something of it again.
    fn rest(&mut self) {
        self.close();
        self.output.lost();
        self.resting = true;
    }

    fn open(&mut self) {
        let now = Instant::now();
        if self.tried.is_some_and(|tried| now < tried + RETRY) {
            return;
        }
        self.tried = Some(now);
        self.number += 1;
        let (events, number) = (self.events.clone(), self.number);
        let on_trouble = Box::new(move |trouble| {
            let _ = events.send(Event::Trouble(number, trouble));
        });
        match self.output.open(on_trouble) {
            Ok(sink) => self.device = Some(OpenDevice { number, beat: sink.beat(), sink, look_after: now + WAKING }),
            Err(cause) => {
                self.log_once(&cause.to_string(), "no sound device; everything else works, and the voice looks again every 5 s");
            }
        }
    }

    /// Devices repeat themselves, some of them thousands of times.
    fn log_once(&mut self, cause: &str, meaning: &str) {
        let now = Instant::now();
        self.logged.retain(|_, logged| now < *logged + LOG_AGAIN);
        if !self.logged.contains_key(cause) {
            self.logged.insert(cause.to_owned(), now);
            tracing::warn!(cause, "{meaning}");
        }
    }
}

/// The next piece of the sound that is arriving, none at its end; waits for ever where nothing arrives.
async fn next_piece(phase: &mut Phase) -> Option<io::Result<Bytes>> {
    match phase {
        Phase::Gathering { sound, .. } | Phase::Speaking { sound: Some(sound), .. } => sound.next().await,
        _ => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
