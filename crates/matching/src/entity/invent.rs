//! Invented lists whose entities are known, for measuring and for tests: English persons in the manner of Febrl (Christen 2008), and
//! Chinese companies. The same seed gives the same list.

mod words;

use super::draft::Draft;
use super::prepared::Prepared;

/// A row before it is normalised.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub name: String,
    pub contact: String,
    pub phone: String,
    pub email: String,
    pub address: String,
    pub given_name: String,
    pub surname: String,
    pub street: String,
    pub line: String,
    pub suburb: String,
    pub postcode: String,
    pub born: String,
    pub identifier: String,
}

impl Row {
    pub fn prepare(&self) -> Prepared {
        Prepared::new(&Draft {
            name: &self.name,
            contacts: vec![&self.contact],
            phones: vec![&self.phone],
            emails: vec![&self.email],
            addresses: vec![&self.address],
            identifiers: vec![&self.identifier],
            given_name: &self.given_name,
            surname: &self.surname,
            street: &self.street,
            line: &self.line,
            suburb: &self.suburb,
            postcode: &self.postcode,
            born: &self.born,
            ..Draft::default()
        })
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// True in `percent` of cases.
    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// `originals` English persons and up to `most` faulty copies of each (at least `least`), with the number of each row's person.
pub fn persons(originals: usize, least: usize, most: usize, seed: u64) -> Vec<(Row, u32)> {
    let mut chance = Chance::new(seed);
    let mut rows = Vec::new();
    for person in 0..originals {
        let row = person_row(&mut chance);
        let copies = least + chance.below(most - least + 1);
        let number = u32::try_from(person).unwrap_or(u32::MAX);
        for _ in 0..copies {
            rows.push((faulty_person(&row, &mut chance), number));
        }
        rows.push((row, number));
    }
    rows
}

fn person_row(chance: &mut Chance) -> Row {
    let some = |chance: &mut Chance, percent, text: String| {
        if chance.percent(percent) { text } else { String::new() }
    };
    let (year, month, day) = (1900 + chance.below(100), 1 + chance.below(12), 1 + chance.below(28));
    let street = format!(
        "{} {} {}",
        1 + chance.below(200),
        chance.one(&words::STREETS),
        chance.one(&words::STREET_KINDS)
    );
    let (given, surname) = (chance.one(&words::GIVEN).to_owned(), chance.one(&words::SURNAMES).to_owned());
    Row {
        given_name: some(chance, 97, given),
        surname: some(chance, 99, surname),
        street: some(chance, 97, street),
        line: if chance.percent(85) { house(chance) } else { String::new() },
        suburb: suburb(chance),
        postcode: format!("{}", 2000 + chance.below(6000)),
        born: if chance.percent(97) { format!("{year}{month:02}{day:02}") } else { String::new() },
        identifier: identifier(chance),
        ..Row::default()
    }
}

/// Many places have the same name.
fn suburb(chance: &mut Chance) -> String {
    format!("{}{}", chance.one(&words::SUBURBS), chance.one(&["", "", " hill", " park", " vale", "ton"]))
}

/// What a house or an estate is called.
fn house(chance: &mut Chance) -> String {
    let kind = chance.one(&["", "", " cottage", " lodge", " village", " farm", " court"]);
    format!("{}{kind}", chance.one(&words::SURNAMES))
}

fn identifier(chance: &mut Chance) -> String {
    format!("{}", 1_000_000 + chance.below(9_000_000))
}

/// Faults of the kinds that Christen and Pudjijono 2009 (Febrl's generator) count: letters and digits mistyped, columns exchanged, values
/// left out, shortened, or taken from somebody else; up to ten in a row, most have fewer.
fn faulty_person(row: &Row, chance: &mut Chance) -> Row {
    let mut row = row.clone();
    let most = chance.one(&[&2usize, &4, &6, &10]).to_owned();
    for _ in 0..1 + chance.below(most) {
        match chance.below(20) {
            0 => typo(&mut row.given_name, chance),
            1 => typo(&mut row.surname, chance),
            2 | 3 => typo(&mut row.street, chance),
            4 => typo(&mut row.suburb, chance),
            5 => typo(&mut row.line, chance),
            6 => digit(&mut row.postcode, chance),
            7 => digit(&mut row.born, chance),
            8 => digit(&mut row.identifier, chance),
            9 => std::mem::swap(&mut row.given_name, &mut row.surname),
            10 | 11 => {
                // The number stays in its own column.
                let (number, street) = row.street.split_once(' ').unwrap_or(("", &row.street));
                let line = format!("{number} {}", row.line);
                row.line = street.to_owned();
                row.street = line.trim().to_owned();
            }
            12 => row.street.clear(),
            13 => row.line.clear(),
            14 => row.born.clear(),
            15 => row.given_name = row.given_name.chars().take(1).collect(),
            _ => another(&mut row, chance),
        }
    }
    row
}

/// One value of somebody else's.
fn another(row: &mut Row, chance: &mut Chance) {
    let other = person_row(chance);
    match chance.below(8) {
        0 => row.given_name = other.given_name,
        1 => row.surname = other.surname,
        2 => row.suburb = other.suburb,
        3 => row.born = other.born,
        4 => row.identifier = other.identifier,
        5 => row.street = other.street,
        6 => row.line = other.line,
        _ => {
            let street = row.street.split_once(' ').map_or("", |(_, street)| street);
            row.street = format!("{} {street}", 1 + chance.below(200));
        }
    }
}

/// One letter inserted, left out, replaced, or exchanged with the next.
fn typo(text: &mut String, chance: &mut Chance) {
    let mut chars: Vec<char> = text.chars().collect();
    if chars.len() < 2 {
        return;
    }
    let at = chance.below(chars.len() - 1);
    let letter = char::from(b'a' + chance.below(26) as u8);
    match chance.below(4) {
        0 => chars.insert(at, letter),
        1 => drop(chars.remove(at)),
        2 => chars[at] = letter,
        _ => chars.swap(at, at + 1),
    }
    *text = chars.into_iter().collect();
}

fn digit(text: &mut String, chance: &mut Chance) {
    let mut chars: Vec<char> = text.chars().collect();
    if chars.len() < 2 {
        return;
    }
    let at = chance.below(chars.len() - 1);
    match chance.percent(50) {
        true => chars[at] = char::from(b'0' + chance.below(10) as u8),
        false => chars.swap(at, at + 1),
    }
    *text = chars.into_iter().collect();
}

/// About `rows` rows of Chinese companies, one to five of each, with the number of each row's company.
pub fn companies(rows: usize, seed: u64) -> Vec<(Row, u32)> {
    let mut chance = Chance::new(seed);
    let mut made = Vec::with_capacity(rows + 5);
    let mut company = 0;
    while made.len() < rows {
        let row = company_row(&mut chance);
        for _ in 0..1 + chance.below(5) {
            made.push((faulty_company(&row, &mut chance), company));
        }
        company += 1;
    }
    made.truncate(rows);
    made
}

fn company_row(chance: &mut Chance) -> Row {
    let brand: String = (0..2 + chance.below(2)).map(|_| chance.one(&words::CHARACTERS)).collect();
    let city = chance.one(&words::CITIES);
    let trade = chance.one(&words::TRADES);
    let contact = format!(
        "{}{}{}",
        chance.one(&words::FAMILY),
        chance.one(&words::CHARACTERS),
        chance.one(&words::CHARACTERS)
    );
    let road = format!(
        "{}{}路{}号{}室",
        chance.one(&words::CHARACTERS),
        chance.one(&words::CHARACTERS),
        1 + chance.below(2000),
        100 + chance.below(2900)
    );
    Row {
        name: format!("{city}{brand}{trade}{}", chance.one(&["有限公司", "股份有限公司", "有限责任公司"])),
        contact,
        // 19 followed by 2 was assigned to nobody when this was written.
        phone: format!("192{:08}", chance.below(100_000_000)),
        email: format!("c{}@example.cn", chance.below(100_000_000)),
        address: format!("{city}市{road}"),
        ..Row::default()
    }
}

fn faulty_company(row: &Row, chance: &mut Chance) -> Row {
    let mut row = row.clone();
    let clear = |text: &mut String, chance: &mut Chance, percent| {
        if chance.percent(percent) {
            text.clear();
        }
    };
    clear(&mut row.contact, chance, 30);
    clear(&mut row.phone, chance, 15);
    clear(&mut row.email, chance, 60);
    clear(&mut row.address, chance, 50);
    match chance.below(8) {
        0 => row.name = row.name.chars().skip(2).collect(),
        1 => row.name = row.name.replace("有限公司", ""),
        2 => row.name = format!("{}(老客户)", row.name),
        3 => digit(&mut row.phone, chance),
        4 => row.phone = format!("+86 {}", row.phone),
        5 => {
            let mut chars: Vec<char> = row.name.chars().collect();
            let at = 2 + chance.below(2);
            chars[at] = chance.one(&words::CHARACTERS).chars().next().unwrap_or('新');
            row.name = chars.into_iter().collect();
        }
        _ => {}
    }
    row
}
