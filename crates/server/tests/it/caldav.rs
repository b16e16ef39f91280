//! Tasks in calendar programs, asked as such programs ask: discovery, properties, queries, items with their conditions.

use crate::harness::{Client, Reply, World};
use axum::http::Method;
use huike_store::testing::TestDb;
use serde_json::json;

/// What `python-caldav`, DAVx⁵ and Apple's programs begin with.
const WHO: &str = r#"<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:current-user-principal/></d:prop></d:propfind>"#;
const HOME: &str = r#"<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><c:calendar-home-set/></d:prop></d:propfind>"#;
const CALENDARS: &str = r#"<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/" xmlns:A="http://apple.com/ns/ical/">
    <prop><resourcetype/><displayname/><C:supported-calendar-component-set/><CS:getctag/><A:calendar-color/></prop></propfind>"#;
const QUERY: &str = r#"<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/></D:prop>
    <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VTODO"/></C:comp-filter></C:filter></C:calendar-query>"#;

fn ask(client: &Client, method: &str, path: &str, body: &str) -> Reply {
    client.raw(method.parse::<Method>().unwrap(), path, body.as_bytes().to_vec())
}

/// `user:key` in base64 (RFC 7617).
fn basic(key: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = format!("anybody:{key}");
    let mut out = String::from("Basic ");
    for chunk in text.as_bytes().chunks(3) {
        let mut three = [0u8; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let number = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place)) as usize & 63];
            out.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

fn key(client: &Client) -> String {
    let made = client.post("/keys", &json!({"name": "手机", "scopes": ["calendar"]})).expect(201).json();
    made["key"].as_str().unwrap().to_owned()
}

fn todo(summary: &str, more: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:phone-1\r\nSUMMARY:{summary}\r\nDUE:20301120T040000Z\r\n{more}END:VTODO\r\nEND:VCALENDAR\r\n"
    )
}

fn a_calendar_program_finds_reads_writes_and_removes_tasks(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    admin.make("task", json!({"title": "回访客户", "due_at": "2030-11-20T04:00:00Z"}));
    let phone = world.stranger().with("authorization", &basic(&key(&admin)));
    assert_eq!(ask(&phone, "PROPFIND", "/.well-known/caldav", WHO).expect(301).header("location"), "/dav/");
    assert!(
        ask(&phone, "PROPFIND", "/dav/", WHO).expect(207).text().contains("<d:href>/dav/principal/</d:href>")
    );
    assert!(
        ask(&phone, "PROPFIND", "/dav/principal/", HOME)
            .expect(207)
            .text()
            .contains("<d:href>/dav/calendars/</d:href>")
    );
    let calendars =
        ask(&phone.clone().with("depth", "1"), "PROPFIND", "/dav/calendars/", CALENDARS).expect(207).text();
    for wanted in [
        "<d:href>/dav/calendars/tasks/</d:href>",
        "<c:comp name=\"VTODO\"/>",
        "<c:calendar/>",
        "404 Not Found",
    ] {
        assert!(calendars.contains(wanted), "{wanted} in {calendars}");
    }
    let found = ask(&phone, "REPORT", "/dav/calendars/tasks/", QUERY).expect(207).text();
    assert!(found.contains("SUMMARY:回访客户") && found.contains("getetag"), "{found}");
    // A task of the program's own.
    let item = "/dav/calendars/tasks/phone-1.ics";
    let fresh = phone.clone().with("if-none-match", "*");
    ask(&fresh, "PUT", item, &todo("寄样品", "")).expect(201);
    ask(&fresh, "PUT", item, &todo("寄样品", "")).expect(412);
    let read = ask(&phone, "GET", item, "").expect(200);
    let tag = read.header("etag").to_owned();
    assert!(
        read.text().contains("SUMMARY:寄样品") && read.header("content-type").starts_with("text/calendar")
    );
    ask(&phone.clone().with("if-match", &tag), "PUT", item, &todo("寄样品", "STATUS:COMPLETED\r\n"))
        .expect(204);
    ask(&phone.clone().with("if-match", &tag), "PUT", item, &todo("晚了", "")).expect(412);
    let multiget = format!(
        r#"<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop><D:href>{item}</D:href><D:href>/dav/calendars/tasks/gone.ics</D:href></C:calendar-multiget>"#
    );
    let found = ask(&phone, "REPORT", "/dav/calendars/tasks/", &multiget).expect(207).text();
    assert!(found.contains("STATUS:COMPLETED") && found.contains("404 Not Found"), "{found}");
    let listed = admin.get("/records/task?filter=%7B%22field%22%3A%22status%22%2C%22op%22%3A%22eq%22%2C%22value%22%3A%22done%22%7D").expect(200).json();
    assert_eq!(listed["items"][0]["title"], "寄样品");
    ask(&phone, "DELETE", item, "").expect(204);
    ask(&phone, "GET", item, "").expect(404);
    for (method, path, body, status) in [
        ("PUT", item, "no calendar", 403),
        ("PUT", item, &*todo("x", "RRULE:FREQ=MINUTELY\r\n"), 403),
        ("PROPFIND", "/dav/", "<not xml", 400),
        ("PROPFIND", "/dav/nowhere/", WHO, 404),
        ("MKCALENDAR", "/dav/calendars/mine/", "", 404),
        ("REPORT", "/dav/calendars/tasks/", "<sync-collection xmlns=\"DAV:\"/>", 403),
        ("PROPPATCH", "/dav/calendars/tasks/", WHO, 405),
    ] {
        ask(&phone, method, path, body).expect(status);
    }
}

fn nobody_enters_the_calendar_without_its_key(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let stranger = world.stranger();
    let reply = ask(&stranger, "PROPFIND", "/dav/", WHO).expect(401);
    assert!(reply.header("www-authenticate").starts_with("Basic"));
    ask(&admin, "PROPFIND", "/dav/", WHO).expect(401);
    let plain = admin.post("/keys", &json!({"name": "程序", "scopes": ["read", "write"]})).expect(201).json();
    let plain = plain["key"].as_str().unwrap();
    ask(&stranger.clone().with("authorization", &basic(plain)), "PROPFIND", "/dav/", WHO).expect(401);
    ask(&stranger, "GET", &format!("/calendar/{plain}.ics"), "").expect(404);
    let calendar = key(&admin);
    stranger
        .clone()
        .with("authorization", &format!("Bearer {calendar}"))
        .get("/records/task")
        .expect_problem("not_signed_in");
    admin.make("task", json!({"title": "回访客户", "due_at": "2030-11-20T04:00:00Z"}));
    let feed = ask(&stranger, "GET", &format!("/calendar/{calendar}.ics"), "").expect(200);
    assert!(feed.text().starts_with("BEGIN:VCALENDAR") && feed.text().contains("SUMMARY:回访客户"));
    let keys = admin.get("/keys").expect(200).json();
    let id = keys["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["scopes"] == json!(["calendar"]))
        .unwrap()["id"]
        .clone();
    admin.delete(&format!("/keys/{}", id.as_str().unwrap())).expect(204);
    ask(&stranger, "GET", &format!("/calendar/{calendar}.ics"), "").expect(404);
}

huike_store::on_both_databases!(
    a_calendar_program_finds_reads_writes_and_removes_tasks,
    nobody_enters_the_calendar_without_its_key,
);
