//! One piece of speech on its way from the player's thread to the sound device's.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
    vec,
};

/// How long the voice takes to fade when it is silenced.
pub(crate) const FADE: Duration = Duration::from_millis(10);

/// Sound that is gathered before any of it is played, so that a slow network does not make the voice stutter.
pub(crate) const PREBUFFER: Duration = Duration::from_millis(60);

#[derive(Debug)]
struct Shared {
    /// Samples that were fed and not yet played.
    waiting: AtomicUsize,
    /// Nothing more will be fed.
    complete: AtomicBool,
    /// Fade out and end.
    hushed: AtomicBool,
    /// An `f32`, 0 to 1, as bits.
    volume: AtomicU32,
}

/// The end that the player's thread writes to.
#[derive(Debug)]
pub(crate) struct Feed {
    pieces: mpsc::Sender<Vec<i16>>,
    shared: Arc<Shared>,
}

impl Feed {
    pub(crate) fn push(&self, samples: Vec<i16>) {
        if samples.is_empty() {
            return;
        }
        self.shared.waiting.fetch_add(samples.len(), Ordering::AcqRel);
        // The device may have let go of the speech already.
        let _ = self.pieces.send(samples);
    }

    /// Nothing more will come.
    pub(crate) fn complete(&self) {
        self.shared.complete.store(true, Ordering::Release);
    }

    /// Fades out and ends, whatever is still waiting.
    pub(crate) fn hush(&self) {
        self.shared.hushed.store(true, Ordering::Release);
    }

    pub(crate) fn set_volume(&self, volume: f32) {
        self.shared.volume.store(volume.to_bits(), Ordering::Release);
    }
}

/// A sound that is played while it arrives: a mono [`rodio::Source`] that is silent where its feed is late.
pub struct Speech {
    rate: NonZero<u32>,
    pieces: mpsc::Receiver<Vec<i16>>,
    piece: vec::IntoIter<i16>,
    shared: Arc<Shared>,
    starved: bool,
    gain: f32,
    gain_step: f32,
    /// Called once, when the last sample has been taken.
    on_end: Option<Box<dyn FnOnce() + Send>>,
}

/// A speech of `rate` Hz and the end to feed it from.
pub(crate) fn speech(rate: NonZero<u32>, volume: f32, on_end: impl FnOnce() + Send + 'static) -> (Feed, Speech) {
    let (sender, pieces) = mpsc::channel();
    let shared = Arc::new(Shared {
        waiting: AtomicUsize::new(0),
        complete: AtomicBool::new(false),
        hushed: AtomicBool::new(false),
        volume: AtomicU32::new(volume.to_bits()),
    });
    let speech = Speech {
        rate,
        pieces,
        piece: Vec::new().into_iter(),
        shared: Arc::clone(&shared),
        starved: false,
        gain: volume,
        gain_step: 1.0 / count(rate, FADE).max(1.0),
        on_end: Some(Box::new(on_end)),
    };
    (Feed { pieces: sender, shared }, speech)
}

/// Samples in `span` at `rate`.
#[expect(clippy::cast_precision_loss, reason = "rates are far below 2^23")]
fn count(rate: NonZero<u32>, span: Duration) -> f32 {
    rate.get() as f32 * span.as_secs_f32()
}

/// Whole samples in [`PREBUFFER`] at `rate`.
pub(crate) fn prebuffer(rate: NonZero<u32>) -> usize {
    usize::try_from(u128::from(rate.get()) * PREBUFFER.as_millis() / 1_000).unwrap_or(usize::MAX)
}

impl Speech {
    fn is_late(&mut self) -> bool {
        if self.starved {
            let enough = self.shared.waiting.load(Ordering::Acquire) >= prebuffer(self.rate);
            self.starved = !enough && !self.shared.complete.load(Ordering::Acquire);
        }
        self.starved
    }

    /// The next sample of the feed, or none where there is none now.
    fn next_fed(&mut self) -> Option<i16> {
        loop {
            if let Some(sample) = self.piece.next() {
                self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
                return Some(sample);
            }
            self.piece = self.pieces.try_recv().ok()?.into_iter();
        }
    }

