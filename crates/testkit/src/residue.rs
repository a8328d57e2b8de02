//! Looking for what should not have stayed behind: words in files, in every encoding a program may have written them.

use std::path::{Path, PathBuf};

use anyhow::Result;

/// A word that was found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Where.
    pub file: PathBuf,
    /// What.
    pub word: String,
}

/// Every file under `folder` whose raw bytes contain one of `words`, written just so, in UTF-8 or UTF-16. File names count as
/// content.
///
/// # Errors
/// A file or folder cannot be read, though it is still there.
pub fn traces(folder: &Path, words: &[&str]) -> Result<Vec<Trace>> {
    let needles: Vec<(String, Vec<Vec<u8>>)> = words.iter().map(|word| ((*word).to_owned(), encodings(word))).collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
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
            for (word, encodings) in &needles {
                if encodings.iter().any(|needle| contains(&content, needle)) {
                    found.push(Trace { file: path.clone(), word: word.clone() });
                }
            }
        }
    }
    Ok(found)
}

fn encodings(word: &str) -> Vec<Vec<u8>> {
    let wide = |bytes: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    vec![word.as_bytes().to_vec(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)]
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else {
        return false;
    };
    let mut from = 0;
    while let Some(at) = hay[from..].iter().position(|byte| byte == first) {
        from += at;
        if hay[from..].starts_with(needle) {
            return true;
        }
        from += 1;
    }
    false
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
