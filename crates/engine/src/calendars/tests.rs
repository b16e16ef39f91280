//! Tasks in calendars, on both databases.

use super::{Component, Wanted};
use crate::cx::Cx;
use crate::error::Result;
use crate::session::keys::{self, NewKey};
use crate::session::resolve::{by_calendar_key, by_key};
use crate::session::testing::{Company, DAY, code};
use crate::shown::instant_text;
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::json;

huike_store::on_both_databases!(
    a_task_that_is_done_opens_the_next_one_of_its_series_once,
    a_task_is_served_as_a_todo_and_as_an_event,
    a_program_makes_changes_finishes_and_removes_a_task,
    what_a_program_writes_wrongly_is_refused_with_the_reason,
    a_calendar_key_opens_the_calendar_and_nothing_else,
);

fn task(company: &Company, body: serde_json::Value) -> i64 {
    company.create(&company.cx("sales"), "task", body)
}

fn at(ms: i64) -> String {
    instant_text(START_MS + ms)
}

fn column(company: &Company, sql: &str) -> i64 {
    company.int(sql).unwrap_or_default()
}

fn open(db: &TestDb) -> Company {
    let company = Company::founded(db);
    company.hire("sales", "sales");
    company.hire("other", "sales");
    company
}

fn a_task_that_is_done_opens_the_next_one_of_its_series_once(db: &mut TestDb) {
    let company = open(db);
    let sales = company.cx("sales");
    let first = task(
        &company,
        json!({"title": "周报", "due_at": at(DAY), "recurrence": "FREQ=WEEKLY;COUNT=2", "priority": "high"}),
    );
    company.update(&sales, "task", first, json!({"status": "done"})).unwrap();
    let next = column(&company, "select id from task where status = 'open'");
    let row = format!("from task where id = {next}");
    assert_eq!(column(&company, &format!("select due_at {row}")), START_MS + 8 * DAY);
    assert_eq!(column(&company, &format!("select previous {row}")), first);
    // Reopened and done again, there is still one after it.
    company.update(&sales, "task", first, json!({"status": "open"})).unwrap();
    company.update(&sales, "task", first, json!({"status": "done"})).unwrap();
    assert_eq!(column(&company, "select count(*) from task"), 2);
    // The second was the last.
    company.update(&sales, "task", next, json!({"status": "done"})).unwrap();
    assert_eq!(column(&company, "select count(*) from task"), 2);
    let wrong = company.update(&sales, "task", next, json!({"recurrence": "FREQ=SOMETIMES"}));
    assert_eq!(code(wrong), Code::Invalid);
}

fn a_task_is_served_as_a_todo_and_as_an_event(db: &mut TestDb) {
    let company = open(db);
    let customer = company.create(&company.cx("sales"), "customer", json!({"name": "杭州示例包装有限公司"}));
    let id = task(
        &company,
        json!({"title": "回访；报价, 两件", "due_at": at(DAY), "customer": Id::new(customer).unwrap(), "recurrence": "FREQ=WEEKLY"}),
    );
    task(&company, json!({"title": "没有日期"}));
    company.create(&company.cx("other"), "task", json!({"title": "别人的", "due_at": at(DAY)}));
    let sales = company.cx("sales");
    let items = company.wait(company.engine.calendar_items(&sales)).unwrap();
    assert_eq!(items.len(), 1);
    let todo = items[0].document(&company.engine, Component::Todo);
    for line in [
        "BEGIN:VTODO",
        "SUMMARY:回访；报价\\, 两件",
        "RRULE:FREQ=WEEKLY",
        "STATUS:NEEDS-ACTION",
        "CATEGORIES:杭州示例包装有限公司",
    ] {
        assert!(todo.contains(line), "{line} in {todo}");
    }
    let feed = company.wait(company.engine.calendar_feed(&sales)).unwrap();
    assert!(feed.contains("BEGIN:VEVENT") && feed.contains("DTSTART:") && !feed.contains("别人的"), "{feed}");
    let name = items[0].name.clone();
    assert_eq!(company.wait(company.engine.calendar_item(&sales, &name)).unwrap().id, id);
    assert_eq!(code(company.wait(company.engine.calendar_item(&company.cx("other"), &name))), Code::NotFound);
}