    fn end(&mut self) -> Option<f32> {
        if let Some(on_end) = self.on_end.take() {
            on_end();
        }
        None
    }
}

impl Iterator for Speech {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let hushed = self.shared.hushed.load(Ordering::Acquire);
        if self.on_end.is_none() || (hushed && (self.gain <= 0.0 || self.starved)) {
            return self.end();
        }
        if self.is_late() {
            return Some(0.0);
        }
        // Read before the pieces are: what was fed before completion is then never missed.
        let complete = self.shared.complete.load(Ordering::Acquire);
        let Some(sample) = self.next_fed() else {
            if complete || hushed {
                return self.end();
            }
            self.starved = true;
            return Some(0.0);
        };
        let target = if hushed { 0.0 } else { f32::from_bits(self.shared.volume.load(Ordering::Acquire)) };
        self.gain += (target - self.gain).clamp(-self.gain_step, self.gain_step);
        Some(f32::from(sample) / 32_768.0 * self.gain)
    }
}

impl rodio::Source for Speech {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> rodio::ChannelCount {
        NonZero::<u16>::MIN
    }

    fn sample_rate(&self) -> rodio::SampleRate {
        self.rate
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speech").field("rate", &self.rate).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU8;

    use super::*;

    const RATE: NonZero<u32> = NonZero::new(10_000).unwrap();

    fn counted() -> (Feed, Speech, Arc<AtomicU8>) {
        let ends = Arc::new(AtomicU8::new(0));
        let counter = Arc::clone(&ends);
        let (feed, speech) = speech(RATE, 1.0, move || {
            counter.fetch_add(1, Ordering::AcqRel);
        });
        (feed, speech, ends)
    }

    #[test]
    fn what_is_fed_is_played_once_and_the_end_is_told_once() {
        let (feed, mut speech, ends) = counted();
        feed.push(vec![16_384; 3]);
        feed.complete();
        assert_eq!(speech.by_ref().collect::<Vec<_>>(), [0.5; 3]);
        assert_eq!((speech.next(), speech.next()), (None, None));
        assert_eq!(ends.load(Ordering::Acquire), 1);
    }

    #[test]
    fn a_late_feed_is_silence_until_enough_is_there_again() {
        let (feed, mut speech, _) = counted();
        feed.push(vec![16_384]);
        assert_eq!(speech.next(), Some(0.5));
        assert_eq!(speech.next(), Some(0.0));
        feed.push(vec![16_384; prebuffer(RATE) - 1]);
        assert_eq!(speech.next(), Some(0.0), "one sample is missing");
        feed.push(vec![16_384]);
        assert_eq!(speech.next(), Some(0.5));
    }

    #[test]
    fn a_hush_fades_within_ten_milliseconds_and_ends() {
        let (feed, mut speech, ends) = counted();
        feed.push(vec![i16::MAX; 5_000]);
        assert!(speech.by_ref().take(50).all(|sample| sample > 0.99));
        feed.hush();
        let fade: Vec<f32> = speech.by_ref().collect();
        assert!((99..=101).contains(&fade.len()), "{} samples", fade.len());
        assert!(fade.windows(2).all(|pair| pair[1] < pair[0]), "it only grows quieter");
        assert_eq!(ends.load(Ordering::Acquire), 1);
    }

    #[test]
    fn a_hush_ends_a_starved_speech_at_once() {
        let (feed, mut speech, _) = counted();
        assert_eq!(speech.next(), Some(0.0));
        feed.hush();
        assert_eq!(speech.next(), None);
    }

    #[test]
    fn the_volume_glides() {
        let (feed, mut speech, _) = counted();
        feed.push(vec![16_384; 500]);
        feed.set_volume(0.5);
        let first = speech.next().unwrap();
        assert!(first > 0.49 && first < 0.5, "{first}");
        assert_eq!(speech.nth(200), Some(0.25));
    }
}
