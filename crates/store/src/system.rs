//! The tables of the machinery, with versioned migrations.
//!
//! A migration is DDL in PostgreSQL's words; `Dialect::ddl` says the same to SQLite. A migration that
//! has been released is never edited: a change is a new one.

use crate::dialect::{SEARCH_INDEXES, SEARCH_PENDING};
use crate::sql::ident;
use crate::{Conn, Dialect, Sql, Store, StoreError};

/// One step of the schema. Versions count from 1 without gaps.
struct Migration {
    name: &'static str,
    statements: fn(Dialect) -> Vec<String>,
}

const MIGRATIONS: &[Migration] = &[
    Migration { name: "ground", statements: ground },
    Migration { name: "push", statements: |dialect| PUSH.iter().map(|text| dialect.ddl(text)).collect() },
    // The tier of the customer a notification is about, by which a day's reminders are counted.
    Migration {
        name: "tier limits",
        statements: |dialect| vec![dialect.ddl("alter table notification add column tier text")],
    },
    Migration { name: "new match keys", statements: new_match_keys },
    Migration { name: "search words", statements: search_words },
    Migration { name: "search times", statements: search_times },
    Migration { name: "search initials", statements: search_initials },
];

/// The key in `setting` of what is added to PostgreSQL's transaction numbers.
const TX_BASE: &str = "log.tx_base";

/// Brings the system tables up to date. Several nodes may start at once.
pub(crate) fn migrate(store: &Store) -> Result<(), StoreError> {
    let clock = store.clock().clone();
    // `create table if not exists` collides with itself in PostgreSQL's catalogue when several nodes start
    // (seen as 23505, 42P07 and 42710); once more finds the table made.
    let mut created = store.write_blocking(create_version_table);
    for _ in 0..3 {
        if created.is_ok() {
            break;
        }
        created = store.write_blocking(create_version_table);
    }
    created?;
    store.write_blocking(move |conn| {
        conn.allow_long_statements()?;
        if let Some(lock) = conn.dialect().lock_table("schema_migration")? {
            conn.execute(&lock)?;
        }
        let applied = conn.query_one(&Sql::raw("select coalesce(max(version), 0) from schema_migration"))?;
        let applied = applied.int(0)?;
        if applied > MIGRATIONS.len() as i64 {
            return Err(StoreError::unavailable("the database belongs to a newer version of Huike"));
        }
        for (version, migration) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > applied) {
            for statement in (migration.statements)(conn.dialect()) {
                apply(conn, &statement)?;
            }
            conn.execute(&Sql::with(
                "insert into schema_migration (version, name, applied_at) values ($1, $2, $3)",
                [version.into(), migration.name.into(), clock.now_ms().into()],
            )?)?;
        }
        settle_tx_base(conn)
    })?;
    store.migrated();
    Ok(())
}

fn create_version_table(conn: &mut Conn) -> Result<(), StoreError> {
    let text = "create table if not exists schema_migration \
        (version bigint primary key, name text not null, applied_at bigint not null)";
    conn.execute(&Sql::raw(conn.dialect().ddl(text))).map(drop)
}

/// PostgreSQL counts transactions anew in a fresh cluster; a restored log must not run backwards there.
/// One statement, so that the newest row and the next number belong to the same moment.
fn settle_tx_base(conn: &mut Conn) -> Result<(), StoreError> {
    let Some(next) = conn.dialect().next_tx() else { return Ok(()) };
    let stored = Sql::with("select value from setting where key = $1", [TX_BASE.into()])?;
    let stored = conn.query_opt(&stored)?;
    let base: i64 = match &stored {
        Some(row) => row.text(0)?.parse().map_err(|_| StoreError::Corrupt { reason: TX_BASE.into() })?,
        None => 0,
    };
    let row = conn.query_one(&Sql::raw(format!(
        "select {next}, greatest((select max(tx) from change_log), (select max(tx) from log_cursor), \
         (select max(tx) from audit_leaf), 0)"
    )))?;
    let (next, newest) = (row.int(0)?, row.int(1)?);
    let base = if newest >= base + next { newest + 1 - next } else { base };
    conn.execute(&Sql::with(
        "insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        [TX_BASE.into(), base.to_string().into()],
    )?)?;
    conn.set_tx_base(base);
    Ok(())
}

