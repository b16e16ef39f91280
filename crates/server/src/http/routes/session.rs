//! Signing in and out, the caller's own account, sessions and keys.

use super::{created, empty, json, ok, request};
use crate::http::App;
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::{COOKIE, Call};
use crate::http::operations::{
    Access, Answer as Answered, Body as Takes, CURSOR, Operation, Verb, operation,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{delete, get, patch, post, put};
use huike_engine::session::sign_in::{Origin, SignedIn};
use huike_engine::session::{
    self, change_password, keys, preferences, see_as, sessions, sign_in, sign_out, totp,
};
use huike_model::Code;
use serde_json::json;

/// What a page must know before it knows anybody.
async fn setup_state(call: Call, headers: HeaderMap) -> Answer {
    let signed_in = call.is_signed_in(&headers).await;
    let needed = session::set_up::needed(call.app.engine()).await?;
    let org = call.app.engine().org();
    let name = Some(&org.company.name).filter(|name| !name.is_empty());
    ok(&json!({"needed": needed, "signed_in": signed_in, "company": name, "logo": org.company.logo}))
}

async fn set_up(call: Call, Body(members): Body) -> Answer {
    let signed_in = session::set_up::set_up(call.app.engine(), request(members)?, origin(&call)).await?;
    welcome(&call.app, &signed_in)
}

async fn sign_in_(call: Call, Body(members): Body) -> Answer {
    let signed_in = sign_in::sign_in(call.app.engine(), request(members)?, origin(&call)).await?;
    welcome(&call.app, &signed_in)
}

async fn read(call: Call) -> Answer {
    ok(&call.session_view()?)
}

async fn sign_out_(call: Call) -> Answer {
    sign_out::sign_out(call.app.engine(), call.visitor()?).await?;
    let mut response = empty()?;
    set_cookie(&mut response, &call.app, "", "; Max-Age=0");
    Ok(response)
}

async fn change(call: Call, Body(members): Body) -> Answer {
    let preferences: preferences::Preferences = request(members)?;
    preferences::set_preferences(call.app.engine(), &call.own_cx()?, preferences).await?;
    ok(&call.session_view()?)
}

async fn password(call: Call, Body(members): Body) -> Answer {
    let change: change_password::PasswordChange = request(members)?;
    change_password::change_password(call.app.engine(), &call.own_cx()?, call.visitor()?, change).await?;
    empty()
}

async fn begin_totp(call: Call) -> Answer {
    ok(&totp::begin(call.app.engine(), &call.own_cx()?).await?)
}

async fn confirm_totp(call: Call, body: Body) -> Answer {
    let mut shape = body.shape();
    let code = shape.text("code");
    shape.finish()?;
    ok(&totp::confirm(call.app.engine(), &call.own_cx()?, code).await?)
}

async fn disable_totp(call: Call, body: Body) -> Answer {
    let mut shape = body.shape();
    let password = shape.text("password");
    shape.finish()?;
    totp::disable(call.app.engine(), &call.own_cx()?, password).await?;
    empty()
}

async fn see_as_user(call: Call, body: Body) -> Answer {
    let mut shape = body.shape();
    let user = shape.maybe_id("user");
    if user.is_none() {
        shape.missing("user");
    }
    shape.finish()?;
    see_as::begin(call.app.engine(), &call.cx()?, call.visitor()?, user.unwrap_or_default()).await?;
    empty()
}

async fn end_see_as(call: Call) -> Answer {
    see_as::end(call.app.engine(), call.visitor()?).await?;
    empty()
}

async fn list_sessions(call: Call) -> Answer {
    let items = sessions::list(call.app.engine(), &call.cx()?, call.visitor()?).await?;
    ok(&json!({"items": items}))
}

async fn end_session(call: Call, path: Path) -> Answer {
    sessions::revoke(call.app.engine(), &call.cx()?, path.id("id")?).await?;
    empty()
}

async fn list_keys(call: Call) -> Answer {
    ok(&json!({"items": keys::list(call.app.engine(), &call.cx()?).await?}))
}

async fn list_company_keys(call: Call, Query(mut query): Query) -> Answer {
    let cursor = query.maybe_text("cursor");
    query.finish()?;
    ok(&keys::list_of_company(call.app.engine(), &call.cx()?, cursor).await?)
}

async fn make_key(call: Call, Body(members): Body) -> Answer {
    created(&keys::create(call.app.engine(), &call.cx()?, request(members)?).await?)
}

async fn end_key(call: Call, path: Path) -> Answer {
    keys::revoke(call.app.engine(), &call.cx()?, path.id("id")?).await?;
    empty()
}

fn origin(call: &Call) -> Origin {
    Origin { ip: Some(call.address), agent: call.agent.clone(), request: call.request.clone() }
}

fn welcome(app: &App, signed_in: &SignedIn) -> Answer {
    let mut response = json(StatusCode::OK, &signed_in.session)?;
    set_cookie(&mut response, app, signed_in.token.reveal(), "");
    Ok(response)
}

/// The session ends on the server; the cookie itself lasts as long as the browser.
fn set_cookie(response: &mut Response, app: &App, token: &str, more: &str) {
    let secure = if app.config().secure() { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
    if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}

pub const OPERATIONS: &[Operation] = &[
    operation(
        "readSetup",
        Verb::Get,
        "/setup",
        "是否需要首次设置，以及是否已登录",
        "Whether the first administrator is still to be made, and whether the caller's session lives",
        || get(setup_state),
    )
    .open_to(Access::Anybody)
    .answers(200, Answered::Json("Setup")),
    operation(
        "setUp",
        Verb::Post,
        "/setup",
        "首次设置：创建管理员",
        "Make the first administrator",
        || post(set_up),
    )
    .open_to(Access::Anybody)
    .body(Takes::Json("SetupRequest"))
    .answers(200, Answered::Json("Session")),
    operation("signIn", Verb::Post, "/session", "登录", "Sign in", || post(sign_in_))
        .open_to(Access::Anybody)
        .body(Takes::Json("Credentials"))
        .answers(200, Answered::Json("Session"))
        .fails_with(&[Code::BadCredentials, Code::CodeRequired, Code::Locked]),
    operation("readSession", Verb::Get, "/session", "当前登录者", "Who is signed in", || get(read))
        .open_to(Access::Person)
        .answers(200, Answered::Json("Session")),
    operation(
        "changeSession",
        Verb::Patch,
        "/session",
        "修改语言和主题",
        "Change language and theme",
        || patch(change),
    )
    .open_to(Access::Person)
    .body(Takes::Json("Preferences"))
    .answers(200, Answered::Json("Session")),
    operation("signOut", Verb::Delete, "/session", "退出登录", "Sign out", || delete(sign_out_))
        .open_to(Access::Person)
        .for_watchers()
        .answers(204, Answered::Empty),
    operation(
        "changePassword",
        Verb::Post,
        "/session/password",
        "修改密码",
        "Change the password",
        || post(password),
    )
    .open_to(Access::Person)
    .body(Takes::Json("PasswordChange"))
    .answers(204, Answered::Empty),
    operation(
        "beginTotp",
        Verb::Post,
        "/session/totp",
        "开始设置两步验证",
        "Begin to set up two-step sign-in",
        || post(begin_totp),
    )
    .open_to(Access::Person)
    .answers(200, Answered::Json("TotpSecret"))
    .fails_with(&[Code::Conflict]),
    operation(
        "confirmTotp",
        Verb::Post,
        "/session/totp/confirm",
        "确认两步验证",
        "Turn two-step sign-in on",
        || post(confirm_totp),
    )
    .open_to(Access::Person)
    .body(Takes::Json("TotpCode"))
    .answers(200, Answered::Json("RecoveryCodes"))
    .fails_with(&[Code::Conflict]),
    operation(
        "disableTotp",
        Verb::Delete,
        "/session/totp",
        "关闭两步验证",
        "Turn two-step sign-in off",
        || delete(disable_totp),
    )
    .open_to(Access::Person)
    .body(Takes::Json("PasswordConfirmation"))
    .answers(204, Answered::Empty),
    operation(
        "seeAs",
        Verb::Put,
        "/session/see-as",
        "以某个同事的身份查看（只读，写入审计）",
        "Look at lists and records as a colleague sees them: read only, written in the audit log",
        || put(see_as_user),
    )
    .open_to(Access::Person)
    .body(Takes::Json("SeeAs"))
    .answers(204, Answered::Empty),
    operation(
        "endSeeAs",
        Verb::Delete,
        "/session/see-as",
        "不再以他人身份查看",
        "Look as oneself again",
        || delete(end_see_as),
    )
    .open_to(Access::Person)
    .for_watchers()
    .answers(204, Answered::Empty),
    operation("listSessions", Verb::Get, "/sessions", "本人的登录", "One's own sessions", || {
        get(list_sessions)
    })
    .open_to(Access::Person)
    .answers(200, Answered::Json("Sessions")),
    operation("endSession", Verb::Delete, "/sessions/{id}", "结束一次登录", "End a session", || {
        delete(end_session)
    })
    .open_to(Access::Person)
    .answers(204, Answered::Empty),
    operation("listKeys", Verb::Get, "/keys", "本人的程序密钥", "One's own keys for programs", || {
        get(list_keys)
    })
    .open_to(Access::Person)
    .answers(200, Answered::Json("Keys")),
    operation(
        "listCompanyKeys",
        Verb::Get,
        "/keys/company",
        "全公司的程序密钥（员工管理员）",
        "Everybody's keys for programs, for who administers people",
        || get(list_company_keys),
    )
    .query(&[CURSOR])
    .answers(200, Answered::Json("CompanyKeys"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "makeKey",
        Verb::Post,
        "/keys",
        "新建程序密钥（只显示一次）",
        "Make a key for a program (shown once)",
        || post(make_key),
    )
    .open_to(Access::Person)
    .body(Takes::Json("NewKey"))
    .answers(201, Answered::Json("MadeKey")),
    operation("endKey", Verb::Delete, "/keys/{id}", "作废程序密钥", "Revoke a key", || delete(end_key))
        .open_to(Access::Person)
        .answers(204, Answered::Empty),
];
