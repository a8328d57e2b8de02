//! PNG: chunks with a name.

use super::{Reader, Refusal, check_dots, high_first, length};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The picture, its colours and its frames.
const KEPT: [&[u8]; 14] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut file = Reader::new(bytes);
    let mut kept = file.take(SIGNATURE.len())?.to_vec();
    let (mut size, mut frames, mut pictured) = (None, 0, false);
    loop {
        let begin = file.place;
        let body_length = length(high_first(file.take(4)?))?;
        let name = file.take(4)?;
        let body = file.take(body_length)?;
        file.take(4)?;
        if size.is_none() != (name == b"IHDR") {
            return Err(Refusal::Unknown);
        }
        match name {
            b"IHDR" if body.len() == 13 => size = Some((high_first(&body[..4]), high_first(&body[4..8]))),
            b"IHDR" => return Err(Refusal::Unknown),
            b"IDAT" => pictured = true,
            b"fcTL" => frames += 1,
            _ => {}
        }
        if KEPT.contains(&name) {
            kept.extend(&bytes[begin..file.place]);
        }
        if name == b"IEND" {
            break;
        }
    }
    let (width, height) = size.filter(|_| pictured).ok_or(Refusal::Unknown)?;
    check_dots(width, height, frames)?;
    Ok(kept)
}
