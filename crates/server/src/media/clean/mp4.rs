//! MP4 and QuickTime: boxes within boxes. Tables in them hold places in the file, so nothing moves: what is no picture and
//! no sound becomes free space full of zeros.

use std::ops::Range;

use super::{Content, Refusal, high_first, length};

const FREE: &[u8; 4] = b"free";
/// Boxes with boxes in them that belong to the film.
const FOLDERS: [&[u8]; 8] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf"];
/// The rest of what belongs to the film.
const KEPT: [&[u8]; 42] = [
    b"ftyp", b"styp", b"mdat", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"vmhd", b"smhd", b"nmhd", b"gmhd", b"dinf", b"stsd", b"stts",
    b"ctts", b"cslg", b"stss", b"stsh", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sdtp", b"sgpd", b"sbgp", b"subs", b"elst",
    b"mvex", b"mfhd", b"tfhd", b"tfdt", b"trun", b"mfra", b"sidx", b"pdin", b"tref", b"tapt", b"clip", b"matt", b"load", b"stps",
];
const MP4_BRANDS: [&[u8]; 14] = [
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"dash",
];
/// Deeper than any film goes.
const DEEPEST: usize = 8;

/// By the brand that the file begins with.
pub(super) fn recognise(bytes: &[u8]) -> Option<Content> {
    if bytes.get(4..8) != Some(b"ftyp") {
        return None;
    }
    let brand = bytes.get(8..12)?;
    if brand == b"qt  " {
        return Some(Content::QuickTime);
    }
    MP4_BRANDS.contains(&brand).then_some(Content::Mp4)
}

pub(super) fn clean(mut bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let everything = 0..bytes.len();
    let mut filmed = false;
    let mut hidden = Vec::new();
    blank(&mut bytes, everything, 0, &mut filmed, &mut hidden)?;
    for samples in hidden {
        if let Some(samples) = bytes.get_mut(samples) {
            samples.fill(0);
        }
    }
    if filmed { Ok(bytes) } else { Err(Refusal::Unknown) }
}

/// A box: its name, the whole of it, and what is in it.
struct Piece {
    name: [u8; 4],
    whole: Range<usize>,
    body: Range<usize>,
}

fn piece(bytes: &[u8], place: usize, end: usize) -> Result<Piece, Refusal> {
    let head = bytes.get(place..place + 8).filter(|_| place + 8 <= end).ok_or(Refusal::Unknown)?;
    let name = [head[4], head[5], head[6], head[7]];
    let (size, head) = match high_first(&head[..4]) {
        0 => (end - place, 8),
        1 => (length(high_first(bytes.get(place + 8..place + 16).ok_or(Refusal::Unknown)?))?, 16),
        size => (length(size)?, 8),
    };
    let until = place.checked_add(size).filter(|until| size >= head && *until <= end).ok_or(Refusal::Unknown)?;
    Ok(Piece { name, whole: place..until, body: place + head..until })
}

fn pieces(bytes: &[u8], within: &Range<usize>) -> Result<Vec<Piece>, Refusal> {
    let mut found = Vec::new();
    let mut place = within.start;
    // Some cameras end a list with four zeros.
    while within.end - place >= 8 {
        let next = piece(bytes, place, within.end)?;
        place = next.whole.end;
        found.push(next);
    }
    Ok(found)
}

fn blank(
    bytes: &mut [u8],
    within: Range<usize>,
    depth: usize,
    filmed: &mut bool,
    hidden: &mut Vec<Range<usize>>,
) -> Result<(), Refusal> {
    if depth > DEEPEST {
        return Err(Refusal::Unknown);
    }
    for piece in pieces(bytes, &within)? {
        let name: &[u8] = &piece.name;
        let foreign_track = name == b"trak" && !shows_or_sounds(bytes, &piece.body)?;
        if foreign_track {
            hidden.extend(samples(bytes, &piece.body)?);
        }
        if name == b"moov" {
            *filmed = true;
        }
        if FOLDERS.contains(&name) && !foreign_track {
            blank(bytes, piece.body, depth + 1, filmed, hidden)?;
        } else if KEPT.contains(&name) {
            forget_times(bytes, &piece);
        } else {
            bytes[piece.whole.start + 4..piece.whole.start + 8].copy_from_slice(FREE);
            bytes[piece.body].fill(0);
        }
    }
    Ok(())
}

/// When it was filmed and changed.
fn forget_times(bytes: &mut [u8], piece: &Piece) {
    if matches!(&piece.name, b"mvhd" | b"tkhd" | b"mdhd") {
        let body = &mut bytes[piece.body.clone()];
        let size = if body.first() == Some(&1) { 16 } else { 8 };
        if let Some(times) = body.get_mut(4..4 + size) {
            times.fill(0);
        }
    }
}

/// The piece at the end of a way of names.
fn find(bytes: &[u8], within: &Range<usize>, way: &[&[u8; 4]]) -> Result<Option<Piece>, Refusal> {
    let Some((name, rest)) = way.split_first() else { return Ok(None) };
    let Some(found) = pieces(bytes, within)?.into_iter().find(|piece| piece.name == **name) else { return Ok(None) };
    if rest.is_empty() { Ok(Some(found)) } else { find(bytes, &found.body, rest) }
}

/// Whether a track is one of pictures or sound; others tell where the camera was, or what else it noticed.
fn shows_or_sounds(bytes: &[u8], track: &Range<usize>) -> Result<bool, Refusal> {
    let Some(handler) = find(bytes, track, &[b"mdia", b"hdlr"])? else { return Ok(false) };
    let kind = bytes[handler.body].get(8..12);
    Ok(matches!(kind, Some(b"vide" | b"soun")))
}

/// Where a track's samples lie.
fn samples(bytes: &[u8], track: &Range<usize>) -> Result<Vec<Range<usize>>, Refusal> {
    let Some(table) = find(bytes, track, &[b"mdia", b"minf", b"stbl"])? else { return Ok(Vec::new()) };
    let inner = |name: &[u8; 4]| -> Result<Option<&[u8]>, Refusal> {
        Ok(find(bytes, &table.body, &[name])?.map(|piece| &bytes[piece.body]))
    };
    let (chunks, width) = match (inner(b"stco")?, inner(b"co64")?) {
        (Some(chunks), _) => (chunks, 4),
        (None, Some(chunks)) => (chunks, 8),
        (None, None) => return Ok(Vec::new()),
    };
    let (Some(sizes), Some(groups)) = (inner(b"stsz")?, inner(b"stsc")?) else { return Ok(Vec::new()) };
    let places: Vec<u64> = chunks.get(8..).unwrap_or_default().chunks_exact(width).map(high_first).collect();
    let every = sizes.get(4..8).map(high_first).unwrap_or_default();
    let mut each = sizes.get(12..).unwrap_or_default().chunks_exact(4).map(high_first);
    let groups: Vec<(u64, u64)> = groups
        .get(8..)
        .unwrap_or_default()
        .chunks_exact(12)
        .map(|group| (high_first(&group[..4]), high_first(&group[4..8])))
        .collect();
    let mut found = Vec::with_capacity(places.len());
    for (number, place) in (1_u64..).zip(places) {
        let count = groups.iter().rev().find(|(first, _)| *first <= number).map_or(1, |(_, count)| *count);
        let size = if every > 0 { every.saturating_mul(count) } else { each.by_ref().take(length(count)?).sum() };
        let begin = length(place)?;
        let end = begin.saturating_add(length(size)?).min(bytes.len());
        if begin < end {
            found.push(begin..end);
        }
    }
    Ok(found)
}
