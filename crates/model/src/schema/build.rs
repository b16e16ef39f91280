//! From definitions to a [`Schema`], or every fault in them.

use super::definition::{
    CHANNELS, FieldDefinition, KEY_KINDS, ObjectDefinition, RollupDefinition, RuleDefinition,
    TallyDefinition, ViewDefinition,
};
use super::expression::Expression;
use super::{Creates, Field, IndexColumn, Object, Ownership, Rule, Schema, Tally, layout, system};
use crate::filter::{Catalog, Filter};
use crate::kinds::{FieldType, Storage};
use crate::text::Label;
use indexmap::IndexMap;
use std::collections::HashSet;
use std::sync::Arc;

/// One object with what was added to it at run time.
#[derive(Clone, Debug)]
pub struct Fragment {
    pub definition: ObjectDefinition,
    /// Made at run time instead of shipped as a file.
    pub custom: bool,
    /// Fields added, changed (same name) or retired at run time.
    pub fields: Vec<StoredField>,
}

/// A field as a row of the dictionary.
#[derive(Clone, Debug)]
pub struct StoredField {
    pub definition: FieldDefinition,
    pub column: String,
    pub custom: bool,
    pub retired: bool,
}

/// Something in a definition that can't stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.place(), reason.en)]
pub struct SchemaFault {
    pub object: String,
    pub field: String,
    pub reason: Label,
}

impl SchemaFault {
    /// `customer.name`, or the object alone.
    pub fn place(&self) -> String {
        let dot = if self.field.is_empty() { "" } else { "." };
        format!("{}{dot}{}", self.object, self.field)
    }
}

mod fields;
mod quality;
mod rollups;

use rollups::rollup_result;

type Fields = IndexMap<String, IndexMap<String, Arc<Field>>>;

struct FieldsCatalog<'a>(&'a Fields);

impl Catalog for FieldsCatalog<'_> {
    fn field(&self, object: &str, name: &str) -> Option<&Arc<Field>> {
        self.0.get(object)?.get(name).filter(|field| !field.retired)
    }
}

impl Catalog for Schema {
    fn field(&self, object: &str, name: &str) -> Option<&Arc<Field>> {
        self.object(object)?.field(name)
    }
}

/// A name that can stand in files, URLs and SQL.
pub fn is_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

struct Builder {
    faults: Vec<SchemaFault>,
}

impl Builder {
    fn fault(&mut self, object: &str, field: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.told(object, field, Label::new(zh, en));
    }

    fn told(&mut self, object: &str, field: &str, reason: Label) {
        self.faults.push(SchemaFault { object: object.into(), field: field.into(), reason });
    }

    fn name(&mut self, object: &str, field: &str, name: &str) {
        if !is_name(name) {
            let zh = "名称以小写字母开头，只含小写字母、数字和下划线，最多 40 个字符";
            let en = "a name is a lower-case letter followed by letters, digits and _, 40 at most";
            self.fault(object, field, zh, en);
        }
    }

