//! Shapes of answers, written as JSON of words: `string`, `int`, `number`, `bool`, `time`, `uuid`, `object`, `list`, `hex32`,
//! `hex64`, alternatives with `|`, a constant after `=`. `[shape]` is a list of such, `{..}` has at least these members.

use serde_json::Value;

/// What is wrong with a value, if anything.
pub fn problem(shape: &Value, value: &Value, place: &str) -> Option<String> {
    match shape {
        Value::String(words) => {
            let fits = words.split('|').any(|word| is_a(word, value));
            (!fits).then(|| format!("{place} is {value}, not {words}"))
        }
        Value::Array(items) => {
            let Value::Array(values) = value else { return Some(format!("{place} is {value}, not a list")) };
            let item = items.first()?;
            values.iter().enumerate().find_map(|(number, value)| problem(item, value, &format!("{place}[{number}]")))
        }
        Value::Object(members) => {
            let Value::Object(values) = value else { return Some(format!("{place} is {value}, not an object")) };
            members.iter().find_map(|(name, shape)| match values.get(name) {
                Some(value) => problem(shape, value, &format!("{place}.{name}")),
                None => Some(format!("{place}.{name} is missing in {value}")),
            })
        }
        other => (other != value).then(|| format!("{place} is {value}, not {other}")),
    }
}

fn is_a(word: &str, value: &Value) -> bool {
    let is_hex = |length: usize| {
        value.as_str().is_some_and(|text| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        })
    };
    match word {
        "string" => value.is_string(),
        "int" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "bool" => value.is_boolean(),
        "object" => value.is_object(),
        "list" => value.is_array(),
        "null" => value.is_null(),
        "time" => value.as_str().is_some_and(|text| text.ends_with('Z') && protocol::Timestamp::parse(text).is_ok()),
        "uuid" => value.as_str().is_some_and(|text| text.parse::<uuid::Uuid>().is_ok()),
        "hex32" => is_hex(32),
        "hex64" => is_hex(64),
        constant => constant.strip_prefix('=').is_some_and(|text| value.as_str() == Some(text)),
    }
}

#[test]
fn contract_shapes_tell_right_from_wrong() {
    let shape = serde_json::json!({"a": "int", "b": ["string|null"], "c": "=x"});
    assert_eq!(problem(&shape, &serde_json::json!({"a": 1, "b": ["y", null], "c": "x", "d": 2}), "it"), None);
    for wrong in [
        serde_json::json!({"b": [], "c": "x"}),
        serde_json::json!({"a": "1", "b": [], "c": "x"}),
        serde_json::json!({"a": 1, "b": [7], "c": "x"}),
        serde_json::json!({"a": 1, "b": [], "c": "y"}),
    ] {
        assert!(problem(&shape, &wrong, "it").is_some(), "{wrong}");
    }
}
