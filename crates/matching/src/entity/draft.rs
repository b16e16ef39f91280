//! A record as it was written, before anything is made of it.

/// The cells of one record. All are optional; several values of one kind (a further phone, an alias, a former name) stand beside each
/// other. Placeholders (无, 13800138000, test@test.com) may stand in any of them and count as missing.
#[derive(Clone, Debug, Default)]
pub struct Draft<'a> {
    /// What the record is called: a company's or a person's name, with whatever notes people put into it.
    pub name: &'a str,
    /// Other names of the same: short name, former name, English name.
    pub aliases: Vec<&'a str>,
    /// Persons to speak to.
    pub contacts: Vec<&'a str>,
    /// Phone cells; one cell may hold several numbers.
    pub phones: Vec<&'a str>,
    pub emails: Vec<&'a str>,
    pub addresses: Vec<&'a str>,
    /// 统一社会信用代码 or the organisation code of before 2015.
    pub credit_codes: Vec<&'a str>,
    /// Further numbers that belong to one record alone: a person's id number, a social security number, a customer number of an
    /// elder system.
    pub identifiers: Vec<&'a str>,
    /// A person's name where it is kept in two columns.
    pub given_name: &'a str,
    pub surname: &'a str,
    /// Date of birth in any written form that keeps its digits.
    pub born: &'a str,
    /// Parts of an address in English kept in columns of their own: number and street, suburb or city, postcode.
    pub street: &'a str,
    /// A further line of such an address: the house's or the estate's name, a building.
    pub line: &'a str,
    pub suburb: &'a str,
    pub postcode: &'a str,
}
