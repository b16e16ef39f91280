//! Unambiguous concatenation: what is bound, hashed or authenticated together is written as a label and
//! then length-prefixed parts, so that ("ab", "c") and ("a", "bc") never give the same bytes.

/// Bytes under construction: a domain label, then parts in a fixed order.
pub(crate) struct Frame(Vec<u8>);

impl Frame {
    /// Starts with `label`, which names the use and its version and keeps different uses apart.
    pub(crate) fn new(label: &str) -> Frame {
        Frame(Vec::with_capacity(96)).bytes(label.as_bytes())
    }

    /// Appends the length (eight bytes, big-endian) and the bytes.
    pub(crate) fn bytes(mut self, part: &[u8]) -> Frame {
        self.0.extend_from_slice(&(part.len() as u64).to_be_bytes());
        self.0.extend_from_slice(part);
        self
    }

    /// Appends a number as eight bytes, big-endian.
    pub(crate) fn int(mut self, number: i64) -> Frame {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends one byte: 0 absent, or 1 and then the part.
    pub(crate) fn optional(mut self, part: Option<&[u8]>) -> Frame {
        self.0.push(u8::from(part.is_some()));
        match part {
            Some(part) => self.bytes(part),
            None => self,
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}
