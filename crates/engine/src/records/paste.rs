//! Proposals for a new record out of a pasted text: what `matching::paste` reads, placed by the dictionary into fields that the caller
//! may write. Nothing is stored; a person takes over what is right.

use super::body;
use super::load;
use super::render::id_text;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_matching::paste::{self, Found, Role};
use huike_matching::text::fold;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::kinds::FieldType;
use huike_model::{Code, Fault, Field, Object, Value};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Characters that are taken in; the reader itself stops earlier.
const LONGEST: usize = 20_000;

impl Engine {
    /// What a text says about a new record of an object, and about one that belongs to it (the contact beside the customer).
    ///
    /// # Errors
    /// `not_found` for the object, `forbidden` for who may not make such a record, `invalid` for an empty or overlong text.
    pub async fn paste_record(&self, cx: Cx, object: String, text: String) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            if !access.create {
                return Err(Code::Forbidden.into());
            }
            check_length(&text)?;
            propose(conn, &cx, &access, &text)
        })
        .await
    }
}

fn check_length(text: &str) -> Result<()> {
    let fault = if text.trim().is_empty() {
        Fault::new("text", "required", "请先粘贴文字", "Paste a text first")
    } else if text.chars().nth(LONGEST).is_some() {
        Fault::new(
            "text",
            "too_long",
            "文字过长，最多 20000 字",
            "The text may have 20,000 characters at most",
        )
    } else {
        return Ok(());
    };
    Err(vec![fault].into())
}

/// Which field of an object takes what is found, in the order of the finds.
struct Places<'a> {
    cx: &'a Cx,
    access: &'a ObjectAccess,
    taken: Vec<Arc<Field>>,
    proposals: Vec<Json>,
}

fn propose(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, text: &str) -> Result<Json> {
    let found = paste::read(text);
    let units = Units::of(text);
    let mut own = Places::new(cx, access);
    let related = related(conn, cx, &access.object)?;
    let company = found.iter().any(|found| found.role == Role::Customer);
    let person = found.iter().any(|found| found.role == Role::Contact);
    let mut beside = related
        .as_ref()
        .filter(|_| company && person)
        .map(|(access, via)| (Places::new(cx, access), via.clone()));
    let mut left = Vec::new();
    for piece in &found {
        let mut piece = piece.clone();
        // A person without a company is the customer.
        if piece.role == Role::Contact && !company && own.takes(Role::Customer) && !own.takes(Role::Contact) {
            piece.role = Role::Customer;
        }
        let personal = matches!(
            piece.role,
            Role::Contact | Role::Title | Role::Department | Role::Mobile | Role::Wechat | Role::Email
        );
        let placed = match &mut beside {
            Some((places, _)) if personal => {
                places.place(conn, &piece, &units)? || own.place(conn, &piece, &units)?
            }
            Some((places, _)) => own.place(conn, &piece, &units)? || places.place(conn, &piece, &units)?,
            None => own.place(conn, &piece, &units)?,
        };
        if !placed {
            left.push(units.json(&piece));
        }
    }
    let beside = beside.filter(|(places, _)| !places.proposals.is_empty()).map(|(places, via)| {
        json!({"object": places.access.object.name, "via": via, "proposals": places.proposals})
    });
    Ok(json!({"proposals": own.proposals, "related": beside, "others": left}))
}

/// The object whose records belong to this one's and take a person: the contact of a customer.
fn related(conn: &mut Conn, cx: &Cx, object: &Arc<Object>) -> Result<Option<(ObjectAccess, String)>> {
    let has = |object: &Object, role| object.fields().any(|field| field.paste == Some(role));
    if !has(object, Role::Customer) {
        return Ok(None);
    }
    let schema = cx.schema.clone();
    for (child, via) in schema.references_to(&object.name).filter(|(_, via)| !via.system) {
        if has(child, Role::Contact) {
            let access = cx.access_or_none(conn, child)?;
            if access.create && access.best(via) == FieldAccess::Write {
                return Ok(Some((access, via.name.clone())));
            }
        }
    }
    Ok(None)
}

