//! Files: whoever may read the field that names one may read it, and nobody else.

use crate::harness::{Client, Reply, World};
use axum::http::Method;
use huike_engine::files::sweep::sweep;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR-a-picture-of-a-visit";
const PDF: &[u8] = b"%PDF-1.7 the-text-of-a-contract";

fn upload(client: &Client, name: &str, content: &[u8], more: &[(&str, &str)]) -> Reply {
    let mut body = Vec::new();
    for (member, text) in more {
        let part = format!("--edge\r\nContent-Disposition: form-data; name=\"{member}\"\r\n\r\n{text}\r\n");
        body.extend(part.as_bytes());
    }
    let part =
        format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    body.extend(part.as_bytes());
    body.extend(content);
    body.extend(b"\r\n--edge--\r\n");
    let client = client.clone().with("content-type", "multipart/form-data; boundary=edge");
    client.raw(Method::POST, "/api/v1/files", body)
}

fn uploaded(client: &Client, name: &str, content: &[u8]) -> String {
    upload(client, name, content, &[]).expect(201).id()
}

fn read(client: &Client, file: &str) -> Reply {
    client.get(&format!("/files/{file}"))
}

#[track_caller]
fn reads(client: &Client, file: &str, content: &[u8]) {
    assert!(read(client, file).expect(200).body == content);
}

/// What is answered is the very answer about a file that doesn't exist.
#[track_caller]
fn knows_nothing(client: &Client, file: &str) {
    assert_eq!(
        read(client, file).expect_problem("not_found"),
        read(client, NOWHERE).expect_problem("not_found")
    );
}

const NOWHERE: &str = "0000000000001";

fn me(client: &Client) -> Json {
    client.get("/session").json()["user"]["id"].clone()
}

/// A company with a salesperson and another, and a contract of the first one's customer.
struct Company {
    world: World,
    admin: Client,
    sales: Client,
    other: Client,
    customer: String,
    contract: String,
}

fn company(db: &TestDb) -> Company {
    let (world, admin) = World::founded(db);
    let (sales, other) = (world.person(&admin, "sales1", "sales"), world.person(&admin, "sales2", "sales"));
    let customer = sales.make("customer", json!({"name": "杭州示例科技有限公司"}));
    let contract = sales.make("contract", json!({"name": "年度供货", "customer": customer}));
    Company { world, admin, sales, other, customer, contract }
}

fn every_content(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { every_content(&path) } else { vec![path] }).collect()
}

fn contents(world: &World) -> Vec<PathBuf> {
    every_content(&world.app.engine().files().join("content"))
}

fn a_file_is_read_by_whoever_reads_the_field_that_names_it_and_by_nobody_else(db: &mut TestDb) {
    let Company { world, admin, sales, other, contract, .. } = company(db);
    let file = uploaded(&sales, "合同.pdf", PDF);
    reads(&sales, &file, PDF);
    knows_nothing(&other, &file);
    // Until it is attached it is its uploader's alone, whatever else somebody may do.
    knows_nothing(&admin, &file);
    let path = format!("/records/contract/{contract}");
    sales.patch(&path, &json!({"paper": [file]})).expect(200);
    reads(&sales, &file, PDF);
    reads(&admin, &file, PDF);
    knows_nothing(&other, &file);
    // Service sees contracts, but not this field of them.
    let service = world.person(&admin, "service1", "service");
    service.get(&path).expect(200);
    knows_nothing(&service, &file);
    world.stranger().get(&format!("/files/{file}")).expect_problem("not_signed_in");
    // Sharing the record shares the file; taking it back takes it back.
    let grantee = json!({"grantee": {"kind": "user", "id": me(&other)}, "level": "read"});
    let share = sales.post(&format!("{path}/shares"), &grantee).expect(201).id();
    reads(&other, &file, PDF);
    sales.delete(&format!("{path}/shares/{share}")).expect(204);
    knows_nothing(&other, &file);
    // Given away with its record, it is not its uploader's any more.
    admin.patch(&path, &json!({"owner": me(&other)})).expect(200);
    reads(&other, &file, PDF);
    knows_nothing(&sales, &file);
    // Out of the field, it is out of reach for those who had it by the field.
    other.patch(&path, &json!({"paper": null})).expect(200);
    knows_nothing(&other, &file);
}

