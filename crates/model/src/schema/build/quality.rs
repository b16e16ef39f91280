//! Checking what makes a good record, and which fields take pasted text.

use super::{Builder, Fields};
use crate::kinds::FieldType;
use crate::schema::definition::{FieldDefinition, QualityDefinition, QualityRuleDefinition};
use crate::schema::{Field, Measure, Quality, QualityRule};
use huike_matching::paste::Role;
use indexmap::IndexMap;
use std::sync::Arc;

impl Builder {
    /// The role of pasted text that a field takes, if it is one.
    pub(super) fn paste(&mut self, object: &str, definition: &FieldDefinition) -> Option<Role> {
        let name = definition.paste.as_deref()?;
        let role = Role::from_name(name);
        if role.is_none() {
            let known: Vec<&str> = Role::ALL.into_iter().map(Role::name).collect();
            self.fault(
                object,
                &definition.name,
                format!("paste 只能是：{}", known.join("、")),
                format!("paste is one of {}", known.join(", ")),
            );
        }
        role
    }

    pub(super) fn quality(&mut self, object: &str, all: &Fields, definition: &QualityDefinition) -> Quality {
        let fields = &all[object];
        let weights = self.weights(object, fields, &definition.weights);
        let mut cases = Vec::new();
        for case in &definition.cases {
            let weights = self.weights(object, fields, &case.weights);
            cases.extend(self.own_filter(object, "quality", all, &case.when).map(|when| (when, weights)));
        }
        let rules = definition.rules.iter().filter_map(|rule| self.quality_rule(object, all, rule)).collect();
        let kept = |measure: Measure, kind: FieldType| {
            let fits =
                |field: &&Arc<Field>| field.measure == Some(measure) && field.kind == kind && !field.retired;
            fields.values().find(fits).cloned()
        };
        Quality {
            weights,
            cases,
            rules,
            target: definition.target,
            definition: definition.clone(),
            score: kept(Measure::Score, FieldType::Integer),
            checked: kept(Measure::Checked, FieldType::Json),
            recheck: kept(Measure::Recheck, FieldType::Date),
        }
    }

    /// What is worked out counts for nobody's diligence, and would change without a write of the record.
    fn weights(
        &mut self,
        object: &str,
        fields: &IndexMap<String, Arc<Field>>,
        weights: &IndexMap<String, u32>,
    ) -> Vec<(Arc<Field>, u32)> {
        let mut checked = Vec::new();
        for (name, weight) in weights {
            match fields.get(name).filter(|field| !field.computed()) {
                Some(field) => checked.push((field.clone(), *weight)),
                None => self.fault(
                    object,
                    name,
                    "资料质量给这个字段计分，但它不存在或是自动算出的",
                    "quality weighs this field, which isn't there or is worked out",
                ),
            }
        }
        checked
    }

    /// A filter over the record's own fields: what stands behind a reference is not known while it is written.
    fn own_filter(
        &mut self,
        object: &str,
        what: &str,
        all: &Fields,
        filter: &serde_json::Value,
    ) -> Option<crate::filter::Filter> {
        let checked = self.filter(object, what, all, filter)?;
        if checked.leaves().iter().any(|leaf| !leaf.path.hops.is_empty()) {
            self.fault(
                object,
                what,
                "条件只能用对象自己的字段",
                "the condition may use fields of the object itself only",
            );
            return None;
        }
        Some(checked)
    }

    fn quality_rule(
        &mut self,
        object: &str,
        all: &Fields,
        rule: &QualityRuleDefinition,
    ) -> Option<QualityRule> {
        let fields = &all[object];
        let check = self.expression(object, &rule.name, &rule.check)?;
        self.check_reads(object, &rule.name, fields, &check);
        let eligible = match &rule.eligible {
            Some(eligible) => Some(self.own_filter(object, &rule.name, all, eligible)?),
            None => None,
        };
        if let Some(name) = rule.field.as_deref().filter(|name| !fields.contains_key(*name)) {
            self.fault(
                object,
                name,
                format!("质量规则 {} 用到了这个字段，但它不存在", rule.name),
                format!("quality rule {} names this field, which isn't there", rule.name),
            );
        }
        Some(QualityRule {
            name: rule.name.clone(),
            label: rule.label.clone(),
            check,
            eligible,
            field: rule.field.as_ref().and_then(|name| fields.get(name)).cloned(),
            severity: rule.severity,
            weight: rule.weight,
            dimension: rule.dimension,
        })
    }
}
