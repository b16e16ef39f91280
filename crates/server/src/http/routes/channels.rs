//! What goes out of the house: channels, deliveries, and how a person wants to be reached.

use super::{created, empty, ok};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Access, Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Verb, operation, parameter,
};
use axum::routing::{delete, get, patch, post, put};
use huike_engine::channels::Device;
use huike_engine::channels::list::{DeliveryRequest, STATES};
use huike_model::Code;

async fn list(call: Call) -> Answer {
    ok(&call.app.engine().channels(call.cx()?).await?)
}

async fn create(call: Call, Body(members): Body) -> Answer {
    created(&call.app.engine().create_channel(call.cx()?, members).await?)
}

async fn update(call: Call, path: Path, Body(members): Body) -> Answer {
    ok(&call.app.engine().update_channel(call.cx()?, path.id("id")?, members).await?)
}

async fn remove(call: Call, path: Path) -> Answer {
    call.app.engine().delete_channel(call.cx()?, path.id("id")?).await?;
    empty()
}

async fn try_out(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().try_channel(call.cx()?, path.id("id")?).await?)
}

async fn deliveries(call: Call, Query(mut query): Query) -> Answer {
    let request = DeliveryRequest {
        channel: query.maybe_id("channel"),
        state: query.choice("state", &STATES).map(str::to_owned),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
    };
    query.finish()?;
    ok(&call.app.engine().deliveries(call.cx()?, request).await?)
}

async fn reach(call: Call) -> Answer {
    ok(&call.app.engine().reach(call.cx()?).await?)
}

async fn put_reach(call: Call, Body(changes): Body) -> Answer {
    ok(&call.app.engine().put_reach(call.cx()?, changes).await?)
}

async fn devices(call: Call) -> Answer {
    ok(&call.app.engine().devices(call.cx()?, call.visitor()?).await?)
}

async fn put_device(call: Call, body: Body) -> Answer {
    let mut shape = body.shape();
    let (endpoint, public_key) = (shape.text("endpoint"), shape.text("p256dh"));
    let device = Device { id: 0, endpoint, public_key, auth: shape.text("auth") };
    shape.finish()?;
    ok(&call.app.engine().put_device(call.cx()?, call.visitor()?, device).await?)
}

async fn delete_device(call: Call, path: Path) -> Answer {
    call.app.engine().delete_device(call.cx()?, path.id("id")?).await?;
    empty()
}

async fn greetings(call: Call) -> Answer {
    ok(&call.app.engine().greetings(call.cx()?).await?)
}

async fn approve_greeting(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let (subject, text) = (shape.maybe_text("subject"), shape.maybe_text("text"));
    shape.finish()?;
    ok(&call.app.engine().approve_greeting(call.cx()?, path.id("id")?, subject, text).await?)
}

async fn skip_greeting(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().skip_greeting(call.cx()?, path.id("id")?).await?)
}

async fn greeting_settings(call: Call) -> Answer {
    ok(&call.app.engine().greeting_settings(call.cx()?).await?)
}

async fn put_greeting_settings(call: Call, Body(changes): Body) -> Answer {
    ok(&call.app.engine().put_greeting_settings(call.cx()?, changes).await?)
}