/// Version 1. Times are milliseconds since 1970 UTC; JSON is text.
fn ground(dialect: Dialect) -> Vec<String> {
    let tables = LOG
        .iter()
        .chain(DICTIONARY)
        .chain(ACCESS)
        .chain(MERGING)
        .chain(WORK)
        .chain(CLEANING)
        .chain(PROMISES)
        .chain(CUSTODY)
        .chain(JOURNEY)
        .chain(CHANNELS);
    tables.map(|text| dialect.ddl(text)).collect()
}

/// The change log, its readers, and its seal.
const LOG: &[&str] = &[
    "create table change_log (tx bigint not null, id bigint not null, at bigint not null, actor bigint, \
     actor_kind text not null, via text not null, request text, object text not null, record_id bigint, \
     op text not null, before text, after text, meta text, primary key (tx, id))",
    "create index change_log_record on change_log (object, record_id, tx, id)",
    "create index change_log_at on change_log (at)",
    "create table log_cursor (consumer text primary key, tx bigint not null, id bigint not null, \
     lease_until bigint, holder text){keyed}",
    "create table audit_leaf (n bigint primary key, tx bigint not null, log_id bigint not null, \
     hash bytea not null)",
    "create index audit_leaf_log on audit_leaf (tx, log_id)",
    "create table audit_frontier (id bigint primary key, state bytea not null)",
    "create table audit_checkpoint (size bigint primary key, note text not null)",
];

/// Objects and fields, numbers, nodes and settings.
const DICTIONARY: &[&str] = &[
    "create table dictionary_object (name text primary key, definition text not null, \
     version bigint not null, retired bigint)",
    "create table dictionary_field (object text not null, name text not null, definition text not null, \
     column_name text not null, retired bigint, primary key (object, name))",
    "create unique index dictionary_field_column on dictionary_field (object, column_name)",
    "create table dictionary_version (version bigint primary key, at bigint not null)",
    "create table number_counter (rule text not null, period text not null, next bigint not null, \
     primary key (rule, period)){keyed}",
    "create table node (id bigint primary key, leased_until bigint not null, holder text not null)",
    "create table setting (key text primary key, value text not null)",
];

/// Sign-in, rights, and the keys of encrypted subjects.
const ACCESS: &[&str] = &[
    "create table credential (user_id bigint primary key, password_hash text, must_change bigint not null, \
     totp text, totp_pending text, totp_step bigint, recovery text, failed bigint not null, \
     locked_until bigint, changed_at bigint not null)",
    "create table session (token_hash text primary key, id bigint not null, user_id bigint not null, \
     created_at bigint not null, seen_at bigint not null, expires_at bigint not null, ip text, \
     agent text){keyed}",
    "create unique index session_by_id on session (id)",
    "create index session_by_user on session (user_id)",
    "create index session_by_expiry on session (expires_at)",
    // A session of an administrator who looks at things as somebody else.
    "create table seeing_as (session_id bigint primary key, user_id bigint not null, until bigint not null)",
    "create table api_key (id bigint primary key, hash text not null, user_id bigint not null, \
     name text not null, scopes text not null, expires_at bigint, created_at bigint not null, \
     last_used_at bigint, revoked_at bigint)",
    "create unique index api_key_hash on api_key (hash)",
    "create index api_key_user on api_key (user_id)",
    "create table role_permission (role_id bigint primary key, permissions text not null)",
    "create table user_role (user_id bigint not null, role_id bigint not null, \
     primary key (user_id, role_id)){keyed}",
    "create index user_role_role on user_role (role_id)",
    "create table record_share (id bigint primary key, object text not null, record_id bigint not null, \
     grantee_kind text not null, grantee_id bigint not null, level text not null, expires_at bigint, \
     created_by bigint not null, created_at bigint not null)",
    "create unique index record_share_grant on record_share (object, record_id, grantee_kind, grantee_id)",
    "create index record_share_grantee on record_share (grantee_kind, grantee_id, object, record_id)",
    "create table subject_key (subject_id bigint primary key, wrapped bytea not null, \
     master bigint not null)",
    "create index subject_key_master on subject_key (master)",
];

