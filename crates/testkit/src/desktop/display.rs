//! A virtual screen, and what stands on it.

use std::{
    fs::File,
    io::BufWriter,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::program::Program;

const LIMIT: Duration = Duration::from_secs(20);

/// A running virtual screen.
#[derive(Debug)]
pub struct Display {
    number: u32,
    memory: TempDir,
    _server: Program,
}

impl Display {
    /// Starts a screen of this size under the first free number.
    ///
    /// # Errors
    /// Xvfb does not start.
    pub fn start(width: u32, height: u32) -> Result<Self> {
        let memory = tempfile::Builder::new().prefix("vitrine-screen-").tempdir()?;
        let mut command = Command::new("Xvfb");
        command
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-screen", "0", &format!("{width}x{height}x24"), "-fbdir"])
            .arg(memory.path())
            .stdin(Stdio::null());
        let mut server = Program::start(command)?;
        let number = server.line(LIMIT, |line| line.trim().parse().ok())?;
        Ok(Self { number, memory, _server: server })
    }

    /// As programs name it, such as `:7`.
    #[must_use]
    pub fn name(&self) -> String {
        format!(":{}", self.number)
    }

    /// Lets `command` find it.
    pub fn furnish(&self, command: &mut Command) {
        command.env("DISPLAY", self.name());
    }

    /// Every pixel of the screen, now.
    ///
    /// # Errors
    /// The screen's memory is not as the X server's dump format says.
    pub fn pixels(&self) -> Result<Pixels> {
        decode(&std::fs::read(self.memory.path().join("Xvfb_screen0"))?)
    }

    /// The same, as a PNG file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn screenshot(&self, file: &Path) -> Result<()> {
        self.pixels()?.save(file)
    }
}

/// A picture: rows from the top, three bytes a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green and blue of each pixel.
    pub rgb: Vec<u8>,
}

impl Pixels {
    /// Writes it as a PNG file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, file: &Path) -> Result<()> {
        let write = || -> Result<()> {
            let output = BufWriter::new(File::create(file)?);
            let mut encoder = png::Encoder::new(output, u32::try_from(self.width)?, u32::try_from(self.height)?);
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_depth(png::BitDepth::Eight);
            encoder.write_header()?.write_image_data(&self.rgb)?;
            Ok(())
        };
        write().with_context(|| format!("cannot write {}", file.display()))
    }

    /// Brightness of each pixel, 0 to 255.
    #[must_use]
    pub fn grey(&self) -> Vec<u8> {
        self.rgb.as_chunks::<3>().0.iter().map(|[red, green, blue]| red / 4 + green / 2 + blue / 4).collect()
    }
}

/// Reads an X window dump of 24 bits in 32, which is what the virtual screen's memory is.
fn decode(dump: &[u8]) -> Result<Pixels> {
    let field = |index: usize| -> Result<usize> {
        let bytes = dump.get(index * 4..index * 4 + 4).context("the screen's memory is too short")?;
        Ok(usize::try_from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))?)
    };
    let (header, version, width, height) = (field(0)?, field(1)?, field(4)?, field(5)?);
    let (big_endian, bits, stride, colours) = (field(7)? == 1, field(11)?, field(12)?, field(19)?);
    ensure!(
        version == 7 && bits == 32,
        "the screen's memory has version {version} and {bits} bits per pixel, 7 and 32 are expected"
    );
    ensure!(width > 0 && stride >= width * 4, "the screen's rows of {width} pixels take {stride} bytes");
    // Each entry of the colour map takes 12 bytes between header and pixels.
    let pixels = dump.get(header + colours * 12..).context("the screen's memory has no pixels")?;
    ensure!(pixels.len() >= stride * height, "the screen's memory has too few pixels");
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in pixels.chunks_exact(stride).take(height) {
        for &[a, b, c, d] in &row.as_chunks::<4>().0[..width] {
            rgb.extend(if big_endian { [b, c, d] } else { [c, b, a] });
        }
    }
    Ok(Pixels { width, height, rgb })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_screen_has_its_size() {
        let display = Display::start(640, 480).unwrap();
        let pixels = display.pixels().unwrap();
        assert_eq!((pixels.width, pixels.height, pixels.rgb.len()), (640, 480, 640 * 480 * 3));
    }

    #[test]
    fn a_dump_is_read_in_either_order_of_bytes() {
        for (order, pixel) in [(0_u32, [3, 2, 1, 0]), (1, [0, 1, 2, 3])] {
            let mut header = vec![0_u32; 25];
            (header[0], header[1], header[4], header[5], header[7], header[11], header[12]) = (100, 7, 1, 1, order, 32, 4);
            let dump: Vec<u8> = header.into_iter().flat_map(u32::to_be_bytes).chain(pixel).collect();
            assert_eq!(decode(&dump).unwrap().rgb, [1, 2, 3]);
        }
    }
}
