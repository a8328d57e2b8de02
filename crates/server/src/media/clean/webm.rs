//! WebM: elements within elements (EBML). What is no picture and no sound becomes empty space of the same length.

use super::{Refusal, length};

const HEADER: u64 = 0x1a45_dfa3;
const DOC_TYPE: u64 = 0x4282;
const SEGMENT: u64 = 0x1853_8067;
const CLUSTER: u64 = 0x1f43_b675;
const INFO: u64 = 0x1549_a966;
const TRACKS: u64 = 0x1654_ae6b;
const VOID: u8 = 0xec;
/// Tags, attachments, chapters; the film's title, file name and time.
const UNWANTED: [u64; 7] = [0x1254_c367, 0x1941_a469, 0x1043_a770, 0x7ba9, 0x7384, 0x4461, 0x73a4];

struct Element {
    id: u64,
    begin: usize,
    body: usize,
    /// None where the writer did not know it.
    end: Option<usize>,
}

pub(super) fn recognise(bytes: &[u8]) -> bool {
    let Ok(header) = element(bytes, 0, bytes.len()) else { return false };
    let Some(end) = header.end.filter(|_| header.id == HEADER) else { return false };
    let mut place = header.body;
    while place < end {
        let Ok(inner) = element(bytes, place, end) else { return false };
        let Some(until) = inner.end else { return false };
        if inner.id == DOC_TYPE {
            return bytes[inner.body..until].iter().copied().take_while(|byte| *byte != 0).eq(*b"webm");
        }
        place = until;
    }
    false
}

pub(super) fn clean(mut bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let header = element(&bytes, 0, bytes.len())?;
    let segment = element(&bytes, header.end.ok_or(Refusal::Unknown)?, bytes.len())?;
    if segment.id != SEGMENT {
        return Err(Refusal::Unknown);
    }
    let end = segment.end.unwrap_or(bytes.len());
    // Behind the film there may be anything.
    bytes.truncate(end);
    let mut place = segment.body;
    let mut filmed = false;
    while place < end {
        let next = element(&bytes, place, end)?;
        filmed |= next.id == TRACKS;
        place = match next.end {
            // Its elements follow; those that are not its own end it.
            None if next.id == CLUSTER => next.body,
            None => return Err(Refusal::Unknown),
            Some(until) => {
                if UNWANTED.contains(&next.id) || bytes[next.begin] == VOID {
                    blank(&mut bytes, &next, until)?;
                } else if next.id == INFO {
                    blank_inner(&mut bytes, next.body, until)?;
                }
                until
            }
        };
    }
    if filmed { Ok(bytes) } else { Err(Refusal::Unknown) }
}

fn blank_inner(bytes: &mut [u8], begin: usize, end: usize) -> Result<(), Refusal> {
    let mut place = begin;
    while place < end {
        let next = element(bytes, place, end)?;
        let until = next.end.ok_or(Refusal::Unknown)?;
        if UNWANTED.contains(&next.id) {
            blank(bytes, &next, until)?;
        }
        place = until;
    }
    Ok(())
}

/// Makes empty space of an element.
fn blank(bytes: &mut [u8], element: &Element, end: usize) -> Result<(), Refusal> {
    let width = (element.body - element.begin - 1).min(8);
    let size = end - element.begin - 1 - width;
    bytes[element.begin..end].fill(0);
    bytes[element.begin] = VOID;
    let size = u64::try_from(size).map_err(|_| Refusal::Unknown)? | 1 << (7 * width);
    bytes[element.begin + 1..=element.begin + width].copy_from_slice(&size.to_be_bytes()[8 - width..]);
    Ok(())
}

fn element(bytes: &[u8], begin: usize, end: usize) -> Result<Element, Refusal> {
    let (id, id_width) = number(bytes, begin, true)?;
    let (size, size_width) = number(bytes, begin + id_width, false)?;
    let body = begin + id_width + size_width;
    let unknown = size == (1 << (7 * size_width)) - 1;
    let until = if unknown { None } else { Some(body.checked_add(length(size)?).ok_or(Refusal::Unknown)?) };
    if body > end || until.is_some_and(|until| until > end) {
        return Err(Refusal::Unknown);
    }
    Ok(Element { id, begin, body, end: until })
}

/// A number that says its own width: in a name the mark of the width stays in it.
fn number(bytes: &[u8], place: usize, name: bool) -> Result<(u64, usize), Refusal> {
    let first = *bytes.get(place).ok_or(Refusal::Unknown)?;
    let width = first.leading_zeros() as usize + 1;
    if width > if name { 4 } else { 8 } {
        return Err(Refusal::Unknown);
    }
    let all = bytes.get(place..place + width).ok_or(Refusal::Unknown)?;
    let number = super::high_first(all);
    Ok((if name { number } else { number & !(1 << (7 * width)) }, width))
}