/// Merges: what became of which record, how to take it back, and what is not the same.
const MERGING: &[&str] = &[
    // `losers` is a list of ids as JSON. `state`: merged, undone.
    "create table record_merge (id bigint primary key, object text not null, winner_id bigint not null, \
     losers text not null, state text not null, at bigint not null, made_by bigint not null, \
     undone_at bigint, undone_by bigint)",
    "create index record_merge_object on record_merge (object, id)",
    "create index record_merge_winner on record_merge (object, winner_id)",
    // One changed row each. `kind`: record (one of the object's own or a link), pointer, system. `row_key`, `before`, `after` are JSON.
    "create table merge_change (merge_id bigint not null, n bigint not null, kind text not null, \
     table_name text not null, row_key text not null, before text, after text, primary key (merge_id, n)){keyed}",
    "create table merged_record (object text not null, record_id bigint not null, winner_id bigint not null, \
     merge_id bigint not null, primary key (object, record_id)){keyed}",
    "create index merged_record_winner on merged_record (object, winner_id)",
    "create table not_same (object text not null, a_id bigint not null, b_id bigint not null, \
     made_by bigint not null, at bigint not null, primary key (object, a_id, b_id)){keyed}",
    "create index not_same_b on not_same (object, b_id)",
    // A search of the whole database for duplicates, and what it found. `state`: running, done, cancelled, failed.
    "create table duplicate_run (id bigint primary key, object text not null, state text not null, done bigint not null, \
     total bigint not null, started_by bigint not null, at bigint not null, lease_until bigint not null)",
    "create index duplicate_run_object on duplicate_run (object, id)",
    // `kind`: same, branch. `state`: open, merged, linked, apart. `confidence` in thousandths.
    "create table duplicate_group (id bigint primary key, object text not null, kind text not null, tier text not null, \
     confidence bigint not null, state text not null, at bigint not null)",
    "create index duplicate_group_open on duplicate_group (object, state, kind, confidence, id)",
    "create table duplicate_member (group_id bigint not null, place bigint not null, record_id bigint not null, \
     primary key (group_id, place)){keyed}",
];

/// Duplicate detection, repeated requests, files, imports, figures of quality.
const WORK: &[&str] = &[
    "create table quality_snapshot (object text not null, day text not null, figures text not null, \
     primary key (object, day)){keyed}",
    "create table match_key (key bigint not null, record_id bigint not null, primary key (key, record_id)){keyed}",
    // One record that somebody is to mend; `problems` is JSON. `state`: open, closed.
    "create table quality_issue (id bigint primary key, object text not null, record_id bigint not null, task_id bigint not null, \
     assignee bigint not null, role text not null, problems text not null, state text not null, opened_by bigint not null, \
     opened_at bigint not null, closed_at bigint, reopened bigint not null)",
    "create unique index quality_issue_open on quality_issue (object, record_id) where state = 'open'",
    "create index quality_issue_state on quality_issue (object, state, id)",
    "create index quality_issue_own on quality_issue (assignee, state, object)",
    "create index quality_issue_record on quality_issue (record_id)",
    // New records that came by import or from a program. `state`: waiting, accepted, returned.
    "create table acceptance (object text not null, record_id bigint not null, channel text not null, state text not null, \
     at bigint not null, brought_by bigint, decided_by bigint, decided_at bigint, reason text, \
     primary key (object, record_id)){keyed}",
    "create index acceptance_state on acceptance (object, state, record_id)",
    "create index match_key_record on match_key (record_id)",
    "create table idempotency (user_id bigint not null, key text not null, request_hash text not null, \
     status bigint, body text, at bigint not null, primary key (user_id, key)){keyed}",
    "create index idempotency_at on idempotency (at)",
    "create table import_job (id bigint primary key, state text not null, object text not null, \
     definition text not null, progress text, rows_total bigint, rows_done bigint not null, \
     created_by bigint not null, created_at bigint not null, updated_at bigint not null, \
     lease_until bigint, holder text)",
    "create index import_job_state on import_job (state, lease_until)",
    "create table file_content (id bigint primary key, address text not null, size bigint not null, \
     media_type text not null, uses bigint not null, created_at bigint not null)",
    "create unique index file_content_address on file_content (address)",
    "create table stored_file (file_id bigint primary key, content_id bigint not null, \
     uploaded_by bigint not null, unused_since bigint)",
    "create index stored_file_unused on stored_file (unused_since, file_id)",
    "create table file_use (file_id bigint not null, object text not null, record_id bigint not null, \
     field text not null, primary key (file_id, object, record_id, field)){keyed}",
    "create index file_use_record on file_use (object, record_id, field, file_id)",
    "create table import_row (import_id bigint not null, row_no bigint not null, outcome text not null, \
     record_id bigint, before_version bigint, faults text, primary key (import_id, row_no)){keyed}",
];

