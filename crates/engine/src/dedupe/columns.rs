//! What the columns of a spreadsheet hold: by their titles, and where a title says nothing by what stands below.

use super::{Draft, Prepared, texts};
use huike_matching::{credit_code, email, phone, text};
use huike_tabular::SheetReader;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The row's own number; never compared.
    Id,
    Name,
    Alias,
    Contact,
    Phone,
    Email,
    Address,
    /// 省, 市, 区: what the address begins with.
    Region,
    CreditCode,
    /// A number that belongs to one person or customer.
    Identifier,
    GivenName,
    Surname,
    Born,
    StreetNumber,
    Street,
    /// A further line of an address in English.
    Line,
    Suburb,
    Postcode,
    /// Nothing to compare.
    Other,
}

use Holds::{
    Address, Alias, Born, Contact, CreditCode, Email, GivenName, Id, Identifier, Line, Name, Other, Phone,
    Postcode, Region, Street, StreetNumber, Suburb, Surname,
};

/// Titles, folded and without blanks and marks.
const TITLES: [(Holds, &[&str]); 18] = [
    (
        Id,
        &[
            "id",
            "recid",
            "recordid",
            "rowid",
            "uid",
            "uuid",
            "编号",
            "序号",
            "记录编号",
            "客户编号",
            "客户id",
            "记录id",
            "no",
            "index",
            "key",
        ],
    ),
    (
        Name,
        &[
            "name",
            "company",
            "companyname",
            "customer",
            "customername",
            "account",
            "accountname",
            "organization",
            "organisation",
            "organizationname",
            "client",
            "clientname",
            "fullname",
            "businessname",
            "title",
            "名称",
            "公司",
            "公司名称",
            "公司名",
            "公司全称",
            "客户",
            "客户名称",
            "客户名",
            "客户全称",
            "单位",
            "单位名称",
            "企业",
            "企业名称",
            "企业全称",
            "商户名称",
            "门店名称",
            "供应商",
            "供应商名称",
            "全称",
            "抬头",
            "开票抬头",
            "姓名",
            "客户姓名",
            "会员姓名",
            "名字",
        ],
    ),
    (
        Alias,
        &[
            "alias",
            "aliases",
            "shortname",
            "englishname",
            "formername",
            "别名",
            "简称",
            "客户简称",
            "公司简称",
            "曾用名",
            "英文名",
            "英文名称",
        ],
    ),
    (
        Contact,
        &[
            "contact",
            "contactname",
            "contactperson",
            "attn",
            "primarycontact",
            "联系人",
            "联系人姓名",
            "主要联系人",
            "首要联系人",
            "对接人",
            "联络人",
            "经办人",
            "负责人姓名",
            "法人",
            "法定代表人",
            "法人代表",
        ],
    ),
    (
        Phone,
        &[
            "phone",
            "phonenumber",
            "phone1",
            "phone2",
            "tel",
            "telephone",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "cell",
            "cellphone",
            "landline",
            "workphone",
            "homephone",
            "fax",
            "contactnumber",
            "contactphone",
            "电话",
            "电话号码",
            "联系电话",
            "手机",
            "手机号",
            "手机号码",
            "移动电话",
            "固定电话",
            "固话",
            "座机",
            "办公电话",
            "公司电话",
            "联系方式",
            "联系人电话",
            "联系人手机",
            "传真",
            "电话1",
            "电话2",
            "手机1",
            "手机2",
            "备用电话",
            "其他电话",
        ],
    ),
    (
        Email,
        &[
            "email",
            "mail",
            "emailaddress",
            "mailbox",
            "邮箱",
            "电子邮箱",
            "电子邮件",
            "邮件",
            "邮箱地址",
            "联系人邮箱",
            "公司邮箱",
        ],
    ),
    (
        Address,
        &[
            "address",
            "fulladdress",
            "companyaddress",
            "location",
            "地址",
            "详细地址",
            "公司地址",
            "联系地址",
            "通讯地址",
            "办公地址",
            "注册地址",
            "收货地址",
            "经营地址",
            "客户地址",
            "住址",
            "家庭住址",
            "单位地址",
            "企业地址",
            "所在地址",
        ],
    ),
    (
        Region,
        &[
            "province",
            "省",
            "省份",
            "所在省份",
            "市",
            "城市",
            "所在城市",
            "区",
            "区县",
            "县",
            "地区",
            "所在地区",
            "省市",
            "省市区",
        ],
    ),
    (
        CreditCode,
        &[
            "creditcode",
            "taxid",
            "taxno",
            "taxnumber",
            "uscc",
            "unifiedsocialcreditcode",
            "税号",
            "纳税人识别号",
            "统一社会信用代码",
            "社会信用代码",
            "信用代码",
            "组织机构代码",
            "营业执照号",
            "注册号",
        ],
    ),
    (
        Identifier,
        &[
            "socsecid",
            "ssn",
            "socialsecuritynumber",
            "nationalid",
            "idcard",
            "idnumber",
            "passport",
            "licence",
            "license",
            "medicare",
            "nhs",
            "nhsnumber",
            "taxfilenumber",
            "身份证",
            "身份证号",
            "身份证号码",
            "证件号",
            "证件号码",
            "护照号",
            "会员号",
            "会员卡号",
        ],
    ),
    (GivenName, &["givenname", "firstname", "forename", "given", "first", "fname", "名"]),
    (Surname, &["surname", "lastname", "familyname", "last", "lname", "姓", "姓氏"]),
    (Born, &["dateofbirth", "dob", "birthdate", "birthday", "born", "出生日期", "生日", "出生年月"]),
    (StreetNumber, &["streetnumber", "streetno", "housenumber", "houseno", "门牌号"]),
    (Street, &["address1", "addressline1", "street", "streetname", "streetaddress", "addr1"]),
    (Line, &["address2", "addressline2", "addr2", "streetaddress2"]),
    (Suburb, &["suburb", "city", "town", "locality"]),
    (Postcode, &["postcode", "postalcode", "zip", "zipcode", "邮编", "邮政编码"]),
];

