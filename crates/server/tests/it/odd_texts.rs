//! Texts that nobody types and that arrive all the same, through everything that compares names: a clear answer each time.

use crate::harness::World;
use huike_engine::Stopwatch;
use huike_store::testing::TestDb;
use serde_json::json;
use std::time::Duration;

/// Nothing that compares two texts may take longer, whatever they are; a quadratic comparison of the longest takes minutes.
const PATIENCE: Duration = Duration::from_secs(20);

fn odd() -> Vec<String> {
    vec![
        "🏭🚀🎉".into(),
        "👨‍👩‍👧‍👦 家庭公司 👍🏽".into(),
        "شركة الأمل للتجارة".into(),
        "\u{202e}有限公司\u{202c}杭州".into(),
        "Ｈàng州 Ωмега 株式会社 서울 有限公司".into(),
        "e\u{301}".repeat(60),
        "（((【【】】)))）".into(),
        "\u{200b}\u{200b}".into(),
        "0".repeat(200),
        "公司".repeat(100),
        "a\u{0}b".into(),
        "名称\u{7}".into(),
    ]
}

/// Longer than any field.
fn long() -> Vec<String> {
    ["长", "🏭", "a ", "()", "有限公司", "\u{202e}x", "é"]
        .map(|text| text.repeat(200_000 / text.chars().count()))
        .to_vec()
}

fn odd_names_are_compared_made_and_merged_or_refused_with_a_reason(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let begun = Stopwatch::start();
    let mut made = Vec::new();
    for name in odd().into_iter().chain(long()).chain([String::new(), "   ".into(), "\n\t".into()]) {
        let shown: String = name.chars().take(20).collect();
        let body = json!({"fields": {"name": name, "phone": name, "email": name, "short_name": name}});
        let reply = admin.post("/records/customer/duplicates", &body);
        assert!(reply.status.as_u16() < 500, "check {shown:?}: {}", reply.text());
        for fields in [json!({"name": name}), json!({"name": name, "remark": name, "aliases": name})] {
            let reply = admin.post("/records/customer?on_duplicate=allow", &fields);
            if reply.status == 201 {
                made.push(reply.id());
            } else {
                // More than a request may hold is told as such.
                let code = reply.problem()["code"].clone();
                assert!(code == "invalid" || code == "too_large", "{shown:?}: {code}");
            }
        }
        let reply = admin.post("/records/customer/paste", &json!({"text": name}));
        assert!(reply.status.is_success() || reply.status == 422, "paste {shown:?}: {}", reply.status);
        let told = admin.get(&format!("/search?q={}", urlencoded(&shown)));
        assert!(told.status.as_u16() < 500, "search {shown:?}: {}", told.text());
    }
    assert!(made.len() >= 12, "most odd names are names all the same: {}", made.len());
    // The desk looks at all of them at once, and they are merged into one.
    admin.send(axum::http::Method::POST, "/records/customer/duplicate-run", None).expect(202);
    let run = loop {
        let run = admin.get("/records/customer/duplicate-run").expect(200).json()["run"]["state"].clone();
        if run != "running" {
            break run;
        }
        world.wait(async { tokio::time::sleep(Duration::from_millis(20)).await });
    };
    assert_eq!(run, "done");
    admin.get("/records/customer/duplicate-groups").expect(200);
    let (winner, losers) = (made[0].clone(), &made[1..]);
    for loser in losers {
        let body = json!({"winner": winner, "losers": [loser]});
        let merged = admin.post("/records/customer/merge", &body);
        assert!(merged.status == 200 || merged.status == 422, "{}", merged.text());
    }
    assert!(admin.get(&format!("/records/customer/{winner}")).expect(200).json()["name"].is_string());
    assert!(begun.elapsed() < PATIENCE * 6, "{:?}", begun.elapsed());
}

fn a_field_of_200_000_characters_is_refused_at_its_place(db: &mut TestDb) {
    let (_, admin) = World::founded_with(db, &[("body_limit_bytes", "16000000")]);
    for text in long() {
        let begun = Stopwatch::start();
        let refused = admin.post("/records/customer", &json!({"name": text, "phone": text, "website": text}));
        let told = refused.expect_problem("invalid")["errors"].to_string();
        for field in ["name", "phone", "website"] {
            assert!(told.contains(&format!("\"field\":\"{field}\"")), "{field}: {told}");
        }
        assert!(told.len() < 5_000, "what was sent is not sent back");
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    }
}

#[test]
fn a_spreadsheet_of_odd_texts_is_searched_for_duplicates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.csv");
    // A control character makes a file one of bytes, which is refused as a whole.
    let plain = |text: &String| text.replace(|c: char| c == '"' || c.is_control(), "");
    let quoted = |text: &String| format!("\"{}\",0571-84110022\n", plain(text));
    let long: String = "长".repeat(30_000);
    let mut rows: Vec<String> = odd().iter().map(quoted).collect();
    rows.extend((0..3_000).map(|_| "示例贸易有限公司,0571-84110022\n".to_owned()));
    rows.push(format!("{long},\n"));
    rows.push(",\n".to_owned());
    std::fs::write(&path, format!("公司名称,电话\n{}", rows.concat())).unwrap();
    let begun = Stopwatch::start();
    let done = huike_engine::dedupe::dedupe(&path, &folder.path().join("out.csv"), None);
    assert!(done.is_ok(), "{:?}", done.err().map(|error| error.to_string()));
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    let out = std::fs::read_to_string(folder.path().join("out.csv")).unwrap();
    assert!(
        out.lines().next().unwrap_or_default().contains("cluster"),
        "{}",
        out.lines().next().unwrap_or_default()
    );
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

huike_store::on_both_databases! {
    odd_names_are_compared_made_and_merged_or_refused_with_a_reason,
    a_field_of_200_000_characters_is_refused_at_its_place,
}
