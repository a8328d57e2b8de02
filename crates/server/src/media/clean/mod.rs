//! Takes everything out of a photo or video that is not the picture: where and when it was taken, with what, by whom, and
//! whatever hides before, between or behind.
//!
//! What a file is, its own first bytes decide, never its name or what the sender says. Photos are copied piece by piece,
//! known harmless pieces alone; nothing is decoded, so that a small file that unfolds to a huge picture costs nothing here,
//! and its size on the screen is limited for those who will look at it. In videos pieces are blanked where they stand,
//! because others point at places behind them.

mod gif;
mod jpeg;
mod mp4;
mod png;
mod webm;
mod webp;

use protocol::media::MediaKind;

/// Largest photo in bytes.
pub const LARGEST_IMAGE: usize = 5 * 1024 * 1024;
/// Largest video in bytes.
pub const LARGEST_VIDEO: usize = 10 * 1024 * 1024;
/// Most dots of a photo, all frames together; a phone's camera makes some fifty million.
const MOST_DOTS: u64 = 120_000_000;
/// Most frames of an animation.
const MOST_FRAMES: u64 = 1_000;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A photo.
    Jpeg,
    /// A picture.
    Png,
    /// A picture or animation.
    Webp,
    /// A picture or animation.
    Gif,
    /// A video.
    Mp4,
    /// A video.
    QuickTime,
    /// A video.
    Webm,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is something else, or damaged.
    #[error("Send a photo (JPEG, PNG, WebP or GIF) or a video (MP4, WebM or QuickTime) that is not damaged.")]
    Unknown,
    /// It is called something else than it is.
    #[error("The file is not of the type that was said. Send its real type.")]
    Mislabelled,
    /// Too many bytes or dots.
    #[error("The file is too large. A photo may have 5 MB, a video 10 MB.")]
    TooLarge,
}

impl Content {
    /// What a file is by its first bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            return Some(Self::Jpeg);
        }
        if bytes.starts_with(png::SIGNATURE) {
            return Some(Self::Png);
        }
        if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            return Some(Self::Gif);
        }
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Some(Self::Webp);
        }
        mp4::recognise(bytes).or_else(|| webm::recognise(bytes).then_some(Self::Webm))
    }

    /// Photo or video.
    #[must_use]
    pub const fn kind(self) -> MediaKind {
        match self {
            Self::Jpeg | Self::Png | Self::Webp | Self::Gif => MediaKind::Image,
            Self::Mp4 | Self::QuickTime | Self::Webm => MediaKind::Video,
        }
    }

    /// As it is served.
    #[must_use]
    pub const fn mime_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::Webm => "video/webm",
        }
    }

    /// Of its file.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Mp4 => "mp4",
            Self::QuickTime => "mov",
            Self::Webm => "webm",
        }
    }

    /// Largest file in bytes.
    #[must_use]
    pub const fn largest(self) -> usize {
        match self.kind() {
            MediaKind::Image => LARGEST_IMAGE,
            MediaKind::Video => LARGEST_VIDEO,
        }
    }
}

/// What the file is, and the file without anything but the picture. `said` is the type that the sender named.
///
/// # Errors
/// It is not taken.
pub fn clean(bytes: Vec<u8>, said: Option<&str>) -> Result<(Content, Vec<u8>), Refusal> {
    let content = Content::of(&bytes).ok_or(Refusal::Unknown)?;
    if said.is_some_and(|said| !is_called(content, said)) {
        return Err(Refusal::Mislabelled);
    }
    if bytes.len() > content.largest() {
        return Err(Refusal::TooLarge);
    }
    let cleaned = match content {
        Content::Jpeg => jpeg::clean(&bytes)?,
        Content::Png => png::clean(&bytes)?,
        Content::Webp => webp::clean(&bytes)?,
        Content::Gif => gif::clean(&bytes)?,
        Content::Mp4 | Content::QuickTime => mp4::clean(bytes)?,
        Content::Webm => webm::clean(bytes)?,
    };
    Ok((content, cleaned))
}

fn is_called(content: Content, said: &str) -> bool {
    let said = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let said = if said == "image/jpg" { "image/jpeg" } else { &said };
    said.is_empty() || said == "application/octet-stream" || said == content.mime_type()
}

/// Refuses a picture that would be too large on a screen.
fn check_dots(width: u64, height: u64, frames: u64) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(Refusal::Unknown);
    }
    if frames > MOST_FRAMES || width.saturating_mul(height).saturating_mul(frames.max(1)) > MOST_DOTS {
        return Err(Refusal::TooLarge);
    }
    Ok(())
}

/// Reads a file from its beginning to its end.
struct Reader<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let end = self.place.checked_add(length).ok_or(Refusal::Unknown)?;
        let taken = self.bytes.get(self.place..end).ok_or(Refusal::Unknown)?;
        self.place = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        Ok(self.take(1)?[0])
    }

    fn is_at_end(&self) -> bool {
        self.place >= self.bytes.len()
    }
}

/// A number of up to eight bytes, the highest first.
fn high_first(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A number of up to eight bytes, the lowest first.
fn low_first(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn length(number: u64) -> Result<usize, Refusal> {
    usize::try_from(number).map_err(|_| Refusal::Unknown)
}

#[cfg(test)]
mod tests;
