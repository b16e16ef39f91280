//! One XML part of a package, read as events under guard.

use std::io::{self, BufRead, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::{Limits, Refusal};

/// Elements nested deeper than this occur in no workbook; the parser keeps a stack of them.
const MAX_DEPTH: usize = 256;
const BUFFER_BYTES: usize = 64 * 1024;

/// A reader that counts inflated bytes and stops at the limits, also within a single huge XML event, which the
/// parser would otherwise collect in memory.
struct Inflated<R> {
    inner: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    part: String,
    inflated: u64,
    allowed: u64,
    event_bytes: usize,
    max_event_bytes: usize,
}

impl<R: Read> BufRead for Inflated<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.event_bytes > self.max_event_bytes {
            return Err(io::Error::other(Refusal::corrupt(&self.part, "an XML element is too long")));
        }
        if self.start == self.end {
            self.start = 0;
            self.end = self.inner.read(&mut self.buffer)?;
            self.inflated += self.end as u64;
            if self.inflated > self.allowed {
                return Err(io::Error::other(Refusal::ZipBomb { part: self.part.clone() }));
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
        self.event_bytes += amount;
    }
}

impl<R: Read> Read for Inflated<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Events of one XML part. Empty elements come as start and end; a document type is refused, so no entity but
/// the five predefined ones is ever expanded (ECMA-376 Part 2, 8.1.4 forbids document types in packages).
pub(crate) struct XmlPart<R> {
    reader: Reader<Inflated<R>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl<R: Read> XmlPart<R> {
    /// `compressed` is the part's size in the package, `spent` what other parts have inflated to so far (bytes).
    pub(crate) fn new(inner: R, part: &str, compressed: u64, spent: u64, limits: &Limits) -> Self {
        let by_ratio = compressed.saturating_mul(limits.max_ratio).max(Limits::RATIO_FREE_BYTES);
        let by_total = limits.max_uncompressed_bytes.saturating_sub(spent);
        let inflated = Inflated {
            inner,
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
            part: part.to_owned(),
            inflated: 0,
            allowed: by_ratio.min(by_total),
            event_bytes: 0,
            // A UTF-8 character takes up to four bytes; the rest is room for comments and namespaces.
            max_event_bytes: limits.max_cell_chars.saturating_mul(4) + 256 * 1024,
        };
        let mut reader = Reader::from_reader(inflated);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::with_capacity(1024), depth: 0 }
    }

    /// The next event; whatever is neither element nor text is passed over.
    pub(crate) fn next(&mut self) -> Result<Event<'_>, Refusal> {
        // The name of the part is needed while the event borrows the buffer, hence the two steps.
        self.buffer.clear();
        self.reader.get_mut().event_bytes = 0;
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(refusal_of(&self.reader.get_ref().part, error)),
        };
        match &event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => {
                return Err(Refusal::corrupt(
                    &self.reader.get_ref().part,
                    "it declares an XML document type",
                ));
            }
            Event::Eof if self.depth > 0 => {
                return Err(Refusal::corrupt(&self.reader.get_ref().part, "the XML ends too early"));
            }
            _ => {}
        }
        if self.depth > MAX_DEPTH {
            return Err(Refusal::corrupt(&self.reader.get_ref().part, "XML elements are nested too deeply"));
        }
        Ok(event)
    }

    /// Bytes inflated so far.
    pub(crate) fn inflated(&self) -> u64 {
        self.reader.get_ref().inflated
    }

    pub(crate) fn corrupt(&self, detail: impl std::fmt::Display) -> Refusal {
        Refusal::corrupt(&self.reader.get_ref().part, detail)
    }

    /// Reads text up to the end of the element just started into `out`, at most `max_bytes` of it; phonetic
    /// readings (`rPh`) are left out.
    pub(crate) fn read_text(&mut self, out: &mut String, max_bytes: usize) -> Result<(), Refusal> {
        let (mut depth, mut phonetic) = (0usize, 0usize);
        loop {
            match self.next()? {
                Event::Start(element) => {
                    depth += 1;
                    if element.local_name().as_ref() == "rPh" {
                        phonetic = depth;
                    }
                }
                Event::End(_) if depth == 0 => return Ok(()),
                Event::End(_) => {
                    if phonetic == depth {
                        phonetic = 0;
                    }
                    depth -= 1;
                }
                Event::Eof => return Err(self.corrupt("the XML ends too early")),
                event if phonetic == 0 && out.len() <= max_bytes => push_text(&event, out),
                _ => {}
            }
        }
    }
}

