//! The embedded pages. What is inside depends on whether they were built before the binary; the rules don't.

use crate::harness::World;
use axum::http::Method;
use huike_store::testing::TestDb;

fn every_place_of_the_application_is_answered_with_its_page(db: &mut TestDb) {
    let (world, _) = World::founded(db);
    let get = |path: &str, encoding: &str| {
        world.stranger().with("accept-encoding", encoding).raw(Method::GET, path, vec![])
    };
    let root = get("/", "identity");
    if root.status == 404 {
        assert!(root.text().contains("/api/docs"), "without pages it says where the interface is described");
        return;
    }
    let root = root.expect(200);
    assert_eq!(root.header("cache-control"), "no-cache");
    assert!(root.header("content-security-policy").contains("script-src 'self';"));
    for place in ["/customer", "/customer/0000000000001", "/index.html"] {
        assert_eq!(get(place, "identity").expect(200).body, root.body, "{place}");
    }
    for (encoding, expected) in [("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")] {
        let reply = get("/", encoding).expect(200);
        assert_eq!(reply.header("content-encoding"), expected);
        assert_eq!(reply.header("vary"), "accept-encoding");
        let again =
            world.stranger().with("accept-encoding", encoding).with("if-none-match", reply.header("etag"));
        again.raw(Method::GET, "/", vec![]).expect(304);
    }
    let page = root.text();
    let script = page
        .split('"')
        .find(|part| part.starts_with("/assets/") && part.ends_with(".js"))
        .expect("a page has a script");
    let script = get(script, "br").expect(200);
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
}

fn what_is_no_page_is_not_found(db: &mut TestDb) {
    let (world, _) = World::founded(db);
    for path in [
        "/assets/none.js",
        "/none.png",
        "/index.html.br",
        "/.vite/manifest.json",
        "/..%2f..%2fetc%2fpasswd.txt",
    ] {
        world.stranger().raw(Method::GET, path, vec![]).expect_problem("not_found");
    }
}

huike_store::on_both_databases!(
    every_place_of_the_application_is_answered_with_its_page,
    what_is_no_page_is_not_found
);
