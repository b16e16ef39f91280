//! Wrapping, opening and rotating keys.

use huike_vault::blind::{IndexTag, blind_index};
use huike_vault::checkpoint;
use huike_vault::keys::*;
use huike_vault::seal::{FieldTag, open, seal};
use proptest::prelude::*;

const TAG: FieldTag<'_> = FieldTag { object: "contact", field: "mobile", record: 7 };

fn ring() -> KeyRing {
    KeyRing::new(MasterKey::generate(1), Vec::new())
}

proptest! {
    #[test]
    fn a_wrapped_key_opens_for_its_subject_and_for_no_other(subject: i64, other: i64) {
        let (ring, key) = (ring(), SubjectKey::generate());
        let wrapped = ring.wrap(&key, subject);
        prop_assert_eq!(wrapped.len(), WRAPPED_LENGTH);
        let opened = ring.unwrap(&wrapped, subject).unwrap();
        let sealed = seal(&key, &TAG, "19900000001");
        prop_assert_eq!(open(&opened, &TAG, &sealed).unwrap(), "19900000001");
        if other != subject {
            prop_assert_eq!(ring.unwrap(&wrapped, other).unwrap_err(), UnwrapError::Refused(1));
        }
    }

    #[test]
    fn bytes_that_are_not_a_wrapped_key_are_an_error(bytes: Vec<u8>) {
        prop_assert_eq!(ring().unwrap(&bytes, 1).unwrap_err(), UnwrapError::Malformed);
    }

    #[test]
    fn a_key_file_never_panics(text in ".*") {
        let _ = KeyRing::parse(&text);
    }
}

#[test]
fn a_change_of_any_bit_of_a_wrapped_key_is_noticed() {
    let ring = ring();
    let wrapped = ring.wrap(&SubjectKey::generate(), 1);
    for at in 0..wrapped.len() * 8 {
        let mut altered = wrapped.clone();
        altered[at / 8] ^= 1 << (at % 8);
        assert!(ring.unwrap(&altered, 1).is_err(), "bit {at}");
    }
}

#[test]
fn a_wrapped_key_cannot_pass_for_another_purpose() {
    let ring = ring();
    let subject = ring.wrap(&SubjectKey::generate(), 0);
    assert_eq!(ring.unwrap_index(&subject).unwrap_err(), UnwrapError::OtherPurpose);
    let mut disguised = ring.wrap_index(&IndexKey::generate());
    disguised[1] = 1;
    assert_eq!(ring.unwrap(&disguised, 0).unwrap_err(), UnwrapError::Refused(1));
}

#[test]
fn after_rotation_old_wraps_open_and_move_to_the_new_master_key() {
    let old = MasterKey::generate(1);
    let before = KeyRing::new(old.clone(), Vec::new());
    let (subject, index, signing) = (SubjectKey::generate(), IndexKey::generate(), SigningKey::generate());
    let sealed = seal(&subject, &TAG, "19900000001");
    let stored = before.wrap(&subject, 7);
    let (stored_index, stored_signing) = (before.wrap_index(&index), before.wrap_signing(&signing));

    let during = KeyRing::new(MasterKey::generate(2), vec![old]);
    assert_eq!(during.current_id(), 2);
    assert_eq!(open(&during.unwrap(&stored, 7).unwrap(), &TAG, &sealed).unwrap(), "19900000001");
    let moved = during.rewrap(&stored, Purpose::Subject(7)).unwrap().expect("it was under key 1");
    assert_eq!((master_key_id(&stored), master_key_id(&moved)), (Ok(1), Ok(2)));
    assert_eq!(during.rewrap(&moved, Purpose::Subject(7)).unwrap(), None);
    let moved_index = during.rewrap(&stored_index, Purpose::Index).unwrap().unwrap();
    let moved_signing = during.rewrap(&stored_signing, Purpose::Signing).unwrap().unwrap();

    // The old key is gone; values, indexes and the public key are what they were.
    let after = KeyRing::parse(&during.current().to_line()).unwrap();
    assert_eq!(open(&after.unwrap(&moved, 7).unwrap(), &TAG, &sealed).unwrap(), "19900000001");
    assert_eq!(after.unwrap(&stored, 7).unwrap_err(), UnwrapError::UnknownMasterKey(1));
    let tag = IndexTag { object: "contact", field: "mobile" };
    let moved_index = after.unwrap_index(&moved_index).unwrap();
    assert_eq!(blind_index(&moved_index, tag, "1"), blind_index(&index, tag, "1"));
    let moved_signing = after.unwrap_signing(&moved_signing).unwrap();
    assert_eq!(checkpoint::public_key(&moved_signing, "a"), checkpoint::public_key(&signing, "a"));
}

