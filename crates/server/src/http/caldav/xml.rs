//! The XML of WebDAV: what is asked, and the multi-status that answers.

use chrono::NaiveDateTime;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::fmt::Write as _;

/// What a PROPFIND or REPORT asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The name of the outermost element.
    pub report: String,
    /// The properties that are asked for; empty: the usual ones.
    pub properties: Vec<Property>,
    pub hrefs: Vec<String>,
    /// The innermost component of a filter.
    pub component: Option<String>,
    /// A time range, in milliseconds since 1970.
    pub from: Option<i64>,
    pub to: Option<i64>,
}

/// A property: its name and the namespace it was asked in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    pub namespace: String,
    pub name: String,
}

/// Deeper bodies are not written by calendar programs.
const DEEPEST: usize = 20;
const MOST_PROPERTIES: usize = 100;
const MOST_HREFS: usize = 1_000;

/// Reads a body; none when it is no XML. An empty one asks for the usual properties.
pub fn asked(text: &str) -> Option<Asked> {
    let mut asked = Asked::default();
    if text.trim().is_empty() {
        return Some(asked);
    }
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    // Prefix → namespace, as they come; none of these programs gives one prefix two meanings.
    let mut spaces: Vec<(String, String)> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                let name = open(&element, &path, &mut spaces, &mut asked)?;
                path.push(name);
                if path.len() > DEEPEST {
                    return None;
                }
            }
            Event::Empty(element) => {
                open(&element, &path, &mut spaces, &mut asked)?;
            }
            Event::End(_) => {
                path.pop()?;
            }
            Event::Text(text)
                if path.last().is_some_and(|name| name == "href") && asked.hrefs.len() < MOST_HREFS =>
            {
                asked.hrefs.push(text.trim().to_owned());
            }
            // A document type could define entities without end.
            Event::DocType(_) => return None,
            Event::Eof => return path.is_empty().then_some(asked),
            _ => {}
        }
    }
}

fn open(
    element: &BytesStart<'_>,
    path: &[String],
    spaces: &mut Vec<(String, String)>,
    asked: &mut Asked,
) -> Option<String> {
    let whole = element.name().as_ref().to_owned();
    let mut attributes: Vec<(String, String)> = Vec::new();
    for attribute in element.attributes() {
        let attribute = attribute.ok()?;
        let name = attribute.key.as_ref().to_owned();
        attributes.push((name, attribute.value.to_string()));
    }
    for (name, value) in &attributes {
        if let Some(prefix) = name.strip_prefix("xmlns") {
            spaces.push((prefix.trim_start_matches(':').to_owned(), value.clone()));
        }
    }
    let (prefix, name) = whole.split_once(':').unwrap_or(("", &whole));
    let namespace = spaces.iter().rev().find(|(known, _)| known == prefix).map(|(_, space)| space.clone());
    let attribute =
        |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    if path.is_empty() {
        asked.report = name.to_owned();
    } else if path.last().is_some_and(|parent| parent == "prop") && path.len() == 2 {
        if asked.properties.len() < MOST_PROPERTIES {
            let namespace = namespace.unwrap_or_default();
            asked.properties.push(Property { namespace, name: name.to_owned() });
        }
    } else if name == "comp-filter" {
        let component = attribute("name").map(str::to_ascii_uppercase);
        asked.component = component.filter(|name| name != "VCALENDAR").or(asked.component.take());
    } else if name == "time-range" {
        (asked.from, asked.to) = (attribute("start").and_then(instant), attribute("end").and_then(instant));
    }
    Some(name.to_owned())
}

fn instant(text: &str) -> Option<i64> {
    let at = NaiveDateTime::parse_from_str(text.strip_suffix('Z')?, "%Y%m%dT%H%M%S").ok()?;
    Some(at.and_utc().timestamp_millis())
}

/// One resource of a multi-status.
pub struct Answer {
    pub href: String,
    /// Its properties; none: there is no such resource.
    pub found: Option<Found>,
}

/// The properties that a resource has and those that it hasn't.
pub struct Found {
    has: String,
    lacks: String,
}

const SPACES: [(&str, &str); 3] =
    [("d", "DAV:"), ("c", "urn:ietf:params:xml:ns:caldav"), ("s", "http://calendarserver.org/ns/")];

/// The namespace in which a property of ours stands.
fn prefix(name: &str) -> &'static str {
    match name {
        "calendar-data" | "calendar-home-set" | "supported-calendar-component-set" => "c",
        "getctag" => "s",
        _ => "d",
    }
}

