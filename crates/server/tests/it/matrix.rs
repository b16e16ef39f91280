//! Who may do what, tried through HTTP: every standard role × every object × every action × every level of fields, on records of one's
//! own, of a colleague in the same department, and of somebody in another. The result is matrix.txt, which a reviewer reads as a diff.

use crate::harness::{Client, World};
use axum::http::Method;
use huike_store::testing::TestDb;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/matrix.txt");

const LEGEND: &str = "\
# Made by the tests through HTTP. To write it anew: HUIKE_WRITE_MATRIX=1 cargo nextest run -p huike-server on_sqlite::the_matrix
#
# role
#   object: what may be done with the object
#     whose record  what may be done with it   each level with how far its fields are opened [fields that differ]
# `as …` repeats the line named; an object that a role knows nothing of has no line.
";

const LEVELS: [&str; 4] = ["general", "business", "sensitive", "core"];
const WHOSE: [&str; 3] = ["own", "colleague", "other"];

/// An object as the administrator knows it, with a record for each owner.
struct Subject {
    name: String,
    fields: Vec<Json>,
    records: [String; 3],
    /// What an update sends: every field that can be written at all, as it is.
    bodies: [Map<String, Json>; 3],
}

/// Makes records of any object from nothing but the dictionary.
struct Maker<'a> {
    admin: &'a Client,
    objects: HashMap<String, Json>,
    /// One record of each object for others to refer to.
    made: HashMap<String, String>,
    department: String,
    user: String,
    count: u32,
}

impl Maker<'_> {
    fn referred(&mut self, object: &str) -> Option<String> {
        match object {
            "user" => return Some(self.user.clone()),
            "department" => return Some(self.department.clone()),
            _ => {}
        }
        if let Some(id) = self.made.get(object) {
            return Some(id.clone());
        }
        // Against circles: whoever asks again meanwhile goes without.
        self.made.insert(object.to_owned(), String::new());
        let id = self.make(object, None);
        self.made.insert(object.to_owned(), id.clone());
        Some(id)
    }

    fn make(&mut self, object: &str, owner: Option<&str>) -> String {
        self.count += 1;
        let number = self.count;
        let fields = self.objects[object]["fields"].as_array().expect("an object has fields").clone();
        let mut body = Map::new();
        for field in fields.iter().filter(|field| field["read_only"] == false && field["system"] == false) {
            let value = self.value(object, field, number);
            if !value.is_null() && value != "" {
                body.insert(field["name"].as_str().expect("a field has a name").to_owned(), value);
            }
        }
        body.extend(owner.map(|owner| ("owner".to_owned(), json!(owner))));
        for _ in 0..4 {
            let reply = self
                .admin
                .post(&format!("/records/{object}?on_duplicate=allow"), &Json::Object(body.clone()));
            if reply.status == 201 {
                return reply.id();
            }
            let faults = reply.faults();
            let before = body.len();
            for fault in &faults {
                // A value that this test can't know how to make is left out where that is possible.
                body.remove(fault.split(' ').next().unwrap_or_default());
            }
            assert!(body.len() < before, "no {object} can be made: {}", reply.text());
        }
        panic!("no {object} can be made of {body:?}");
    }

    fn value(&mut self, object: &str, field: &Json, number: u32) -> Json {
        let name = field["name"].as_str().unwrap_or_default();
        let first = |field: &Json| {
            let options = field["options"].as_array().cloned().unwrap_or_default();
            options
                .iter()
                .find(|option| option["retired"] != true)
                .map_or(Json::Null, |option| option["value"].clone())
        };
        match field["type"].as_str().unwrap_or_default() {
            "text" => {
                let most = field["max_length"].as_u64().filter(|most| *most > 0).unwrap_or(40);
                json!(format!("{name}{number}").chars().take(most.min(40) as usize).collect::<String>())
            }
            "long_text" => json!(format!("{object} {number}")),
            "integer" | "decimal" | "money" | "percent" | "duration" | "rating" => {
                match field["min"].as_f64() {
                    Some(least) if least > 1.0 => json!(least),
                    _ => json!(1),
                }
            }
            "boolean" => json!(true),
            "date" => json!("2026-03-02"),
            "datetime" => json!("2026-03-02T02:00:00Z"),
            "choice" => first(field),
            "multi_choice" => json!([first(field)]),
            "tree" => json!(if field["tree"] == "region" { "330106" } else { "C" }),
            "phone" => json!(format!("+86138{number:08}")),
            "email" => json!(format!("p{number}@example.com")),
            "url" => json!(format!("https://example.com/{number}")),
            "address" => json!({"region": "330106", "detail": "文三路 100 号"}),
            "location" => json!({"lat": 30.27, "lng": 120.15}),
            "credit_code" => json!(credit_code(number)),
            "id_card" => json!(id_card(number)),
            "user" => json!(self.user),
            "department" => json!(self.department),
            "lookup" if field["reference"] == object => Json::Null,
            "lookup" => {
                self.referred(field["reference"].as_str().unwrap_or_default()).map_or(Json::Null, Json::from)
            }
            "json" => json!({}),
            _ => Json::Null,
        }
    }
}

