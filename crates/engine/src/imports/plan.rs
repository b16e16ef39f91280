//! A checked mapping: which column fills which field of which record.

use super::draft::{CellText, separator};
use super::job::{Definition, Mode, OnLikely};
use super::titles::plain;
use crate::cx::Cx;
use crate::error::Result;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::kinds::FieldType;
use huike_model::{Code, Fault, Field, Object};
use huike_store::Conn;
use std::sync::Arc;

/// A column that fills a field.
#[derive(Clone, Debug)]
pub struct Mapped {
    pub column: usize,
    /// `name`, `contact.mobile`.
    pub path: Arc<str>,
    pub field: Arc<Field>,
}

/// Records beside the imported one that point to it.
#[derive(Clone, Debug)]
pub struct Related {
    pub object: Arc<Object>,
    /// The child's lookup to the imported object.
    pub via: Arc<Field>,
    pub fields: Vec<Mapped>,
    /// As [`Plan::phones`].
    pub phones: Vec<Arc<Field>>,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub object: Arc<Object>,
    pub main: Vec<Mapped>,
    pub related: Vec<Related>,
    /// Where further numbers of a cell may go. None when records that are there may be changed: no column fills these fields.
    pub phones: Vec<Arc<Field>>,
    pub mode: Mode,
    pub key: Option<Arc<Field>>,
    pub on_duplicate: OnLikely,
    /// Plain titles by column, to know them again where a printed page repeats them.
    titles: Vec<(usize, String)>,
}

/// What a caller may fill by import.
pub struct Targets {
    pub access: ObjectAccess,
    pub children: Vec<Child>,
}

pub struct Child {
    pub via: Arc<Field>,
    pub access: ObjectAccess,
}

impl Targets {
    /// # Errors
    /// `not_found`, or `forbidden` without the right to import.
    pub fn open(conn: &mut Conn, cx: &Cx, object: &str) -> Result<Targets> {
        let object = cx.object(object)?.clone();
        let access = cx.access(conn, &object)?.importing().ok_or(Code::Forbidden)?;
        let mut children: Vec<Child> = Vec::new();
        for (child, via) in cx.schema.references_to(&object.name) {
            let known = children.iter().any(|known| known.access.object.name == child.name);
            if via.kind != FieldType::Lookup || via.system || child.name == object.name || known {
                continue;
            }
            let access = cx.access_or_none(conn, child)?;
            if access.create && access.for_new(via) == FieldAccess::Write {
                children.push(Child { via: via.clone(), access });
            }
        }
        Ok(Targets { access, children })
    }

    /// The child object behind a path and the field; a field that may not be written is none.
    pub fn find(&self, path: &str) -> Option<(Option<&Child>, &Arc<Field>)> {
        match path.split_once('.') {
            None => {
                let field = self.access.object.field(path)?;
                (writable(&self.access, field) || field.name == "id").then_some((None, field))
            }
            Some((object, name)) => {
                let child = self.children.iter().find(|child| child.access.object.name == object)?;
                let field = child.access.object.field(name)?;
                (writable(&child.access, field) && field.name != child.via.name)
                    .then_some((Some(child), field))
            }
        }
    }

    /// The fields of the imported object that may be filled.
    pub fn own(&self) -> impl Iterator<Item = &Arc<Field>> {
        self.access.object.fields().filter(|field| writable(&self.access, field))
    }
}

impl Child {
    pub fn fields(&self) -> impl Iterator<Item = &Arc<Field>> {
        self.access
            .object
            .fields()
            .filter(|field| writable(&self.access, field) && field.name != self.via.name)
    }

    pub fn path(&self, field: &Field) -> String {
        format!("{}.{}", self.access.object.name, field.name)
    }
}

fn writable(access: &ObjectAccess, field: &Field) -> bool {
    let takes_text = !matches!(field.kind, FieldType::File | FieldType::Image);
    takes_text && !field.read_only() && access.best(field).max(access.for_new(field)) == FieldAccess::Write
}

/// Fields by which an existing record can be found.
pub fn may_be_key(access: &ObjectAccess, field: &Field) -> bool {
    use FieldType::*;
    let comparable = matches!(
        field.kind,
        Text | Integer | Phone | Email | Url | AutoNumber | CreditCode | IdCard | Date | DateTime
    );
    (comparable || field.name == "id") && access.best(field) >= FieldAccess::Read
}

impl Plan {
    /// Checks a mapping against the dictionary and the caller's rights.
    ///
    /// # Errors
    /// `invalid` with every fault; a field that is hidden and one that isn't there give the same fault.
    pub fn check(targets: &Targets, definition: &Definition) -> Result<Plan> {
        let object = targets.access.object.clone();
        let mut plan = Plan {
            object,
            main: Vec::new(),
            related: Vec::new(),
            phones: Vec::new(),
            mode: definition.mode,
            key: None,
            on_duplicate: definition.on_duplicate,
            titles: definition.columns.iter().map(|column| (column.index, plain(&column.title))).collect(),
        };
        let mut faults = Vec::new();
        for column in &definition.columns {
            let Some(path) = &column.field else { continue };
            match targets.find(path) {
                None => faults.push(Fault::unknown_field(path)),
                Some((_, field)) if plan.column_of(path).is_some() && separator(field).is_none() => faults
                    .push(Fault::new(
                        path,
                        "mapped_twice",
                        format!("有两列都对应“{}”，请只留一列", field.label.zh),
                        format!("Two columns fill “{}”; keep one of them", field.label.en),
                    )),
                Some((child, field)) => plan.add(child, path, field, column.index),
            }
        }
        if plan.mode == Mode::Create {
            let is_phone = |field: &&Arc<Field>| field.kind == FieldType::Phone;
            plan.phones = targets.own().filter(is_phone).cloned().collect();
            for related in &mut plan.related {
                let child =
                    targets.children.iter().find(|child| child.access.object.name == related.object.name);
                related.phones =
                    child.into_iter().flat_map(Child::fields).filter(is_phone).cloned().collect();
            }
        }
        plan.take_key(targets, definition, &mut faults);
        if faults.is_empty() { Ok(plan) } else { Err(faults.into()) }
    }