/// Rows whose cells are looked at, and the share of them that must look alike.
const SHARE: (usize, usize) = (3, 5);

/// Which column holds what.
#[derive(Clone, Debug)]
pub struct Layout {
    titles: Vec<String>,
    holds: Vec<Holds>,
    first_row: u32,
}

impl Layout {
    /// Guesses from the header and the first rows of a sheet.
    pub fn guess(sheet: &SheetReader) -> Layout {
        let header = sheet.header_guess();
        let row = |number: u32| sheet.head().iter().find(|row| row.number == number);
        let title_row = row(header.row_index).map(texts).unwrap_or_default();
        let known = title_row.iter().filter(|title| by_title(title) != Other).count();
        // A sheet without titles begins with values.
        let values = title_row.iter().filter(|cell| by_value(cell) != Other).count();
        let has_header = known > 0 || values == 0 && header.confidence >= 0.5;
        let plain = plain_titles(sheet).filter(|_| !has_header);
        let first_row = match &plain {
            Some((number, _)) => number + 1,
            None if has_header => header.first_data_row(),
            None => 1,
        };
        let data: Vec<Vec<String>> =
            sheet.head().iter().filter(|row| row.number >= first_row && !row.is_blank()).map(texts).collect();
        let width = data.iter().map(Vec::len).max().unwrap_or(0).max(title_row.len());
        let mut titles = match plain {
            Some((_, titles)) => titles,
            None if has_header => title_row,
            None => Vec::new(),
        };
        titles.resize(width, String::new());
        // The titles of two header rows stand joined in the guess.
        for (title, at) in header.columns.iter().zip(&header.positions).filter(|_| has_header) {
            if let Some(slot) = titles.get_mut(*at).filter(|slot| slot.is_empty() && !title.starts_with('['))
            {
                slot.clone_from(title);
            }
        }
        let holds =
            (0..width).map(|at| hold(&titles[at], data.iter().filter_map(|row| row.get(at)))).collect();
        let mut layout = Layout { titles, holds, first_row };
        layout.settle();
        layout
    }

    /// The number of the first row with data.
    pub fn first_row(&self) -> u32 {
        self.first_row
    }