/// An invented unified social credit code with its check character (GB 32100-2015).
fn credit_code(number: u32) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let body = format!("91330106{number:09}");
    let sum: usize = body
        .chars()
        .zip(WEIGHTS)
        .map(|(c, weight)| ALPHABET.find(c).expect("of the alphabet") * weight)
        .sum();
    format!("{body}{}", ALPHABET.as_bytes()[(31 - sum % 31) % 31] as char)
}

/// An invented citizen's number with its check character (GB 11643-1999).
fn id_card(number: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("33010619900101{:03}", number % 1_000);
    let sum: u32 =
        body.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(10).expect("a digit") * weight).sum();
    format!("{body}{}", "10X98765432".as_bytes()[(sum % 11) as usize] as char)
}

fn the_matrix_is_as_committed(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let user_id = |client: &Client| {
        client.get("/session").expect(200).json()["user"]["id"].as_str().expect("an id").to_owned()
    };
    let department = |name: &str| admin.make("department", json!({"name": name}));
    let (mine, elsewhere) = (department("甲部"), department("乙部"));
    let person = |login: &str, department: &str| {
        let client = world.person(&admin, login, "sales");
        admin
            .patch(&format!("/records/user/{}", user_id(&client)), &json!({"department": department}))
            .expect(200);
        client
    };
    let (me, colleague, other) =
        (person("me", &mine), person("colleague", &mine), person("other", &elsewhere));
    let owners = [&me, &colleague, &other].map(user_id);
    let subjects = subjects(&admin, &owners, &elsewhere);
    let roles = admin.get("/records/role?sort=created_at&limit=200").expect(200).json();
    let mut out = LEGEND.to_owned();
    for role in
        roles["items"].as_array().expect("a list has items").iter().filter(|role| !role["code"].is_null())
    {
        admin.put(&format!("/users/{}/roles", owners[0]), &json!([role["id"]])).expect(204);
        let _ = write!(out, "\n{}\n", role["code"].as_str().unwrap_or_default());
        for subject in &subjects {
            out.push_str(&Attempt { me: &me, subject, grantee: &owners[2] }.block());
        }
    }
    if std::env::var_os("HUIKE_WRITE_MATRIX").is_some() {
        std::fs::write(FILE, &out).expect("the matrix can be written");
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    let differing: Vec<String> = out
        .lines()
        .zip(committed.lines().chain(std::iter::repeat("")))
        .enumerate()
        .filter(|(_, (now, then))| now != then)
        .take(20)
        .map(|(line, (now, then))| format!("{}: now  {now}\n     then {then}", line + 1))
        .collect();
    assert!(out == committed, "matrix.txt differs:\n{}", differing.join("\n"));
}

fn subjects(admin: &Client, owners: &[String; 3], elsewhere: &str) -> Vec<Subject> {
    let dictionary = admin.get("/dictionary").expect(200).json();
    let objects: Vec<Json> = dictionary["objects"].as_array().expect("a dictionary has objects").clone();
    let by_name =
        objects.iter().map(|object| (object["name"].as_str().unwrap_or_default().to_owned(), object.clone()));
    let mut maker = Maker {
        admin,
        objects: by_name.collect(),
        made: HashMap::new(),
        department: elsewhere.to_owned(),
        user: admin.get("/session").json()["user"]["id"].as_str().expect("an id").to_owned(),
        count: 0,
    };
    let mut subjects = Vec::new();
    for object in &objects {
        let name = object["name"].as_str().unwrap_or_default().to_owned();
        let fields: Vec<Json> = object["fields"].as_array().expect("an object has fields").clone();
        let records = owners.clone().map(|owner| maker.make(&name, Some(&owner)));
        let bodies = records.clone().map(|id| {
            let record = admin.get(&format!("/records/{name}/{id}")).expect(200).json();
            let written = fields
                .iter()
                .filter(|field| field["read_only"] == false)
                .filter_map(|field| field["name"].as_str());
            written.filter_map(|field| Some((field.to_owned(), record.get(field)?.clone()))).collect()
        });
        subjects.push(Subject { name, fields, records, bodies });
    }
    subjects
}

/// One role with one object.
struct Attempt<'a> {
    me: &'a Client,
    subject: &'a Subject,
    grantee: &'a str,
}

