//! Accounts, rights, the audit log and the company's settings.

use super::{created, empty, ok, request};
use crate::http::extract::{Body, JsonBody, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Access, Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Parameter, Verb, operation, parameter,
};
use crate::http::routes::upload::{broken, form, unknown_member};
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::routing::{delete, get, post, put};
use huike_engine::access::explain::{self, Question};
use huike_engine::access::{logo, permissions, roles, settings, shares};
use huike_engine::audit::read::{self as audit, AuditQuery};
use huike_engine::session::{password_reset, unlock};
use huike_model::{Code, Fault, Id};
use serde_json::json;

async fn read_permissions(call: Call, path: Path) -> Answer {
    ok(&permissions::permissions_of(&call.cx()?, path.id("id")?)?)
}

async fn put_permissions(call: Call, path: Path, JsonBody(granted): JsonBody) -> Answer {
    ok(&permissions::put_permissions(call.app.engine(), &call.cx()?, path.id("id")?, &granted).await?)
}

async fn read_roles(call: Call, path: Path) -> Answer {
    ok(&json!({"items": roles::user_roles(&call.cx()?, path.id("id")?)?}))
}

async fn put_roles(call: Call, path: Path, JsonBody(ids): JsonBody) -> Answer {
    let ids: Option<Vec<Id>> = serde_json::from_value(ids).ok();
    let ids = ids.ok_or_else(|| {
        let fault = huike_model::Fault::new("", "format", "应为角色编号的列表", "must be a list of role ids");
        crate::http::failure::Failure::from(vec![fault])
    })?;
    roles::set_user_roles(call.app.engine(), &call.cx()?, path.id("id")?, &ids).await?;
    empty()
}

async fn reset_password(call: Call, path: Path, Body(members): Body) -> Answer {
    let reset = request(members)?;
    ok(&password_reset::reset_password(call.app.engine(), &call.cx()?, path.id("id")?, reset).await?)
}

async fn unlock_account(call: Call, path: Path) -> Answer {
    unlock::unlock(call.app.engine(), &call.cx()?, path.id("id")?).await?;
    empty()
}

async fn list_shares(call: Call, path: Path) -> Answer {
    let items = shares::list(call.app.engine(), &call.cx()?, path.text("object"), path.id("id")?).await?;
    ok(&json!({"items": items}))
}

async fn share(call: Call, path: Path, Body(members): Body) -> Answer {
    let new = request(members)?;
    created(&shares::share(call.app.engine(), &call.cx()?, path.text("object"), path.id("id")?, new).await?)
}

async fn end_share(call: Call, path: Path) -> Answer {
    shares::revoke(call.app.engine(), &call.cx()?, path.text("object"), path.id("id")?, path.id("share")?)
        .await?;
    empty()
}

async fn explain_access(call: Call, Query(mut query): Query) -> Answer {
    let (object, record, user) = (query.text("object"), query.maybe_id("id"), query.maybe_id("user"));
    let field = query.maybe_text("field");
    if record.is_none() {
        query.text("id");
    }
    query.finish()?;
    let cx = call.cx()?;
    let question = Question {
        object,
        record: record.unwrap_or_default(),
        user: user.unwrap_or_else(|| cx.caller.actor.user()),
        field,
    };
    let explanation = explain::explain(call.app.engine(), &cx, question).await?;
    let reasons: Vec<&str> = explanation.reasons.iter().map(|reason| reason.get(cx.lang())).collect();
    ok(&json!({"visible": explanation.visible, "reasons": reasons}))
}

async fn read_audit(call: Call, Query(mut query): Query) -> Answer {
    let mut id = |name: &str| query.maybe_id(name).and_then(|id| Id::new(id).ok());
    let (record, actor) = (id("record"), id("actor"));
    let search = AuditQuery {
        object: query.maybe_text("object"),
        record,
        actor,
        op: query.maybe_text("op"),
        from: query.maybe_text("from"),
        to: query.maybe_text("to"),
        cursor: query.maybe_text("cursor"),
        limit: query.maybe_number("limit").map(|limit| u32::try_from(limit).unwrap_or_default()),
    };
    query.finish()?;
    ok(&audit::search(call.app.engine(), &call.cx()?, search).await?)
}

async fn read_settings(call: Call) -> Answer {
    ok(&settings::settings(&call.cx()?)?)
}

async fn put_settings(call: Call, Body(changes): Body) -> Answer {
    ok(&settings::put_settings(call.app.engine(), &call.cx()?, changes).await?)
}

