//! From definitions to a [`Schema`], or every fault in them.

use super::definition::{
    ChoiceOption, FieldDefinition, ObjectDefinition, RollupDefinition, RuleDefinition, ViewDefinition,
};
use super::expression::Expression;
use super::{Creates, Field, IndexColumn, Object, Ownership, Rule, Schema, layout, system};
use crate::filter::{Catalog, Filter};
use crate::kinds::FieldType;
use crate::value::parse_scaled;
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
#[error("{object}{}{field}: {reason}", if field.is_empty() { "" } else { "." })]
pub struct SchemaFault {
    pub object: String,
    pub field: String,
    pub reason: String,
}

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
    fn fault(&mut self, object: &str, field: &str, reason: impl Into<String>) {
        self.faults.push(SchemaFault { object: object.into(), field: field.into(), reason: reason.into() });
    }

    fn field(&mut self, object: &str, stored: &StoredField, roll: Option<(FieldType, u32)>) -> Field {
        let definition = &stored.definition;
        let name = definition.name.as_str();
        let kind = definition.kind;
        if !is_name(name) {
            self.fault(
                object,
                name,
                "a name is a lower-case letter followed by letters, digits and _, 40 at most",
            );
        }
        if system::is_reserved(definition) {
            self.fault(object, name, "every object has a field of this name already");
        }
        let result = match (kind, roll) {
            (FieldType::Rollup, Some((result, _))) => result,
            (FieldType::Formula, _) => definition.result.unwrap_or(FieldType::Decimal),
            _ => kind,
        };
        if kind == FieldType::Formula && matches!(result, FieldType::Formula | FieldType::Rollup) {
            self.fault(object, name, "a formula yields a plain type");
        }
        let scale = match (roll, definition.scale) {
            (Some((_, scale)), _) => scale,
            (None, Some(scale)) => scale,
            (None, None) => default_scale(result),
        };
        if scale > 6 {
            self.fault(object, name, "a scale is 6 at most");
        }
        let scale = scale.min(6);
        self.check_members(object, definition);
        Field {
            name: name.into(),
            column: stored.column.clone(),
            kind,
            label: definition.label.clone(),
            help: definition.help.clone(),
            required: definition.required,
            unique: definition.unique,
            level: definition.level,
            encrypted: definition.encrypted,
            fixed: definition.read_only,
            searchable: definition.searchable,
            sort: definition.sort,
            default: definition.default.clone(),
            options: definition.options.clone().unwrap_or_default(),
            reference: definition.reference.clone(),
            record_of: definition.record_of.clone(),
            on_delete: definition.on_delete,
            inverse: definition.inverse.clone(),
            tree: definition.tree.clone(),
            scale,
            min: self.bound(object, name, definition.min.as_ref(), scale),
            max: self.bound(object, name, definition.max.as_ref(), scale),
            min_length: definition.min_length,
            max_length: definition.max_length.unwrap_or(default_length(result)),
            pattern: definition.pattern.as_deref().and_then(|pattern| self.pattern(object, name, pattern)),
            format: definition.format.clone(),
            formula: definition.formula.as_deref().and_then(|source| self.expression(object, name, source)),
            result,
            rollup: definition.rollup.clone(),
            freshness_days: definition.freshness_days,
            paste: self.paste(object, definition),
            measure: definition.measure,
            owner: definition.owner.clone(),
            steward: definition.steward.clone(),
            source_note: definition.source_note.clone(),
            custom: stored.custom,
            retired: stored.retired,
            system: false,
            definition: Some(Box::new(definition.clone())),
        }
    }

    fn check_members(&mut self, object: &str, definition: &FieldDefinition) {
        use FieldType::*;
        let name = definition.name.as_str();
        let mut needs = |given: bool, what: &str| {
            if !given {
                self.fault(object, name, format!("{} needs {what}", definition.kind.name()));
            }
        };
        match definition.kind {
            Choice | MultiChoice => {
                needs(definition.options.as_ref().is_some_and(|options| !options.is_empty()), "options")
            }
            Lookup => needs(definition.reference.is_some(), "reference"),
            Tree => needs(
                matches!(definition.tree.as_deref(), Some("industry" | "region")),
                "tree = industry or region",
            ),
            AutoNumber => needs(
                definition.format.as_deref().is_some_and(|format| format.contains("{seq")),
                "format with {seq:n}",
            ),
            Formula => needs(definition.formula.is_some(), "formula"),
            Rollup => needs(definition.rollup.is_some(), "rollup"),
            _ => {}
        }
        if definition.encrypted {
            needs(
                matches!(definition.kind, Text | Phone | Email | IdCard | LongText),
                "a text type to be encrypted",
            );
            needs(definition.level >= super::Level::Sensitive, "level sensitive or core to be encrypted");
        }
        let mut values = HashSet::new();
        for ChoiceOption { value, .. } in definition.options.iter().flatten() {
            if value.is_empty() || value.contains('|') || value.len() > 64 || !values.insert(value) {
                self.fault(
                    object,
                    name,
                    format!("option {value:?} is empty, too long, doubled or contains |"),
                );
            }
        }
    }

    fn bound(
        &mut self,
        object: &str,
        field: &str,
        bound: Option<&serde_json::Value>,
        scale: u32,
    ) -> Option<i64> {
        let bound = bound?;
        let text = bound.as_str().map_or_else(|| bound.to_string(), str::to_owned);
        match parse_scaled(&text, scale) {
            Ok(number) => Some(number),
            Err(_) => {
                self.fault(object, field, format!("{text} is no bound with {scale} decimal places"));
                None
            }
        }
    }

    fn pattern(&mut self, object: &str, field: &str, pattern: &str) -> Option<regex::Regex> {
        match regex::RegexBuilder::new(pattern).size_limit(1 << 20).build() {
            Ok(pattern) => Some(pattern),
            Err(_) => {
                self.fault(object, field, "the pattern is no regular expression, or too large");
                None
            }
        }
    }

    fn expression(&mut self, object: &str, field: &str, source: &str) -> Option<Expression> {
        match Expression::compile(source) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.fault(object, field, error.to_string());
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
                self.fault(object, "", "there are two objects of this name");
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
                None => self.fault(object, what, format!("it reads {name}, which is no field")),
                Some(field) if field.retired => {
                    self.fault(object, what, format!("it reads {name}, which is retired"))
                }
                Some(field) if field.encrypted => {
                    self.fault(object, what, format!("it reads {name}, which is encrypted"))
                }
                Some(_) => {}
            }
        }
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
                None => self.fault(object, name, "an index names this field, which isn't there"),
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
                self.fault(object, name, format!("view {} names this field, which isn't there", view.name));
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
                    self.fault(object, what, format!("{}: {}", fault.field, fault.message.en));
                }
                None
            }
        }
    }

    fn object(&mut self, fragment: &Fragment, all: &Fields) -> Option<Object> {
        let definition = &fragment.definition;
        let name = definition.name.as_str();
        let fields = all.get(name)?;
        if !is_name(name) {
            self.fault(
                name,
                "",
                "a name is a lower-case letter followed by letters, digits and _, 40 at most",
            );
        }
        for field in fields.values() {
            if let Some(target) = field.reference.as_deref().filter(|target| !all.contains_key(*target)) {
                self.fault(name, &field.name, format!("it refers to {target}, which is no object"));
            }
            if field.record_of.as_ref().is_some_and(|beside| !fields.contains_key(beside)) {
                self.fault(name, &field.name, "record_of names a field that isn't there");
            }
            if let Some(formula) = field.formula.as_ref().filter(|_| !field.retired) {
                self.check_reads(name, &field.name, fields, formula);
            }
        }
        for (at, reason) in layout::faults(&definition.layout, &definition.layouts, fields) {
            self.fault(name, &at, reason);
        }
        let Some(name_field) = fields.get(&definition.name_field).filter(|field| !field.retired).cloned()
        else {
            self.fault(
                name,
                &definition.name_field,
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
                        "repeats needs a recurrence, a datetime and a lookup".to_owned(),
                    );
                }
            }
            let repeats = creates.repeats.clone();
            Some(Creates { object: creates.object.clone(), when, set, repeats })
        });
        let creates = creates.collect();
        for key in &definition.duplicates.keys {
            if !fields.contains_key(&key.field) {
                self.fault(name, &key.field, "a duplicate key names this field, which isn't there");
            }
        }
        for field in definition.link.iter().map(String::as_str).chain(definition.merge.fields()) {
            if !fields.contains_key(field) {
                self.fault(name, field, "the rules of merging name this field, which isn't there");
            }
        }
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
            views: definition.views.clone(),
            layout: definition.layout.clone(),
            layouts: definition.layouts.clone(),
            creates,
            duplicates: definition.duplicates.keys.clone(),
            duplicate_policy: definition.duplicates.clone(),
            link: definition.link.clone(),
            merge: definition.merge.clone(),
            quality: definition.quality.as_ref().map(|quality| self.quality(name, all, quality)),
            formulas: self.formula_order(name, fields),
            fields: fields.clone(),
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
                    self.fault(object, &field.name, "the formula reads itself");
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

fn default_scale(kind: FieldType) -> u32 {
    match kind {
        FieldType::Money | FieldType::Percent => 2,
        FieldType::Decimal => 4,
        _ => 0,
    }
}

fn default_length(kind: FieldType) -> usize {
    match kind {
        FieldType::LongText => 20_000,
        FieldType::Json => 65_536,
        FieldType::Url => 2_000,
        _ => 500,
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