    fn expression(&mut self, object: &str, field: &str, source: &str) -> Option<Expression> {
        match Expression::compile(source) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.told(object, field, error.told());
                None
            }
        }
    }

    /// Fields of every object, roll-ups last: their type is their child's field's.
    fn fields(&mut self, fragments: &[Fragment]) -> Fields {
        let mut all: Fields = IndexMap::new();
        let mut waiting: Vec<(&str, StoredField, RollupDefinition)> = Vec::new();
        let mut places: IndexMap<String, Vec<String>> = IndexMap::new();
        for fragment in fragments {
            let object = fragment.definition.name.as_str();
            let mut fields = IndexMap::new();
            let place = places.entry(object.to_owned()).or_default();
            for stored in fragment.stored() {
                place.push(stored.definition.name.clone());
                match stored.definition.rollup.clone().filter(|_| stored.definition.kind == FieldType::Rollup)
                {
                    Some(rollup) => waiting.push((object, stored, rollup)),
                    None => {
                        fields.insert(
                            stored.definition.name.clone(),
                            Arc::new(self.field(object, &stored, None)),
                        );
                    }
                }
            }
            for field in system::fields() {
                fields.insert(field.name.clone(), field);
            }
            if all.insert(object.to_owned(), fields).is_some() {
                self.fault(object, "", "已有同名的对象", "there are two objects of this name");
            }
        }
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|(object, stored, rollup)| {
                let Some(result) = rollup_result(&all, rollup) else { return true };
                let field = Arc::new(self.field(object, stored, Some(result)));
                if let Some(fields) = all.get_mut(*object) {
                    fields.insert(stored.definition.name.clone(), field);
                }
                false
            });
            if waiting.len() == before {
                for (object, stored, _) in &waiting {
                    self.fault(
                        object,
                        &stored.definition.name,
                        "汇总用到的对象或字段不存在，或者互相循环",
                        "the roll-up names an object or field that isn't there, or goes in a circle",
                    );
                }
                break;
            }
        }
        for (object, place) in places {
            if let Some(fields) = all.get_mut(&object) {
                fields.sort_by_cached_key(|name, _| {
                    place.iter().position(|placed| placed == name).unwrap_or(usize::MAX)
                });
            }
        }
        all
    }

    fn rules(
        &mut self,
        object: &str,
        fields: &IndexMap<String, Arc<Field>>,
        rules: &[RuleDefinition],
    ) -> Vec<Rule> {
        let mut built = Vec::new();
        for rule in rules {
            let Some(check) = self.expression(object, &rule.name, &rule.check) else { continue };
            self.check_reads(object, &rule.name, fields, &check);
            built.push(Rule {
                name: rule.name.clone(),
                check,
                field: rule.field.clone(),
                message: rule.message.clone(),
            });
        }
        built
    }

    fn check_reads(
        &mut self,
        object: &str,
        what: &str,
        fields: &IndexMap<String, Arc<Field>>,
        expression: &Expression,
    ) {
        for name in &expression.reads {
            match fields.get(name) {
                None => self.fault(
                    object,
                    what,
                    format!("用到了不存在的字段 {name}"),
                    format!("it reads {name}, which is no field"),
                ),
                Some(field) if field.retired => self.fault(
                    object,
                    what,
                    format!("用到了已停用的字段 {name}"),
                    format!("it reads {name}, which is retired"),
                ),
                Some(field) if field.encrypted => self.fault(
                    object,
                    what,
                    format!("用到了加密的字段 {name}"),
                    format!("it reads {name}, which is encrypted"),
                ),
                Some(_) => {}
            }
        }
    }

    fn tally(
        &mut self,
        object: &str,
        fields: &IndexMap<String, Arc<Field>>,
        tally: &TallyDefinition,
    ) -> Tally {
        let mut found = |names: &[String], fits: &dyn Fn(&Field) -> bool| -> Vec<Arc<Field>> {
            let mut found = Vec::new();
            for name in names {
                match fields.get(name).filter(|field| !field.encrypted && fits(field)) {
                    Some(field) => found.push(field.clone()),
                    None => self.fault(
                        object,
                        name,
                        "统计用到了这个字段，但它不存在或不适合",
                        "the tally names this field, which isn't there or doesn't fit",
                    ),
                }
            }
            found
        };
        let by = found(&tally.by, &|_| true);
        let sum = found(&tally.sum, &|field| field.storage() == Storage::Int);
        Tally { by, sum }
    }

    fn index(
        &mut self,
        object: &str,
        fields: &IndexMap<String, Arc<Field>>,
        columns: &[String],
    ) -> Vec<IndexColumn> {
        let mut built = Vec::new();
        for column in columns {
            let (name, descending) =
                column.strip_prefix('-').map_or((column.as_str(), false), |name| (name, true));
            match fields.get(name) {
                Some(field) => built.push(IndexColumn { field: field.clone(), descending }),
                None => self.fault(
                    object,
                    name,
                    "索引用到了这个字段，但它不存在",
                    "an index names this field, which isn't there",
                ),
            }
        }
        built
    }

    fn view(&mut self, object: &str, fields: &Fields, view: &ViewDefinition) {
        let known = &fields[object];
        let sorts = view.sort.iter().map(|name| name.trim_start_matches('-'));
        for name in view
            .columns
            .iter()
            .map(String::as_str)
            .chain(sorts)
            .chain(view.group.as_deref())
            .chain(view.date.as_deref())
        {
            if !known.contains_key(name) {
                self.fault(
                    object,
                    name,
                    format!("视图 {} 用到了这个字段，但它不存在", view.name),
                    format!("view {} names this field, which isn't there", view.name),
                );
            }
        }
        if let Some(filter) = &view.filter {
            self.filter(object, &view.name, fields, filter);
        }
    }

    fn filter(
        &mut self,
        object: &str,
        what: &str,
        fields: &Fields,
        filter: &serde_json::Value,
    ) -> Option<Filter> {
        match Filter::check(filter, object, &FieldsCatalog(fields)) {
            Ok(filter) => Some(filter),
            Err(faults) => {
                for fault in faults {
                    self.fault(
                        object,
                        what,
                        format!("{}：{}", fault.field, fault.message.zh),
                        format!("{}: {}", fault.field, fault.message.en),
                    );
                }
                None
            }
        }
    }

    fn object(&mut self, fragment: &Fragment, all: &Fields) -> Option<Object> {
        let definition = &fragment.definition;
        let name = definition.name.as_str();
        let fields = all.get(name)?;
        self.name(name, "", name);
        for field in fields.values() {
            if let Some(target) = field.reference.as_deref().filter(|target| !all.contains_key(*target)) {
                self.fault(
                    name,
                    &field.name,
                    format!("关联的对象 {target} 不存在"),
                    format!("it refers to {target}, which is no object"),
                );
            }
            if field.record_of.as_ref().is_some_and(|beside| !fields.contains_key(beside)) {
                self.fault(
                    name,
                    &field.name,
                    "record_of 指向的字段不存在",
                    "record_of names a field that isn't there",
                );
            }
            if let Some(formula) = field.formula.as_ref().filter(|_| !field.retired) {
                self.check_reads(name, &field.name, fields, formula);
            }
        }
        for (at, reason) in layout::faults(&definition.layout, &definition.layouts, fields) {
            self.told(name, &at, reason);
        }
        let Some(name_field) = fields.get(&definition.name_field).filter(|field| !field.retired).cloned()
        else {
            self.fault(
                name,
                &definition.name_field,
                "对象的名称取自这个字段，但它不存在或已停用",
                "the object's name stands in this field, which isn't there or is retired",
            );
            return None;
        };
        for view in &definition.views {
            self.view(name, all, view);
        }
        let creates = definition.creates.iter().filter_map(|creates| {
            let when = self.filter(name, "creates", all, &creates.when)?;
            let target = all.get(&creates.object);
            for (to, from) in &creates.set {
                if target.is_none_or(|fields| !fields.contains_key(to)) || !fields.contains_key(from) {
                    self.fault(
                        name,
                        to,
                        format!("creates 要把 {from} 写入 {}.{to}，其中有一个不存在", creates.object),
                        format!("creates sets {}.{to} from {from}, one of which isn't there", creates.object),
                    );
                }
            }
            let set = creates.set.iter().map(|(to, from)| (to.clone(), from.clone())).collect();
            if let Some(repeats) = &creates.repeats {
                let fits = |at: &str, kind: FieldType| {
                    let known = |fields: &IndexMap<String, Arc<Field>>| {
                        fields.get(at).is_some_and(|field| field.kind == kind)
                    };
                    target.is_some_and(known) && (kind == FieldType::Lookup || known(fields))
                };
                let right = fits(&repeats.rule, FieldType::Recurrence)
                    && fits(&repeats.at, FieldType::DateTime)
                    && fits(&repeats.after, FieldType::Lookup);
                if !right {
                    self.fault(
                        name,
                        &repeats.rule,
                        "repeats 需要一个重复规则字段、一个日期时间字段和一个关联字段",
                        "repeats needs a recurrence, a datetime and a lookup",
                    );
                }
            }
            let repeats = creates.repeats.clone();
            Some(Creates { object: creates.object.clone(), when, set, repeats })
        });
        let creates = creates.collect();
        for key in &definition.duplicates.keys {
            if !fields.contains_key(&key.field) {
                self.fault(
                    name,
                    &key.field,
                    "查重用到了这个字段，但它不存在",
                    "a duplicate key names this field, which isn't there",
                );
            }
            if !KEY_KINDS.contains(&key.kind.as_str()) {
                self.fault(
                    name,
                    &key.field,
                    format!("查重的比较方式只能是：{}", KEY_KINDS.join("、")),
                    format!("a duplicate key is compared as one of {}", KEY_KINDS.join(", ")),
                );
            }
        }
        let channels = definition.duplicates.policy.iter().filter_map(|rule| rule.channel.as_deref());
        for channel in channels.filter(|channel| !CHANNELS.contains(channel)) {
            self.fault(
                name,
                channel,
                format!("资料的来路只能是：{}", CHANNELS.join("、")),
                format!("a record comes through one of {}", CHANNELS.join(", ")),
            );
        }
        for field in definition.link.iter().map(String::as_str).chain(definition.merge.fields()) {
            if !fields.contains_key(field) {
                self.fault(
                    name,
                    field,
                    "合并规则用到了这个字段，但它不存在",
                    "the rules of merging name this field, which isn't there",
                );
            }
        }
        let layout = layout::or_of_itself(&definition.layout, &name_field.name, fields);
        Some(Object {
            name: name.into(),
            label: definition.label.clone(),
            label_plural: definition.label_plural.clone().unwrap_or_else(|| definition.label.clone()),
            help: definition.help.clone(),
            layer: definition.layer,
            icon: definition.icon.clone().unwrap_or_else(|| "box".into()),
            order: definition.order,
            custom: fragment.custom,
            name_field,
            search: definition.search,
            timeline: definition.timeline,
            owner: match definition.owner.as_deref().and_then(|owner| owner.strip_prefix("from:")) {
                Some(lookup) => Ownership::From(lookup.to_owned()),
                None => Ownership::Writer,
            },
            rules: self.rules(name, fields, &definition.rules),
            indexes: definition.indexes.iter().map(|index| self.index(name, fields, &index.fields)).collect(),
            tally: definition.tally.as_ref().map(|tally| self.tally(name, fields, tally)),
            views: definition.views.clone(),
            layout,
            layouts: definition.layouts.clone(),
            creates,
            duplicates: definition.duplicates.keys.clone(),
            duplicate_policy: definition.duplicates.clone(),
            link: definition.link.clone(),
            merge: definition.merge.clone(),
            quality: definition.quality.as_ref().map(|quality| self.quality(name, all, quality)),
            formulas: self.formula_order(name, fields),
            fields: fields.iter().map(|(name, field)| (name.clone(), field.clone())).collect(),
        })
    }

    /// Formulas in an order in which each comes after those it reads.
    fn formula_order(&mut self, object: &str, fields: &IndexMap<String, Arc<Field>>) -> Vec<Arc<Field>> {
        let mut waiting: Vec<&Arc<Field>> =
            fields.values().filter(|field| field.formula.is_some() && !field.retired).collect();
        let mut ordered: Vec<Arc<Field>> = Vec::new();
        while !waiting.is_empty() {
            let names: HashSet<String> = waiting.iter().map(|field| field.name.clone()).collect();
            let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|field| {
                field
                    .formula
                    .as_ref()
                    .is_none_or(|formula| formula.reads.iter().all(|name| !names.contains(name)))
            });
            if ready.is_empty() {
                for field in rest {
                    self.fault(object, &field.name, "公式用到了它自己", "the formula reads itself");
                }
                break;
            }
            ordered.extend(ready.into_iter().cloned());
            waiting = rest;
        }
        ordered
    }
}

