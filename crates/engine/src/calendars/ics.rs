//! The lines of iCalendar (RFC 5545 §3.1): folded at 75 octets, values escaped, names with parameters.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use huike_model::moment::instant;

/// The longest line in octets, without its end.
const FOLDED: usize = 75;
/// Objects with more lines are not written by people.
const MOST_LINES: usize = 5_000;

/// A document under construction.
#[derive(Debug, Default)]
pub struct Writer(String);

impl Writer {
    /// A line whose value needs no escaping: a date, a word, a rule.
    pub fn line(&mut self, name: &str, value: &str) -> &mut Writer {
        let whole = format!("{name}:{value}");
        let mut room = FOLDED;
        for letter in whole.chars() {
            if letter.len_utf8() > room {
                self.0.push_str("\r\n ");
                // The blank that begins the line counts.
                room = FOLDED - 1;
            }
            self.0.push(letter);
            room -= letter.len_utf8();
        }
        self.0.push_str("\r\n");
        self
    }

    /// A line with a text (§3.3.11).
    pub fn text(&mut self, name: &str, value: &str) -> &mut Writer {
        let mut escaped = String::with_capacity(value.len());
        for letter in value.chars() {
            match letter {
                '\\' | ';' | ',' => escaped.extend(['\\', letter]),
                '\n' => escaped.push_str("\\n"),
                letter if letter.is_control() => {}
                letter => escaped.push(letter),
            }
        }
        self.line(name, &escaped)
    }

    pub fn instant(&mut self, name: &str, at: i64) -> &mut Writer {
        let at = DateTime::<Utc>::from_timestamp_millis(at).unwrap_or_default();
        self.line(name, &at.format("%Y%m%dT%H%M%SZ").to_string())
    }

    pub fn finish(self) -> String {
        self.0
    }
}

/// One property of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    pub name: String,
    /// The parameters with their values.
    pub parameters: Vec<(String, String)>,
    /// As it stands, escaped.
    pub value: String,
}

impl Property {
    /// A text without its escapes.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(self.value.len());
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('n' | 'N') => out.push('\n'),
                    Some(letter) => out.push(letter),
                    None => {}
                },
                letter => out.push(letter),
            }
        }
        out
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A date with or without a time. What names no zone is in `zone`; a date alone is at `day_at`.
    pub fn instant(&self, zone: Tz, day_at: NaiveTime) -> Option<i64> {
        let text = self.value.trim();
        if let Some(utc) = text.strip_suffix('Z') {
            return NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S")
                .ok()
                .map(|at| at.and_utc().timestamp_millis());
        }
        let zone = match self.parameter("TZID") {
            // A zone of the client's own making is taken for ours.
            Some(name) => name.trim_matches('/').parse().unwrap_or(zone),
            None => zone,
        };
        let local = match NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S") {
            Ok(local) => local,
            Err(_) => NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_time(day_at),
        };
        Some(instant(zone, local))
    }
}

/// The first component of a name, its own properties without those of components inside of it, such as alarms.
pub fn component(text: &str, name: &str) -> Option<Vec<Property>> {
    let mut path: Vec<String> = Vec::new();
    let mut found = None;
    for line in unfolded(text)?.lines() {
        let Some(property) = property(line) else { continue };
        match property.name.as_str() {
            "BEGIN" => {
                path.push(property.value.trim().to_ascii_uppercase());
                if path.last().is_some_and(|last| last == name) && found.is_none() {
                    found = Some(Vec::new());
                }
            }
            "END" => {
                let ended = path.pop()?;
                if ended != property.value.trim().to_ascii_uppercase() {
                    return None;
                }
                if ended == name {
                    return found;
                }
            }
            _ if path.last().is_some_and(|last| last == name) => found.as_mut()?.push(property),
            _ => {}
        }
    }
    // It was never closed.
    None
}

fn unfolded(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    (text.lines().count() <= MOST_LINES).then_some(text)
}

/// `NAME;PARAMETER="a:b";OTHER=c:value`.
fn property(line: &str) -> Option<Property> {
    let mut quoted = false;
    let colon = line.char_indices().find_map(|(at, letter)| {
        quoted ^= letter == '"';
        (letter == ':' && !quoted).then_some(at)
    })?;
    let (head, value) = (&line[..colon], &line[colon + 1..]);
    let mut parts = split_unquoted(head);
    let name = parts.remove(0).to_ascii_uppercase();
    if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
        return None;
    }
    let parameters = parts
        .into_iter()
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.to_ascii_uppercase(), value.trim_matches('"').to_owned()))
        .collect();
    Some(Property { name, parameters, value: value.to_owned() })
}

fn split_unquoted(text: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quoted) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        quoted ^= letter == '"';
        if letter == ';' && !quoted {
            parts.push(&text[from..at]);
            from = at + 1;
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Asia::Shanghai;
    use proptest::prelude::*;

    fn nine() -> NaiveTime {
        NaiveTime::from_hms_opt(9, 0, 0).unwrap()
    }

    fn of(text: &str) -> Property {
        property(text).unwrap()
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut writer = Writer::default();
        writer.text("SUMMARY", &"回访王总，确认报价；".repeat(12));
        let text = writer.finish();
        assert!(text.split("\r\n").all(|line| line.len() <= FOLDED), "{text}");
        assert!(text.ends_with("\r\n"));
    }

    #[test]
    fn dates_are_read_in_their_zone() {
        let at = |text: &str| of(text).instant(Shanghai, nine());
        let noon = Some(1_795_147_200_000);
        assert_eq!(at("DUE:20261120T040000Z"), noon);
        assert_eq!(at("DUE:20261120T120000"), noon);
        assert_eq!(at("DUE;TZID=Asia/Tokyo:20261120T130000"), noon);
        assert_eq!(at("DUE;TZID=\"Our own zone\":20261120T120000"), noon);
        assert_eq!(at("DUE;VALUE=DATE:20261120"), noon.map(|at| at - 3 * 3_600_000));
        assert_eq!(at("DUE:tomorrow"), None);
    }

    #[test]
    fn a_component_is_read_without_the_alarm_in_it() {
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:a@b\r\nSUMMARY;LANGUAGE=zh:回访\\, \r\n 报价\\n两件\r\nBEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\nDUE:20261120T040000Z\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";
        let found = component(text, "VTODO").unwrap();
        let names: Vec<&str> = found.iter().map(|property| property.name.as_str()).collect();
        assert_eq!(names, ["UID", "SUMMARY", "DUE"]);
        assert_eq!(found[1].text(), "回访, 报价\n两件");
        assert!(component(text, "VEVENT").is_none());
        for broken in ["", "BEGIN:VTODO\nUID:a", "BEGIN:VTODO\nEND:VCALENDAR", "hello"] {
            assert!(component(broken, "VTODO").is_none(), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "[^\u{0}-\u{9}\u{b}-\u{1f}\u{7f}-\u{9f}]{0,200}") {
            let mut writer = Writer::default();
            writer.line("BEGIN", "VTODO").text("SUMMARY", &text).line("END", "VTODO");
            let found = component(&writer.finish(), "VTODO").unwrap();
            prop_assert_eq!(found[0].text(), text);
        }

        #[test]
        fn nothing_makes_the_reader_stumble(text in ".{0,300}") {
            component(&format!("BEGIN:VTODO\n{text}\nEND:VTODO"), "VTODO");
        }
    }
}
