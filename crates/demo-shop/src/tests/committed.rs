//! The committed copy.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn collect(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.insert(path);
        }
    }
}

#[test]
fn the_committed_files_are_what_the_generator_writes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shop");
    let mut expected = BTreeSet::new();
    for (path, content) in crate::files() {
        let place = folder.join(&path);
        let same = fs::read(&place).is_ok_and(|found| found == content);
        assert!(same, "shop/{path} differs from what the generator writes: run `cargo xtask gen`");
        expected.insert(place);
    }
    let mut found = BTreeSet::new();
    collect(&folder, &mut found);
    let left_over: Vec<_> = found.difference(&expected).collect();
    assert!(left_over.is_empty(), "files nobody generates: {left_over:?}; run `cargo xtask gen`");
}