/// Appends the characters an event stands for. Unknown entities stand for nothing.
pub(crate) fn push_text(event: &Event<'_>, out: &mut String) {
    match event {
        Event::Text(text) => out.push_str(&text.xml10_content()),
        Event::CData(text) => out.push_str(&text.xml10_content()),
        Event::GeneralRef(name) => match name.as_ref() {
            "amp" => out.push('&'),
            "lt" => out.push('<'),
            "gt" => out.push('>'),
            "quot" => out.push('"'),
            "apos" => out.push('\''),
            _ => out.extend(name.resolve_char_ref().ok().flatten()),
        },
        _ => {}
    }
}

/// An attribute by its local name, with the predefined entities resolved.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .and_then(|attribute| {
            attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(|v| v.into_owned())
        })
}

fn refusal_of(part: &str, error: quick_xml::Error) -> Refusal {
    match error {
        quick_xml::Error::Io(error) => Refusal::from_io(part, &error),
        other => Refusal::corrupt(part, other),
    }
}

/// Decodes `_x000D_` escapes (ECMA-376 Part 1, 22.9.2.19 ST_Xstring).
pub(crate) fn decode_escapes(text: &mut String) {
    if !text.contains("_x") {
        return;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = rest.get(2..6).filter(|_| rest.as_bytes().get(6) == Some(&b'_'));
        let code = code.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
            Some(c) => {
                out.push(c);
                rest = &rest[7..];
            }
            None => {
                out.push_str("_x");
                rest = &rest[2..];
            }
        }
    }
    out.push_str(rest);
    *text = out;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_escapes_are_decoded_once() {
        for (raw, decoded) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_xZZZZ_", "_xZZZZ_"),
            ("尾_x", "尾_x"),
            ("_x客户_", "_x客户_"),
        ] {
            let mut text = raw.to_owned();
            decode_escapes(&mut text);
            assert_eq!(text, decoded);
        }
    }

    #[test]
    fn an_entity_bomb_is_refused_before_anything_expands() {
        let xml = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
        let mut part = XmlPart::new(xml.as_bytes(), "sheet1.xml", 100, 0, &Limits::default());
        assert!(matches!(part.next(), Err(Refusal::Corrupt { .. })));
    }

    #[test]
    fn a_single_endless_element_stops_at_the_limit() {
        let xml = io::Cursor::new(b"<a b='").chain(io::repeat(b'x'));
        let mut part = XmlPart::new(xml, "sheet1.xml", 100, 0, &Limits::default());
        assert!(matches!(part.next(), Err(Refusal::Corrupt { .. })));
        assert!(part.buffer.len() < 1024 * 1024);
    }

    #[test]
    fn endless_nesting_stops_at_the_limit() {
        struct Nested;
        impl Read for Nested {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let count = out.len() / 3 * 3;
                out[..count].chunks_exact_mut(3).for_each(|c| c.copy_from_slice(b"<a>"));
                Ok(count)
            }
        }
        let mut part = XmlPart::new(Nested, "sheet1.xml", 100, 0, &Limits::default());
        let refusal = loop {
            if let Err(refusal) = part.next().map(|_| ()) {
                break refusal;
            }
        };
        assert!(refusal.to_string().contains("nested"), "{refusal}");
    }
}