fn todo(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:phone-1\r\n{lines}END:VTODO\r\nEND:VCALENDAR\r\n"
    )
}

fn put(
    company: &Company,
    cx: &Cx,
    text: &str,
    wanted: Wanted,
) -> Result<std::result::Result<(super::Item, bool), super::Refused>> {
    company.wait(company.engine.put_calendar_item(cx, "phone-1", Component::Todo, text, wanted))
}

fn a_program_makes_changes_finishes_and_removes_a_task(db: &mut TestDb) {
    let company = open(db);
    let sales = company.cx("sales");
    let (item, new) =
        put(&company, &sales, &todo("SUMMARY:寄样品\r\nDUE:20261120T040000Z\r\nPRIORITY:1\r\n"), Wanted::New)
            .unwrap()
            .unwrap();
    assert!(new && item.name == "phone-1");
    assert_eq!(code(put(&company, &sales, &todo("SUMMARY:又一个\r\n"), Wanted::New)), Code::Stale);
    let (item, new) = put(
        &company,
        &sales,
        &todo("SUMMARY:寄样品\r\nDUE:20261120T040000Z\r\nSTATUS:COMPLETED\r\n"),
        Wanted::Version(item.version),
    )
    .unwrap()
    .unwrap();
    assert!(!new);
    let document = item.document(&company.engine, Component::Todo);
    assert!(document.contains("STATUS:COMPLETED") && document.contains("UID:phone-1"), "{document}");
    assert_eq!(
        code(put(&company, &sales, &todo("SUMMARY:x\r\n"), Wanted::Version(item.version + 7))),
        Code::Stale
    );
    // What the program didn't name was not touched: it came with a high priority.
    assert!(document.contains("PRIORITY:1"), "{document}");
    company.wait(company.engine.remove_calendar_item(&sales, "phone-1", Wanted::Anything)).unwrap();
    assert_eq!(code(company.wait(company.engine.calendar_item(&sales, "phone-1"))), Code::NotFound);
    assert!(put(&company, &sales, &todo("SUMMARY:再来一次\r\n"), Wanted::New).unwrap().is_ok());
}

fn what_a_program_writes_wrongly_is_refused_with_the_reason(db: &mut TestDb) {
    let company = open(db);
    let sales = company.cx("sales");
    for (text, reason) in [
        ("BEGIN:VCALENDAR\r\nEND:VCALENDAR".to_owned(), "iCalendar"),
        (todo("DUE:20261120T040000Z\r\n"), "标题"),
        (todo("SUMMARY:x\r\nDUE:soon\r\n"), "soon"),
    ] {
        let refused = put(&company, &sales, &text, Wanted::Anything).unwrap().unwrap_err();
        assert!(refused.0.contains(reason), "{refused:?}");
    }
    assert_eq!(
        code(put(&company, &sales, &todo("SUMMARY:x\r\nRRULE:FREQ=MINUTELY\r\n"), Wanted::Anything)),
        Code::Invalid
    );
    assert_eq!(column(&company, "select count(*) from task"), 0);
}

fn a_calendar_key_opens_the_calendar_and_nothing_else(db: &mut TestDb) {
    let company = open(db);
    let made = |scopes: &[&str]| {
        let new = NewKey {
            name: "手机".into(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            expires_at: None,
        };
        company.wait(keys::create(&company.engine, &company.cx("sales"), new))
    };
    let key = made(&["calendar"]).unwrap().key;
    let plain = made(&["read", "write"]).unwrap().key;
    assert!(company.wait(by_key(&company.engine, &key, "r1")).is_err());
    assert!(company.wait(by_calendar_key(&company.engine, &plain, "r1")).is_err());
    let visitor = company.wait(by_calendar_key(&company.engine, &key, "r1")).unwrap();
    assert_eq!(visitor.caller.actor.user(), company.user("sales"));
    assert_eq!(code(made(&["read", "calendar"])), Code::Invalid);
}