/// Bulk cleaning: what would be changed, what was, and what a company-data provider has answered.
const CLEANING: &[&str] = &[
    // `state`: looking, ready, applying, done, cancelled, failed, undoing, undone. `definition` and `progress` are JSON.
    "create table cleaning_run (id bigint primary key, object text not null, state text not null, definition text not null, \
     progress text not null, created_by bigint not null, created_at bigint not null, updated_at bigint not null, \
     lease_until bigint, holder text)",
    "create index cleaning_run_object on cleaning_run (object, id)",
    "create index cleaning_run_state on cleaning_run (state, lease_until)",
    // One value each, as it is stored in the log. `origin`: standard, related, provider. `source` is JSON.
    // `state`: proposed, omitted, applied, left, undone, kept; `reason` says why it was left or kept.
    "create table cleaning_change (run_id bigint not null, n bigint not null, object text not null, record_id bigint not null, \
     field text not null, origin text not null, source text not null, before text not null, after text not null, \
     state text not null, reason text, at bigint not null, primary key (run_id, n)){keyed}",
    "create index cleaning_change_record on cleaning_change (object, record_id, run_id)",
    // What a provider knows of a company, by the hash of what was asked.
    "create table provider_answer (address text primary key, found bigint not null, body text not null, at bigint not null, \
     until bigint not null)",
    "create index provider_answer_until on provider_answer (until)",
    "create table provider_day (day text primary key, asked bigint not null)",
];

/// Promises with a date, whom they were brought to, customers that nobody looks after, and the calendar all of it is counted by.
const PROMISES: &[&str] = &[
    "create table obligation (id bigint primary key, kind text not null, object text not null, \
     record_id bigint not null, source text not null, rule_id bigint not null, holder text not null, \
     holder_id bigint not null, owner_id bigint, title text not null, opened_at bigint not null, \
     due_at bigint not null, all_day bigint not null, state text not null, late_at bigint, closed_at bigint, \
     closed_by bigint, evidence text, evidence_id bigint, note text, ladder_id bigint not null, \
     level bigint not null, next_at bigint)",
    "create unique index obligation_open on obligation (holder, holder_id, rule_id) where closed_at is null",
    "create index obligation_holder on obligation (holder, holder_id, rule_id)",
    "create index obligation_record on obligation (object, record_id, due_at)",
    "create index obligation_owner on obligation (owner_id, due_at, id) where closed_at is null",
    "create index obligation_next on obligation (next_at) where next_at is not null",
    "create table notification (id bigint primary key, user_id bigint not null, kind text not null, \
     object text, record_id bigint, obligation_id bigint, rule_id bigint not null, level bigint not null, \
     due_at bigint, title text not null, why text not null, at bigint not null, live bigint not null, \
     read_at bigint, snoozed_until bigint, once text not null)",
    "create unique index notification_once on notification (once)",
    "create index notification_user on notification (user_id, id)",
    "create index notification_unread on notification (user_id, id) where read_at is null",
    "create index notification_promise on notification (obligation_id) where obligation_id is not null",
    "create index notification_record on notification (object, record_id)",
    "create table leak (object text not null, record_id bigint not null, reason text not null, \
     since bigint not null, closed_at bigint, primary key (object, record_id, reason, since)){keyed}",
    "create unique index leak_open on leak (object, record_id, reason) where closed_at is null",
    "create index leak_since on leak (reason, since, record_id) where closed_at is null",
    "create index leak_closed on leak (closed_at) where closed_at is not null",
    "create table reminder_rule (id bigint primary key, position bigint not null, active bigint not null, \
     definition text not null, version bigint not null)",
    "create table work_day (day bigint primary key, kind text not null, name text not null)",
    "create table absence (id bigint primary key, user_id bigint not null, from_at bigint not null, \
     to_at bigint not null, stand_in bigint)",
    "create index absence_to on absence (to_at)",
    "create table dead_letter (id bigint primary key, work text not null, object text not null, \
     record_id bigint not null, obligation_id bigint, fault text not null, attempts bigint not null, \
     at bigint not null)",
    "create unique index dead_letter_what on dead_letter (work, object, record_id)",
];

