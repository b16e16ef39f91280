//! The one list of system tables that name records of objects, and what becomes of their rows when records are merged.
//!
//! Whoever adds a system table with such a column adds it here: a test compares this list with the tables.

/// What becomes of rows that name a record that was merged into another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMerge {
    /// They name the surviving record from then on. Of rows that then collide in one of these sets of columns one stays: the survivor's own,
    /// unless the other has the value of `stronger` in its column and the survivor's hasn't.
    Move { unique: &'static [&'static [&'static str]], stronger: Option<(&'static str, &'static str)> },
    /// Made anew from the record's values.
    Derived,
    /// They tell what was, or belong to the record that is no more: they stay.
    History,
    /// The machinery of merging keeps them itself.
    Merging,
}

/// A column of a system table that holds ids of records.
#[derive(Debug, Clone, Copy)]
pub struct Holder {
    pub table: &'static str,
    /// The column that names the record's object; none where the table's rows say it otherwise.
    pub object: Option<&'static str>,
    pub record: &'static str,
    /// The primary key.
    pub key: &'static [&'static str],
    pub on_merge: OnMerge,
}

const fn holder(
    table: &'static str,
    object: Option<&'static str>,
    record: &'static str,
    key: &'static [&'static str],
    on_merge: OnMerge,
) -> Holder {
    Holder { table, object, record, key, on_merge }
}

pub const HOLDERS: &[Holder] = &[
    holder(
        "record_share",
        Some("object"),
        "record_id",
        &["id"],
        OnMerge::Move {
            unique: &[&["object", "record_id", "grantee_kind", "grantee_id"]],
            stronger: Some(("level", "write")),
        },
    ),
    holder("match_key", None, "record_id", &["key", "record_id"], OnMerge::Derived),
    holder("match_key_new", None, "record_id", &["key", "record_id"], OnMerge::Derived),
    holder("match_key_of", None, "record_id", &["record_id"], OnMerge::Derived),
    holder("change_log", Some("object"), "record_id", &["tx", "id"], OnMerge::History),
    // The report of an import tells what it wrote.
    holder("import_row", None, "record_id", &["import_id", "row_no"], OnMerge::History),
    // What is shown of a group is asked of its members as they are.
    holder("duplicate_member", None, "record_id", &["group_id", "place"], OnMerge::Derived),
    // The merged record's own sealed values are opened with it when the merge is taken back.
    holder("subject_key", None, "subject_id", &["subject_id"], OnMerge::History),
    // What was attached to the merged record is the survivor's; who may read it then is decided there.
    holder(
        "file_use",
        Some("object"),
        "record_id",
        &["file_id", "object", "record_id", "field"],
        OnMerge::Move { unique: &[&["file_id", "object", "record_id", "field"]], stronger: None },
    ),
    // A content belongs to the file that it came with.
    holder("file_use", None, "file_id", &["file_id", "object", "record_id", "field"], OnMerge::History),
    holder("stored_file", None, "file_id", &["file_id"], OnMerge::History),
    // A record that was merged is no longer to be mended: going over the issues again closes them.
    holder("quality_issue", Some("object"), "record_id", &["id"], OnMerge::History),
    holder("quality_issue", None, "task_id", &["id"], OnMerge::History),
    holder("acceptance", Some("object"), "record_id", &["object", "record_id"], OnMerge::History),
    // Taking a cleaning back must not touch what the survivor had of its own.
    holder("cleaning_change", Some("object"), "record_id", &["run_id", "n"], OnMerge::History),
    holder("record_merge", Some("object"), "winner_id", &["id"], OnMerge::Merging),
    holder("merged_record", Some("object"), "record_id", &["object", "record_id"], OnMerge::Merging),
    holder("merged_record", Some("object"), "winner_id", &["object", "record_id"], OnMerge::Merging),
    holder("not_same", Some("object"), "a_id", &["object", "a_id", "b_id"], OnMerge::Merging),
    holder("not_same", Some("object"), "b_id", &["object", "a_id", "b_id"], OnMerge::Merging),
    // The reader of the log that keeps promises looks at whatever a merge touched.
    holder("obligation", Some("object"), "record_id", &["id"], OnMerge::Derived),
    holder("obligation", Some("holder"), "holder_id", &["id"], OnMerge::Derived),
    holder("obligation", None, "evidence_id", &["id"], OnMerge::History),
    holder(
        "leak",
        Some("object"),
        "record_id",
        &["object", "record_id", "reason", "since"],
        OnMerge::Derived,
    ),
    // What somebody was told stays told.
    holder("notification", Some("object"), "record_id", &["id"], OnMerge::History),
    // Tasks are merged by nobody's calendar program.
    holder("calendar_item", None, "task_id", &["user_id", "name"], OnMerge::History),
    // It was written for that contact; the next one is for the survivor.
    holder("greeting", None, "contact_id", &["id"], OnMerge::History),
    holder("dead_letter", Some("object"), "record_id", &["id"], OnMerge::History),
    // Whose a merged record was stays told of it; its last span ends with it.
    holder("custody", None, "record_id", &["id"], OnMerge::History),
    // Made anew every day from what the records are.
    holder("pool_warning", None, "record_id", &["record_id"], OnMerge::Derived),
    holder("assignment_result", None, "record_id", &["id"], OnMerge::History),
    // What was handed over is taken back as it was.
    holder("handover_item", Some("object"), "record_id", &["handover_id", "n"], OnMerge::History),
    // The survivor has gone the way of them all.
    holder("stage_move", Some("object"), "record_id", &["id"], OnMerge::Move { unique: &[], stronger: None }),
    // Whoever is on the way goes on as the survivor; of two on the same plan, the survivor's own.
    holder(
        "plan_run",
        Some("object"),
        "record_id",
        &["id"],
        OnMerge::Move { unique: &[&["plan_id", "record_id", "state"]], stronger: None },
    ),
    holder("plan_step", None, "evidence_id", &["id"], OnMerge::History),
];

