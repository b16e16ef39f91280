//! A record in the form that is compared.

use super::draft::Draft;
use super::name::{self, Name, Script};
use super::person::{self, MailPerson, Person};
use super::place::{self, Place};
use super::sound::Sounded;
use crate::text::fold;
use crate::{credit_code, email, phone};

/// A record normalised: made once from its [`Draft`], compared any number of times. About 600 bytes.
///
/// What is no value (无, 13800138000) is left out; what was written into the wrong cell (a mobile among the contacts) is found there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prepared {
    pub(crate) names: Box<[Name]>,
    /// Place and kind of the branch that the name says it is; empty for a company itself.
    pub(crate) branch: Box<str>,
    /// The record looks like a natural person.
    pub(crate) is_person: bool,
    pub(crate) people: Box<[Person]>,
    pub(crate) phones: Box<[Number]>,
    pub(crate) mails: Box<[Mail]>,
    pub(crate) places: Box<[Place]>,
    pub(crate) codes: Box<[Code]>,
    pub(crate) western: Option<Box<Western>>,
}

/// A phone number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Number {
    /// E.164 digits; 0 for a landline without its area code.
    pub whole: u64,
    /// The landline's digits behind the area code, else 0.
    pub local: u32,
    /// Not a number as it is written, for want or excess of digits.
    pub malformed: bool,
}

/// An e-mail address.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Mail {
    pub address: Box<str>,
    /// Byte index behind the `@`.
    pub domain_at: u16,
    pub free: bool,
    pub role: bool,
    pub person: MailPerson,
}

impl Mail {
    pub fn domain(&self) -> &str {
        &self.address[usize::from(self.domain_at)..]
    }

    pub fn local(&self) -> &str {
        &self.address[..usize::from(self.domain_at).saturating_sub(1)]
    }

    /// The letters of the domain's own name: `xunye` of `xunye87.com.cn`.
    pub fn label(&self) -> &str {
        let label = self
            .domain()
            .split('.')
            .find(|part| !matches!(*part, "mail" | "www" | "vip" | "corp"))
            .unwrap_or_default();
        label.trim_matches(|c: char| !c.is_ascii_alphabetic())
    }
}

/// A credit code, or the organisation code inside one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Code {
    pub text: Box<str>,
    /// The check digit fits.
    pub valid: bool,
}

impl Code {
    /// The organisation code, by which the elder codes meet.
    pub fn organisation(&self) -> &str {
        match self.text.len() {
            18 => &self.text[8..17],
            _ => &self.text,
        }
    }
}

/// What an English list of persons has besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Western {
    pub given: Box<str>,
    pub surname: Box<str>,
    /// Digits alone.
    pub born: Box<str>,
    pub street: Box<str>,
    pub street_number: u32,
    /// A further line of the address.
    pub line: Box<str>,
    pub suburb: Box<str>,
    pub postcode: Box<str>,
    pub identifiers: Box<[Box<str>]>,
}

/// Characters of a cell that are looked at.
const CELL_CHARS: usize = 200;
/// Values of one kind that are kept of one record.
const VALUES: usize = 12;

fn cut(cell: &str) -> &str {
    cell.char_indices().nth(CELL_CHARS).map_or(cell, |(at, _)| &cell[..at])
}

impl Prepared {
    /// Normalises a record. Never fails: what can't be read is left out.
    pub fn new(draft: &Draft<'_>) -> Prepared {
        let mut made = Parts::default();
        made.take_names(draft);
        made.take_people(draft);
        made.take_numbers(draft);
        for cell in draft.addresses.iter().take(VALUES) {
            made.places.extend(place::read(cut(cell)));
        }
        for cell in draft.credit_codes.iter().take(VALUES) {
            made.codes.extend(code(cut(cell)));
        }
        let western = western(draft);
        made.codes.dedup();
        Prepared {
            names: made.names.into(),
            branch: made.branch.into(),
            is_person: made.is_person || western.as_ref().is_some_and(|w| !w.surname.is_empty()),
            people: made.people.into(),
            phones: made.phones.into(),
            mails: made.mails.into(),
            places: made.places.into(),
            codes: made.codes.into(),
            western,
        }
    }

    /// Whether there is anything to compare.
    pub fn is_empty(&self) -> bool {
        *self == Prepared { is_person: self.is_person, ..Prepared::default() }
    }

    /// Place and kind of the branch that the name says the record is (杭州分公司); `None` for a company itself.
    pub fn branch(&self) -> Option<&str> {
        (!self.branch.is_empty()).then_some(&*self.branch)
    }

    /// The regions that name and addresses name, zeros left out.
    pub(crate) fn regions(&self) -> impl Iterator<Item = u32> {
        let of_names = self.names.iter().flat_map(|n| [n.region, n.second_region]);
        of_names.chain(self.places.iter().map(|p| p.region)).filter(|r| *r != 0)
    }