    fn add(&mut self, child: Option<&Child>, path: &str, field: &Arc<Field>, column: usize) {
        let mapped = Mapped { column, path: path.into(), field: field.clone() };
        let Some(child) = child else { return self.main.push(mapped) };
        let object = &child.access.object;
        match self.related.iter_mut().find(|related| related.object.name == object.name) {
            Some(related) => related.fields.push(mapped),
            None => self.related.push(Related {
                object: object.clone(),
                via: child.via.clone(),
                fields: vec![mapped],
                phones: Vec::new(),
            }),
        }
    }

    fn take_key(&mut self, targets: &Targets, definition: &Definition, faults: &mut Vec<Fault>) {
        let mapped = |name: &str| self.main.iter().any(|mapped| mapped.field.name == name);
        let id_without_use =
            mapped("id") && (definition.mode == Mode::Create || definition.key.as_deref() != Some("id"));
        if id_without_use {
            faults.push(Fault::new(
                "id",
                "only_as_key",
                "“记录编号”只能用来查找要更新的记录",
                "The record id only serves to find the record to update",
            ));
        }
        if definition.mode == Mode::Create {
            return;
        }
        let Some(name) = &definition.key else {
            faults.push(Fault::new(
                "key",
                "required",
                "请选择按哪个字段查找已有记录",
                "Choose the field by which records are found",
            ));
            return;
        };
        let key = targets.access.object.field(name).filter(|field| may_be_key(&targets.access, field));
        match key {
            None => faults.push(Fault::unknown_field(name).at("key")),
            Some(field) if !mapped(name) => faults.push(Fault::new(
                "key",
                "not_mapped",
                format!("没有列对应“{}”，无法用它查找已有记录", field.label.zh),
                format!("No column fills “{}”, so records can't be found by it", field.label.en),
            )),
            Some(field) => self.key = Some(field.clone()),
        }
    }

    /// The key that suggests itself: a unique field that is mapped, else the name.
    pub fn likely_key(targets: &Targets, definition: &Definition) -> Option<String> {
        let fields = definition
            .columns
            .iter()
            .filter_map(|column| targets.access.object.field(column.field.as_deref()?));
        let fields: Vec<&Arc<Field>> = fields.filter(|field| may_be_key(&targets.access, field)).collect();
        let name = &targets.access.object.name_field.name;
        let unique = fields.iter().find(|field| field.unique || field.name == "id");
        unique.or_else(|| fields.iter().find(|field| field.name == *name)).map(|field| field.name.clone())
    }

    /// One fault for each field that every record needs and no column fills.
    pub fn missing(&self) -> Vec<Fault> {
        let needed = |object: &Object, mapped: &[Mapped], skip: Option<&str>| -> Vec<Arc<Field>> {
            let needs = |field: &&Arc<Field>| field.required && !field.computed() && field.default.is_none();
            let filled = |field: &Arc<Field>| mapped.iter().any(|mapped| mapped.field.name == field.name);
            object
                .fields()
                .filter(needs)
                .filter(|field| !filled(field) && Some(field.name.as_str()) != skip)
                .cloned()
                .collect()
        };
        let mut faults = Vec::new();
        if self.mode != Mode::Update {
            faults.extend(
                needed(&self.object, &self.main, None).iter().map(|field| unfilled(&field.name, field)),
            );
        }
        for related in &self.related {
            let missing = needed(&related.object, &related.fields, Some(&related.via.name));
            faults.extend(
                missing
                    .iter()
                    .map(|field| unfilled(&format!("{}.{}", related.object.name, field.name), field)),
            );
        }
        faults
    }

    /// The first column that fills the field with this path.
    pub fn column_of(&self, path: &str) -> Option<usize> {
        self.mapped().find(|mapped| *mapped.path == *path).map(|mapped| mapped.column)
    }

    fn mapped(&self) -> impl Iterator<Item = &Mapped> {
        self.main.iter().chain(self.related.iter().flat_map(|related| &related.fields))
    }

    /// The paths of all mapped fields, each once.
    pub fn paths(&self) -> impl Iterator<Item = String> + '_ {
        let mut seen: Vec<&str> = Vec::new();
        self.mapped().filter_map(move |mapped| {
            let new = !seen.contains(&&*mapped.path);
            seen.push(&mapped.path);
            new.then(|| mapped.path.to_string())
        })
    }

    /// Whether a row only repeats the titles, as printed lists do on every page.
    pub fn repeats_titles(&self, cells: &[CellText]) -> bool {
        let text = |column: usize| cells.get(column).map_or("", |cell| cell.text().trim());
        let mut filled = self.titles.iter().filter(|(column, _)| !text(*column).is_empty()).peekable();
        filled.peek().is_some() && filled.all(|(column, title)| plain(text(*column)) == *title)
    }
}

fn unfilled(path: &str, field: &Field) -> Fault {
    Fault::new(
        path,
        "required",
        format!("没有列对应必填的“{}”", field.label.zh),
        format!("No column fills “{}”, which is required", field.label.en),
    )
}
