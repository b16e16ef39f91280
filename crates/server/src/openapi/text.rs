//! JSON for people and diffs: what fits on a line stands on one.

use serde_json::Value as Json;

const WIDTH: usize = 120;

pub fn pretty(json: &Json) -> String {
    let mut out = String::new();
    write(json, 0, &mut out);
    out.push('\n');
    out
}

fn write(json: &Json, indent: usize, out: &mut String) {
    let line = json.to_string();
    let (open, close, members): (char, char, Vec<(String, &Json)>) = match json {
        Json::Object(members) if !members.is_empty() => {
            let named =
                members.iter().map(|(name, value)| (format!("{}: ", Json::from(name.as_str())), value));
            ('{', '}', named.collect())
        }
        Json::Array(items) if !items.is_empty() => {
            ('[', ']', items.iter().map(|item| (String::new(), item)).collect())
        }
        _ => return out.push_str(&line),
    };
    if indent > 0 && line.chars().count() + indent <= WIDTH {
        return out.push_str(&line);
    }
    out.push(open);
    for (place, (name, value)) in members.into_iter().enumerate() {
        out.push_str(if place == 0 { "\n" } else { ",\n" });
        out.extend(std::iter::repeat_n(' ', indent + 2));
        out.push_str(&name);
        write(value, indent + 2, out);
    }
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_text_is_the_same_json_with_short_members_on_a_line() {
        let json = json!({"a": {"b": [1, 2], "c": {}}, "long": vec!["0123456789"; 12], "none": []});
        let text = pretty(&json);
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), json);
        assert!(text.contains("\n  \"a\": {\"b\":[1,2],\"c\":{}},\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH + 10));
    }
}
