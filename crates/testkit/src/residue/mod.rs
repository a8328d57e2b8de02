//! Looking for what should not have stayed behind: words in files and in the memory of processes, in every encoding a program may
//! have written them.

mod encodings;
pub mod memory;
mod words;

use std::path::{Path, PathBuf};

use anyhow::Result;

pub use words::Words;

/// A word that was found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where.
    pub file: PathBuf,
    /// What.
    pub word: String,
}

/// Every file under `folder` that contains one of `words`, in whatever encoding. File names count as content.
///
/// # Errors
/// A file or folder cannot be read, though it is still there.
pub fn traces(folder: &Path, words: &[&str]) -> Result<Vec<Trace>> {
    files(folder, &Words::new(words))
}

/// The same, with words that were prepared before.
///
/// # Errors
/// A file or folder cannot be read, though it is still there.
pub fn files(folder: &Path, words: &Words) -> Result<Vec<Trace>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            let mut content = entry.file_name().into_encoded_bytes();
            if kind.is_dir() {
                folders.push(path.clone());
            } else if kind.is_file() {
                match std::fs::read(&path) {
                    Ok(bytes) => content.extend(bytes),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    Err(error) => {
                        return Err(anyhow::Error::new(error).context(format!("cannot look into {}", path.display())));
                    }
                }
            }
            found.extend(words.within(&content).into_iter().map(|word| Trace { file: path.clone(), word: word.to_owned() }));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_every_encoding() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        std::fs::write(folder.path().join("deep/a"), b"\0\xff Meera\0").unwrap();
        std::fs::write(folder.path().join("b"), "Meera".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>()).unwrap();
        std::fs::write(folder.path().join("c"), b"Mera Meer a meera").unwrap();
        let mut files: Vec<_> = traces(folder.path(), &["Meera"]).unwrap().into_iter().map(|trace| trace.file).collect();
        files.sort();
        assert_eq!(files, [folder.path().join("b"), folder.path().join("deep/a")]);
    }

    #[test]
    fn a_files_name_counts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cache-919810000001.db"), b"").unwrap();
        assert_eq!(traces(folder.path(), &["9810000001"]).unwrap().len(), 1);
    }
}