async fn put_logo(call: Call, parts: Result<Multipart, MultipartRejection>) -> Answer {
    let cx = call.cx()?;
    let mut form = form(parts)?;
    let (mut picture, mut faults) = (None, Vec::new());
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some("file") {
            faults.push(unknown_member(field.name().unwrap_or_default()));
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            // One byte too many is enough to refuse it.
            let room = (logo::LARGEST + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        picture = Some(bytes);
    }
    if picture.is_none() {
        faults.push(Fault::new("file", "required", "缺少 file", "file is required"));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    ok(&json!({"logo": logo::put_logo(call.app.engine(), &cx, picture).await?}))
}

async fn remove_logo(call: Call) -> Answer {
    logo::put_logo(call.app.engine(), &call.cx()?, None).await?;
    empty()
}

const AUDIT: &[Parameter] = &[
    parameter("object", Kind::Text, "对象", "The object"),
    parameter("record", Kind::Text, "记录", "The record"),
    parameter("actor", Kind::Text, "操作人", "Who did it"),
    parameter("op", Kind::Text, "操作", "What was done"),
    parameter("from", Kind::Text, "从这一时间起", "From this time on"),
    parameter("to", Kind::Text, "到这一时间前", "Before this time"),
    CURSOR,
    parameter("limit", Kind::Number, "每页条数，最多 200", "Items on a page, 200 at most"),
];

pub const OPERATIONS: &[Operation] = &[
    operation(
        "listShares",
        Verb::Get,
        "/records/{object}/{id}/shares",
        "记录共享给了谁",
        "With whom a record is shared",
        || get(list_shares),
    )
    .answers(200, Answered::Json("Shares")),
    operation(
        "shareRecord",
        Verb::Post,
        "/records/{object}/{id}/shares",
        "共享记录",
        "Share a record",
        || post(share),
    )
    .body(Takes::Json("NewShare"))
    .answers(201, Answered::Json("Share")),
    operation(
        "endShare",
        Verb::Delete,
        "/records/{object}/{id}/shares/{share}",
        "取消共享",
        "End a share",
        || delete(end_share),
    )
    .answers(204, Answered::Empty),
    operation(
        "readPermissions",
        Verb::Get,
        "/roles/{id}/permissions",
        "角色的权限",
        "What a role grants",
        || get(read_permissions),
    )
    .answers(200, Answered::Json("Permissions")),
    operation(
        "putPermissions",
        Verb::Put,
        "/roles/{id}/permissions",
        "设置角色的权限",
        "Set what a role grants",
        || put(put_permissions),
    )
    .body(Takes::Json("Permissions"))
    .answers(200, Answered::Json("Permissions")),
    operation(
        "readUserRoles",
        Verb::Get,
        "/users/{id}/roles",
        "用户的角色",
        "The roles a user holds",
        || get(read_roles),
    )
    .answers(200, Answered::Json("NamedItems")),
    operation(
        "putUserRoles",
        Verb::Put,
        "/users/{id}/roles",
        "设置用户的角色",
        "Set a user's roles",
        || put(put_roles),
    )
    .body(Takes::Json("Ids"))
    .answers(204, Answered::Empty),
    operation(
        "resetPassword",
        Verb::Post,
        "/users/{id}/password",
        "重置密码（只显示一次）",
        "Reset a password (shown once)",
        || post(reset_password),
    )
    .open_to(Access::Person)
    .body(Takes::Json("PasswordReset"))
    .answers(200, Answered::Json("OneTimePassword")),
    operation(
        "unlockUser",
        Verb::Post,
        "/users/{id}/unlock",
        "解除锁定",
        "End the lock of an account",
        || post(unlock_account),
    )
    .answers(204, Answered::Empty),
    operation("readAudit", Verb::Get, "/audit", "审计日志", "The audit log", || get(read_audit))
        .query(AUDIT)
        .answers(200, Answered::Json("AuditPage"))
        .fails_with(&[Code::BadCursor, Code::Invalid]),
    operation("readSettings", Verb::Get, "/settings", "公司设置", "The company's settings", || {
        get(read_settings)
    })
    .answers(200, Answered::Json("Settings")),
    operation(
        "putSettings",
        Verb::Put,
        "/settings",
        "修改公司设置",
        "Change the company's settings",
        || put(put_settings),
    )
    .body(Takes::Json("Settings"))
    .answers(200, Answered::Json("Settings")),
    operation(
        "explainAccess",
        Verb::Get,
        "/access/explain",
        "为什么能看到或看不到",
        "Why something is seen, or isn't",
        || get(explain_access),
    )
    .query(&[
        parameter("object", Kind::Text, "对象", "The object"),
        parameter("id", Kind::Text, "记录", "The record"),
        parameter("user", Kind::Text, "用户；不填为本人", "The user; the caller when not given"),
        parameter("field", Kind::Text, "字段", "The field"),
    ])
    .answers(200, Answered::Json("Explanation"))
    .fails_with(&[Code::NotFound, Code::Invalid]),
    operation("putLogo", Verb::Put, "/company/logo", "设置公司标志", "Set the company's logo", || {
        put(put_logo)
    })
    .body(Takes::Form("LogoUpload"))
    .answers(200, Answered::Json("Logo")),
    operation(
        "removeLogo",
        Verb::Delete,
        "/company/logo",
        "去掉公司标志",
        "Take the company's logo away",
        || delete(remove_logo),
    )
    .answers(204, Answered::Empty),
];
