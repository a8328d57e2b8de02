//! Real files with secrets in them, made by other programs.

use proptest::prelude::*;

use super::*;

const PHOTO: &[u8] = include_bytes!("samples/photo.jpg");
const PROGRESSIVE: &[u8] = include_bytes!("samples/progressive.jpg");
const PICTURE: &[u8] = include_bytes!("samples/picture.png");
const WEBP: &[u8] = include_bytes!("samples/picture.webp");
const WEBP_ANIMATION: &[u8] = include_bytes!("samples/animation.webp");
const ANIMATION: &[u8] = include_bytes!("samples/animation.gif");
const MP4: &[u8] = include_bytes!("samples/film.mp4");
const QUICKTIME: &[u8] = include_bytes!("samples/film.mov");
const WEBM: &[u8] = include_bytes!("samples/film.webm");

const ALL: [(&[u8], Content); 9] = [
    (PHOTO, Content::Jpeg),
    (PROGRESSIVE, Content::Jpeg),
    (PICTURE, Content::Png),
    (WEBP, Content::Webp),
    (WEBP_ANIMATION, Content::Webp),
    (ANIMATION, Content::Gif),
    (MP4, Content::Mp4),
    (QUICKTIME, Content::QuickTime),
    (WEBM, Content::Webm),
];

fn has(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// Where a photo was taken, as cameras write it: the tag of the folder of places.
const GPS: &[u8] = &[0x88, 0x25];

#[test]
fn nothing_but_the_picture_is_left() {
    assert!(has(PHOTO, GPS), "the sample says where it was taken");
    for (bytes, content) in ALL {
        assert!(has(bytes, b"Secret"), "{content:?}: the sample has a secret");
        let (found, cleaned) = clean(bytes.to_vec(), Some(content.mime_type())).unwrap();
        assert_eq!(found, content);
        for secret in [&b"Secret"[..], b"18.52", b"2026", b"xmpmeta"] {
            assert!(!has(&cleaned, secret), "{content:?} still has {}", String::from_utf8_lossy(secret));
        }
        assert_eq!(Content::of(&cleaned), Some(content));
        assert_eq!(clean(cleaned.clone(), None).unwrap().1, cleaned, "{content:?}: what is clean stays as it is");
    }
    assert!(!has(&clean(PHOTO.to_vec(), None).unwrap().1, GPS));
}

#[test]
fn which_way_is_up_is_all_that_a_photo_goes_on_to_say() {
    let cleaned = clean(PHOTO.to_vec(), None).unwrap().1;
    let exif: Vec<usize> =
        cleaned.windows(6).enumerate().filter(|(_, window)| window == b"Exif\0\0").map(|(place, _)| place).collect();
    assert_eq!(exif.len(), 1);
    let tiff = &cleaned[exif[0] + 6..];
    assert_eq!(tiff[8..10], [0, 1], "one entry");
    assert_eq!(tiff[10..20], [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6]);
}

#[test]
fn the_film_stays_where_it_was() {
    for bytes in [MP4, QUICKTIME, WEBM] {
        let cleaned = clean(bytes.to_vec(), None).unwrap().1;
        assert_eq!(cleaned.len(), bytes.len());
    }
    let data = |bytes: &[u8]| {
        let place = bytes.windows(4).position(|window| window == b"mdat").unwrap();
        bytes[place..].to_vec()
    };
    assert_eq!(data(&clean(MP4.to_vec(), None).unwrap().1), data(MP4), "pictures are as they were");
}

/// A box of a film.
fn boxed(name: &str, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes()[..], name.as_bytes(), body].concat()
}

#[test]
fn a_track_of_places_is_blanked_with_its_samples() {
    let kind = [&[0; 8][..], b"meta", &[0; 12]].concat();
    let number = |number: u32| number.to_be_bytes();
    let start = boxed("ftyp", b"isom\0\0\0\0");
    // The samples lie in the last box, behind its head.
    let film = |place: u32| {
        let chunks = [number(0), number(1), number(place)].concat();
        let groups = [number(0), number(1), number(1), number(2), number(1)].concat();
        let sizes = [number(0), number(0), number(2), number(6), number(7)].concat();
        let table = [boxed("stco", &chunks), boxed("stsc", &groups), boxed("stsz", &sizes)].concat();
        let media = [boxed("hdlr", &kind), boxed("minf", &boxed("stbl", &table))].concat();
        let film = boxed("moov", &boxed("trak", &boxed("mdia", &media)));
        [start.clone(), film, boxed("mdat", b"pixels18.52,73.85678pixels")].concat()
    };
    let place = u32::try_from(film(0).len() - 20).unwrap();
    let cleaned = clean(film(place), None).unwrap().1;
    assert!(!has(&cleaned, b"18.52") && !has(&cleaned, b"73.85"), "{}", String::from_utf8_lossy(&cleaned));
    assert_eq!(cleaned.windows(6).filter(|window| *window == b"pixels").count(), 2, "the rest is untouched");
}

#[test]
fn what_is_something_else_is_refused() {
    for (bytes, about) in [
        (&b"<html><script>alert(1)</script></html>"[..], "a page"),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>", "a drawing that runs"),
        (b"%PDF-1.7", "a document"),
        (b"PK\x03\x04", "an archive"),
        (b"", "nothing"),
        (b"\xff\xd8\xff", "a photo without a picture"),
        (b"GIF89a", "an animation without a picture"),
        (b"GIF89a<script>alert(1)</script>", "a page that begins like a picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "another kind of photo"),
        (b"\0\0\0\x10ftypisom\0\0\0\0", "a film without a film"),
    ] {
        assert_eq!(clean(bytes.to_vec(), None), Err(Refusal::Unknown), "{about}");
    }
    assert_eq!(clean(PICTURE.to_vec(), Some("image/gif")), Err(Refusal::Mislabelled));
    assert_eq!(clean(PICTURE.to_vec(), Some("text/html")), Err(Refusal::Mislabelled));
}

#[test]
fn what_unfolds_to_a_huge_picture_is_refused() {
    let mut bomb = PICTURE.to_vec();
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    assert_eq!(clean(bomb, None), Err(Refusal::TooLarge));
    let frame = [&[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2][..], &[1, 0, 0]].concat();
    let flood = [&b"GIF89a\x01\0\x01\0\0\0\0"[..], &frame.repeat(1_001), &[0x3b]].concat();
    assert_eq!(clean(flood, None), Err(Refusal::TooLarge));
    let wide = [&b"GIF89a\xff\xff\xff\xff\0\0\0"[..], &frame, &[0x3b]].concat();
    assert_eq!(clean(wide, None), Err(Refusal::TooLarge));
    assert_eq!(clean([PHOTO, &vec![0; LARGEST_IMAGE]].concat(), None), Err(Refusal::TooLarge));
    assert_eq!(clean([WEBM, &vec![0; LARGEST_VIDEO]].concat(), None), Err(Refusal::TooLarge));
}

#[test]
fn a_file_that_breaks_off_is_refused_or_still_a_picture() {
    for (bytes, content) in ALL {
        for end in 0..bytes.len() {
            if let Ok((found, cleaned)) = clean(bytes[..end].to_vec(), None) {
                assert_eq!((found, has(&cleaned, b"Secret")), (content, false), "{end}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever is damaged, nothing crashes.
    #[test]
    fn damage_is_survived(which in 0..ALL.len(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = ALL[which].0.to_vec();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let _ = clean(bytes, None);
    }
}
