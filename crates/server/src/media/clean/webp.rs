//! WebP: RIFF chunks with a name.

use super::{Reader, Refusal, check_dots, length, low_first};

const EXIF_AND_XMP: u8 = 0x08 | 0x04;

struct Found {
    size: Option<(u64, u64)>,
    frames: u64,
}

pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let said = length(low_first(bytes.get(4..8).ok_or(Refusal::Unknown)?))?;
    let end = said.checked_add(8).filter(|end| *end <= bytes.len() && *end >= 12).ok_or(Refusal::Unknown)?;
    let mut found = Found { size: None, frames: 0 };
    let chunks = chunks(&bytes[12..end], &mut found, true)?;
    let (width, height) = found.size.ok_or(Refusal::Unknown)?;
    check_dots(width, height, found.frames)?;
    let mut kept = b"RIFF".to_vec();
    kept.extend(u32::try_from(chunks.len() + 4).map_err(|_| Refusal::Unknown)?.to_le_bytes());
    kept.extend(b"WEBP");
    kept.extend(chunks);
    Ok(kept)
}

/// The chunks of the picture; within those of a frame there are others.
fn chunks(bytes: &[u8], found: &mut Found, outer: bool) -> Result<Vec<u8>, Refusal> {
    let mut file = Reader::new(bytes);
    let mut kept = Vec::with_capacity(bytes.len());
    while !file.is_at_end() {
        let name = file.take(4)?;
        let body = length(low_first(file.take(4)?))?;
        let body = file.take(body)?;
        if body.len() % 2 == 1 && !file.is_at_end() {
            file.byte()?;
        }
        let body = match name {
            b"VP8X" if outer && body.len() == 10 => {
                found.size = Some((low_first(&body[4..7]) + 1, low_first(&body[7..10]) + 1));
                let mut body = body.to_vec();
                body[0] &= !EXIF_AND_XMP;
                body
            }
            b"VP8 " => {
                let size = body.get(6..10).ok_or(Refusal::Unknown)?;
                let (width, height) = (low_first(&size[..2]) & 0x3fff, low_first(&size[2..]) & 0x3fff);
                check_dots(width, height, 1)?;
                found.size.get_or_insert((width, height));
                body.to_vec()
            }
            b"VP8L" => {
                let bits = low_first(body.get(1..5).ok_or(Refusal::Unknown)?);
                let (width, height) = ((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
                check_dots(width, height, 1)?;
                found.size.get_or_insert((width, height));
                body.to_vec()
            }
            b"ANMF" if outer && body.len() > 16 => {
                found.frames += 1;
                let mut frame = body[..16].to_vec();
                frame.extend(chunks(&body[16..], found, false)?);
                frame
            }
            b"ALPH" => body.to_vec(),
            b"ANIM" | b"ICCP" if outer => body.to_vec(),
            _ => continue,
        };
        kept.extend(name);
        kept.extend(u32::try_from(body.len()).map_err(|_| Refusal::Unknown)?.to_le_bytes());
        kept.extend(&body);
        if body.len() % 2 == 1 {
            kept.push(0);
        }
    }
    Ok(kept)
}
