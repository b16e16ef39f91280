//! References that a sheet gives by name: found for a whole chunk at once, and only among what the caller may read.

use super::draft::{Draft, Named};
use crate::cx::Cx;
use crate::error::Result;
use huike_matching::text::{clean, fold};
use huike_model::access::FieldAccess;
use huike_model::filter::{Resolved, Test};
use huike_model::{Fault, Field, Id, Value};
use huike_store::Conn;
use huike_store::query::RecordQuery;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The names that drafts give, by object.
fn wanted(drafts: &[Draft]) -> BTreeMap<String, BTreeSet<String>> {
    let parts = drafts
        .iter()
        .flat_map(|draft| std::iter::once(&draft.main).chain(draft.related.iter().map(|(_, part)| part)));
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for named in parts.flat_map(|part| &part.names) {
        if let Some(target) = named.field.target() {
            wanted.entry(target.to_owned()).or_default().insert(clean(&named.text));
        }
    }
    wanted
}

enum Found {
    One(i64),
    Several,
}

/// Ids by object and folded name.
#[derive(Default)]
pub struct Names {
    found: HashMap<(String, String), Found>,
    /// Nothing but people and departments was looked for.
    only_at_hand: bool,
}

/// More records of one name than this need not be told apart to know that there are several.
const ENOUGH: i64 = 2_000;

impl Names {
    /// Finds what the drafts refer to, one query per object.
    ///
    /// # Errors
    /// The database's.
    pub fn of(conn: &mut Conn, cx: &Cx, drafts: &[Draft]) -> Result<Names> {
        let mut names = Names::default();
        for (target, texts) in wanted(drafts) {
            match target.as_str() {
                "user" => names.add_users(cx, &texts),
                "department" => names.add_departments(cx, &texts),
                _ => names.add_records(conn, cx, &target, &texts)?,
            }
        }
        Ok(names)
    }

    /// The people and departments that the drafts refer to: known without asking the database.
    pub fn at_hand(cx: &Cx, drafts: &[Draft]) -> Names {
        let mut names = Names { only_at_hand: true, ..Names::default() };
        for (target, texts) in wanted(drafts) {
            match target.as_str() {
                "user" => names.add_users(cx, &texts),
                "department" => names.add_departments(cx, &texts),
                _ => {}
            }
        }
        names
    }

    /// People by name or account; whoever left takes no new records.
    fn add_users(&mut self, cx: &Cx, wanted: &BTreeSet<String>) {
        let wanted: BTreeSet<String> = wanted.iter().map(|text| fold(text)).collect();
        for person in cx.org.users().filter(|person| person.active) {
            let (name, login) = (fold(&person.name), fold(&person.login));
            if wanted.contains(&name) {
                self.add("user", name.clone(), person.id);
            }
            if login != name && wanted.contains(&login) {
                self.add("user", login, person.id);
            }
        }
    }

    fn add_departments(&mut self, cx: &Cx, wanted: &BTreeSet<String>) {
        for department in cx.org.departments() {
            let name = fold(&department.name);
            if wanted.iter().any(|text| fold(text) == name) {
                self.add("department", name, department.id);
            }
        }
    }

    fn add_records(
        &mut self,
        conn: &mut Conn,
        cx: &Cx,
        target: &str,
        texts: &BTreeSet<String>,
    ) -> Result<()> {
        let Some(object) = cx.schema.object(target) else { return Ok(()) };
        let access = cx.access_or_none(conn, object)?;
        let name = &object.name_field;
        let numbers = object
            .fields()
            .filter(|field| field.unique && field.kind == huike_model::kinds::FieldType::AutoNumber);
        for field in std::iter::once(name).chain(numbers) {
            let fields = [field.clone()];
            let mut query = RecordQuery::new(&access, &cx.schema, &fields);
            let values = texts.iter().map(|text| Value::from(text.as_str())).collect();
            query.filter = Resolved::own(&object.name, field, Test::OneOf(values));
            query.limit = ENOUGH;
            for row in query.run(conn)? {
                let readable = access.on_row(field, &row.reached) >= FieldAccess::Read;
                if let (true, Some(text)) = (readable, row.values[0].as_text()) {
                    self.add(target, fold(text), row.id);
                }
            }
        }
        Ok(())
    }

    /// A record that has come into being meanwhile.
    pub fn add(&mut self, object: &str, name: String, id: i64) {
        let place = self.found.entry((object.to_owned(), name)).or_insert(Found::One(id));
        if matches!(place, Found::One(known) if *known != id) {
            *place = Found::Several;
        }
    }

    /// Whether records of this object were looked for.
    pub fn sought(&self, target: &str) -> bool {
        !self.only_at_hand || matches!(target, "user" | "department")
    }

    /// The record that is meant.
    ///
    /// # Errors
    /// A fault when there is none, or more than one.
    pub fn get(&self, named: &Named) -> std::result::Result<i64, Fault> {
        let field: &Arc<Field> = &named.field;
        let target = field.target().unwrap_or_default();
        let text = clean(&named.text);
        match self.found.get(&(target.to_owned(), fold(&text))) {
            Some(Found::One(id)) => Ok(*id),
            Some(Found::Several) => Err(Fault::new(
                &*named.path,
                "ambiguous_reference",
                format!("{}：叫“{text}”的不止一个，请写得更明确", field.label.zh),
                format!("{}: more than one is called “{text}”; say which", field.label.en),
            )),
            // Whoever has the id may give it; whether it leads anywhere the write itself checks.
            None => text.parse::<Id>().map(Id::number).map_err(|_| {
                Fault::new(
                    &*named.path,
                    "unknown_reference",
                    format!("{}：没有找到“{text}”", field.label.zh),
                    format!("{}: “{text}” was not found", field.label.en),
                )
            }),
        }
    }
}
