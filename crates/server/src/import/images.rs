use std::{collections::HashMap, fs, io, path::Path};

use indicatif::ProgressBar;

use super::{FileReport, begin};
use crate::catalogue::is_plain_file_name;

const FOLDER: &str = "images";
const PICTURES: &[&str] = &["svg", "png", "jpg", "jpeg", "webp", "avif", "gif"];

/// Copies the folder of pictures. A picture that is there with the same bytes is left alone.
pub(super) fn import(to: &Path, dir: &Path, progress: &ProgressBar) -> Option<FileReport> {
    let from = dir.join(FOLDER);
    if !from.exists() {
        return None;
    }
    let names = fs::create_dir_all(to).and_then(|()| names(&from));
    let names = match names {
        Ok(names) => names,
        Err(error) => {
            return Some(FileReport::unreadable(FOLDER, format!("{error}; check that {} can be written", to.display())));
        }
    };
    begin(progress, FOLDER, names.len());
    let mut report = FileReport::new(FOLDER);
    for (place, name) in names.iter().enumerate() {
        let number = place as u64 + 1;
        if !is_plain_file_name(name) {
            report.refuse(
                number,
                format!("{} is no name for a picture; use letters, digits, '-', '_' and '.'", super::table::short(name)),
            );
        } else if !is_picture(name) {
            report.refuse(number, format!("{name} is no picture; {} are", PICTURES.join(", ")));
        } else if let Err(error) = copy(&from.join(name), to, name) {
            report.refuse(number, format!("{name} cannot be copied: {error}"));
        } else {
            report.taken += 1;
        }
        progress.inc(1);
    }
    Some(report)
}

/// The pictures of a folder by their names without the extension.
pub(super) fn by_stem(folder: &Path) -> HashMap<String, String> {
    let names = names(folder).unwrap_or_default().into_iter().filter(|name| is_picture(name));
    names.filter_map(|name| Some((name.rsplit_once('.')?.0.to_owned(), name))).collect()
}

/// The files of a folder in order of name; a folder in it is no file.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn is_picture(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| PICTURES.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

/// Copies under another name first, so that nobody is served half a picture.
fn copy(from: &Path, to: &Path, name: &str) -> io::Result<()> {
    let (bytes, target) = (fs::read(from)?, to.join(name));
    if fs::read(&target).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let part = to.join(format!(".{name}.part"));
    fs::write(&part, bytes)?;
    fs::rename(part, target)
}
