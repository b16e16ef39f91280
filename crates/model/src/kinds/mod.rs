//! Field types. Each has one file here that says how it is read, checked, normalised, shown and masked; [`FieldType::kind`] is the one
//! list of them, and the compiler names what is missing when one is added. See docs/how-to-add-a-field-type.md.

mod address;
mod auto_number;
mod boolean;
mod choice;
mod credit_code;
mod date;
mod datetime;
mod decimal;
mod department;
mod duration;
mod email;
mod file;
mod formula;
mod id_card;
mod image;
mod integer;
mod json;
mod location;
mod long_text;
mod lookup;
mod money;
mod multi_choice;
mod number;
mod percent;
mod phone;
mod rating;
pub mod recurrence;
mod reference;
mod rollup;
mod text;
mod tree;
mod url;
mod user;

use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::text::Label;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// How a value is kept: a 64-bit integer or a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    Int,
    Text,
}

/// A value ready to be kept, with what was typed when that reads differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub value: Value,
    /// What was typed, kept beside the value because normalising changed it.
    pub raw: Option<String>,
}

impl From<Value> for Parsed {
    fn from(value: Value) -> Parsed {
        Parsed { value, raw: None }
    }
}

/// What a field type does. Implementations are stateless; what an administrator set stands in the [`Field`].
pub trait FieldKind: Sync {
    fn storage(&self) -> Storage;

    /// The operators a filter may use; those that need no operand are always among them.
    fn operators(&self) -> &'static [Op];

