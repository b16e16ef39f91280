//! Gaps filled from what is known already: the parent's industry and website, the website behind a mail address, the region that a name or
//! an area code says. A region is never the parent's: a branch stands somewhere else than its group.

use super::look::{Found, Proposal};
use super::readable;
use super::run::Origin;
use crate::cx::Cx;
use crate::error::Result;
use crate::records::body;
use crate::records::load::{self, Record};
use crate::records::render::id_text;
use huike_matching::paste::Role;
use huike_matching::{address, company, email, phone};
use huike_model::access::ObjectAccess;
use huike_model::filter::{Resolved, Test};
use huike_model::kinds::FieldType;
use huike_model::{Field, Object, Value};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// People of a customer whose mail addresses are looked at, in all for one chunk.
const PEOPLE: i64 = 2_000;

/// What belongs to the records of one chunk.
pub struct Around {
    /// The lookup to a record of the same object, and what it leads to.
    parent: Option<(Arc<Field>, HashMap<i64, Record>)>,
    /// The mail domains of the people who belong to a record, with how many have them.
    domains: HashMap<i64, BTreeMap<String, usize>>,
    /// Fields that the caller may read on every record: what others say must not come out by what follows from them.
    known: Vec<Arc<Field>>,
}

impl Around {
    /// # Errors
    /// The database's.
    pub fn of(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, records: &[Record]) -> Result<Around> {
        let object = &access.object;
        let known: Vec<Arc<Field>> =
            object.fields().filter(|field| readable(access, field)).cloned().collect();
        let mut around = Around { parent: None, domains: HashMap::new(), known };
        let lookup = object.fields().find(|field| {
            field.kind == FieldType::Lookup && field.target() == Some(&object.name) && readable(access, field)
        });
        if let Some(lookup) = lookup {
            let mut ids: Vec<i64> =
                records.iter().filter_map(|record| record.values.of(lookup).as_int()).collect();
            ids.sort_unstable();
            ids.dedup();
            let found = match ids.is_empty() {
                true => Vec::new(),
                false => load::find_many(conn, cx, access, &ids, Deleted::Live)?,
            };
            around.parent =
                Some((lookup.clone(), found.into_iter().map(|record| (record.id, record)).collect()));
        }
        if let Some(website) = of_role(object, Role::Website) {
            let empty: Vec<i64> =
                records.iter().filter(|each| each.values.of(website).is_null()).map(|each| each.id).collect();
            around.people(conn, cx, object, &empty)?;
        }
        Ok(around)
    }

    /// The domains of the people's mail addresses, as far as the caller may read them.
    fn people(&mut self, conn: &mut Conn, cx: &Cx, object: &Object, ids: &[i64]) -> Result<()> {
        let schema = cx.schema.clone();
        let person = schema.references_to(&object.name).find(|(child, via)| {
            !via.system && child.fields().any(|field| field.paste == Some(Role::Contact))
        });
        let Some((child, via)) = person.filter(|_| !ids.is_empty()) else { return Ok(()) };
        let access = cx.access_or_none(conn, child)?;
        let Some(mail) = of_role(child, Role::Email).filter(|field| readable(&access, field)) else {
            return Ok(());
        };
        if !readable(&access, via) {
            return Ok(());
        }
        let fields = [mail.clone(), via.clone()];
        let mut query = RecordQuery::new(&access, &cx.schema, &fields);
        let whose = Test::OneOf(ids.iter().copied().map(Value::Int).collect());
        query.filter = Resolved::own(&child.name, via, whose);
        query.limit = PEOPLE;
        for row in query.run(conn)? {
            let (Some(address), Some(of)) = (row.values[0].as_text(), row.values[1].as_int()) else {
                continue;
            };
            if let Some(domain) = company_domain(address) {
                *self.domains.entry(of).or_default().entry(domain).or_default() += 1;
            }
        }
        Ok(())
    }

