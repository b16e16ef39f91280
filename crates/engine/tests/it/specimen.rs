//! An object with a field of every type, and records of it: what properties are tried on.

use crate::company::{Company, members};
use serde_json::{Value as Json, json};

/// Field, type and what else its definition says, in the order of the form.
pub fn fields() -> Vec<Json> {
    let options = |values: &[&str]| -> Vec<Json> {
        values.iter().map(|value| json!({"value": value, "label": {"zh": value, "en": value}})).collect()
    };
    let field = |name: &str, kind: &str, more: Json| {
        let mut field =
            json!({"name": name, "type": kind, "label": {"zh": format!("字段{name}"), "en": name}});
        field.as_object_mut().unwrap().extend(members(more));
        field
    };
    vec![
        field("name", "text", json!({"required": true, "searchable": true, "sort": "pinyin"})),
        field("note", "long_text", json!({"searchable": true})),
        field("count", "integer", json!({})),
        field("size", "decimal", json!({"scale": 2})),
        field("price", "money", json!({})),
        field("share", "percent", json!({})),
        field("flag", "boolean", json!({})),
        field("day", "date", json!({})),
        field("moment", "datetime", json!({})),
        field("span", "duration", json!({})),
        field("kind", "choice", json!({"options": options(&["a", "b", "ab"])})),
        field("tags", "multi_choice", json!({"options": options(&["x", "y", "xy"])})),
        field("trade", "tree", json!({"tree": "industry"})),
        field("place", "tree", json!({"tree": "region"})),
        field("phone", "phone", json!({"searchable": true})),
        field("mail", "email", json!({"searchable": true})),
        field("web", "url", json!({})),
        field("home", "address", json!({})),
        field("customer", "lookup", json!({"reference": "customer", "on_delete": "clear"})),
        field("parent", "lookup", json!({"reference": "specimen", "on_delete": "clear"})),
        field("helper", "user", json!({})),
        field("unit", "department", json!({})),
        field("serial", "auto_number", json!({"format": "S-{seq:3}", "unique": true})),
        field("doubled", "formula", json!({"formula": "count * 2.0", "result": "integer"})),
        field(
            "children",
            "rollup",
            json!({"rollup": {"object": "specimen", "via": "parent", "kind": "count"}}),
        ),
        field("papers", "file", json!({})),
        field("photo", "image", json!({})),
        field("spot", "location", json!({})),
        field("credit", "credit_code", json!({})),
        field("card", "id_card", json!({})),
        field("stars", "rating", json!({})),
        field("extra", "json", json!({})),
        field("secret", "text", json!({"level": "sensitive", "encrypted": true, "searchable": true})),
    ]
}

/// Values that a field of this name takes, and may be compared with.
pub fn samples(name: &str) -> Vec<Json> {
    let list = match name {
        "name" | "secret" => json!([
            "Ab",
            "ab c",
            "aB",
            "É",
            "é",
            "100%_a",
            "a\\b",
            "it's",
            "重庆单女士",
            "阿里",
            "Ｆｕｌｌ",
            "😀"
        ]),
        "note" => json!(["Ab\nsecond", "谈了价格 100%", "É\\_%", "é"]),
        "count" | "doubled" => json!([0, -3, 7, 14, 2_000_000]),
        "children" => json!([0, 1, 2]),
        "size" => json!([0, -0.5, 12.25, 99999999.99]),
        "price" => json!([0, 0.01, 1250.5]),
        "share" => json!([0, 12.5, 100]),
        "flag" => json!([true, false]),
        "day" => json!(["2026-03-02", "2026-02-28", "2025-12-31", "1969-12-31"]),
        "moment" => json!([
            "2026-03-02T01:00:00Z",
            "2026-03-01T15:59:59Z",
            "2026-02-28T16:00:00Z",
            "1969-12-31T23:00:00Z"
        ]),
        "span" => json!([0, 30, 90]),
        "kind" => json!(["a", "b", "ab"]),
        "tags" => json!([["x"], ["x", "y"], ["xy"], ["y", "xy"]]),
        "trade" => json!(["C", "C34", "C35", "I65", "I"]),
        "place" => json!(["330000", "330100", "330106", "310000", "310115"]),
        "phone" => json!(["16420031240", "0571-98881234", "+12025550123"]),
        "mail" => json!(["zhang@example.com", "LI@example.cn"]),
        "web" => json!(["https://example.com/a", "https://example.cn"]),
        "home" => {
            json!([{"region": "330106", "detail": "文三路 100 号"}, {"region": "310115", "detail": "A 座 É"}, {"region": "330100", "detail": ""}])
        }
        "spot" => json!([{"lat": 30.25, "lng": 120.15}]),
        "credit" => json!(["91330106YY000001XD", "91310115YY00000286"]),
        "card" => json!(["110101199003070038", "110101199003071006"]),
        "stars" => json!([1, 3, 5]),
        "extra" => json!([{"a": 1}, ["b"]]),
        _ => json!([]),
    };
    list.as_array().unwrap().clone()
}

