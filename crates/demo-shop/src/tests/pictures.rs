//! The pictures.

use std::collections::BTreeSet;

use super::rows;

/// Largest size of a picture in bytes.
const PICTURE_LIMIT: usize = 6_000;

fn pictures() -> Vec<(String, String)> {
    crate::files()
        .into_iter()
        .filter(|(path, _)| path.starts_with("images/"))
        .map(|(path, content)| (path, String::from_utf8(content).expect("text")))
        .collect()
}

#[test]
fn every_picture_named_in_the_catalogue_exists() {
    let paths: BTreeSet<String> = crate::files().into_iter().map(|(path, _)| path).collect();
    for row in rows("products.csv") {
        let path = row["image_url"].trim_start_matches('/').to_owned();
        assert!(paths.contains(&path), "{path}");
    }
}

#[test]
fn no_picture_is_larger_than_six_kilobytes() {
    for (path, picture) in pictures() {
        assert!(picture.len() <= PICTURE_LIMIT, "{path} has {} bytes", picture.len());
    }
}

#[test]
fn pictures_hold_no_text_filter_script_or_outside_reference() {
    for (path, picture) in pictures() {
        for banned in ["<text", "<filter", "<script", "<image", "<style", "data:", "href=\"h"] {
            assert!(!picture.contains(banned), "{path} contains {banned}");
        }
        assert!(picture.contains("viewBox=\"0 0 600 720\""), "{path}");
        assert!(!picture.chars().any(|letter| letter.is_control() && letter != '\n'), "{path}");
    }
}

#[test]
fn every_reference_inside_a_picture_has_its_definition_and_ids_are_unique() {
    let mut all = BTreeSet::new();
    for (path, picture) in pictures() {
        let ids: Vec<&str> = picture.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for id in &ids {
            assert!(all.insert((*id).to_owned()), "{path}: {id} twice");
        }
        for reference in picture.split('#').skip(1).filter(|rest| rest.starts_with(['p', 'o'])) {
            let id = reference.split(['"', ')']).next().expect("an id");
            assert!(ids.contains(&id), "{path}: {id} is nowhere");
        }
    }
}