impl Found {
    /// Answers what was asked, or `usual` where nothing was. `value` gives a property's inner XML.
    pub fn of(asked: &Asked, usual: &[&str], value: impl Fn(&str) -> Option<String>) -> Found {
        let mut found = Found { has: String::new(), lacks: String::new() };
        if asked.properties.is_empty() {
            for name in usual {
                if let Some(inner) = value(name) {
                    found.put(name, &inner);
                }
            }
        }
        for property in &asked.properties {
            let ours = SPACES.iter().find(|(short, _)| *short == prefix(&property.name));
            let known = ours.is_some_and(|(_, space)| *space == property.namespace);
            match value(&property.name).filter(|_| known) {
                Some(inner) => found.put(&property.name, &inner),
                None => {
                    // Writing to a String cannot fail.
                    let _ = write!(
                        found.lacks,
                        "<x:{0} xmlns:x=\"{1}\"/>",
                        plain(&property.name),
                        escaped(&property.namespace)
                    );
                }
            }
        }
        found
    }

    fn put(&mut self, name: &str, inner: &str) {
        let short = prefix(name);
        let _ = write!(self.has, "<{short}:{name}>{inner}</{short}:{name}>");
    }
}

/// A name as it may stand in an answer.
fn plain(name: &str) -> String {
    let name: String =
        name.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(*letter)).collect();
    if name.starts_with(|letter: char| letter.is_ascii_alphabetic()) { name } else { format!("p{name}") }
}

fn head() -> String {
    let spaces: String = SPACES.iter().map(|(short, space)| format!(" xmlns:{short}=\"{space}\"")).collect();
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<d:multistatus{spaces}>")
}

pub fn multi_status(answers: &[Answer]) -> String {
    let mut out = head();
    for answer in answers {
        let _ = write!(out, "<d:response><d:href>{}</d:href>", escaped(&answer.href));
        match &answer.found {
            None => out.push_str("<d:status>HTTP/1.1 404 Not Found</d:status>"),
            Some(found) => {
                let _ = write!(
                    out,
                    "<d:propstat><d:prop>{}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>",
                    found.has
                );
                if !found.lacks.is_empty() {
                    let _ = write!(
                        out,
                        "<d:propstat><d:prop>{}</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>",
                        found.lacks
                    );
                }
            }
        }
        out.push_str("</d:response>");
    }
    out.push_str("</d:multistatus>");
    out
}

/// RFC 4791 §5.3.2.1, with the reason in words.
pub fn refusal(reason: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<d:error xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\">\
         <c:valid-calendar-data/><d:responsedescription>{}</d:responsedescription></d:error>",
        escaped(reason)
    )
}

pub fn unsupported_report() -> String {
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<d:error xmlns:d=\"DAV:\"><d:supported-report/></d:error>"
        .into()
}

/// Text between tags or in an attribute.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            letter if letter.is_control() && letter != '\n' && letter != '\t' => {}
            letter => out.push(letter),
        }
    }
    out
}

/// A segment of a path: RFC 3986 §2.3.
pub fn encoded(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A segment of a path without its percent signs; what is no UTF-8 names nothing.
pub fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits: String = rest.by_ref().take(2).map(char::from).collect();
        match u8::from_str_radix(&digits, 16) {
            Ok(byte) => bytes.push(byte),
            Err(_) => return String::new(),
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_whatever_its_prefixes() {
        let text = r#"<?xml version="1.0"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
            <D:prop><D:getetag/><C:calendar-data/></D:prop>
            <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VTODO">
            <C:time-range start="20261101T000000Z" end="20261201T000000Z"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"#;
        let asked = asked(text).unwrap();
        assert_eq!((asked.report.as_str(), asked.component.as_deref()), ("calendar-query", Some("VTODO")));
        let names: Vec<&str> = asked.properties.iter().map(|property| property.name.as_str()).collect();
        assert_eq!(names, ["getetag", "calendar-data"]);
        assert_eq!(asked.to.unwrap() - asked.from.unwrap(), 30 * 86_400_000);
    }

    #[test]
    fn what_is_no_xml_or_might_grow_without_end_is_refused() {
        for text in
            ["<", "<a>", "</a>", "<a></b>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a/>", &"<a>".repeat(100)]
        {
            assert_eq!(asked(text), None, "{text}");
        }
        assert_eq!(asked(""), Some(Asked::default()));
    }

    #[test]
    fn names_in_paths_come_back() {
        for name in ["0000000000001", "回访 a/b", "%"] {
            assert_eq!(decoded(&encoded(name)), name);
        }
        assert_eq!(decoded("%ff"), "");
    }
}
