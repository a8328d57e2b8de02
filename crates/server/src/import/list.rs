//! Lists in a cell: JSON, or as Python writes them (`[{'order_id': 'ORD1', 'rating': None}]`).

use std::{iter::Peekable, str::Chars};

use serde_json::{Map, Number, Value};

/// Deepest nesting that is read.
const DEEPEST: u32 = 32;

/// The value in a cell; a blank cell is an empty list.
///
/// # Errors
/// The text is neither JSON nor what Python writes; the sentence says what was expected.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("nan") {
        return Ok(Value::Array(Vec::new()));
    }
    serde_json::from_str(text).or_else(|_| python(text))
}

/// Reads what Python's `repr` writes.
fn python(text: &str) -> Result<Value, String> {
    let mut parser = Parser { rest: text.chars().peekable() };
    let value = parser.value(0)?;
    parser.skip_space();
    match parser.rest.next() {
        None => Ok(value),
        Some(letter) => Err(format!("there is '{letter}' after the end of the list")),
    }
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Parser<'_> {
    fn skip_space(&mut self) {
        while self.rest.next_if(|letter| letter.is_whitespace()).is_some() {}
    }

    /// Whether the next letter is this one, which is taken then.
    fn takes(&mut self, letter: char) -> bool {
        self.skip_space();
        self.rest.next_if_eq(&letter).is_some()
    }

    fn value(&mut self, depth: u32) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err("the list is nested too deep".into());
        }
        self.skip_space();
        match self.rest.peek().copied() {
            Some('[') => self.items('[', ']', depth).map(Value::Array),
            Some('(') => self.items('(', ')', depth).map(Value::Array),
            Some('{') => self.object(depth).map(Value::Object),
            Some(quote @ ('\'' | '"')) => self.text(quote).map(Value::String),
            Some(letter) if letter.is_ascii_digit() || matches!(letter, '-' | '+' | '.') => self.number(),
            Some(letter) if letter.is_ascii_alphabetic() => self.word(),
            Some(letter) => Err(format!("'{letter}' begins no value")),
            None => Err("the list ends too early".into()),
        }
    }

    fn items(&mut self, open: char, close: char, depth: u32) -> Result<Vec<Value>, String> {
        self.takes(open);
        let mut items = Vec::new();
        loop {
            if self.takes(close) {
                return Ok(items);
            }
            items.push(self.value(depth + 1)?);
            if !self.takes(',') {
                return if self.takes(close) { Ok(items) } else { Err(format!("a list needs ',' or '{close}' after an item")) };
            }
        }
    }

    fn object(&mut self, depth: u32) -> Result<Map<String, Value>, String> {
        self.takes('{');
        let mut object = Map::new();
        loop {
            if self.takes('}') {
                return Ok(object);
            }
            let name = match self.rest.peek().copied() {
                Some(quote @ ('\'' | '"')) => self.text(quote)?,
                _ => return Err("a name between quotes is expected after '{' or ','".into()),
            };
            if !self.takes(':') {
                return Err("':' is expected after a name".into());
            }
            let value = self.value(depth + 1)?;
            object.insert(name, value);
            if !self.takes(',') {
                return if self.takes('}') { Ok(object) } else { Err("',' or '}' is expected after a value".into()) };
            }
        }
    }

    fn text(&mut self, quote: char) -> Result<String, String> {
        self.rest.next();
        let mut text = String::new();
        loop {
            match self.rest.next() {
                None => return Err(format!("a text is not closed with {quote}")),
                Some(letter) if letter == quote => return Ok(text),
                Some('\\') => text.extend(self.escape()?),
                Some(letter) => text.push(letter),
            }
        }
    }

    fn escape(&mut self) -> Result<Option<char>, String> {
        let letter = match self.rest.next() {
            None => return Err("the list ends too early".into()),
            // A line break after a backslash joins two lines.
            Some('\n') => return Ok(None),
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('v') => '\u{b}',
            Some('a') => '\u{7}',
            Some('0') => '\0',
            Some('x') => self.code(2)?,
            Some('u') => self.code(4)?,
            Some('U') => self.code(8)?,
            Some(other) => other,
        };
        Ok(Some(letter))
    }

    fn code(&mut self, digits: u32) -> Result<char, String> {
        let high = self.hex(digits)?;
        // Two halves of one letter, as JSON writes what does not fit into four digits.
        if (0xd800..0xdc00).contains(&high) && self.rest.next_if_eq(&'\\').is_some() {
            let low = if self.rest.next_if_eq(&'u').is_some() { self.hex(4)? } else { 0 };
            let whole = 0x1_0000 + ((high - 0xd800) << 10) + low.wrapping_sub(0xdc00);
            return char::from_u32(whole)
                .filter(|_| (0xdc00..0xe000).contains(&low))
                .ok_or_else(|| "half a letter after \\u".into());
        }
        char::from_u32(high).ok_or_else(|| "no letter has the number after the backslash".into())
    }

    fn hex(&mut self, digits: u32) -> Result<u32, String> {
        (0..digits).try_fold(0_u32, |number, _| {
            let digit =
                self.rest.next().and_then(|letter| letter.to_digit(16)).ok_or("hex digits are expected after the backslash")?;
            number
                .checked_mul(16)
                .map(|number| number + digit)
                .ok_or_else(|| "no letter has the number after the backslash".to_owned())
        })
    }

    fn number(&mut self) -> Result<Value, String> {
        let mut text = String::new();
        while let Some(letter) =
            self.rest.next_if(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '+' | '.' | '_'))
        {
            text.push(letter);
        }
        let text = text.replace('_', "");
        let text = text.strip_prefix('+').unwrap_or(&text);
        let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
        let number = whole.or_else(|| text.parse().ok().and_then(Number::from_f64));
        number.map(Value::Number).ok_or_else(|| format!("{} is no number", super::table::short(text)))
    }

    fn word(&mut self) -> Result<Value, String> {
        let mut word = String::new();
        while let Some(letter) = self.rest.next_if(char::is_ascii_alphanumeric) {
            word.push(letter);
        }
        match word.as_str() {
            "None" | "null" | "nan" | "NaN" => Ok(Value::Null),
            "True" | "true" => Ok(Value::Bool(true)),
            "False" | "false" => Ok(Value::Bool(false)),
            _ => Err(format!("{} is no value; texts stand between quotes", super::table::short(&word))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn both_notations_give_the_same_list() {
        let expected = json!([{"order_id": "ORD000901", "sku": "SKU000901", "qty": 2, "amount": 3232.48, "date": "2025-12-05", "rating": null}]);
        let python =
            "[{'order_id': 'ORD000901', 'sku': 'SKU000901', 'qty': 2, 'amount': 3232.48, 'date': '2025-12-05', 'rating': None}]";
        assert_eq!(parse(python).unwrap(), expected);
        assert_eq!(parse(&expected.to_string()).unwrap(), expected);
    }

    #[test]
    fn escapes_and_words_of_python_are_read() {
        assert_eq!(
            parse(r#"["it's", 'a "b"', 'c\'d\\e\n\xe9\u0928\U0001f45f', True, False, None, (1, 2,), -3, +4.5e1, 1_000]"#)
                .unwrap(),
            json!(["it's", "a \"b\"", "c'd\\e\né\u{928}\u{1f45f}", true, false, null, [1, 2], -3, 45.0, 1000])
        );
    }

    #[test]
    fn blank_cells_are_empty_lists() {
        for text in ["", "  ", "nan", "[]", "()"] {
            assert_eq!(parse(text).unwrap(), json!([]), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_list_is_refused_with_a_reason() {
        for text in [
            "[",
            "[1 2]",
            "{'a' 1}",
            "{a: 1}",
            "['open]",
            "[__import__('os')]",
            "[1] 2",
            "['\\ud800']",
            "['\\xg0']",
            &"[".repeat(10_000),
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    /// As Python's `repr` writes a value.
    fn repr(value: &Value, out: &mut String) {
        match value {
            Value::Null => out.push_str("None"),
            Value::Bool(true) => out.push_str("True"),
            Value::Bool(false) => out.push_str("False"),
            Value::Number(number) => write!(out, "{number}").unwrap(),
            Value::String(text) => repr_text(text, out),
            Value::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { ", " });
                    repr(item, out);
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (place, (name, member)) in members.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { ", " });
                    repr_text(name, out);
                    out.push_str(": ");
                    repr(member, out);
                }
                out.push('}');
            }
        }
    }

    fn repr_text(text: &str, out: &mut String) {
        let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
        out.push(quote);
        for letter in text.chars() {
            match letter {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                letter if letter == quote => write!(out, "\\{letter}").unwrap(),
                letter if letter.is_control() => write!(out, "\\x{:02x}", u32::from(letter)).unwrap(),
                letter => out.push(letter),
            }
        }
        out.push(quote);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1.0e12_f64..1.0e12).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(text in ".*") {
            let _ = python(&text);
        }

        #[test]
        fn no_likely_text_makes_the_parser_panic(text in r#"[\[\]{}(),:'"\\ux0-9a-fNoneTru.+\- ]{0,60}"#) {
            let _ = python(&text);
        }

        #[test]
        fn every_value_survives_pythons_notation(value in any_value()) {
            let mut text = String::new();
            repr(&value, &mut text);
            prop_assert_eq!(python(&text).unwrap(), value);
        }

        #[test]
        fn json_is_read_alike(value in any_value()) {
            prop_assert_eq!(python(&value.to_string()).unwrap(), value);
        }
    }
}
