//! What the documents name is there.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// The targets of `[text](target)` and of pictures, without those on the web.
fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .collect()
}

/// What stands in backquotes and looks like a path of the repository.
fn paths(text: &str) -> Vec<&str> {
    const TOPS: &[&str] = &["src-tauri/", "ui/", "icons/", "crates/", "tests/", "docs/"];
    text.split('`').skip(1).step_by(2).filter(|quoted| TOPS.iter().any(|top| quoted.starts_with(top))).collect()
}

#[test]
fn every_link_of_a_document_leads_somewhere() {
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            let target = document.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(target.exists(), "{} links to {link}, which is not there", document.display());
        }
    }
}

#[test]
fn every_path_that_a_document_names_exists() {
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for path in paths(&text) {
            assert!(root().join(path).exists(), "{} names {path}, which is not there", document.display());
        }
    }
}
