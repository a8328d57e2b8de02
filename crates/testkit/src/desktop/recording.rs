//! What a microphone heard, and when.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

/// Samples per second; mono.
pub const RATE: u32 = 48_000;
/// Whatever is louder than this is a sound: -40 dB of full scale, far below speech and far above a device's noise.
const LOUD: u16 = 328;
/// Speech pauses between words; shorter silences belong to it.
const PAUSE: Duration = Duration::from_millis(400);

/// Sound with the time of each piece.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    samples: Vec<i16>,
    /// When the sample of this index had just been heard; ascending.
    marks: Vec<(usize, Instant)>,
}

impl Recording {
    /// Adds what was heard up to `now`.
    pub fn append(&mut self, now: Instant, samples: impl IntoIterator<Item = i16>) {
        self.samples.extend(samples);
        self.marks.push((self.samples.len(), now));
    }

    /// Nothing was heard yet, not even silence.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// When it ends.
    #[must_use]
    pub fn end(&self) -> Option<Instant> {
        self.marks.last().map(|(_, at)| *at)
    }

    /// Seconds of sound after `since`, pauses of speech included.
    #[must_use]
    pub fn loud_seconds(&self, since: Instant) -> f64 {
        loud_seconds(&self.samples[self.index_of(since)..], RATE)
    }

    /// The first sound after `since`.
    #[must_use]
    pub fn first_sound_after(&self, since: Instant) -> Option<Instant> {
        (self.index_of(since)..self.samples.len()).find(|at| self.is_loud(*at)).and_then(|at| self.instant_of(at))
    }

    /// The last sound.
    #[must_use]
    pub fn last_sound(&self) -> Option<Instant> {
        (0..self.samples.len()).rev().find(|at| self.is_loud(*at)).and_then(|at| self.instant_of(at))
    }

    /// How long after `moment` the sound that was there went on, up to its first silence longer than a pause of speech.
    #[must_use]
    pub fn went_on_after(&self, moment: Instant) -> Duration {
        let from = self.index_of(moment);
        let mut last = from;
        for at in from..self.samples.len() {
            if self.is_loud(at) {
                last = at;
            } else if at - last > samples_of(PAUSE) {
                break;
            }
        }
        Duration::from_secs_f64(seconds(last - from))
    }

    /// Writes it as a WAV file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, file: &Path) -> Result<()> {
        let spec =
            hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
        let mut writer = hound::WavWriter::create(file, spec)?;
        for sample in &self.samples {
            writer.write_sample(*sample)?;
        }
        Ok(writer.finalize()?)
    }

    fn is_loud(&self, at: usize) -> bool {
        is_loud(self.samples[at])
    }

    /// The sample heard at `moment`: by the first piece that ended after it, counted back from its end.
    fn index_of(&self, moment: Instant) -> usize {
        let piece = self.marks.partition_point(|(_, at)| *at < moment);
        self.marks.get(piece).map_or(self.samples.len(), |(end, at)| {
            let floor = piece.checked_sub(1).map_or(0, |before| self.marks[before].0);
            end.saturating_sub(samples_of(at.saturating_duration_since(moment))).max(floor)
        })
    }

    fn instant_of(&self, sample: usize) -> Option<Instant> {
        let (end, at) = self.marks[self.marks.partition_point(|(end, _)| *end <= sample)..].first()?;
        at.checked_sub(Duration::from_secs_f64(seconds(end - sample)))
    }
}