    /// What fills gaps of one record.
    pub fn propose(&self, cx: &Cx, fields: &[Arc<Field>], record: &Record) -> Vec<Proposal> {
        let empty = fields.iter().filter(|field| fits(field) && record.values.of(field).is_null());
        let found = empty.filter_map(|field| {
            let found = match field.kind {
                FieldType::Url => self.of_parent(field, record).or_else(|| self.website(cx, field, record)),
                FieldType::Address => self.region(cx, field, record),
                _ => self.of_parent(field, record),
            };
            found.map(|found| Proposal { origin: Origin::Related, found })
        });
        found.collect()
    }

    fn of_parent(&self, field: &Arc<Field>, record: &Record) -> Option<Found> {
        let (lookup, parents) = self.parent.as_ref()?;
        let parent = parents.get(&record.values.of(lookup).as_int()?)?;
        let value = parent.values.of(field).clone();
        let source = json!({"how": "parent", "record": id_text(parent.id)});
        (!value.is_null()).then(|| Found { field: field.clone(), value, source })
    }

    /// The site behind the record's own mail address, else the one that most of its people write from.
    fn website(&self, cx: &Cx, field: &Arc<Field>, record: &Record) -> Option<Found> {
        let own = self.text(record, Role::Email).and_then(company_domain);
        let domain = own.or_else(|| {
            let counted = self.domains.get(&record.id)?;
            let most = *counted.values().max()?;
            let mut first = counted.iter().filter(|(_, count)| **count == most);
            // Two domains of equal weight say nothing.
            first.next().filter(|_| first.next().is_none()).map(|(domain, _)| domain.clone())
        })?;
        let value = body::value(&json!(domain), field, cx).ok()?.value;
        Some(Found { field: field.clone(), value, source: json!({"how": "mail_domain"}) })
    }

    /// The region that a landline or the name says; none when they say different ones.
    fn region(&self, cx: &Cx, field: &Arc<Field>, record: &Record) -> Option<Found> {
        let called = self
            .text(record, Role::Phone)
            .map(|stored| stored.split(';').next().unwrap_or_default())
            .and_then(|number| phone::region(&phone::parse(number).ok()?));
        let named = self.text(record, Role::Customer).and_then(|name| company::parse(name).region);
        let (code, how) = match (called, named.as_deref()) {
            (Some(called), Some(named)) if is_inside(named, called) => (named, "name"),
            (Some(called), Some(named)) if is_inside(called, named) => (called, "area_code"),
            (Some(_), Some(_)) | (None, None) => return None,
            (Some(called), None) => (called, "area_code"),
            (None, Some(named)) => (named, "name"),
        };
        let value = body::value(&json!({"region": code, "detail": ""}), field, cx).ok()?.value;
        Some(Found { field: field.clone(), value, source: json!({"how": how}) })
    }

    /// A value of the record's own, as far as the caller may know it.
    fn text<'a>(&self, record: &'a Record, role: Role) -> Option<&'a str> {
        let field = self.known.iter().find(|field| field.paste == Some(role))?;
        record.values.of(field).as_text()
    }
}

/// Whether gaps of a field may be filled from what is around a record.
pub fn fits(field: &Field) -> bool {
    match field.kind {
        FieldType::Tree => true,
        FieldType::Url => field.paste == Some(Role::Website),
        FieldType::Address => field.paste == Some(Role::Address),
        _ => false,
    }
}

fn of_role(object: &Object, role: Role) -> Option<&Arc<Field>> {
    object.fields().find(|field| field.paste == Some(role))
}

/// The domain of a mail address that only people of one company have.
fn company_domain(address: &str) -> Option<String> {
    let mail = email::parse(address).ok()?;
    (!mail.is_free_mail()).then(|| mail.domain().to_owned())
}

/// Whether a region is `outer` or lies in it.
fn is_inside(inner: &str, outer: &str) -> bool {
    let above = |code: &&str| address::region(code).and_then(|region| region.parent);
    std::iter::successors(Some(inner), above).any(|code| code == outer)
}