/// Whose customers are, and were: spans of ownership and of public pools, how both change by rule, and what was handed over.
const CUSTODY: &[&str] = &[
    // With an owner, or in a pool. `how`: created, changed, claimed, assigned, returned, recycled, handover, undone.
    "create table custody (id bigint primary key, record_id bigint not null, owner_id bigint, pool_id bigint, \
     since_at bigint not null, until_at bigint, how text not null, reason text, note text, made_by bigint not null)",
    "create unique index custody_open on custody (record_id) where until_at is null",
    "create index custody_record on custody (record_id, id)",
    "create index custody_owner on custody (owner_id, since_at)",
    "create index custody_pool on custody (pool_id, since_at, id) where until_at is null and pool_id is not null",
    "create table pool (id bigint primary key, position bigint not null, definition text not null, version bigint not null)",
    // Customers that will go to a pool. `due_day` as a day's number.
    "create table pool_warning (record_id bigint primary key, pool_id bigint not null, owner_id bigint not null, \
     reason text not null, due_day bigint not null, warned_at bigint not null, told_at bigint)",
    "create index pool_warning_owner on pool_warning (owner_id, due_day)",
    "create index pool_warning_due on pool_warning (due_day)",
    "create table assignment_rule (id bigint primary key, position bigint not null, active bigint not null, \
     definition text not null, version bigint not null)",
    // Whom a rule gave what last, for taking turns.
    "create table assignment_turn (rule_id bigint not null, user_id bigint not null, taken bigint not null, \
     last_at bigint not null, primary key (rule_id, user_id)){keyed}",
    // What came of the rules for a customer, and why. `outcome`: assigned, pool, steward, none.
    "create table assignment_result (id bigint primary key, record_id bigint not null, rule_id bigint, \
     owner_id bigint, outcome text not null, why text not null, made_by bigint not null, at bigint not null)",
    "create index assignment_result_record on assignment_result (record_id, id)",
    "create index assignment_result_owner on assignment_result (owner_id, at)",
    // `state`: running, done, undoing, undone. `plan`: the request as JSON.
    "create table handover (id bigint primary key, person_id bigint not null, state text not null, plan text not null, \
     done bigint not null, total bigint not null, made_by bigint not null, at bigint not null, ended_at bigint, \
     lease_until bigint not null)",
    "create index handover_state on handover (state, lease_until)",
    "create index handover_person on handover (person_id, id)",
    // One record or right that moves. `kind`: record, share. `state`: planned, done, skipped, failed, undone, kept.
    "create table handover_item (handover_id bigint not null, n bigint not null, kind text not null, object text not null, \
     record_id bigint not null, to_id bigint not null, before text, state text not null, \
     primary key (handover_id, n)){keyed}",
    "create index handover_item_object on handover_item (handover_id, object, state)",
];