    /// Reads, checks and normalises what a caller sent. `null` and blank text never reach this function.
    ///
    /// # Errors
    /// Every fault of the value, with the field's name.
    fn parse(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Parsed, Vec<Fault>>;

    /// The value in an answer, as docs/interface.md describes it. Never called with null.
    fn to_json(&self, value: &Value, field: &Field) -> Json;

    /// The value for a person: in exports, messages and the timeline. References are shown by the caller, who knows names.
    fn display(&self, value: &Value, field: &Field, moment: &Moment) -> String;

    /// What somebody sees who may know that there is a value but not read it.
    fn mask(&self, _value: &Value, _field: &Field) -> Json {
        Json::String("****".into())
    }

    /// The text that the search index holds for the value; none where searching makes no sense.
    fn search_text(&self, value: &Value, _field: &Field) -> Option<String> {
        value.as_text().map(str::to_owned)
    }

    /// The operand of `contains`, `starts_with`, `has` and `under`, which need not be a whole value.
    ///
    /// # Errors
    /// As [`FieldKind::parse`].
    fn parse_operand(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Value, Vec<Fault>> {
        self.parse(input, field, moment).map(|parsed| parsed.value)
    }
}

macro_rules! field_types {
    ($($variant:ident $name:literal $zh:literal $en:literal $kind:expr;)*) => {
        /// The type of a field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum FieldType { $(#[serde(rename = $name)] $variant,)* }

        impl FieldType {
            pub const ALL: &'static [FieldType] = &[$(FieldType::$variant,)*];

            /// The name in files and in the interface.
            pub fn name(self) -> &'static str { match self { $(FieldType::$variant => $name,)* } }

            /// What people call it.
            pub fn label(self) -> Label { match self { $(FieldType::$variant => Label::new($zh, $en),)* } }

            pub fn kind(self) -> &'static dyn FieldKind { match self { $(FieldType::$variant => &$kind,)* } }
        }
    };
}

field_types! {
    Text "text" "单行文字" "Text" text::Text;
    LongText "long_text" "多行文字" "Long text" long_text::LongText;
    Integer "integer" "整数" "Whole number" integer::Integer;
    Decimal "decimal" "小数" "Decimal" decimal::Decimal;
    Money "money" "金额" "Money" money::Money;
    Percent "percent" "百分比" "Percent" percent::Percent;
    Boolean "boolean" "是或否" "Yes or no" boolean::Boolean;
    Date "date" "日期" "Date" date::Date;
    DateTime "datetime" "日期时间" "Date and time" datetime::DateTime;
    Duration "duration" "时长" "Duration" duration::Duration;
    Choice "choice" "单选" "Choice" choice::Choice;
    MultiChoice "multi_choice" "多选" "Several choices" multi_choice::MultiChoice;
    Tree "tree" "分类" "Classification" tree::Tree;
    Phone "phone" "电话" "Phone" phone::Phone;
    Email "email" "邮箱" "Email" email::Email;
    Url "url" "网址" "Web address" url::Url;
    Address "address" "地址" "Address" address::Address;
    Lookup "lookup" "关联资料" "Related record" lookup::Lookup;
    User "user" "员工" "User" user::User;
    Department "department" "部门" "Department" department::Department;
    AutoNumber "auto_number" "自动编号" "Automatic number" auto_number::AutoNumber;
    Formula "formula" "公式" "Formula" formula::Formula;
    Rollup "rollup" "汇总" "Roll-up" rollup::Rollup;
    File "file" "附件" "File" file::File;
    Image "image" "图片" "Image" image::Image;
    Location "location" "位置" "Place" location::Location;
    CreditCode "credit_code" "统一社会信用代码" "Unified social credit code" credit_code::CreditCode;
    IdCard "id_card" "身份证号" "Identity card" id_card::IdCard;
    Rating "rating" "评分" "Rating" rating::Rating;
    Recurrence "recurrence" "重复规则" "Recurrence" recurrence::Recurrence;
    Json "json" "结构化数据" "Structured data" json::Json;
}

/// Operator sets that several types share.
pub(crate) mod operators {
    use crate::filter::Op::{self, *};

    pub const TEXT: &[Op] = &[Eq, Ne, In, NotIn, Contains, StartsWith, IsEmpty, NotEmpty];
    pub const EXACT: &[Op] = &[Eq, Ne, In, NotIn, IsEmpty, NotEmpty];
    pub const ORDERED: &[Op] = &[Eq, Ne, In, NotIn, Lt, Lte, Gt, Gte, Between, IsEmpty, NotEmpty];
    pub const TIME: &[Op] = &[Eq, Ne, Lt, Lte, Gt, Gte, Between, Within, IsEmpty, NotEmpty];
    pub const TREE: &[Op] = &[Eq, Ne, In, NotIn, Under, IsEmpty, NotEmpty];
    pub const LIST: &[Op] = &[Has, IsEmpty, NotEmpty];
    pub const PRESENCE: &[Op] = &[IsEmpty, NotEmpty];
    /// Long texts are searched, not compared.
    pub const PROSE: &[Op] = &[Contains, IsEmpty, NotEmpty];
    /// Numbers begin with a country code that nobody types, so that "begins with" would never find anything.
    pub const PHONE: &[Op] = &[Eq, Ne, In, NotIn, Contains, IsEmpty, NotEmpty];
    /// By region, or by words of the street.
    pub const ADDRESS: &[Op] = &[Under, Contains, IsEmpty, NotEmpty];
}

/// What a filter may do with an encrypted field, whatever its type: only whole values have an index.
pub const ENCRYPTED_OPERATORS: &[Op] = &[Op::Eq, Op::In, Op::IsEmpty, Op::NotEmpty];

/// The text of a JSON string or number; other JSON is a fault.
pub(crate) fn text_of(input: &Json, field: &Field) -> Result<String, Vec<Fault>> {
    match input {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        _ => Err(fault(field, "type", "应为文字", "must be text")),
    }
}

/// One fault of a value; both sentences begin with the field's label.
pub(crate) fn fault(field: &Field, code: &'static str, zh: &str, en: &str) -> Vec<Fault> {
    vec![Fault::new(&field.name, code, format!("{}{zh}", field.label.zh), format!("{} {en}", field.label.en))]
}

/// One fault of a value, when the reason is a sentence of its own.
fn explained(
    field: &Field,
    code: &'static str,
    zh: impl std::fmt::Display,
    en: impl std::fmt::Display,
) -> Vec<Fault> {
    vec![Fault::new(
        &field.name,
        code,
        format!("{}：{zh}", field.label.zh),
        format!("{}: {en}", field.label.en),
    )]
}

/// What the value of a formula or a roll-up is; a text when the dictionary gives nothing sensible.
fn result_kind(field: &Field) -> &'static dyn FieldKind {
    match field.result {
        FieldType::Formula | FieldType::Rollup => &text::Text,
        result => result.kind(),
    }
}

fn refuse_computed(field: &Field) -> Vec<Fault> {
    fault(field, "computed", "由系统计算，不能填写", "is worked out by the system and can't be written")
}

/// What somebody typed, short enough to stand in a message.
pub(crate) fn quoted(typed: &str) -> String {
    const SHOWN: usize = 30;
    let typed = typed.trim();
    match typed.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("“{}…”", &typed[..end]),
        None => format!("“{typed}”"),
    }
}

/// A parsed text that remembers what was typed when normalising changed it.
pub(crate) fn normalised(value: String, typed: &str) -> Parsed {
    let raw = (value != typed).then(|| typed.to_owned());
    Parsed { value: Value::Text(value), raw }
}

#[cfg(test)]
pub(crate) use tests::test_field;

#[cfg(test)]
mod tests;
