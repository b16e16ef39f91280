//! Working time, the rules of reminding, and the leak radar.

use super::{created, empty, ok, request};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Parameter, Verb, operation, parameter,
};
use crate::http::shape::Shape;
use axum::routing::{delete, get, patch, post, put};
use huike_engine::obligations::calendar::{self, NewAbsence, SpecialDay};
use huike_engine::obligations::leaks::Reason;
use huike_engine::obligations::radar::LeakRequest;
use huike_engine::obligations::rules;
use huike_model::Code;

async fn read_calendar(call: Call) -> Answer {
    ok(&calendar::read(&call.cx()?)?)
}

async fn put_calendar(call: Call, Body(changes): Body) -> Answer {
    ok(&call.app.engine().put_calendar(call.cx()?, changes).await?)
}

async fn work_days(call: Call, Query(mut query): Query) -> Answer {
    let year = query.maybe_number("year");
    query.finish()?;
    call.cx()?;
    ok(&call.app.engine().work_days(year).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    items: Vec<SpecialDay>,
}

async fn put_work_days(call: Call, Body(members): Body) -> Answer {
    let days: Days = request(members)?;
    call.app.engine().put_work_days(call.cx()?, days.items).await?;
    empty()
}

async fn absences(call: Call) -> Answer {
    ok(&call.app.engine().absences(call.cx()?).await?)
}

async fn create_absence(call: Call, Body(members): Body) -> Answer {
    let new: NewAbsence = request(members)?;
    created(&call.app.engine().create_absence(call.cx()?, new).await?)
}

async fn delete_absence(call: Call, path: Path) -> Answer {
    call.app.engine().delete_absence(call.cx()?, path.id("id")?).await?;
    empty()
}

async fn list_rules(call: Call) -> Answer {
    ok(&rules::list(&call.cx()?)?)
}

async fn create_rule(call: Call, Body(members): Body) -> Answer {
    created(&call.app.engine().create_rule(call.cx()?, members).await?)
}

async fn try_rule(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().try_rule(call.cx()?, members).await?)
}

async fn ignored(call: Call, Query(mut query): Query) -> Answer {
    let (days, within) = (query.maybe_number("days"), query.maybe_number("within"));
    query.finish()?;
    ok(&call.app.engine().ignored_reminders(call.cx()?, days, within).await?)
}

async fn update_rule(call: Call, path: Path, Body(members): Body) -> Answer {
    ok(&call.app.engine().update_rule(call.cx()?, path.id("id")?, members).await?)
}

async fn delete_rule(call: Call, path: Path) -> Answer {
    call.app.engine().delete_rule(call.cx()?, path.id("id")?).await?;
    empty()
}

const REASONS: &[&str] = &["no_owner", "owner_left", "no_next_step", "silent"];

fn asked(query: &mut Shape) -> LeakRequest {
    LeakRequest {
        reason: query.choice("reason", REASONS).and_then(Reason::parse),
        department: query.maybe_id("department"),
        owner: query.maybe_id("owner"),
        tier: query.maybe_text("tier"),
        days: query.maybe_number("days"),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
    }
}

async fn leaks(call: Call, Query(mut query): Query) -> Answer {
    let request = asked(&mut query);
    query.finish()?;
    ok(&call.app.engine().leaks(call.cx()?, request).await?)
}

async fn leak_counts(call: Call, Query(mut query): Query) -> Answer {
    let request = asked(&mut query);
    query.finish()?;
    ok(&call.app.engine().leak_counts(call.cx()?, request).await?)
}

const LEAKS: &[Parameter] = &[
    parameter("reason", Kind::Words(REASONS), "原因", "The reason"),
    parameter("department", Kind::Text, "部门，含下级", "The department, those below it included"),
    parameter("owner", Kind::Text, "负责人", "The owner"),
    parameter("tier", Kind::Text, "客户等级", "The tier"),
    parameter("days", Kind::Number, "至少漏了几天", "Leaking for so many days at least"),
    parameter("limit", Kind::Number, "每页条数，最多 200", "Items on a page, 200 at most"),
    CURSOR,
];