#[test]
fn another_key_under_the_same_id_is_refused() {
    let wrapped = ring().wrap(&SubjectKey::generate(), 1);
    assert_eq!(ring().unwrap(&wrapped, 1).unwrap_err(), UnwrapError::Refused(1));
}

#[test]
fn a_master_key_is_read_from_hexadecimal_and_from_either_base64() {
    let hex = "fbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbefbef";
    let spellings = [
        hex,
        &hex.to_uppercase(),
        "++++++++++++++++++++++++++++++++++++++++++8=",
        "++++++++++++++++++++++++++++++++++++++++++8",
        " ------------------------------------------8=\n",
    ];
    let same = MasterKey::parse(3, hex).unwrap().to_line();
    for text in spellings {
        assert_eq!(MasterKey::parse(3, text).unwrap().to_line(), same, "{text}");
    }
    assert_eq!(*same, "3:++++++++++++++++++++++++++++++++++++++++++8=");
    for text in ["", "short", &hex[..62], &"++".repeat(40), "密钥密钥密钥密钥"] {
        assert_eq!(MasterKey::parse(3, text).unwrap_err(), MasterKeyFault::NotThirtyTwoBytes, "{text}");
    }
    assert_eq!(MasterKey::parse(3, &"0".repeat(64)).unwrap_err(), MasterKeyFault::NotRandom);
}

#[test]
fn a_key_file_names_every_fault_with_its_line_and_never_the_key() {
    let good = MasterKey::generate(2).to_line();
    let secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ=";
    let text = format!("# keys\n{}\n1:{secret}\n\nx:{secret}\n{}\n0:{secret}\n", *good, *good);
    let faults = KeyRing::parse(&text).unwrap_err();
    assert_eq!(
        faults.0,
        [
            (3, MasterKeyFault::NotThirtyTwoBytes),
            (5, MasterKeyFault::BadId),
            (6, MasterKeyFault::RepeatedId),
            (7, MasterKeyFault::BadId)
        ]
    );
    assert!(faults.to_string().starts_with("master key, line 3: a master key is 32 bytes"));
    assert!(!faults.to_string().contains("c2Vj") && !format!("{faults:?}").contains("c2Vj"));
    assert_eq!(KeyRing::parse("\n# nothing\n").unwrap_err().0, [(1, MasterKeyFault::NoKey)]);
}

#[test]
fn the_highest_id_of_a_key_file_is_current_whatever_the_order() {
    let (one, two) = (MasterKey::generate(1).to_line(), MasterKey::generate(2).to_line());
    let text = format!("\u{feff}{}\r\n{}\r\n", *two, *one);
    assert_eq!(KeyRing::parse(&text).unwrap().current_id(), 2);
    // A bare key, as an environment variable would hold it, is number 1.
    assert_eq!(KeyRing::parse(one.trim_start_matches("1:")).unwrap().current_id(), 1);
}

#[test]
fn debug_output_shows_no_key() {
    let master = MasterKey::generate(9);
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        KeyRing::new(master.clone(), vec![]),
        master,
        SubjectKey::generate(),
        IndexKey::generate(),
        SigningKey::generate()
    );
    assert!(shown.contains("MasterKey { id: 9, secret: <redacted> }"), "{shown}");
    assert!(shown.contains("SubjectKey(<redacted>)") && shown.contains("SigningKey(<redacted>)"), "{shown}");
    assert_eq!(shown.matches("<redacted>").count(), 7, "{shown}");
    assert_eq!(shown.chars().filter(char::is_ascii_digit).collect::<String>(), "99", "only the ids: {shown}");
}