/// A small picture among the files of the company; its id.
fn picture(company: &Company, place: u8) -> String {
    let taken = async {
        let mut incoming = company.engine.receive_file(company.system()).await?;
        incoming.write([b"\x89PNG\r\n\x1a\n".as_slice(), &[place]].concat()).await?;
        company.engine.keep_file(company.system(), incoming, &format!("{place}.png"), None).await
    };
    company.wait(taken).unwrap()["id"].as_str().unwrap().to_owned()
}

pub struct World {
    pub company: Company,
    pub users: Vec<String>,
    pub departments: Vec<String>,
    pub customers: Vec<String>,
    /// Pictures, so that they may stand in every field of files.
    pub files: Vec<String>,
    pub specimens: Vec<String>,
}

impl World {
    /// A company of three people in a tree of departments, some customers, and `count` specimens with values in every combination that
    /// a fixed sequence brings; some are deleted again.
    pub fn new(db: &huike_store::testing::TestDb, count: usize) -> World {
        let company = Company::new(db);
        let definition = json!({"name": "specimen", "label": {"zh": "样本", "en": "Specimen"}, "search": true, "timeline": true, "fields": fields()});
        company.wait(company.engine.add_object(company.system(), definition)).unwrap();
        let top = company.department("总部", None);
        let below = company.department("销售部", Some(&top));
        let lowest = company.department("华南组", Some(&below));
        let departments = vec![top, below, lowest];
        let users = vec![
            company.hire("boss", "admin", Some(&departments[0])),
            company.hire("anna", "admin", Some(&departments[1])),
            company.hire("bob", "admin", Some(&departments[2])),
            company.hire("carl", "admin", None),
        ];
        let system = company.system();
        let mut customers: Vec<String> = Vec::new();
        for (place, name) in ["甲公司", "Beta 公司", "丙公司", "丁公司"].into_iter().enumerate() {
            let parent = (place > 0).then(|| &customers[place - 1]);
            let relation = parent.map(|_| "branch");
            let tier = ["a", "b"][place % 2];
            let body = json!({"name": name, "owner": users[place], "parent": parent, "parent_relation": relation, "tier": tier,
                "mobile": (place % 2 == 0).then_some("16420031240")});
            customers.push(company.create(&system, "customer", body));
        }
        let files = (0..4).map(|place| picture(&company, place)).collect();
        let mut world = World { company, users, departments, customers, files, specimens: Vec::new() };
        world.populate(count);
        world
    }

    fn populate(&mut self, count: usize) {
        let mut dice = Dice(20_260_302);
        for place in 0..count {
            let mut body = json!({"name": format!("样本{place}")});
            for field in fields() {
                let name = field["name"].as_str().unwrap();
                let choices = match name {
                    "customer" => self.customers.iter().map(|id| json!(id)).collect(),
                    "parent" => self.specimens.iter().map(|id| json!(id)).collect(),
                    "helper" => self.users.iter().map(|id| json!(id)).collect(),
                    "unit" => self.departments.iter().map(|id| json!(id)).collect(),
                    "papers" | "photo" => self.files.windows(2).map(|pair| json!(pair)).collect(),
                    "serial" | "doubled" | "children" => Vec::new(),
                    name => samples(name),
                };
                if !choices.is_empty() && (dice.below(4) > 0) {
                    body[name] = choices[dice.below(choices.len())].clone();
                }
            }
            if dice.below(3) > 0 {
                body["owner"] = json!(self.users[dice.below(self.users.len())]);
            }
            self.company.clock.advance_ms(dice.below(3) as i64 * 1000);
            let id = self.company.create(&self.company.system(), "specimen", body);
            self.specimens.push(id);
        }
        for id in self.specimens.iter().step_by(9) {
            self.company.delete(&self.company.system(), "specimen", id);
        }
    }
}

/// A small sequence of numbers that looks random (Marsaglia, Xorshift RNGs, 2003).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