pub const OPERATIONS: &[Operation] = &[
    operation(
        "readCalendar",
        Verb::Get,
        "/calendar",
        "工作时间、免打扰时段",
        "Working hours and quiet hours",
        || get(read_calendar),
    )
    .answers(200, Answered::Json("Calendar")),
    operation(
        "putCalendar",
        Verb::Put,
        "/calendar",
        "修改工作时间",
        "Change the working hours",
        || put(put_calendar),
    )
    .body(Takes::Json("Calendar"))
    .answers(200, Answered::Json("Calendar")),
    operation(
        "listWorkDays",
        Verb::Get,
        "/calendar/days",
        "节假日与调休",
        "Holidays and make-up days",
        || get(work_days),
    )
    .query(&[parameter("year", Kind::Number, "年份", "The year")])
    .answers(200, Answered::Json("WorkDays")),
    operation(
        "putWorkDays",
        Verb::Put,
        "/calendar/days",
        "设置节假日与调休",
        "Put in holidays and make-up days",
        || put(put_work_days),
    )
    .body(Takes::Json("WorkDaysPut"))
    .answers(204, Answered::Empty),
    operation(
        "listAbsences",
        Verb::Get,
        "/absences",
        "请假与代班",
        "Who is away, and who stands in",
        || get(absences),
    )
    .answers(200, Answered::Json("Absences")),
    operation("createAbsence", Verb::Post, "/absences", "登记请假", "Write down a leave", || {
        post(create_absence)
    })
    .body(Takes::Json("NewAbsence"))
    .answers(201, Answered::Json("Made")),
    operation("deleteAbsence", Verb::Delete, "/absences/{id}", "取消请假", "Take a leave back", || {
        delete(delete_absence)
    })
    .answers(204, Answered::Empty),
    operation(
        "listReminderRules",
        Verb::Get,
        "/reminder-rules",
        "提醒规则",
        "The rules of reminding",
        || get(list_rules),
    )
    .answers(200, Answered::Json("ReminderRules")),
    operation(
        "createReminderRule",
        Verb::Post,
        "/reminder-rules",
        "新建提醒规则",
        "Make a rule",
        || post(create_rule),
    )
    .body(Takes::Json("ReminderRuleWritten"))
    .answers(201, Answered::Json("ReminderRule"))
    .fails_with(&[Code::Conflict]),
    operation(
        "tryReminderRule",
        Verb::Post,
        "/reminder-rules/dry-run",
        "试运行：近 30 天会触发多少次",
        "What a rule would have done in the last 30 days",
        || post(try_rule),
    )
    .body(Takes::Json("ReminderRuleWritten"))
    .answers(200, Answered::Json("RuleTrial")),
    operation(
        "ignoredReminders",
        Verb::Get,
        "/reminder-rules/report",
        "被忽略的提醒与建议",
        "Reminders that nobody heeds, with proposals",
        || get(ignored),
    )
    .query(&[
        parameter("days", Kind::Number, "看最近多少天", "How many days back"),
        parameter("within", Kind::Number, "几天内处理算有回应", "Heeded within so many days"),
    ])
    .answers(200, Answered::Json("IgnoredReminders"))
    .fails_with(&[Code::Invalid]),
    operation(
        "updateReminderRule",
        Verb::Patch,
        "/reminder-rules/{id}",
        "修改提醒规则",
        "Change a rule",
        || patch(update_rule),
    )
    .body(Takes::Json("ReminderRuleWritten"))
    .answers(200, Answered::Json("ReminderRule"))
    .fails_with(&[Code::Conflict]),
    operation(
        "deleteReminderRule",
        Verb::Delete,
        "/reminder-rules/{id}",
        "删除提醒规则",
        "Delete a rule",
        || delete(delete_rule),
    )
    .answers(204, Answered::Empty),
    operation(
        "listLeaks",
        Verb::Get,
        "/leaks",
        "漏跟进的客户",
        "Customers that nobody looks after",
        || get(leaks),
    )
    .query(LEAKS)
    .answers(200, Answered::Json("Leaks"))
    .fails_with(&[Code::NotFound, Code::BadCursor, Code::Invalid]),
    operation(
        "countLeaks",
        Verb::Get,
        "/leaks/summary",
        "漏跟进的数量与趋势",
        "How many there are, and whether it gets better",
        || get(leak_counts),
    )
    .query(LEAKS)
    .answers(200, Answered::Json("LeakCounts"))
    .fails_with(&[Code::NotFound, Code::Invalid]),
];
