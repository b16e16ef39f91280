use super::*;

fn load(
    file: Option<&str>,
    environment: &[(&str, &str)],
    flags: &[(&'static str, &str)],
) -> Result<Config, Vec<Fault>> {
    let folder = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        std::fs::write(folder.path().join(FILE), text).unwrap();
    }
    let mut flags: BTreeMap<_, _> = flags.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    flags.insert("data", folder.path().display().to_string());
    let environment =
        |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, text)| (*text).to_owned());
    Config::load_with(&Sources { file: None, flags }, &environment)
}

fn names(faults: &[Fault]) -> Vec<&str> {
    faults.iter().map(|fault| fault.field.as_str()).collect()
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let file = "listen = \"0.0.0.0:1\"\nreaders = 5\nlog_level = \"debug\"\ntrusted_proxies = [\"10.0.0.0/8\", \"127.0.0.1\"]";
    let config = load(
        Some(file),
        &[("HUIKE_LISTEN", "0.0.0.0:2"), ("HUIKE_READERS", "6")],
        &[("listen", "0.0.0.0:3")],
    )
    .unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.readers, 6);
    assert_eq!(config.log.level, "debug");
    assert_eq!(config.trusted_proxies.len(), 2);
}

#[test]
fn without_any_setting_the_server_listens_on_this_machine_alone_and_uses_sqlite() {
    let config = load(None, &[], &[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8420");
    assert!(config.database_url.is_none() && config.tls.is_none() && !config.secure());
    assert!(matches!(config.master_key, MasterKeySource::InData(path) if path.ends_with("keys/master.key")));
}

#[test]
fn every_fault_in_every_source_is_told_at_once_in_both_languages() {
    let file = "listn = \"x\"\nreaders = 0\ntls_cert = \"/nonexistent.pem\"\nlog_format = \"xml\"\n[limits]\nbody = 1";
    let environment =
        [("HUIKE_DATABASE_URL", "mysql://u:hunter2@h/d"), ("HUIKE_TRUSTED_PROXIES", "10.0.0.0/8,nowhere")];
    let faults = load(Some(file), &environment, &[("listen", "8420")]).err().unwrap();
    assert_eq!(
        names(&faults),
        ["limits", "listn", "listen", "database_url", "readers", "tls_key", "log_format", "trusted_proxies"]
    );
    assert!(faults.iter().all(|fault| !fault.message.zh.is_ascii() && !fault.message.en.is_empty()));
    assert!(!format!("{faults:?}").contains("hunter2"), "a password must not be repeated");
}

#[test]
fn a_broken_file_is_one_fault_that_does_not_quote_the_line() {
    let faults = load(Some("master_key = \"c2VjcmV0\n"), &[], &[]).err().unwrap();
    assert_eq!(faults[0].code, "config_file");
    assert!(!format!("{faults:?}").contains("c2VjcmV0"));
}

#[test]
fn two_sources_of_the_master_key_are_refused() {
    let faults =
        load(None, &[("HUIKE_MASTER_KEY", "a"), ("HUIKE_MASTER_KEY_COMMAND", "b")], &[]).err().unwrap();
    assert_eq!(names(&faults), ["master_key_command"]);
}

#[test]
fn a_public_address_over_https_makes_cookies_secure() {
    let config = load(None, &[("HUIKE_PUBLIC_URL", "https://crm.example.com/")], &[]).unwrap();
    assert!(config.secure());
    assert_eq!(config.address(config.listen), "https://crm.example.com");
    for bad in ["crm.example.com", "https://", "https://u@h", "https://h/path"] {
        assert_eq!(
            names(&load(None, &[("HUIKE_PUBLIC_URL", bad)], &[]).err().unwrap()),
            ["public_url"],
            "{bad}"
        );
    }
}

#[test]
fn the_documented_settings_are_the_settings() {
    let written =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md"));
    assert_eq!(
        written.unwrap(),
        keys::document(),
        "write it anew with `huike config > docs/configuration.md`"
    );
}
