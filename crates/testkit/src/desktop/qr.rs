//! Reading a QR code from a screenshot's pixels.

use crate::desktop::display::Pixels;

/// The texts of all codes that can be read on `picture`.
#[must_use]
pub fn read(picture: &Pixels) -> Vec<String> {
    let grey = picture.grey();
    let texts = read_grey(picture.width, picture.height, &grey);
    if !texts.is_empty() {
        return texts;
    }
    // Large modules are found more surely on a smaller picture.
    let (width, height) = (picture.width / 2, picture.height / 2);
    let half: Vec<u8> = (0..width * height)
        .map(|at| {
            let top = at / width * 2 * picture.width + at % width * 2;
            let four = [top, top + 1, top + picture.width, top + picture.width + 1].map(|at| u16::from(grey[at]));
            u8::try_from(four.iter().sum::<u16>() / 4).unwrap_or(u8::MAX)
        })
        .collect();
    read_grey(width, height, &half)
}

fn read_grey(width: usize, height: usize, grey: &[u8]) -> Vec<String> {
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
    prepared.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_screen_has_no_code() {
        assert!(read(&Pixels { width: 64, height: 64, rgb: vec![0; 64 * 64 * 3] }).is_empty());
    }
}