impl<'a> Places<'a> {
    fn new(cx: &'a Cx, access: &'a ObjectAccess) -> Places<'a> {
        Places { cx, access, taken: Vec::new(), proposals: Vec::new() }
    }

    /// Fields that may take a role: those that name it; where the object names no roles at all, those of its type.
    fn fields(&self, role: Role) -> Vec<Arc<Field>> {
        let object = &self.access.object;
        let named = object.fields().any(|field| field.paste.is_some());
        let others: &[Role] = match role {
            Role::Mobile => &[Role::Mobile, Role::Phone],
            Role::Phone => &[Role::Phone],
            Role::Need => &[Role::Need, Role::Note],
            _ => std::slice::from_ref(&role),
        };
        let writable =
            |field: &&Arc<Field>| !field.read_only() && self.access.best(field) == FieldAccess::Write;
        let fits = |field: &Arc<Field>, role: Role| match named {
            true => field.paste == Some(role),
            false => by_type(object, field, role),
        };
        let fields = others.iter().flat_map(|role| {
            object.fields().filter(writable).filter(|field| fits(field, *role)).cloned().collect::<Vec<_>>()
        });
        fields.collect()
    }

    fn takes(&self, role: Role) -> bool {
        !self.fields(role).is_empty()
    }

    /// Proposes a find for the first field that is still free for it; whether there was one.
    fn place(&mut self, conn: &mut Conn, piece: &Found, units: &Units) -> Result<bool> {
        for field in self.fields(piece.role) {
            if self.taken.iter().any(|taken| taken.name == field.name) {
                continue;
            }
            let Some(value) = self.value(conn, &field, &piece.value)? else { continue };
            let mut proposal = units.json(piece);
            proposal["field"] = field.name.as_str().into();
            proposal["value"] = value;
            self.proposals.push(proposal);
            self.taken.push(field);
            return Ok(true);
        }
        Ok(false)
    }

    /// The value as the field's normaliser makes it; none when it doesn't fit. A reference is looked up by its name, among the records
    /// that the caller reaches.
    fn value(&self, conn: &mut Conn, field: &Arc<Field>, text: &str) -> Result<Option<Json>> {
        if field.kind == FieldType::Lookup {
            return self.reference(conn, field, text);
        }
        let longest = if field.max_length > 0 { field.max_length } else { usize::MAX };
        let cut: String = text.chars().take(longest).collect();
        let parsed = body::value(&Json::String(cut), field, self.cx);
        Ok(parsed
            .ok()
            .filter(|parsed| !parsed.value.is_null())
            .map(|parsed| field.kind.kind().to_json(&parsed.value, field)))
    }

    fn reference(&self, conn: &mut Conn, field: &Arc<Field>, text: &str) -> Result<Option<Json>> {
        let Some(target) = field.target().and_then(|name| self.cx.schema.object(name)).cloned() else {
            return Ok(None);
        };
        let access = self.cx.access_or_none(conn, &target)?;
        let name = target.name_field.clone();
        if access.best(&name) < FieldAccess::Read {
            return Ok(None);
        }
        let fields = load::all_fields(&target);
        let mut query = RecordQuery::new(&access, &self.cx.schema, &fields);
        query.filter = Resolved::own(&target.name, &name, Test::Equal(Value::Text(text.to_owned())));
        query.limit = 2;
        query.deleted = Deleted::Live;
        let rows = query.run(conn)?;
        let records = load::records(conn, self.cx, &target, &fields, rows)?;
        match &records[..] {
            [only] if access.on_row(&name, &only.reached) >= FieldAccess::Read => {
                Ok(Some(json!({"id": id_text(only.id), "name": only.values.title()})))
            }
            _ => Ok(None),
        }
    }
}

/// Without roles in the dictionary a field's type says what it takes.
fn by_type(object: &Object, field: &Field, role: Role) -> bool {
    match (role, field.kind) {
        (Role::Customer | Role::Contact, _) => field.name == object.name_field.name,
        (Role::Mobile | Role::Phone, FieldType::Phone)
        | (Role::Email, FieldType::Email)
        | (Role::Website, FieldType::Url)
        | (Role::Address, FieldType::Address)
        | (Role::CreditCode, FieldType::CreditCode) => true,
        _ => false,
    }
}

/// Places in a text counted in UTF-16 units, as pages count them.
struct Units {
    /// By byte; only character boundaries are asked for.
    at: Vec<usize>,
}

impl Units {
    fn of(text: &str) -> Units {
        let (mut at, mut unit) = (vec![0; text.len() + 1], 0);
        for (byte, c) in text.char_indices() {
            at[byte] = unit;
            unit += c.len_utf16();
        }
        at[text.len()] = unit;
        Units { at }
    }

    fn json(&self, piece: &Found) -> Json {
        json!({
            "role": piece.role.name(),
            "text": fold_spaces(&piece.value),
            "start": self.at[piece.span.start],
            "end": self.at[piece.span.end],
            "confidence": piece.confidence,
        })
    }
}

