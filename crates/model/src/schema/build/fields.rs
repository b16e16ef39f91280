//! One field, from how it is written to how it is used.

use super::{Builder, StoredField};
use crate::kinds::FieldType;
use crate::schema::definition::{ChoiceOption, FieldDefinition};
use crate::schema::{Field, Level, system};
use crate::value::parse_scaled;
use std::collections::HashSet;

impl Builder {
    pub(super) fn field(
        &mut self,
        object: &str,
        stored: &StoredField,
        roll: Option<(FieldType, u32)>,
    ) -> Field {
        let definition = &stored.definition;
        let name = definition.name.as_str();
        let kind = definition.kind;
        self.name(object, name, name);
        if system::is_reserved(definition) {
            self.fault(
                object,
                name,
                "每个对象都已有这个名称的字段",
                "every object has a field of this name already",
            );
        }
        let result = match (kind, roll) {
            (FieldType::Rollup, Some((result, _))) => result,
            (FieldType::Formula, _) => definition.result.unwrap_or(FieldType::Decimal),
            _ => kind,
        };
        if kind == FieldType::Formula && matches!(result, FieldType::Formula | FieldType::Rollup) {
            self.fault(object, name, "公式的结果须是普通类型", "a formula yields a plain type");
        }
        let scale = match (roll, definition.scale) {
            (Some((_, scale)), _) => scale,
            (None, Some(scale)) => scale,
            (None, None) => default_scale(result),
        };
        if scale > 6 {
            self.fault(object, name, "小数最多 6 位", "a scale is 6 at most");
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
        let kind = definition.kind.label();
        let mut needs = |given: bool, zh: &str, en: &str| {
            if !given {
                let zh = format!("{}字段需要{zh}", kind.zh);
                self.fault(object, name, zh, format!("{} needs {en}", definition.kind.name()));
            }
        };
        match definition.kind {
            Choice | MultiChoice => {
                let given = definition.options.as_ref().is_some_and(|options| !options.is_empty());
                needs(given, "至少一个选项", "options");
            }
            Lookup => needs(definition.reference.is_some(), "关联的对象（reference）", "reference"),
            Tree => needs(
                matches!(definition.tree.as_deref(), Some("industry" | "region")),
                "分类：行业或地区（tree = industry 或 region）",
                "tree = industry or region",
            ),
            AutoNumber => needs(
                definition.format.as_deref().is_some_and(|format| format.contains("{seq")),
                "带 {seq:n} 的编号格式",
                "format with {seq:n}",
            ),
            Formula => needs(definition.formula.is_some(), "公式", "formula"),
            Rollup => needs(definition.rollup.is_some(), "汇总方式（rollup）", "rollup"),
            _ => {}
        }
        if definition.encrypted {
            needs(
                matches!(definition.kind, Text | Phone | Email | IdCard | LongText),
                "改成文字类型才能加密",
                "a text type to be encrypted",
            );
            needs(
                definition.level >= Level::Sensitive,
                "“敏感”或“核心”级别才能加密",
                "level sensitive or core to be encrypted",
            );
        }
        let mut values = HashSet::new();
        for ChoiceOption { value, .. } in definition.options.iter().flatten() {
            if value.is_empty() || value.contains('|') || value.len() > 64 || !values.insert(value) {
                self.fault(
                    object,
                    name,
                    format!("选项“{value}”为空、太长、重复，或含有 |"),
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
                self.fault(
                    object,
                    field,
                    format!("界限“{text}”不是最多 {scale} 位小数的数"),
                    format!("{text} is no bound with {scale} decimal places"),
                );
                None
            }
        }
    }

    fn pattern(&mut self, object: &str, field: &str, pattern: &str) -> Option<regex::Regex> {
        match regex::RegexBuilder::new(pattern).size_limit(1 << 20).build() {
            Ok(pattern) => Some(pattern),
            Err(_) => {
                self.fault(
                    object,
                    field,
                    "格式不是正则表达式，或者太复杂",
                    "the pattern is no regular expression, or too large",
                );
                None
            }
        }
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