    /// Each column's title with what it holds.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Holds)> {
        self.titles.iter().map(String::as_str).zip(self.holds.iter().copied())
    }

    pub fn titles(&self) -> &[String] {
        &self.titles
    }

    /// Whether the sheet had a row of titles.
    pub fn has_titles(&self) -> bool {
        self.first_row > 1
    }

    pub fn is_comparable(&self) -> bool {
        self.holds.iter().any(|h| !matches!(h, Id | Other | Region | Line | Postcode | StreetNumber))
    }

    /// The column with the rows' own ids.
    pub fn id_column(&self) -> Option<usize> {
        self.holds.iter().position(|h| *h == Id)
    }

    /// What does not go together is made to: a list of companies keeps 姓名 for the contact, and only one column numbers the rows.
    fn settle(&mut self) {
        let is_person_title = |title: &str| matches!(plain(title).as_str(), "姓名" | "名字" | "fullname");
        let names: Vec<usize> = (0..self.holds.len()).filter(|at| self.holds[*at] == Name).collect();
        if names.len() > 1 {
            for at in names.iter().filter(|at| is_person_title(&self.titles[**at])) {
                self.holds[*at] = Contact;
            }
            let left = (0..self.holds.len()).filter(|at| self.holds[*at] == Name).skip(1).collect::<Vec<_>>();
            left.into_iter().for_each(|at| self.holds[at] = Alias);
        }
        let ids = (0..self.holds.len()).filter(|at| self.holds[*at] == Id).skip(1).collect::<Vec<_>>();
        ids.into_iter().for_each(|at| self.holds[at] = Other);
        // 市 and street in a list with Chinese addresses belong to the address.
        let western = self.holds.iter().any(|h| matches!(h, GivenName | Surname | StreetNumber | Postcode));
        for hold in &mut self.holds {
            match hold {
                Street if !western => *hold = Address,
                Line if !western => *hold = Other,
                Suburb if !western => *hold = Region,
                _ => {}
            }
        }
    }

    /// The record of a row.
    pub(crate) fn prepare(&self, cells: &[String]) -> Prepared {
        let of = |wanted: Holds| {
            let column = move |(_, holds): &(&String, &Holds)| **holds == wanted;
            cells
                .iter()
                .zip(&self.holds)
                .filter(column)
                .map(|(cell, _)| cell.as_str())
                .filter(|cell| !cell.trim().is_empty())
        };
        let one = |wanted: Holds| of(wanted).next().unwrap_or_default();
        let regions: String = of(Region).collect();
        let addresses: Vec<String> = match (regions.is_empty(), of(Address).count()) {
            (true, _) => Vec::new(),
            (false, 0) => vec![regions],
            (false, _) => of(Address)
                .map(|address| {
                    if address.starts_with(&*regions) {
                        address.to_owned()
                    } else {
                        format!("{regions}{address}")
                    }
                })
                .collect(),
        };
        let street = [one(StreetNumber), one(Street)].join(" ");
        let draft = Draft {
            name: one(Name),
            aliases: of(Alias).collect(),
            contacts: of(Contact).collect(),
            phones: of(Phone).collect(),
            emails: of(Email).collect(),
            addresses: if addresses.is_empty() {
                of(Address).collect()
            } else {
                addresses.iter().map(String::as_str).collect()
            },
            credit_codes: of(CreditCode).collect(),
            identifiers: of(Identifier).collect(),
            given_name: one(GivenName),
            surname: one(Surname),
            born: one(Born),
            street: street.trim(),
            line: one(Line),
            suburb: one(Suburb),
            postcode: one(Postcode),
        };
        Prepared::new(&draft)
    }
}

/// A title without blanks, marks and remarks in brackets.
fn plain(title: &str) -> String {
    let folded = text::fold(title);
    let bare = folded.split(['(', '[', '【']).next().unwrap_or_default();
    bare.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn by_title(title: &str) -> Holds {
    let plain = plain(title);
    TITLES.iter().find(|(_, known)| known.contains(&plain.as_str())).map_or(Other, |(holds, _)| *holds)
}

fn hold<'a>(title: &str, cells: impl Iterator<Item = &'a String>) -> Holds {
    let titled = by_title(title);
    if titled != Other {
        return titled;
    }
    let found: Vec<Holds> = cells.filter(|cell| !cell.trim().is_empty()).map(|cell| by_value(cell)).collect();
    let most = |wanted: &Holds| found.iter().filter(|h| *h == wanted).count();
    [Phone, Email, CreditCode, Name, Address]
        .into_iter()
        .find(|h| most(h) * SHARE.1 >= found.len() * SHARE.0 && most(h) > 0)
        .unwrap_or(Other)
}

/// What a cell is, as far as its looks tell.
/// Titles that say nothing (c1, c2) still stand above values: the number of their row and the titles.
fn plain_titles(sheet: &SheetReader) -> Option<(u32, Vec<String>)> {
    let holds_values = |cells: &[String]| cells.iter().any(|cell| by_value(cell) != Other);
    let mut rows = sheet.head().iter().filter(|row| !row.is_blank());
    let (first, below) = (rows.next()?, rows.next().map(texts)?);
    let titles = texts(first);
    (!holds_values(&titles) && holds_values(&below)).then_some((first.number, titles))
}

fn by_value(cell: &str) -> Holds {
    let folded = text::fold(cell);
    const FORMS: [&str; 8] = ["公司", "有限", "集团", "经营部", "商行", "ltd", "inc.", "gmbh"];
    const ROADS: [&str; 6] = ["路", "街", "大道", "号", "栋", "室"];
    match () {
        () if email::parse(cell).is_ok() => Email,
        () if credit_code::parse(cell).is_ok() => CreditCode,
        () if phone::parse_many(cell).iter().any(Result::is_ok) => Phone,
        () if FORMS.iter().any(|form| folded.contains(form)) => Name,
        () if ROADS.iter().filter(|word| folded.contains(**word)).count() >= 2 => Address,
        () => Other,
    }
}
