//! GIF: blocks; those of an extension in small pieces.

use super::{Reader, Refusal, check_dots, low_first};

/// Extensions that say how often an animation is shown.
const LOOPS: [&[u8]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];

pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut file = Reader::new(bytes);
    let head = file.take(13)?;
    let (width, height) = (low_first(&head[6..8]), low_first(&head[8..10]));
    let mut kept = head.to_vec();
    kept.extend(file.take(table(head[10]))?);
    let mut frames = 0;
    loop {
        let begin = file.place;
        match file.byte()? {
            0x3b => break,
            0x21 => {
                let label = file.byte()?;
                let after_label = file.place;
                pieces(&mut file)?;
                let first = bytes.get(after_label + 1..after_label + 12).unwrap_or_default();
                let stays = label == 0xf9 || (label == 0xff && bytes[after_label] == 11 && LOOPS.contains(&first));
                if stays {
                    kept.extend(&bytes[begin..file.place]);
                }
            }
            0x2c => {
                let about = file.take(9)?;
                frames += 1;
                check_dots(low_first(&about[4..6]), low_first(&about[6..8]), 1)?;
                file.take(table(about[8]))?;
                file.byte()?;
                pieces(&mut file)?;
                kept.extend(&bytes[begin..file.place]);
            }
            _ => return Err(Refusal::Unknown),
        }
    }
    if frames == 0 {
        return Err(Refusal::Unknown);
    }
    check_dots(width, height, frames)?;
    kept.push(0x3b);
    Ok(kept)
}

/// Bytes of the table of colours that flags announce.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn pieces(file: &mut Reader<'_>) -> Result<(), Refusal> {
    loop {
        let size = file.byte()?;
        if size == 0 {
            return Ok(());
        }
        file.take(usize::from(size))?;
    }
}