/// Seconds of sound in a WAV file of 16-bit mono samples, pauses of speech included. A streamed file does not know its length
/// when its header is written, so whatever follows the header counts.
///
/// # Errors
/// It is no such file.
pub fn loud_seconds_of_wav(file: &[u8]) -> Result<f64> {
    let number = |at: usize, length: usize| -> Result<u32> {
        let bytes = file.get(at..at + length).context("the WAV file is cut off")?;
        Ok(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    };
    anyhow::ensure!(file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WAVE"), "this is no WAV file");
    let (mut at, mut rate) = (12, 0);
    while file.get(at..at + 4) != Some(b"data") {
        if file.get(at..at + 4) == Some(b"fmt ") {
            let (channels, bits) = (number(at + 10, 2)?, number(at + 22, 2)?);
            anyhow::ensure!(channels == 1 && bits == 16, "16-bit mono is expected, not {channels} channels of {bits} bits");
            rate = number(at + 12, 4)?;
        }
        at += 8 + usize::try_from(number(at + 4, 4)?)?;
    }
    let samples: Vec<i16> = file[at + 8..].as_chunks::<2>().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
    anyhow::ensure!(rate > 0, "the WAV file has no format");
    Ok(loud_seconds(&samples, rate))
}

fn is_loud(sample: i16) -> bool {
    sample.unsigned_abs() > LOUD
}

fn loud_seconds(samples: &[i16], rate: u32) -> f64 {
    let pause = PAUSE.as_secs_f64() * f64::from(rate);
    let mut loud = 0.0;
    let mut run: Option<(f64, f64)> = None;
    for at in (0_u32..).zip(samples).filter(|(_, sample)| is_loud(**sample)).map(|(at, _)| f64::from(at)) {
        run = match run {
            Some((begin, end)) if at - end <= pause => Some((begin, at)),
            Some((begin, end)) => {
                loud += end - begin;
                Some((at, at))
            }
            None => Some((at, at)),
        };
    }
    (loud + run.map_or(0.0, |(begin, end)| end - begin)) / f64::from(rate)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test's sounds last minutes")]
fn samples_of(time: Duration) -> usize {
    (time.as_secs_f64() * f64::from(RATE)) as usize
}

#[expect(clippy::cast_precision_loss, reason = "a test's sounds last minutes")]
fn seconds(samples: usize) -> f64 {
    samples as f64 / f64::from(RATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenths(begin: Instant, loud: &[bool]) -> Recording {
        let mut recording = Recording::default();
        for (index, loud) in loud.iter().enumerate() {
            let now = begin + Duration::from_millis(100) * (u32::try_from(index).unwrap() + 1);
            recording.append(now, vec![if *loud { 9_000 } else { 3 }; samples_of(Duration::from_millis(100))]);
        }
        recording
    }

    #[test]
    fn pauses_of_speech_count_and_silence_does_not() {
        let begin = Instant::now();
        let mut plan = vec![false; 5];
        plan.extend([true, true, false, true]);
        plan.extend(vec![false; 8]);
        plan.push(true);
        let recording = tenths(begin, &plan);
        assert!((recording.loud_seconds(begin) - 0.5).abs() < 0.01, "{}", recording.loud_seconds(begin));
    }

    #[test]
    fn the_end_of_a_sound_is_measured_from_a_moment() {
        let begin = Instant::now();
        let mut plan = vec![true; 10];
        plan.extend(vec![false; 10]);
        let recording = tenths(begin, &plan);
        let went_on = recording.went_on_after(begin + Duration::from_millis(700));
        assert!(went_on.abs_diff(Duration::from_millis(300)) < Duration::from_millis(5), "{went_on:?}");
        assert_eq!(recording.went_on_after(begin + Duration::from_millis(1_500)), Duration::ZERO);
    }

    #[test]
    fn a_streamed_file_is_as_long_as_what_followed_its_header() {
        let mut file = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        file.extend([0x80, 0x3e, 0, 0, 0, 0x7d, 0, 0, 2, 0, 16, 0]);
        file.extend(b"data\xff\xff\xff\xff");
        file.extend([0, 0x20].repeat(8_000));
        let seconds = loud_seconds_of_wav(&file).unwrap();
        assert!((seconds - 0.5).abs() < 0.001, "{seconds}");
    }

    #[test]
    fn sounds_have_their_time() {
        let begin = Instant::now();
        let recording = tenths(begin, &[false, false, true, false]);
        let first = recording.first_sound_after(begin).unwrap();
        assert!(first.duration_since(begin).abs_diff(Duration::from_millis(200)) < Duration::from_millis(5));
        assert!(recording.last_sound().unwrap().duration_since(begin) < Duration::from_millis(305));
    }
}