fn fold_spaces(text: &str) -> String {
    if fold(text).is_empty() { String::new() } else { text.split_whitespace().collect::<Vec<_>>().join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, code, faults};
    use huike_store::testing::TestDb;

    const TEXT: &str = "📇 我是苏州恒力精密机械有限公司的采购经理李建国，手机16320456781，\n邮箱 li@example.com 电话0512-95118866，地址：江苏省苏州市吴中区金枫路216号，备注：展会认识";

    fn paste(company: &Company, login: &str, object: &str, text: &str) -> Result<Json> {
        company.wait(company.engine.paste_record(company.cx(login), object.into(), text.into()))
    }

    fn fields(proposals: &Json) -> Vec<(String, Json)> {
        let list = proposals.as_array().cloned().unwrap_or_default();
        list.iter().map(|each| (each["field"].as_str().unwrap().to_owned(), each["value"].clone())).collect()
    }

    fn a_text_becomes_a_customer_and_the_contact_beside_it(db: &mut TestDb) {
        let company = Company::founded(db);
        let read = paste(&company, "boss", "customer", TEXT).unwrap();
        let own = fields(&read["proposals"]);
        let names: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["name", "phone", "region_address", "remark"]);
        assert_eq!(own[0].1, "苏州恒力精密机械有限公司");
        assert_eq!(own[1].1, "+8651295118866");
        assert_eq!(own[2].1["region"], "320506");
        assert_eq!(read["related"]["object"], "contact");
        assert_eq!(read["related"]["via"], "customer");
        let beside = fields(&read["related"]["proposals"]);
        assert_eq!(
            beside,
            [
                ("title".to_owned(), json!("采购经理")),
                ("name".to_owned(), json!("李建国")),
                ("mobile".to_owned(), json!("+8616320456781")),
                ("email".to_owned(), json!("li@example.com")),
            ]
        );
        let units: Vec<u16> = TEXT.encode_utf16().collect();
        for proposal in read["proposals"].as_array().unwrap().iter().filter(|each| each["role"] != "address")
        {
            let place =
                proposal["start"].as_u64().unwrap() as usize..proposal["end"].as_u64().unwrap() as usize;
            assert_eq!(String::from_utf16(&units[place]).unwrap(), proposal["text"].as_str().unwrap());
        }
    }

    fn a_person_alone_is_the_customer_and_further_phones_are_not_lost(db: &mut TestDb) {
        let company = Company::founded(db);
        let read = paste(&company, "boss", "customer", "周婷 16421240011/16421240012/16421240013").unwrap();
        assert_eq!(
            fields(&read["proposals"]),
            [
                ("name".to_owned(), json!("周婷")),
                ("mobile".to_owned(), json!("+8616421240011")),
                ("phone".to_owned(), json!("+8616421240012")),
            ]
        );
        assert_eq!(read["related"], Json::Null);
        assert_eq!(read["others"][0]["text"], "16421240013");
    }

    fn a_contact_finds_its_customer_by_its_name(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sally", "sales");
        company.create(&company.cx("sally"), "customer", json!({"name": "无锡太湖纺织有限公司"}));
        let text = "吴梅 16421240011 无锡太湖纺织有限公司";
        let mine = paste(&company, "sally", "contact", text).unwrap();
        let customer = fields(&mine["proposals"]).into_iter().find(|(name, _)| name == "customer").unwrap();
        assert_eq!(customer.1["name"], "无锡太湖纺织有限公司");
        let unknown = paste(&company, "sally", "contact", "吴梅 16421240011 绍兴柯桥轻纺有限公司").unwrap();
        assert!(fields(&unknown["proposals"]).iter().all(|(name, _)| name != "customer"));
        assert_eq!(unknown["others"][0]["role"], "customer");
    }

    fn only_who_may_make_records_may_paste_and_bad_texts_are_refused(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("carl", "compliance");
        assert!(matches!(code(paste(&company, "carl", "customer", TEXT)), Code::Forbidden | Code::NotFound));
        assert_eq!(code(paste(&company, "boss", "nothing", TEXT)), Code::NotFound);
        assert_eq!(
            faults(paste(&company, "boss", "customer", " \n").unwrap_err()),
            [("text".to_owned(), "required")]
        );
        let long = "张".repeat(LONGEST + 1);
        assert_eq!(
            faults(paste(&company, "boss", "customer", &long).unwrap_err()),
            [("text".to_owned(), "too_long")]
        );
    }

    huike_store::on_both_databases!(
        a_text_becomes_a_customer_and_the_contact_beside_it,
        a_person_alone_is_the_customer_and_further_phones_are_not_lost,
        a_contact_finds_its_customer_by_its_name,
        only_who_may_make_records_may_paste_and_bad_texts_are_refused,
    );
}
