//! Reads a WAV that arrives in pieces (RIFF, `fmt ` and `data` chunks; 16-bit mono PCM).

use std::num::NonZero;

/// Longest run of bytes before the sound itself. Real headers take 44 to a few hundred.
const MAX_HEADER: usize = 64 * 1024;

/// Slowest and fastest rate that speech comes at, in Hz.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// Why a sound cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WavError {
    #[error("the sound is not a WAV; check that the server's /v1/speech answers audio/wav")]
    NotWav,
    #[error("the WAV has {channels} channels of {bits} bits in format {format} at {rate} Hz; 16-bit mono PCM is expected")]
    Unsupported { format: u16, channels: u16, bits: u16, rate: u32 },
    #[error("the WAV has no sound in its first {MAX_HEADER} bytes")]
    HeaderTooLong,
}

/// A WAV on its way in.
#[derive(Debug)]
pub(crate) enum WavReader {
    /// The header is not complete yet.
    Header(Vec<u8>),
    /// Samples are coming.
    Samples {
        rate: NonZero<u32>,
        /// Bytes still to come; streams of unknown length claim more than they send.
        left: u64,
        /// First half of a sample that was cut in two.
        half: Option<u8>,
    },
}

impl Default for WavReader {
    fn default() -> Self {
        Self::Header(Vec::new())
    }
}

impl WavReader {
    /// Takes the next piece and gives the samples that it completes.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Vec<i16>, WavError> {
        match self {
            Self::Samples { left, half, .. } => Ok(samples(piece, left, half)),
            Self::Header(seen) => {
                seen.extend_from_slice(piece);
                let Some(header) = header(seen)? else {
                    return if seen.len() > MAX_HEADER { Err(WavError::HeaderTooLong) } else { Ok(Vec::new()) };
                };
                let rest = seen.split_off(header.length);
                let (mut left, mut half) = (header.data_bytes, None);
                let first = samples(&rest, &mut left, &mut half);
                *self = Self::Samples { rate: header.rate, left, half };
                Ok(first)
            }
        }
    }

    /// In Hz, once the header is complete.
    pub(crate) fn rate(&self) -> Option<NonZero<u32>> {
        match self {
            Self::Header(_) => None,
            Self::Samples { rate, .. } => Some(*rate),
        }
    }
}

struct Header {
    rate: NonZero<u32>,
    data_bytes: u64,
    length: usize,
}

fn header(bytes: &[u8]) -> Result<Option<Header>, WavError> {
    let start = &bytes[..bytes.len().min(12)];
    if !start.iter().zip(b"RIFF____WAVE").all(|(byte, expected)| *expected == b'_' || byte == expected) {
        return Err(WavError::NotWav);
    }
    let mut rate = None;
    let mut at = 12;
    while let (Some(name), Some(size)) = (bytes.get(at..at + 4), u32_at(bytes, at + 4)) {
        let body = at + 8;
        if name == b"data" {
            let rate = rate.ok_or(WavError::NotWav)?;
            // Renderers that do not know the length yet write 0 or a very large number.
            let data_bytes = if size == 0 { u64::MAX } else { u64::from(size) };
            return Ok(Some(Header { rate, data_bytes, length: body }));
        }
        if name == b"fmt " {
            let Some(found) = format(bytes, body)? else {
                return Ok(None);
            };
            rate = Some(found);
        }
        let Some(next) = usize::try_from(size).ok().and_then(|size| body.checked_add(size + size % 2)) else {
            return Err(WavError::HeaderTooLong);
        };
        at = next;
    }
    Ok(None)
}

/// The rate, once the whole of the `fmt ` chunk is there.
fn format(bytes: &[u8], at: usize) -> Result<Option<NonZero<u32>>, WavError> {
    let (Some(format), Some(channels)) = (u16_at(bytes, at), u16_at(bytes, at + 2)) else {
        return Ok(None);
    };
    let (Some(rate), Some(bits)) = (u32_at(bytes, at + 4), u16_at(bytes, at + 14)) else {
        return Ok(None);
    };
    match NonZero::new(rate) {
        Some(known) if format == 1 && channels == 1 && bits == 16 && RATES.contains(&rate) => Ok(Some(known)),
        _ => Err(WavError::Unsupported { format, channels, bits, rate }),
    }
}

