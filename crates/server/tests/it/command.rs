//! The binary itself: its commands, its start and its end.

use crate::binary::{Served, huike, said, said_failing};
use serde_json::{Value as Json, json};
use std::process::{Command, Stdio};

#[test]
fn a_company_is_founded_served_and_looked_after_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let served = Served::start(data, &[]);
    let founder = json!({"company": "示例公司", "name": "周岚", "login": "admin", "password": "correct-Horse-7-battery"});
    let (status, ..) = served.call("POST", "/setup", &[], &founder);
    assert_eq!(status, 200);
    let second = said_failing(huike(data).arg("doctor").output().unwrap());
    assert!(second.contains("open"), "a second process is told who has the folder: {second}");
    assert!(served.end(), "a server that is told to end ends well");

    assert!(said(huike(data).arg("doctor").output().unwrap()).contains("示例公司"));
    let unknown =
        said_failing(huike(data).args(["user", "add", "sales1", "--role", "no_such_role"]).output().unwrap());
    assert!(unknown.contains("no_such_role"));
    let password = said(
        huike(data).args(["user", "add", "sales1", "--name", "李晓燕", "--role", "sales"]).output().unwrap(),
    );
    let again = said(huike(data).args(["user", "reset", "sales1"]).output().unwrap());
    assert!(password.len() >= 12 && again != password);
    let key = said(huike(data).args(["key", "add", "--user", "admin"]).output().unwrap());
    assert!(key.starts_with("hk_"));

    let sheet = data.join("客户.csv");
    std::fs::write(&sheet, "客户名称,手机\n杭州示例科技有限公司,15430017788\n,\n").unwrap();
    let import = |more: &[&str]| {
        let done = said(
            huike(data).arg("import").arg(&sheet).args(["--object", "customer"]).args(more).output().unwrap(),
        );
        serde_json::from_str::<Json>(&done).unwrap()
    };
    assert_eq!(import(&["--dry-run"])["state"], "checked");
    let done = import(&[]);
    assert_eq!(
        (done["state"].as_str(), done["progress"]["created"].as_i64()),
        (Some("done"), Some(1)),
        "{done}"
    );

    let served = Served::start(data, &[]);
    let bearer = format!("Bearer {key}");
    let (status, _, list) =
        served.call("GET", "/records/customer", &[("authorization", &bearer)], &json!({}));
    assert_eq!((status, list["items"][0]["name"].as_str()), (200, Some("杭州示例科技有限公司")));
    let (status, _, session) =
        served.call("POST", "/session", &[], &json!({"login": "sales1", "password": again}));
    assert_eq!((status, session["must_change_password"].as_bool()), (200, Some(true)));
    assert!(served.end());

    let public = said(huike(data).args(["audit", "key"]).output().unwrap());
    let verify = |data: &std::path::Path| {
        let verified = said(huike(data).args(["audit", "verify", "--key", &public]).output().unwrap());
        assert!(verified.contains("The log is as it was written"), "{verified}");
    };
    verify(data);
    // A copy is only read: nothing beside it is made, and nothing in it changes.
    let copy = tempfile::tempdir().unwrap();
    let file = copy.path().join("huike.db");
    std::fs::copy(data.join("huike.db"), &file).unwrap();
    let before = std::fs::read(&file).unwrap();
    verify(copy.path());
    assert_eq!(std::fs::read_dir(copy.path()).unwrap().count(), 1);
    assert!(std::fs::read(&file).unwrap() == before);
    // Also beside the server that writes it.
    let served = Served::start(data, &[]);
    verify(data);
    assert!(served.end());
    let empty = tempfile::tempdir().unwrap();
    said_failing(huike(empty.path()).args(["audit", "verify", "--key", &public]).output().unwrap());
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn faults_of_the_configuration_end_the_start_and_are_all_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("huike.toml"), "readers = 0\nnonsense = 1\n").unwrap();
    let told = said_failing(huike(folder.path()).args(["serve", "--listen", "nowhere"]).output().unwrap());
    for name in ["readers", "nonsense", "listen"] {
        assert!(told.lines().any(|line| line.starts_with(name)), "{name} in {told}");
    }
    assert!(!folder.path().join("huike.db").exists());
}

#[test]
fn what_is_no_key_verifies_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let told =
        said_failing(huike(folder.path()).args(["audit", "verify", "--key", "no key"]).output().unwrap());
    assert!(told.contains("审计公钥"), "{told}");
}

#[test]
fn the_server_speaks_tls_with_the_certificate_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "1",
        ])
        .args(["-subj", "/CN=localhost", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .stderr(Stdio::null())
        .status();
    assert!(made.is_ok_and(|status| status.success()), "openssl makes the test's certificate");
    let flags = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let served = Served::start(folder.path(), &flags);
    let address = served.url.strip_prefix("https://").expect("the address is https").to_owned();
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-verify_quiet", "-connect", &address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    std::io::Write::write_all(client.stdin.as_mut().unwrap(), request.as_bytes()).unwrap();
    let answer = String::from_utf8(client.wait_with_output().unwrap().stdout).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.to_ascii_lowercase().contains("strict-transport-security: max-age=63072000"), "{answer}");
    assert!(served.end());
}