/// Columns that look like ids of records and are none: ids of people, of roles, of rows of the machinery itself.
pub const OTHER_IDS: &[(&str, &str)] = &[
    ("audit_leaf", "log_id"),
    ("credential", "user_id"),
    ("session", "user_id"),
    ("seeing_as", "session_id"),
    ("seeing_as", "user_id"),
    ("api_key", "user_id"),
    ("role_permission", "role_id"),
    ("user_role", "user_id"),
    ("user_role", "role_id"),
    ("record_share", "grantee_id"),
    ("idempotency", "user_id"),
    ("import_row", "import_id"),
    ("stored_file", "content_id"),
    ("cleaning_change", "run_id"),
    ("merge_change", "merge_id"),
    ("duplicate_member", "group_id"),
    ("merged_record", "merge_id"),
    ("obligation", "owner_id"),
    ("obligation", "rule_id"),
    ("obligation", "ladder_id"),
    ("notification", "user_id"),
    ("notification", "obligation_id"),
    ("notification", "rule_id"),
    ("absence", "user_id"),
    ("push_device", "user_id"),
    ("push_device", "session_id"),
    ("push_device", "channel_id"),
    ("dead_letter", "obligation_id"),
    ("custody", "owner_id"),
    ("custody", "pool_id"),
    ("pool_warning", "pool_id"),
    ("pool_warning", "owner_id"),
    ("assignment_turn", "rule_id"),
    ("assignment_turn", "user_id"),
    ("assignment_result", "rule_id"),
    ("assignment_result", "owner_id"),
    ("handover", "person_id"),
    ("handover_item", "handover_id"),
    ("handover_item", "to_id"),
    ("plan_version", "plan_id"),
    ("plan_run", "plan_id"),
    ("plan_step", "run_id"),
    ("channel", "department_id"),
    ("calendar_item", "user_id"),
    ("reach", "user_id"),
    ("delivery", "channel_id"),
    ("delivery", "user_id"),
    ("delivery", "notification_id"),
    ("delivery", "greeting_id"),
    ("greeting", "owner_id"),
];

/// Whether a column's name says that it holds the id of something.
pub fn names_something(column: &str) -> bool {
    column.ends_with("_id") || matches!(column, "record" | "subject" | "target")
}