impl Fragment {
    /// The shipped fields with what was changed at run time in their place, then the added ones.
    fn stored(&self) -> Vec<StoredField> {
        let prefix = if self.custom { "c_" } else { "" };
        let mut fields: IndexMap<&str, StoredField> = IndexMap::new();
        for definition in &self.definition.fields {
            let column = format!("{prefix}{}", definition.name);
            let field =
                StoredField { definition: definition.clone(), column, custom: self.custom, retired: false };
            fields.insert(&definition.name, field);
        }
        for field in &self.fields {
            fields.insert(&field.definition.name, field.clone());
        }
        fields.into_values().collect()
    }
}

impl Schema {
    /// # Errors
    /// Every fault in the definitions.
    pub fn build(version: i64, fragments: &[Fragment]) -> Result<Schema, Vec<SchemaFault>> {
        let mut builder = Builder { faults: Vec::new() };
        let fields = builder.fields(fragments);
        let mut objects: Vec<Object> =
            fragments.iter().filter_map(|fragment| builder.object(fragment, &fields)).collect();
        let rollups = builder.rollups(&fields);
        if !builder.faults.is_empty() {
            return Err(builder.faults);
        }
        objects.sort_by_key(|object| object.order);
        let objects = objects.into_iter().map(|object| (object.name.clone(), Arc::new(object))).collect();
        Ok(Schema { version, objects, rollups })
    }
}

#[cfg(test)]
mod tests;
