//! The columns that every object has.

use super::Field;
use super::definition::{FieldDefinition, Level, OnDelete};
use crate::kinds::FieldType;
use crate::text::Label;
use std::sync::Arc;

fn system_field(name: &str, column: &str, kind: FieldType, zh: &str, en: &str) -> Arc<Field> {
    Arc::new(Field {
        name: name.into(),
        column: column.into(),
        kind,
        label: Label::new(zh, en),
        help: None,
        required: false,
        unique: false,
        level: Level::General,
        encrypted: false,
        fixed: false,
        searchable: false,
        sort: None,
        default: None,
        options: Vec::new(),
        reference: None,
        record_of: None,
        on_delete: OnDelete::Restrict,
        inverse: None,
        tree: None,
        scale: 0,
        min: None,
        max: None,
        min_length: None,
        max_length: 0,
        pattern: None,
        format: None,
        formula: None,
        result: kind,
        rollup: None,
        freshness_days: None,
        paste: None,
        measure: None,
        owner: None,
        steward: None,
        source_note: None,
        custom: false,
        retired: false,
        system: true,
        definition: None,
    })
}

/// Fresh copies of them, in the order in which they are shown.
pub(super) fn fields() -> Vec<Arc<Field>> {
    vec![
        system_field("owner", "owner_id", FieldType::User, "负责人", "Owner"),
        system_field("department", "department_id", FieldType::Department, "所属部门", "Department"),
        system_field("created_at", "created_at", FieldType::DateTime, "创建时间", "Created"),
        system_field("created_by", "created_by", FieldType::User, "创建人", "Created by"),
        system_field("updated_at", "updated_at", FieldType::DateTime, "更新时间", "Updated"),
        system_field("updated_by", "updated_by", FieldType::User, "更新人", "Updated by"),
        system_field("id", "id", FieldType::Lookup, "记录编号", "Record id"),
        system_field("version", "version", FieldType::Integer, "版本", "Version"),
        system_field("deleted_at", "deleted_at", FieldType::DateTime, "删除时间", "Deleted"),
    ]
}

/// Whether a field definition takes a name that is already every object's.
pub(super) fn is_reserved(definition: &FieldDefinition) -> bool {
    matches!(
        definition.name.as_str(),
        "owner"
            | "department"
            | "created_at"
            | "created_by"
            | "updated_at"
            | "updated_by"
            | "id"
            | "version"
            | "deleted_at"
            | "raw"
    )
}