    /// What tells this record's entity from others that share a value with it: the sound of its brand, or of its person.
    pub(crate) fn identity(&self) -> u64 {
        let brand = self.names.iter().map(Name::brand_letters).find(|l| !l.is_empty());
        let person = || self.people.first().map(|p| &*p.letters);
        super::key::hash(b'#', brand.or_else(person).unwrap_or_default().as_bytes())
    }
}

#[derive(Default)]
struct Parts {
    names: Vec<Name>,
    branch: String,
    is_person: bool,
    people: Vec<Person>,
    phones: Vec<Number>,
    mails: Vec<Mail>,
    places: Vec<Place>,
    codes: Vec<Code>,
}

impl Parts {
    fn take_names(&mut self, draft: &Draft<'_>) {
        let whole = match draft.name.is_empty() && !draft.surname.is_empty() {
            // 姓 and 名 in two columns.
            true if !draft.surname.is_ascii() => {
                format!("{}{}", draft.surname.trim(), draft.given_name.trim())
            }
            _ => cut(draft.name).to_owned(),
        };
        let (text, found) = without_contacts(&whole);
        self.take_found(&found);
        if super::is_placeholder(&fold(&text)) {
            return;
        }
        self.take_person_name(&text, draft);
        if !self.names.is_empty() {
            return;
        }
        for cell in std::iter::once(text.as_str()).chain(draft.aliases.iter().copied().map(cut)).take(VALUES)
        {
            let named = name::read(cell);
            for name in named.names {
                if !self.names.contains(&name) {
                    self.names.push(name);
                }
            }
            if let Some(branch) = named.branch.filter(|_| self.branch.is_empty()) {
                self.branch = branch;
            }
        }
    }

    /// 王芳, 王总, Fang Wang: the record is a person, unless somebody else is its contact.
    fn take_person_name(&mut self, text: &str, draft: &Draft<'_>) {
        // 瑞裕(重庆)装饰工程有限公司 is no Mr 瑞裕 of 重庆.
        if text.contains(['(', '（', '[', '【']) {
            return;
        }
        let parsed = crate::person::parse(text);
        let squeezed: String = parsed.name.chars().filter(|c| *c != ' ').collect();
        let titled = parsed.title.is_some() && squeezed.chars().count() <= 3 && !squeezed.is_ascii();
        let looks = person::is_person_name(&squeezed);
        let words: Vec<&str> = text.split_whitespace().collect();
        let spelt = text.is_ascii() && words.len() <= 3 && is_spelt_person(&words);
        if !(looks || titled || spelt) {
            return;
        }
        let Some(person) = person::read(text).map(|person| Person { own: true, ..person }) else { return };
        let contact = draft.contacts.iter().find_map(|c| person::read(cut(c)));
        let another = contact.is_some_and(|c| !super::compare::may_be_one(&person, &c));
        if another && !titled {
            return;
        }
        self.is_person = true;
        // A surname is no name to find the record by; a whole one is.
        if person.surname_only && titled {
            self.people.push(person);
            self.names.push(Name::default());
            return;
        }
        if !person.chars.is_empty() {
            let text: String = person.chars.iter().map(|c| c.0).collect();
            self.names.push(name::han(&text, 8));
        } else {
            let letters = person.letters.clone();
            let brand_letters = u8::try_from(letters.len()).unwrap_or(u8::MAX);
            self.names.push(Name { script: Script::Latin, letters, brand_letters, ..Name::default() });
        }
        self.people.push(person);
    }

    fn take_people(&mut self, draft: &Draft<'_>) {
        for cell in draft.contacts.iter().take(VALUES) {
            let (text, found) = without_contacts(cut(cell));
            self.take_found(&found);
            if let Some(person) = person::read(&text).filter(|p| !self.people.contains(p) || !self.is_person)
            {
                self.people.push(person);
            }
        }
    }

    fn take_numbers(&mut self, draft: &Draft<'_>) {
        for cell in draft.phones.iter().chain(&draft.emails).take(2 * VALUES) {
            let cell = cut(cell);
            match cell.contains(['@', '＠']) {
                true => {
                    cell.split([' ', ';', ',', '；', '，', '、', '/']).for_each(|part| self.take_mail(part))
                }
                false => self.take_phones(cell),
            }
        }
        for cell in &draft.addresses {
            let (_, found) = without_contacts(cut(cell));
            self.take_found(&found);
        }
    }

    fn take_found(&mut self, found: &[String]) {
        for text in found {
            match text.contains('@') {
                true => self.take_mail(text),
                false => self.take_phones(text),
            }
        }
    }

    fn take_phones(&mut self, cell: &str) {
        for loose in phone::read_loosely(cell) {
            let number = match &loose {
                phone::Loose::Whole(phone) => Number {
                    whole: phone.e164[1..].parse().unwrap_or(0),
                    local: phone::local_part(phone).and_then(|l| l.parse().ok()).unwrap_or(0),
                    malformed: false,
                },
                phone::Loose::Local(digits) => {
                    Number { whole: 0, local: digits.parse().unwrap_or(0), malformed: false }
                }
                phone::Loose::Malformed(digits) => {
                    Number { whole: digits.parse().unwrap_or(0), local: 0, malformed: true }
                }
            };
            if number != Number::default() && !self.phones.contains(&number) && self.phones.len() < VALUES {
                self.phones.push(number);
            }
        }
    }