fn a_file_of_others_can_not_be_taken_over_by_naming_it(db: &mut TestDb) {
    let Company { admin, sales, other, contract, .. } = company(db);
    let file = uploaded(&sales, "合同.pdf", PDF);
    let theirs = other.make("customer", json!({"name": "宁波海潮贸易有限公司"}));
    let named = |file: &str| json!({"name": "别人的合同", "customer": theirs, "paper": [file]});
    for attached in [false, true] {
        if attached {
            sales.patch(&format!("/records/contract/{contract}"), &json!({"paper": [file]})).expect(200);
        }
        let (taken, none) = (
            other.post("/records/contract", &named(&file)),
            other.post("/records/contract", &named(NOWHERE)),
        );
        assert_eq!(taken.faults(), ["paper unknown_reference"]);
        assert_eq!(taken.problem(), none.problem());
        let operations = json!({"mode": "each", "operations": [{"op": "create", "fields": named(&file)}]});
        let answer = other.post("/records/contract/batch", &operations).expect(200).json();
        assert_eq!(answer["results"][0]["status"], 422);
    }
    knows_nothing(&other, &file);
    // The record of the file is its uploader's, and attaching it elsewhere is too.
    let own = other.make("contract", json!({"name": "自己的合同", "customer": theirs}));
    other.patch(&format!("/records/file/{file}"), &json!({"object": "contract", "record": own})).expect(404);
    // Not even the uploader gets it back once it is somebody else's.
    admin.patch(&format!("/records/contract/{contract}"), &json!({"owner": me(&other)})).expect(200);
    let mine = sales.make("customer", json!({"name": "温州示例有限公司"}));
    let back = sales.patch(&format!("/records/file/{file}"), &json!({"object": "customer", "record": mine}));
    assert_eq!(back.faults(), ["record unknown_reference"]);
    knows_nothing(&sales, &file);
}

fn a_file_attached_to_a_record_as_a_whole_is_not_among_its_basic_fields(db: &mut TestDb) {
    let Company { admin, sales, other, customer, .. } = company(db);
    let on = [("object", "customer"), ("record", customer.as_str())];
    let file = upload(&sales, "名片.png", PNG, &on).expect(201).id();
    reads(&sales, &file, PNG);
    reads(&admin, &file, PNG);
    // Of a colleague's customer sales2 sees the name, and no more.
    other.get(&format!("/records/customer/{customer}")).expect(200);
    knows_nothing(&other, &file);
    let contract = sales.make("contract", json!({"name": "年度供货", "customer": customer}));
    let unseen = [("object", "contract"), ("record", contract.as_str())];
    assert_eq!(upload(&other, "a.png", PNG, &unseen).faults(), ["record unknown_reference"]);
    assert_eq!(upload(&other, "a.png", PNG, &[("object", "customer")]).faults(), ["record required"]);
    // Into the recycle bin and out again.
    sales.delete(&format!("/records/file/{file}")).expect(204);
    knows_nothing(&admin, &file);
    sales.post(&format!("/records/file/{file}/restore"), &json!({})).expect(200);
    reads(&admin, &file, PNG);
}

fn answers_show_the_files_of_readable_fields_with_name_kind_and_size(db: &mut TestDb) {
    let Company { sales, contract, customer, .. } = company(db);
    let file = uploaded(&sales, "C:\\扫描\\合同 一.pdf", PDF);
    let path = format!("/records/contract/{contract}");
    sales.patch(&path, &json!({"paper": [file]})).expect(200);
    let expected =
        json!([{"id": file, "name": "合同 一.pdf", "media_type": "application/pdf", "size": PDF.len()}]);
    assert_eq!(sales.get(&format!("{path}?expand=paper")).expect(200).json()["paper"], expected);
    assert_eq!(sales.get(&path).expect(200).json()["paper"], json!([file]));
    let list = sales.get("/records/contract?expand=paper,customer").expect(200).json();
    assert_eq!(list["items"][0]["paper"], expected);
    let history = sales.get(&format!("{path}/history")).expect(200).json();
    assert_eq!(history["items"][0]["changes"][0]["after"], expected);
    // What was read may be sent back.
    let other = json!({"name": "另一份", "customer": customer, "paper": expected});
    sales.post("/records/contract", &other).expect(201);
}