impl Attempt<'_> {
    fn block(&self) -> String {
        let object = &self.subject.name;
        let known = self.allowed(&self.me.get(&format!("/records/{object}?limit=1")));
        let mut may = Vec::new();
        may.extend(known.then_some("list"));
        may.extend(
            self.allowed(&self.me.post(&format!("/records/{object}"), &json!({}))).then_some("create"),
        );
        may.extend(self.allowed(&self.import()).then_some("import"));
        may.extend(
            self.allowed(&self.me.post(&format!("/records/{object}/export"), &json!({}))).then_some("export"),
        );
        if may.is_empty() {
            return String::new();
        }
        let mut out = format!("  {object}: {}\n", may.join(" "));
        let mut lines: Vec<(usize, String)> = Vec::new();
        for (place, whose) in WHOSE.iter().enumerate() {
            let line = self.record(place);
            match lines.iter().find(|(_, earlier)| *earlier == line) {
                Some((earlier, _)) => {
                    let _ = writeln!(out, "    {:<10} as {}", whose, WHOSE[*earlier]);
                }
                None => {
                    let _ = writeln!(out, "    {:<10} {line}", whose);
                    lines.push((place, line));
                }
            }
        }
        out
    }

    /// Whether the caller was let through to where only the request itself could be wrong.
    fn allowed(&self, reply: &crate::harness::Reply) -> bool {
        match reply.status.as_u16() {
            403 | 404 => false,
            200..300 | 409 | 412 | 422 => true,
            _ => panic!("{}: {}", self.subject.name, reply.text()),
        }
    }

    fn import(&self) -> crate::harness::Reply {
        let name = &self.subject.name;
        let body = format!(
            "--e\r\nContent-Disposition: form-data; name=\"object\"\r\n\r\n{name}\r\n--e\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nA,B\n1,2\n\r\n--e--\r\n"
        );
        let client = self.me.clone().with("content-type", "multipart/form-data; boundary=e");
        client.raw(Method::POST, "/api/v1/imports", body.into_bytes())
    }

    fn record(&self, place: usize) -> String {
        let path = format!("/records/{}/{}", self.subject.name, self.subject.records[place]);
        let read = self.me.get(&path);
        if !self.allowed(&read) {
            return "-".to_owned();
        }
        let record = read.json();
        // A version that never is: whoever may delete is told that it is stale, and nothing is deleted.
        let delete = self.me.clone().with("if-match", "\"999999\"").delete(&path);
        let share = json!({"grantee": {"kind": "user", "id": self.grantee}, "level": "read"});
        let shared = self.me.post(&format!("{path}/shares"), &share);
        let update = self.me.clone().with("if-match", "\"999999\"").patch(&path, &json!({}));
        let mut may = vec!["read"];
        let updates = self.allowed(&update);
        may.extend(updates.then_some("update"));
        may.extend(self.allowed(&delete).then_some("delete"));
        may.extend(self.allowed(&shared).then_some("share"));
        let refused = if updates {
            self.refused(&path, place)
        } else {
            self.subject.bodies[place].keys().cloned().collect()
        };
        format!("{:<26} {}", may.join(" "), self.levels(&record, &refused))
    }

    /// The fields that an update may not set.
    fn refused(&self, path: &str, place: usize) -> Vec<String> {
        let reply = self.me.patch(path, &Json::Object(self.subject.bodies[place].clone()));
        match reply.status.as_u16() {
            200 => Vec::new(),
            422 => reply
                .faults()
                .iter()
                .map(|fault| fault.split(' ').next().unwrap_or_default().to_owned())
                .collect(),
            _ => panic!("{path}: {}", reply.text()),
        }
    }

    fn levels(&self, record: &Json, refused: &[String]) -> String {
        let masked = record["_masked"].as_array().cloned().unwrap_or_default();
        let mut levels: BTreeMap<usize, Vec<(&str, &str, bool)>> = BTreeMap::new();
        for field in &self.subject.fields {
            let name = field["name"].as_str().unwrap_or_default();
            let level =
                LEVELS.iter().position(|level| field["level"] == *level).expect("a field has a level");
            let written = field["read_only"] == false;
            let open = if record.get(name).is_none() {
                "hidden"
            } else if masked.contains(&json!(name)) {
                "masked"
            } else if written && !refused.contains(&name.to_owned()) {
                "write"
            } else {
                "read"
            };
            levels.entry(level).or_default().push((name, open, written));
        }
        let words = levels.iter().map(|(level, fields)| {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            let writable = fields.iter().any(|(_, _, written)| *written);
            for (_, open, _) in fields.iter().filter(|(_, _, written)| *written || !writable) {
                *counts.entry(open).or_default() += 1;
            }
            let usual = counts
                .iter()
                .max_by_key(|(open, count)| (**count, **open))
                .map_or("hidden", |(open, _)| open);
            // What nobody writes is read where the rest is written.
            let expected = |written: bool| if usual == "write" && !written { "read" } else { usual };
            let differing: Vec<String> = fields
                .iter()
                .filter(|(_, open, written)| *open != expected(*written))
                .map(|(name, open, _)| format!("{name}={open}"))
                .collect();
            let differing =
                if differing.is_empty() { String::new() } else { format!("[{}]", differing.join(" ")) };
            format!("{}={usual}{differing}", LEVELS[*level])
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

huike_store::on_both_databases!(the_matrix_is_as_committed);
