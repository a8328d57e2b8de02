//! JPEG: segments with a marker, and between them the coded picture.

use super::{Reader, Refusal, check_dots, high_first, length};

const EXIF: &[u8] = b"Exif\0\0";

/// The pictures' own segments; of the rest, which way is up.
pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut file = Reader::new(bytes);
    file.take(2)?;
    let mut kept = Vec::with_capacity(bytes.len());
    let (mut orientation, mut sized, mut scanned) = (None, false, false);
    while !file.is_at_end() {
        let Some(marker) = marker(&mut file)? else { break };
        match marker {
            // The end. What follows it is another picture, a film, or anything at all.
            0xd9 => break,
            0x01 | 0xd0..=0xd7 => kept.extend([0xff, marker]),
            _ => {
                let size = length(high_first(file.take(2)?))?;
                let body = file.take(size.checked_sub(2).ok_or(Refusal::Unknown)?)?;
                if marker == 0xe1 && orientation.is_none() {
                    orientation = body.strip_prefix(EXIF).and_then(which_way_is_up);
                }
                if is_start_of_frame(marker) {
                    let (height, width) = (body.get(1..3), body.get(3..5));
                    let (Some(height), Some(width)) = (height, width) else { return Err(Refusal::Unknown) };
                    check_dots(high_first(width), high_first(height), 1)?;
                    sized = true;
                }
                if belongs_to_the_picture(marker, body) {
                    kept.extend([0xff, marker]);
                    kept.extend(u16::try_from(size).map_err(|_| Refusal::Unknown)?.to_be_bytes());
                    kept.extend(body);
                }
                if marker == 0xda {
                    scanned = true;
                    kept.extend(coded(&mut file));
                }
            }
        }
    }
    if !sized || !scanned {
        return Err(Refusal::Unknown);
    }
    let mut whole = vec![0xff, 0xd8];
    // A file begins with what JFIF says of it, where it says anything.
    let jfif = if kept.starts_with(&[0xff, 0xe0]) { 2 + length(high_first(&kept[2..4]))? } else { 0 };
    whole.extend(&kept[..jfif]);
    whole.extend(orientation.map(only_orientation).unwrap_or_default());
    whole.extend(&kept[jfif..]);
    whole.extend([0xff, 0xd9]);
    Ok(whole)
}

/// The next marker; none where the file ends in the midst of one.
fn marker(file: &mut Reader<'_>) -> Result<Option<u8>, Refusal> {
    if file.byte()? != 0xff {
        return Err(Refusal::Unknown);
    }
    while !file.is_at_end() {
        match file.byte()? {
            0xff => {}
            0 => return Err(Refusal::Unknown),
            marker => return Ok(Some(marker)),
        }
    }
    Ok(None)
}

/// The coded picture up to the next marker.
fn coded<'a>(file: &mut Reader<'a>) -> &'a [u8] {
    let rest = &file.bytes[file.place..];
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7);
    let end = rest.windows(2).position(is_end).unwrap_or(rest.len());
    file.place += end;
    &rest[..end]
}

fn is_start_of_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

fn belongs_to_the_picture(marker: u8, body: &[u8]) -> bool {
    match marker {
        0xc0..=0xcf | 0xda..=0xdd => true,
        // The size of a dot; colours.
        0xe0 => body.starts_with(b"JFIF\0"),
        0xe2 => body.starts_with(b"ICC_PROFILE\0"),
        0xee => body.starts_with(b"Adobe"),
        _ => false,
    }
}

/// 1 to 8; none where it is not said.
fn which_way_is_up(tiff: &[u8]) -> Option<u8> {
    let little = match tiff.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let number = |place: usize, size: usize| {
        let bytes = tiff.get(place..place.checked_add(size)?)?;
        usize::try_from(if little { super::low_first(bytes) } else { high_first(bytes) }).ok()
    };
    let first = number(4, 4)?;
    let entries = number(first, 2)?;
    let entry = (0..entries.min(512)).map(|entry| first + 2 + 12 * entry).find(|place| number(*place, 2) == Some(0x0112))?;
    let value = number(entry + 8, 2)?;
    u8::try_from(value).ok().filter(|value| (2..=8).contains(value))
}

/// Exif that says which way is up and nothing else.
fn only_orientation(orientation: u8) -> Vec<u8> {
    let mut exif = vec![0xff, 0xe1, 0, 34];
    exif.extend(EXIF);
    exif.extend([b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1]);
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
    exif
}