fn a_content_is_what_its_bytes_say_and_only_pictures_are_shown(db: &mut TestDb) {
    let Company { sales, customer, .. } = company(db);
    let page = b"<html><script>alert(1)</script></html>";
    for (name, content, media_type, how) in [
        ("a.html", page.as_slice(), "text/plain", "attachment"),
        ("a.svg", b"<svg onload='alert(1)'/>", "text/plain", "attachment"),
        ("合同.png", PDF, "application/pdf", "attachment"),
        ("现场.txt", PNG, "image/png", "inline"),
    ] {
        let reply = read(&sales, &uploaded(&sales, name, content)).expect(200);
        assert_eq!(reply.header("content-type"), media_type);
        assert!(reply.header("content-disposition").starts_with(&format!("{how}; filename=")));
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert!(reply.header("content-security-policy").contains("sandbox"));
        assert_eq!(reply.header("cache-control"), "private, no-cache");
    }
    let name = "\u{202e}gpj.合同.exe";
    let reply = read(&sales, &uploaded(&sales, name, b"MZ\0\x01")).expect(200);
    let expected = "attachment; filename=\"gpj.__.exe\"; filename*=UTF-8''gpj.%E5%90%88%E5%90%8C.exe";
    assert_eq!(reply.header("content-disposition"), expected);
    let (picture, paper) = (uploaded(&sales, "照片.png", PNG), uploaded(&sales, "合同.png", PDF));
    let visit =
        |photo: &str| json!({"kind": "visit", "customer": customer, "content": "拜访", "photos": [photo]});
    assert_eq!(sales.post("/records/interaction", &visit(&paper)).faults(), ["photos not_an_image"]);
    sales.post("/records/interaction", &visit(&picture)).expect(201);
}

fn parts_of_a_file_are_given_and_what_the_caller_has_is_not_sent_again(db: &mut TestDb) {
    let Company { sales, .. } = company(db);
    let content: Vec<u8> = (0..200_000_u32).map(|place| (place % 251) as u8).collect();
    let file = uploaded(&sales, "大.bin", &content);
    let whole = read(&sales, &file).expect(200);
    assert!(whole.body == content);
    assert_eq!((whole.header("accept-ranges"), whole.header("content-length")), ("bytes", "200000"));
    let part = |range: &str| read(&sales.clone().with("range", range), &file);
    for (range, expected) in [
        ("bytes=0-0", 0..1),
        ("bytes=65530-65550", 65_530..65_551),
        ("bytes=199990-", 199_990..200_000),
        ("bytes=-5", 199_995..200_000),
        ("bytes=10-9999999", 10..200_000),
    ] {
        let reply = part(range).expect(206);
        assert!(reply.body == content[expected.clone()], "{range}");
        let named = format!("bytes {}-{}/200000", expected.start, expected.end - 1);
        assert_eq!(reply.header("content-range"), named);
    }
    for whole in ["bytes=200000-", "bytes=5-4", "bytes=0-1,3-4", "lines=1-2", "bytes=x-"] {
        assert!(part(whole).expect(200).body == content, "{whole}");
    }
    let tag = whole.header("etag").to_owned();
    let known = read(&sales.clone().with("if-none-match", &tag), &file).expect(304);
    assert!(known.body.is_empty());
    let changed = sales.clone().with("range", "bytes=0-9").with("if-range", "\"another\"");
    assert!(read(&changed, &file).expect(200).body == content);
}

fn contents_lie_encrypted_and_the_same_one_once(db: &mut TestDb) {
    let Company { world, sales, other, .. } = company(db);
    let content = "机密报价单，仅供示例".repeat(10_000).into_bytes();
    let first = uploaded(&sales, "报价.txt", &content);
    assert_eq!(contents(&world).len(), 1);
    let second = uploaded(&other, "也是.txt", &content);
    assert_eq!(contents(&world).len(), 1);
    assert_ne!(first, second);
    reads(&sales, &first, &content);
    reads(&other, &second, &content);
    knows_nothing(&other, &first);
    let stored = std::fs::read(&contents(&world)[0]).unwrap();
    assert!(!stored.windows(12).any(|window| window == &content[..12]));
    // Altered on the disk, it is no content any more: the answer breaks off rather than to give something else.
    let mut altered = stored.clone();
    altered[100] ^= 1;
    std::fs::write(&contents(&world)[0], &altered).unwrap();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(&sales, &first))).is_err());
    std::fs::write(&contents(&world)[0], &stored).unwrap();
    reads(&sales, &first, &content);
}

fn what_is_too_large_empty_or_broken_leaves_nothing(db: &mut TestDb) {
    let (world, admin) = World::founded_with(db, &[("upload_limit_bytes", "100000")]);
    upload(&admin, "a.bin", &vec![1; 100_001], &[]).expect_problem("too_large");
    assert_eq!(upload(&admin, "a.txt", b"", &[]).faults(), ["file empty"]);
    assert_eq!(upload(&admin, "a.txt", b"x", &[("extra", "1")]).faults(), ["extra unknown_member"]);
    let form = admin.clone().with("content-type", "multipart/form-data; boundary=edge");
    let cut = b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf";
    form.raw(Method::POST, "/api/v1/files", cut.to_vec()).expect_problem("malformed");
    assert_eq!(form.raw(Method::POST, "/api/v1/files", b"--edge--\r\n".to_vec()).faults(), ["file required"]);
    admin.post("/files", &json!({})).expect_problem("unsupported_media");
    assert_eq!(contents(&world), Vec::<PathBuf>::new());
    let files = admin.get("/records/file").expect(200).json();
    assert_eq!(files["items"], json!([]));
    // Who may not make files may not upload them.
    let auditor = world.person(&admin, "audit1", "sysadmin");
    upload(&auditor, "a.txt", b"x", &[]).expect_problem("forbidden");
}