/// Stages that records go through, plans that are followed on the way, and how long each took.
const JOURNEY: &[&str] = &[
    "create table lifecycle (object text primary key, active bigint not null, version bigint not null, \
     definition text not null){keyed}",
    "create table stage_move (id bigint primary key, object text not null, record_id bigint not null, \
     from_stage text, to_stage text, at bigint not null, stayed_ms bigint not null, made_by bigint not null, \
     automatic bigint not null, note text)",
    "create index stage_move_record on stage_move (object, record_id, id)",
    "create index stage_move_into on stage_move (object, to_stage, at)",
    "create index stage_move_from on stage_move (object, from_stage, at)",
    "create table plan (id bigint primary key, position bigint not null, active bigint not null, \
     active_since bigint not null, version bigint not null, definition text not null)",
    // A plan as it was: whoever is on the way keeps to it.
    "create table plan_version (plan_id bigint not null, version bigint not null, definition text not null, \
     at bigint not null, made_by bigint not null, primary key (plan_id, version)){keyed}",
    // `state`: running, done, stopped. `left_at`: since when the record is no longer one that the plan is for.
    "create table plan_run (id bigint primary key, plan_id bigint not null, version bigint not null, \
     object text not null, record_id bigint not null, state text not null, automatic bigint not null, \
     started_at bigint not null, started_by bigint not null, ended_at bigint, ended_by bigint, reason text, \
     left_at bigint)",
    "create unique index plan_run_open on plan_run (plan_id, record_id) where state = 'running'",
    "create index plan_run_record on plan_run (object, record_id, id)",
    // `state`: open, done, skipped, void.
    "create table plan_step (id bigint primary key, run_id bigint not null, step text not null, \
     place bigint not null, state text not null, opened_at bigint not null, due_at bigint not null, \
     closed_at bigint, closed_by bigint, outcome text, note text, evidence text, evidence_id bigint)",
    "create index plan_step_run on plan_step (run_id, id)",
    "create index plan_step_open on plan_step (run_id) where state = 'open'",
];

/// Ways out of the house, whom they reach, and what is on its way.
const CHANNELS: &[&str] = &[
    // `settings` is JSON without secrets; `secret` is sealed. The columns from `retry_at` on say how it goes.
    "create table channel (id bigint primary key, name text not null, active bigint not null, \
     department_id bigint, settings text not null, secret text, version bigint not null, retry_at bigint, \
     failures bigint not null, fault text, sent_at bigint)",
    // Names that calendar programs gave to tasks they made.
    "create table calendar_item (user_id bigint not null, name text not null, task_id bigint not null, uid text not null, \
     primary key (user_id, name)){keyed}",
    "create table reach (user_id bigint primary key, settings text not null)",
    // One for each notification and channel. `state`: waiting, sending, sent, stale, dropped, dead. `parcel`: what goes out together.
    // `next_at` is when it is looked at again, the end of its lease while it is being sent. `any_hour`: also in quiet hours.
    "create table delivery (id bigint primary key, once text not null, channel_id bigint not null, \
     user_id bigint, notification_id bigint, greeting_id bigint, any_hour bigint not null, state text not null, parcel bigint, \
     attempts bigint not null, next_at bigint, expires_at bigint not null, fault text, at bigint not null, done_at bigint)",
    // A greeting for a contact. `state`: proposed, approved, skipped, sent, failed. `day` counts days since 1970.
    "create table greeting (id bigint primary key, once text not null, occasion text not null, contact_id bigint not null, \
     owner_id bigint not null, way text not null, day bigint not null, heading text not null, body text not null, \
     state text not null, send_at bigint, decided_by bigint, decided_at bigint, at bigint not null)",
    "create unique index greeting_once on greeting (once)",
    "create index greeting_owner on greeting (owner_id, day)",
    "create index delivery_greeting on delivery (greeting_id) where greeting_id is not null",
    "create unique index delivery_once on delivery (once)",
    "create index delivery_next on delivery (channel_id, next_at) where next_at is not null",
    "create index delivery_expires on delivery (expires_at) where next_at is not null",
    "create index delivery_state on delivery (state, id)",
    "create index delivery_channel on delivery (channel_id, id)",
    "create index delivery_parcel on delivery (parcel) where parcel is not null",
];

/// Version 4: keys that came lately, apart from the others, and in place of an index each record's keys in one row, of eight bytes each.
fn new_match_keys(dialect: Dialect) -> Vec<String> {
    let packed = match dialect {
        Dialect::Sqlite => "unhex(group_concat(printf('%016x', key), '' order by key))",
        Dialect::Postgres => "decode(string_agg(lpad(to_hex(key), 16, '0'), '' order by key), 'hex')",
    };
    let fill = format!(
        "insert into match_key_of (record_id, keys) select record_id, {packed} from match_key group by record_id"
    );
    let ddl = [
        "create table match_key_new (key bigint not null, record_id bigint not null, primary key (key, record_id)){keyed}",
        "create table match_key_of (record_id bigint primary key, keys bytea not null)",
        fill.as_str(),
        "drop index match_key_record",
    ];
    ddl.into_iter().map(|text| dialect.ddl(text)).collect()
}