    fn take_mail(&mut self, cell: &str) {
        let Ok(read) = email::parse(cell) else { return };
        if read.is_placeholder()
            || self.mails.len() >= VALUES
            || self.mails.iter().any(|m| *m.address == read.address)
        {
            return;
        }
        self.mails.push(Mail {
            domain_at: u16::try_from(read.local().len() + 1).unwrap_or(0),
            free: read.is_free_mail(),
            role: read.mailbox() == email::Mailbox::Role,
            person: MailPerson::read(read.local()),
            address: read.address.into(),
        });
    }
}

/// Two or three words of letters that spell a Chinese person's name: a surname of one syllable and at most two syllables.
fn is_spelt_person(words: &[&str]) -> bool {
    let words: Vec<String> = words.iter().map(|w| w.to_ascii_lowercase()).collect();
    let spelt = words.len() >= 2 && words.iter().all(|w| crate::pinyin::is_spelt_out(w));
    let letters: usize = words.iter().map(String::len).sum();
    spelt && letters <= 18 && words.iter().any(|w| crate::pinyin::is_syllable(w)) && words.len() <= 3
}

/// A cell without the mobile numbers and e-mail addresses in it, and those.
fn without_contacts(cell: &str) -> (String, Vec<String>) {
    let mut found = Vec::new();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    if digits < 11 && !cell.contains('@') {
        return (cell.to_owned(), found);
    }
    let mut rest = String::with_capacity(cell.len());
    for word in cell.split_inclusive([' ', ',', '，', ';', '；', '/', '、', '(', ')', '（', '）', ':', '：'])
    {
        let bare =
            word.trim_end_matches([' ', ',', '，', ';', '；', '/', '、', '(', ')', '（', '）', ':', '：']);
        let ascii_start = bare.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(bare.len());
        let (before, token) = bare.split_at(ascii_start);
        if token.contains('@') {
            found.push(token.to_owned());
            rest.push_str(before);
            continue;
        }
        let run: String = token.chars().take_while(char::is_ascii_digit).collect();
        if run.len() == 11 && run.starts_with('1') {
            rest.push_str(before);
            rest.push_str(&token[run.len()..]);
            found.push(run);
        } else {
            rest.push_str(word);
        }
    }
    (rest, found)
}

fn code(cell: &str) -> Option<Code> {
    let text = credit_code::compact(cell);
    let kinds = text.bytes().collect::<std::collections::BTreeSet<u8>>().len();
    if !text.is_ascii() || kinds <= 3 || super::is_placeholder(&text.to_lowercase()) {
        return None;
    }
    match text.len() {
        18 => match credit_code::parse(&text) {
            Ok(valid) => Some(Code { text: valid.into(), valid: true }),
            Err(_) => Some(Code { text: text.into(), valid: false }),
        },
        9 => Some(Code { valid: credit_code::is_organisation_code(&text), text: text.into() }),
        8..=20 => Some(Code { text: text.into(), valid: false }),
        _ => None,
    }
}

fn western(draft: &Draft<'_>) -> Option<Box<Western>> {
    let squeezed = |cell: &str| -> Box<str> {
        fold(cut(cell)).chars().filter(char::is_ascii_alphanumeric).take(40).collect::<String>().into()
    };
    let words = |cell: &str| -> Box<str> {
        fold(cut(cell)).chars().filter(char::is_ascii_alphabetic).take(40).collect::<String>().into()
    };
    let digits = |cell: &str| cut(cell).chars().filter(char::is_ascii_digit).take(8).collect::<String>();
    let latin = draft.surname.is_ascii() && draft.given_name.is_ascii();
    let street_digits: String = draft
        .street
        .chars()
        .take(CELL_CHARS)
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .take(6)
        .collect();
    let made = Western {
        given: if latin { words(draft.given_name) } else { Box::default() },
        surname: if latin { words(draft.surname) } else { Box::default() },
        born: digits(draft.born).into(),
        street: words(draft.street),
        line: words(draft.line),
        street_number: street_digits.parse().unwrap_or(0),
        suburb: squeezed(draft.suburb),
        postcode: squeezed(draft.postcode),
        identifiers: draft
            .identifiers
            .iter()
            .map(|cell| squeezed(cell))
            .filter(|i| i.len() >= 4 && !super::is_placeholder(i))
            .take(VALUES)
            .collect(),
    };
    (made != Western::default()).then(|| Box::new(made))
}

/// The road of an address as letters, for keys.
pub(crate) fn letters_of(chars: &[Sounded], into: &mut String) {
    for (c, number) in chars {
        match crate::pinyin::syllable_of(*number) {
            Some(syllable) => into.push_str(syllable),
            None => into.push(*c),
        }
    }
}