fn samples(piece: &[u8], left: &mut u64, half: &mut Option<u8>) -> Vec<i16> {
    let wanted = usize::try_from(*left).unwrap_or(usize::MAX).min(piece.len());
    *left -= wanted as u64;
    let mut piece = &piece[..wanted];
    let mut out = Vec::with_capacity(wanted / 2 + 1);
    if let Some((high, rest)) = piece.split_first()
        && let Some(low) = half.take()
    {
        out.push(i16::from_le_bytes([low, *high]));
        piece = rest;
    }
    let (pairs, rest) = piece.as_chunks::<2>();
    out.extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
    *half = half.or(rest.first().copied());
    out
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(rate: u32, channels: u16, bits: u16, size: u32, samples: &[i16]) -> Vec<u8> {
        let mut out = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0".to_vec();
        out.extend(channels.to_le_bytes());
        out.extend(rate.to_le_bytes());
        out.extend((rate * 2).to_le_bytes());
        out.extend(2_u16.to_le_bytes());
        out.extend(bits.to_le_bytes());
        out.extend(b"LIST\x03\0\0\0abc\0");
        out.extend(b"data");
        out.extend(size.to_le_bytes());
        out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        out
    }

    fn read_in_pieces(bytes: &[u8], size: usize) -> (Vec<i16>, WavReader) {
        let mut reader = WavReader::default();
        let read = bytes.chunks(size).flat_map(|piece| reader.push(piece).unwrap()).collect();
        (read, reader)
    }

    #[test]
    fn any_cut_gives_the_same_samples() {
        let expected: Vec<i16> = (0..500).map(|n| n * 61 - 15_000).collect();
        let bytes = wav(22_050, 1, 16, 1_000, &expected);
        for size in [1, 2, 3, 7, 44, 45, 46, 1_000, 4_096] {
            let (read, reader) = read_in_pieces(&bytes, size);
            assert_eq!(read, expected, "in pieces of {size}");
            assert_eq!(reader.rate(), NonZero::new(22_050));
        }
    }

    #[test]
    fn a_stream_of_unknown_length_is_read_to_its_end() {
        for size in [0, 0x7fff_f000, u32::MAX] {
            assert_eq!(read_in_pieces(&wav(16_000, 1, 16, size, &[1, -2, 3]), 5).0, [1, -2, 3]);
        }
    }

    #[test]
    fn what_follows_the_sound_is_no_sound() {
        let mut bytes = wav(16_000, 1, 16, 4, &[1, 2]);
        bytes.extend(b"LIST\x04\0\0\0abcd");
        assert_eq!(read_in_pieces(&bytes, 3).0, [1, 2]);
    }

    #[test]
    fn what_is_no_wav_is_refused_at_its_first_byte() {
        assert_eq!(WavReader::default().push(b"{"), Err(WavError::NotWav));
        assert_eq!(WavReader::default().push(b"RIFF\0\0\0\0AVI "), Err(WavError::NotWav));
        assert_eq!(WavReader::default().push(b"RIFF\0\0\0\0WAVEdata\0\0\0\0"), Err(WavError::NotWav));
    }

    #[test]
    fn stereo_and_other_depths_are_refused_by_name() {
        let unsupported = |bytes: Vec<u8>| WavReader::default().push(&bytes).unwrap_err().to_string();
        assert!(unsupported(wav(16_000, 2, 16, 0, &[])).contains("2 channels of 16 bits"));
        assert!(unsupported(wav(16_000, 1, 8, 0, &[])).contains("1 channels of 8 bits"));
        assert!(unsupported(wav(0, 1, 16, 0, &[])).contains("0 Hz"));
    }

    #[test]
    fn an_endless_header_is_refused() {
        let mut reader = WavReader::default();
        let mut bytes = b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\x7f".to_vec();
        bytes.resize(MAX_HEADER + 1, 0);
        assert_eq!(reader.push(&bytes), Err(WavError::HeaderTooLong));
    }
}