fn what_nothing_names_is_swept_away_after_a_day(db: &mut TestDb) {
    const HOUR: i64 = 3_600_000;
    let Company { world, sales, contract, .. } = company(db);
    let swept = || world.wait(sweep(world.app.engine())).unwrap();
    let (kept, gone) = (uploaded(&sales, "a.pdf", PDF), uploaded(&sales, "b.png", PNG));
    let again = uploaded(&sales, "b 副本.png", PNG);
    let path = format!("/records/contract/{contract}");
    sales.patch(&path, &json!({"paper": [kept, again]})).expect(200);
    db.clock.advance_ms(23 * HOUR);
    assert_eq!(swept(), 0);
    db.clock.advance_ms(2 * HOUR);
    let sales = world.sign_in("sales1", crate::harness::PASSWORD);
    assert_eq!(swept(), 1);
    knows_nothing(&sales, &gone);
    // The same content under another record stays.
    reads(&sales, &again, PNG);
    sales.patch(&path, &json!({"paper": [kept]})).expect(200);
    db.clock.advance_ms(23 * HOUR);
    assert_eq!(swept(), 0);
    db.clock.advance_ms(2 * HOUR);
    assert_eq!(swept(), 1);
    assert_eq!(contents(&world).len(), 1);
    let sales = world.sign_in("sales1", crate::harness::PASSWORD);
    reads(&sales, &kept, PDF);
    // In the recycle bin a record keeps its files.
    let admin = world.sign_in("admin", crate::harness::PASSWORD);
    admin.delete(&path).expect(204);
    db.clock.advance_ms(48 * HOUR);
    assert_eq!(swept(), 0);
    let admin = world.sign_in("admin", crate::harness::PASSWORD);
    reads(&admin, &kept, PDF);
}

fn a_folder_of_another_database_is_told_and_takes_no_file(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let ready = |client: &Client| client.raw(Method::GET, "/readyz", Vec::new());
    ready(&admin).expect(200);
    let file = uploaded(&admin, "a.pdf", PDF);
    let mark = world.app.engine().files().join("folder.mark");
    let text = std::fs::read_to_string(&mark).unwrap();
    std::fs::write(&mark, "of another database").unwrap();
    assert_eq!(ready(&admin).status, 503);
    upload(&admin, "b.pdf", PDF, &[]).expect_problem("unavailable");
    std::fs::remove_file(&mark).unwrap();
    assert_eq!(ready(&admin).status, 503);
    assert!(world.wait(sweep(world.app.engine())).is_err());
    std::fs::write(&mark, text).unwrap();
    ready(&admin).expect(200);
    reads(&admin, &file, PDF);
}

fn that_a_file_was_read_through_a_sensitive_field_is_written_down(db: &mut TestDb) {
    let Company { world, admin, sales, contract, .. } = company(db);
    let file = uploaded(&sales, "合同.pdf", PDF);
    sales.patch(&format!("/records/contract/{contract}"), &json!({"paper": [file]})).expect(200);
    world.wait(world.app.engine().write_reads()).unwrap();
    let count = || {
        let path = format!("/audit?object=contract&record={contract}&op=read");
        admin.get(&path).expect(200).json()["items"].as_array().unwrap().len()
    };
    let before = count();
    reads(&sales, &file, PDF);
    world.wait(world.app.engine().write_reads()).unwrap();
    assert_eq!(count(), before + 1);
}

huike_store::on_both_databases!(
    a_file_is_read_by_whoever_reads_the_field_that_names_it_and_by_nobody_else,
    a_file_of_others_can_not_be_taken_over_by_naming_it,
    a_file_attached_to_a_record_as_a_whole_is_not_among_its_basic_fields,
    answers_show_the_files_of_readable_fields_with_name_kind_and_size,
    a_content_is_what_its_bytes_say_and_only_pictures_are_shown,
    parts_of_a_file_are_given_and_what_the_caller_has_is_not_sent_again,
    contents_lie_encrypted_and_the_same_one_once,
    what_is_too_large_empty_or_broken_leaves_nothing,
    what_nothing_names_is_swept_away_after_a_day,
    a_folder_of_another_database_is_told_and_takes_no_file,
    that_a_file_was_read_through_a_sensitive_field_is_written_down,
);