/// Stands in a statement for the table of a search index: it is run for each of PostgreSQL's.
const DOCUMENTS: &str = "{documents}";

/// Version 5: search indexes that are there take new words as those do that are made now, and know beginnings of initials by name.
fn search_words(dialect: Dialect) -> Vec<String> {
    let settings = format!("alter index {DOCUMENTS}_tsv set ({SEARCH_PENDING})");
    let words = "update {documents} set tsv = tsv || coalesce((\
        select array_to_tsvector(array_agg(distinct 'b' || substr(word, 2, n))) \
        from unnest(tsvector_to_array(tsv)) as word cross join generate_series(2, 3) as n \
        where word like 'i%' and length(word) > n), '') where tsv @@ 'i:*'";
    on_postgres(dialect, &[&settings, words])
}

/// Version 6: documents that are there know the time of their ids, the syllables that full pinyin begins with, and tails of numbers from
/// their end on; a few more words than what is written now.
fn search_times(dialect: Dialect) -> Vec<String> {
    let words = "update {documents} set tsv = tsv || array_to_tsvector(array(\
        select 'u' || length || to_hex(record_id >> (33 + 6 * length)) from generate_series(0, 3) as length \
        union select 'e' || substr(word, 2, n) from unnest(tsvector_to_array(tsv)) as word \
        cross join generate_series(1, 6) as n \
        where word like 'p%' and length(word) > n and substr(word, 2, n) ~ '^(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?\
        (a|ai|an|ang|ao|e|ei|en|eng|er|i|ia|ian|iang|iao|ie|in|ing|iong|iu|o|ong|ou|u|ua|uai|uan|uang|ue|ui|un|uo|v|ve)$' \
        union select 'r' || reverse(substr(word, 2)) from unnest(tsvector_to_array(tsv)) as word where word like 't%'))";
    on_postgres(dialect, &["alter table {documents} alter column tsv set statistics 0", words])
}

/// Version 7: initials in documents that are there have a word of four letters, which those that are written now have for their longest.
fn search_initials(dialect: Dialect) -> Vec<String> {
    let words = "update {documents} as d set tsv = d.tsv || array_to_tsvector(w.words) from (\
        select record_id, array(select distinct left(word, 5) from unnest(tsvector_to_array(tsv)) as word \
        where word like 'i_____%') as words from {documents}) as w \
        where w.record_id = d.record_id and cardinality(w.words) > 0";
    on_postgres(dialect, &[words])
}

fn on_postgres(dialect: Dialect, statements: &[&str]) -> Vec<String> {
    match dialect {
        Dialect::Sqlite => Vec::new(),
        Dialect::Postgres => statements.iter().map(|text| (*text).to_owned()).collect(),
    }
}

/// Runs a statement of a migration: once, or for every search index that is there.
fn apply(conn: &mut Conn, statement: &str) -> Result<(), StoreError> {
    if !statement.contains(DOCUMENTS) {
        return conn.execute(&Sql::raw(statement)).map(drop);
    }
    let tables =
        conn.query(&Sql::raw(format!("select left(i.relname, -4) from {SEARCH_INDEXES} order by 1")))?;
    for table in tables {
        let table = table.text(0)?;
        ident(table)?;
        conn.execute(&Sql::raw(statement.replace(DOCUMENTS, table)))?;
    }
    Ok(())
}

/// Version 2.
const PUSH: &[&str] = &[
    // Browsers that show messages while the page is closed. `endpoint` is a hash; `secret` is sealed.
    "create table push_device (id bigint primary key, user_id bigint not null, session_id bigint not null, \
     channel_id bigint not null, endpoint text not null, secret text not null, at bigint not null)",
    "create unique index push_device_endpoint on push_device (endpoint)",
    "create index push_device_user on push_device (user_id)",
];
