use protocol::Entropy;

/// Letters and digits that are not mistaken for each other.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS: usize = 4;
const GROUP: usize = 4;

/// A random password that a person can copy from a screen: four groups of four, 79 bits.
#[must_use]
pub fn draw(entropy: &dyn Entropy) -> String {
    let mut text = String::with_capacity(GROUPS * (GROUP + 1));
    for place in 0..GROUPS * GROUP {
        if place > 0 && place % GROUP == 0 {
            text.push('-');
        }
        text.push(letter(entropy));
    }
    text
}

fn letter(entropy: &dyn Entropy) -> char {
    loop {
        let mut byte = [0];
        entropy.fill(&mut byte);
        // Bytes beyond the last whole multiple would make some letters likelier.
        if usize::from(byte[0]) < 256 / LETTERS.len() * LETTERS.len() {
            return char::from(LETTERS[usize::from(byte[0]) % LETTERS.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::ambient::SystemEntropy;

    use super::*;

    #[test]
    fn a_drawn_password_has_four_readable_groups_and_is_new_each_time() {
        let one = draw(&SystemEntropy);
        assert_eq!(one.len(), 19);
        assert!(one.split('-').all(|group| group.len() == 4 && group.bytes().all(|byte| LETTERS.contains(&byte))), "{one}");
        assert_ne!(one, draw(&SystemEntropy));
        assert_eq!(super::super::check(&one, 8), Ok(()));
    }
}
