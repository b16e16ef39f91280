//! Blocking keys: short texts that two records of one entity have in common.

use std::fmt::{self, Write as _};

use super::name::Script;
use super::prepared::{Number, Prepared, letters_of};

/// What a key is made of. The letter stands before the key's text in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum KeyKind {
    /// Brand and trade.
    Name = b'n',
    /// Brand alone.
    Brand = b'b',
    /// Letters of the brand, of the domain.
    Sound = b's',
    /// First letters of the name's pinyin.
    Start = b'y',
    /// Last letters of the name's pinyin.
    End = b'z',
    /// Two syllables near each other at the beginning of the name.
    Pair = b'g',
    /// The whole phone number.
    Phone = b'p',
    /// A landline without its area code.
    Local = b't',
    /// Half of a phone number with the name's first letter, for numbers mistyped.
    Half = b'q',
    Mail = b'e',
    Domain = b'd',
    /// The nine characters of the organisation code.
    Code = b'c',
    /// Road and number.
    Road = b'r',
    /// Road and number with the beginning of the brand: 人民路 12 号 is in every town. Only for an index, where a road's key finds the same
    /// records and many more.
    Site = b'o',
    Person = b'w',
    /// Date of birth.
    Born = b'h',
    Identifier = b'i',
    /// First letters of given name and surname, in alphabetical order.
    Initials = b'j',
    /// Postcode and street number.
    Door = b'k',
}

/// One blocking key: `p:8613912345678`. At most 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub kind: KeyKind,
    pub text: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", char::from(self.kind as u8), self.text)
    }
}

impl Key {
    pub(crate) fn hash(&self) -> u64 {
        hash(self.kind as u8, self.text.as_bytes())
    }
}

/// Records under one key beyond which the key finds nobody any more: so many share a value by chance or by habit (an agent's phone, a
/// brand such as 华东) that it says too little.
pub const KEY_RECORDS: usize = 80;

/// Bytes of a key's text that count.
const TEXT_BYTES: usize = 60;

/// FNV-1a with a last mix, over kind and text. Only for tables in memory.
pub(crate) fn hash(kind: u8, text: &[u8]) -> u64 {
    let mut hash = Hashing::new(kind);
    text.iter().for_each(|byte| hash.byte(*byte));
    hash.done()
}

/// The hash of a key whose text is these characters.
pub(crate) fn hash_chars(kind: KeyKind, chars: impl Iterator<Item = char>) -> u64 {
    let mut hash = Hashing::new(kind as u8);
    let mut room = TEXT_BYTES;
    let mut bytes = [0u8; 4];
    for c in chars {
        let encoded = c.encode_utf8(&mut bytes);
        let Some(left) = room.checked_sub(encoded.len()) else { break };
        room = left;
        encoded.bytes().for_each(|byte| hash.byte(byte));
    }
    hash.done()
}

/// The hash so far, and the kind.
struct Hashing(u64, u8);

impl Hashing {
    fn new(kind: u8) -> Hashing {
        Hashing(0xcbf2_9ce4_8422_2325u64 ^ u64::from(kind), kind)
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }

    /// The lowest bits tell what group the kind belongs to.
    fn done(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed & !GROUP_BITS | Group::of(self.1) as u64
    }
}

const GROUP_BITS: u64 = 3;

/// Kinds of key by how much sharing one says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Parts of a name that many different names have.
    Part = 0,
    Name = 1,
    /// Values of one entity.
    Value = 2,
}

impl Group {
    fn of(kind: u8) -> Group {
        match kind {
            b'y' | b'z' | b'g' | b'q' | b'j' => Group::Part,
            b'n' | b'b' | b's' => Group::Name,
            _ => Group::Value,
        }
    }

    pub fn of_hash(hash: u64) -> Group {
        match hash & GROUP_BITS {
            0 => Group::Part,
            1 => Group::Name,
            _ => Group::Value,
        }
    }

    /// Records under one key beyond which a list does not compare them by it.
    pub fn most(self) -> usize {
        match self {
            Group::Part => 32,
            Group::Name | Group::Value => KEY_RECORDS,
        }
    }
}