pub const OPERATIONS: &[Operation] = &[
    operation(
        "listChannels",
        Verb::Get,
        "/channels",
        "通知渠道及其状况",
        "The channels and how they do",
        || get(list),
    )
    .answers(200, Answered::Json("Channels")),
    operation("createChannel", Verb::Post, "/channels", "新建通知渠道", "Set a channel up", || {
        post(create)
    })
    .body(Takes::Json("ChannelWritten"))
    .answers(201, Answered::Json("Channel")),
    operation(
        "updateChannel",
        Verb::Patch,
        "/channels/{id}",
        "修改通知渠道",
        "Change a channel",
        || patch(update),
    )
    .body(Takes::Json("ChannelWritten"))
    .answers(200, Answered::Json("Channel")),
    operation(
        "deleteChannel",
        Verb::Delete,
        "/channels/{id}",
        "删除通知渠道",
        "Remove a channel",
        || delete(remove),
    )
    .answers(204, Answered::Empty),
    operation(
        "tryChannel",
        Verb::Post,
        "/channels/{id}/test",
        "给自己发一条测试消息",
        "Send oneself a test message",
        || post(try_out),
    )
    .open_to(Access::Person)
    .answers(200, Answered::Json("ChannelTrial")),
    operation(
        "listDeliveries",
        Verb::Get,
        "/deliveries",
        "发送记录，新的在前",
        "What was sent, waits or failed, newest first",
        || get(deliveries),
    )
    .query(&[
        parameter("channel", Kind::Text, "只看这个渠道的", "Only through this channel"),
        parameter("state", Kind::Words(&STATES), "状态", "The state"),
        parameter("limit", Kind::Number, "每页条数，最多 200", "Items on a page, 200 at most"),
        CURSOR,
    ])
    .answers(200, Answered::Json("Deliveries"))
    .fails_with(&[Code::BadCursor, Code::Invalid]),
    operation(
        "readReach",
        Verb::Get,
        "/reach",
        "我希望怎样收到提醒",
        "How the caller wants to be reached",
        || get(reach),
    )
    .open_to(Access::Person)
    .answers(200, Answered::Json("Reach")),
    operation("putReach", Verb::Put, "/reach", "修改提醒方式", "Change how one is reached", || {
        put(put_reach)
    })
    .open_to(Access::Person)
    .body(Takes::Json("ReachWritten"))
    .answers(200, Answered::Json("Reach")),
    operation(
        "listPushDevices",
        Verb::Get,
        "/push",
        "我的哪些浏览器会弹出通知",
        "Which of the caller's browsers show notifications",
        || get(devices),
    )
    .open_to(Access::Person)
    .answers(200, Answered::Json("PushDevices")),
    operation(
        "putPushDevice",
        Verb::Put,
        "/push/device",
        "让当前浏览器弹出通知（Web Push 订阅）",
        "Have this browser show notifications (a subscription of Web Push)",
        || put(put_device),
    )
    .open_to(Access::Person)
    .body(Takes::Json("PushDeviceWritten"))
    .answers(200, Answered::Json("PushDevices"))
    .fails_with(&[Code::Conflict]),
    operation(
        "deletePushDevice",
        Verb::Delete,
        "/push/devices/{id}",
        "不再在这个浏览器弹出通知",
        "Have a browser show no more notifications",
        || delete(delete_device),
    )
    .open_to(Access::Person)
    .answers(204, Answered::Empty),
    operation(
        "listGreetings",
        Verb::Get,
        "/greetings",
        "待确认的祝福",
        "Greetings to be decided",
        || get(greetings),
    )
    .answers(200, Answered::Json("Greetings")),
    operation(
        "approveGreeting",
        Verb::Post,
        "/greetings/{id}/approve",
        "确认祝福，可修改内容",
        "Approve a greeting, perhaps in other words",
        || post(approve_greeting),
    )
    .body(Takes::Json("GreetingApproved"))
    .answers(200, Answered::Json("Greeting"))
    .fails_with(&[Code::Conflict]),
    operation(
        "skipGreeting",
        Verb::Post,
        "/greetings/{id}/skip",
        "不发这条祝福",
        "Don't send it",
        || post(skip_greeting),
    )
    .answers(200, Answered::Json("Greeting"))
    .fails_with(&[Code::Conflict]),
    operation(
        "readGreetingSettings",
        Verb::Get,
        "/greeting-settings",
        "祝福的模板和时间",
        "What greetings say, and when they are sent",
        || get(greeting_settings),
    )
    .answers(200, Answered::Json("GreetingSettings")),
    operation(
        "putGreetingSettings",
        Verb::Put,
        "/greeting-settings",
        "修改祝福的模板和时间",
        "Change what greetings say",
        || put(put_greeting_settings),
    )
    .body(Takes::Json("GreetingSettingsWritten"))
    .answers(200, Answered::Json("GreetingSettings")),
];
