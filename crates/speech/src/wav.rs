//! WAV headers: written for a sound of unknown length, and read from what a program writes.

/// Bytes of the header.
pub(crate) const HEADER_BYTES: usize = 44;

/// A header of 16-bit mono PCM whose length is not known yet; readers go on until the end of the stream.
pub(crate) fn streaming_header(sample_rate: u32) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"RIFF");
    put(4, &u32::MAX.to_le_bytes());
    put(8, b"WAVEfmt ");
    put(16, &16_u32.to_le_bytes());
    put(20, &1_u16.to_le_bytes());
    put(22, &1_u16.to_le_bytes());
    put(24, &sample_rate.to_le_bytes());
    put(28, &(sample_rate * 2).to_le_bytes());
    put(32, &2_u16.to_le_bytes());
    put(34, &16_u16.to_le_bytes());
    put(36, b"data");
    put(40, &u32::MAX.to_le_bytes());
    header
}

/// What a header says about the sound behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) sample_rate: u32,
    /// Where the sound begins.
    pub(crate) data_at: usize,
}

/// The format of a 16-bit mono WAV; none while `bytes` does not reach the sound, or where it is something else.
pub(crate) fn read_header(bytes: &[u8]) -> Option<Format> {
    let number = |at: usize| bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_le_bytes);
    let short = |at: usize| bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map(u16::from_le_bytes);
    if bytes.get(..4)? != b"RIFF" || bytes.get(8..12)? != b"WAVE" {
        return None;
    }
    let mut at = 12;
    let mut sample_rate = None;
    loop {
        let (name, length) = (bytes.get(at..at + 4)?, number(at + 4)?);
        match name {
            b"data" => return Some(Format { sample_rate: sample_rate?, data_at: at + 8 }),
            b"fmt " if short(at + 8)? == 1 && short(at + 10)? == 1 && short(at + 22)? == 16 => {
                sample_rate = Some(number(at + 12)?);
            }
            _ => {}
        }
        at = at.checked_add(8)?.checked_add(usize::try_from(length).ok()?)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_written_is_understood_by_an_independent_reader() {
        let mut wav = streaming_header(22_050).to_vec();
        assert_eq!(read_header(&wav), Some(Format { sample_rate: 22_050, data_at: 44 }));
        wav.extend([1, 0, 2, 0]);
        assert_eq!(read_header(&wav).unwrap().data_at, 44);
    }

    #[test]
    fn other_chunks_are_passed_over_and_half_headers_are_none_yet() {
        let mut wav = streaming_header(16_000)[..36].to_vec();
        wav.extend(b"LIST\x04\0\0\0abcd");
        wav.extend(b"data\x02\0\0\0\x01\0");
        assert_eq!(read_header(&wav), Some(Format { sample_rate: 16_000, data_at: 56 }));
        assert_eq!(read_header(&wav[..50]), None);
        assert_eq!(read_header(b"OggS............"), None);
    }

    #[test]
    fn stereo_is_not_understood() {
        let mut wav = streaming_header(16_000);
        wav[22] = 2;
        assert_eq!(read_header(&wav), None);
    }
}