impl Prepared {
    /// The keys under which an index keeps this record, and by which candidates are looked for: about 12, at most 120, sorted, none
    /// twice. Two records without a common key are not compared.
    ///
    /// ```text
    /// insert into match_key (key, record) …                for each key of a record, in the transaction that writes it
    /// select record from match_key where key in (…)         the candidates; a key with more than KEY_RECORDS records is left out
    /// ```
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(16);
        let mut buffer = String::new();
        self.each_key(&mut buffer, &mut |kind, text| keys.push(Key { kind, text: text.to_owned() }));
        self.site_keys(&mut keys);
        keys.sort();
        keys.dedup();
        keys
    }

    /// Gives each key to `take`, some perhaps twice. `buffer` is for the texts.
    pub(crate) fn each_key(&self, buffer: &mut String, take: &mut impl FnMut(KeyKind, &str)) {
        self.name_keys(buffer, take);
        self.people_keys(take);
        self.number_keys(buffer, take);
        for place in self.places.iter().filter(|p| p.number != 0 && !p.road.is_empty()) {
            buffer.clear();
            letters_of(&place.road, buffer);
            // Writing to a String cannot fail.
            let _ = write!(buffer, "{}", place.number);
            take(KeyKind::Road, clip(buffer));
        }
        for code in &self.codes {
            take(KeyKind::Code, code.organisation());
        }
        self.western_keys(buffer, take);
    }

    fn site_keys(&self, keys: &mut Vec<Key>) {
        let brands: Vec<&str> = self.names.iter().map(|name| name.brand_letters()).collect();
        let roads: Vec<Key> = keys.iter().filter(|key| key.kind == KeyKind::Road).cloned().collect();
        for (road, brand) in roads.iter().flat_map(|road| brands.iter().map(move |brand| (road, brand))) {
            if brand.len() >= 3 {
                let text = format!("{}'{}", head(brand, 4), road.text);
                keys.push(Key { kind: KeyKind::Site, text: clip(&text).to_owned() });
            }
        }
    }

    fn name_keys(&self, buffer: &mut String, take: &mut impl FnMut(KeyKind, &str)) {
        for name in self.names.iter().filter(|n| !n.letters.is_empty() || !n.core.is_empty()) {
            let brand = name.brand_letters();
            if brand.len() >= 3 {
                take(KeyKind::Sound, clip(brand));
            }
            if name.letters.len() >= 8 {
                take(KeyKind::Start, head(&name.letters, 8));
                take(KeyKind::End, tail(&name.letters, 8));
            }
            if name.script == Script::Latin {
                take(KeyKind::Name, clip(&name.letters));
                continue;
            }
            buffer.clear();
            buffer.extend(name.core.iter().map(|c| c.0));
            take(KeyKind::Name, clip(buffer));
            // A name of trade words alone (科技有限公司) has no brand, and an empty key would bring all of its kind together.
            if !name.brand().is_empty() {
                buffer.clear();
                buffer.extend(name.brand().iter().map(|c| c.0));
                take(KeyKind::Brand, clip(buffer));
            }
            if name.core.len() < 3 {
                continue;
            }
            for (i, j) in [(0, 1), (1, 2), (0, 2), (2, 3)] {
                if let (Some(a), Some(b)) = (name.core.get(i), name.core.get(j)) {
                    buffer.clear();
                    letters_of(&[*a], buffer);
                    buffer.push('\'');
                    letters_of(&[*b], buffer);
                    take(KeyKind::Pair, clip(buffer));
                }
            }
        }
    }

    fn people_keys(&self, take: &mut impl FnMut(KeyKind, &str)) {
        for person in self.people.iter().filter(|p| !p.given().is_empty()) {
            take(KeyKind::Person, clip(&person.letters));
        }
        for mail in self.mails.iter().filter(|m| !m.role && m.person.is_name()) {
            match &*mail.person.words {
                [one] => take(KeyKind::Person, clip(one)),
                [a, b] if a.len() > 1 && b.len() > 1 => {
                    // The surname is the shorter one.
                    let (surname, given) = if a.len() <= b.len() { (a, b) } else { (b, a) };
                    take(KeyKind::Person, clip(&format!("{surname}{given}")));
                }
                _ => {}
            }
        }
    }

    fn number_keys(&self, buffer: &mut String, take: &mut impl FnMut(KeyKind, &str)) {
        let first = self.names.first().and_then(|n| n.letters.chars().next());
        let first =
            first.or_else(|| self.people.first().and_then(|p| p.letters.chars().next())).unwrap_or('-');
        for Number { whole, local, malformed } in self.phones.iter().copied() {
            buffer.clear();
            if local != 0 {
                let _ = write!(buffer, "{local}");
                take(KeyKind::Local, buffer);
            } else if whole != 0 {
                let _ = write!(buffer, "{whole}");
                if !malformed {
                    take(KeyKind::Phone, clip(buffer));
                }
                let national = buffer.strip_prefix("86").filter(|n| n.len() >= 10).unwrap_or(buffer);
                if national.len() >= 9 {
                    let start = format!("^{}{first}", head(national, 7));
                    let end = format!("${}{first}", tail(national, 6));
                    take(KeyKind::Half, &start);
                    take(KeyKind::Half, &end);
                }
            }
        }
        for mail in &self.mails {
            take(KeyKind::Mail, clip(&mail.address));
            if !mail.free {
                take(KeyKind::Domain, clip(mail.domain()));
                let label = mail.label();
                if label.len() >= 4 {
                    take(KeyKind::Sound, clip(label));
                }
            }
        }
    }

    fn western_keys(&self, buffer: &mut String, take: &mut impl FnMut(KeyKind, &str)) {
        let Some(western) = &self.western else { return };
        for identifier in &western.identifiers {
            take(KeyKind::Identifier, clip(identifier));
        }
        if western.born.len() >= 6 {
            take(KeyKind::Born, &western.born);
        }
        let (mut a, mut b) = (head(&western.given, 3), head(&western.surname, 3));
        if a > b {
            (a, b) = (b, a);
        }
        if !a.is_empty() && !b.is_empty() {
            buffer.clear();
            let _ = write!(buffer, "{a}'{b}");
            take(KeyKind::Initials, buffer);
        }
        let mut both = |a: &str, b: &str| {
            if !a.is_empty() && b.len() >= 2 {
                buffer.clear();
                let _ = write!(buffer, "{a}+{b}");
                take(KeyKind::Initials, clip(buffer));
            }
        };
        both(head(&western.surname, 4), &western.postcode);
        both(head(&western.given, 4), head(&western.born, 4));
        both(head(&western.surname, 3), head(&western.born, 4));
        both(head(&western.street, 8), &western.postcode);
        both(head(&western.line, 8), &western.postcode);
        for identifier in &western.identifiers {
            both(head(identifier, 4), "^^");
            both(tail(identifier, 4), "$$");
        }
        if western.street_number != 0 && !western.postcode.is_empty() {
            buffer.clear();
            let _ = write!(buffer, "{}'{}", western.postcode, western.street_number);
            take(KeyKind::Door, clip(buffer));
        }
    }
}

fn clip(text: &str) -> &str {
    head(text, TEXT_BYTES)
}

fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn tail(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}
