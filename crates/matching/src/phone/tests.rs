use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> String {
    match parse(text) {
        Ok(phone) => format!("{} {:?} {phone}", phone.e164, phone.kind),
        Err(fault) => format!("{fault:?}"),
    }
}

#[test]
fn numbers_are_read_however_they_are_written() {
    for (text, expected) in [
        ("13912345670", "+8613912345670 Mobile 139 1234 5670"),
        ("139 1234 5670", "+8613912345670 Mobile 139 1234 5670"),
        ("139-1234-5670", "+8613912345670 Mobile 139 1234 5670"),
        ("１３９１２３４５６７０", "+8613912345670 Mobile 139 1234 5670"),
        ("+86 139 1234 5670", "+8613912345670 Mobile 139 1234 5670"),
        ("0086-13912345670", "+8613912345670 Mobile 139 1234 5670"),
        ("8613912345670", "+8613912345670 Mobile 139 1234 5670"),
        ("(86)13912345670", "+8613912345670 Mobile 139 1234 5670"),
        ("013912345670", "+8613912345670 Mobile 139 1234 5670"),
        ("'13912345670", "+8613912345670 Mobile 139 1234 5670"),
        ("13912345670.0", "+8613912345670 Mobile 139 1234 5670"),
        ("1.3912345670E+10", "+8613912345670 Mobile 139 1234 5670"),
        ("手机：13912345670", "+8613912345670 Mobile 139 1234 5670"),
        ("13912345670（王经理）", "+8613912345670 Mobile 139 1234 5670"),
        ("13912345670王经理", "+8613912345670 Mobile 139 1234 5670"),
        ("0571-88881234", "+8657188881234 Landline 0571-8888 1234"),
        ("(0571)8888 1234", "+8657188881234 Landline 0571-8888 1234"),
        ("057188881234", "+8657188881234 Landline 0571-8888 1234"),
        ("+86-571-88881234", "+8657188881234 Landline 0571-8888 1234"),
        ("+86 (0)571 8888 1234", "+8657188881234 Landline 0571-8888 1234"),
        ("010-65551234", "+861065551234 Landline 010-6555 1234"),
        ("021 5888 6612 转 123", "+862158886612 Landline 021-5888 6612 转 123"),
        ("021-58886612-801", "+862158886612 Landline 021-5888 6612 转 801"),
        ("0755-41025077 ext.5469", "+8675541025077 Landline 0755-4102 5077 转 5469"),
        ("0411-8370123", "+864118370123 Landline 0411-837 0123"),
        ("0717-2907443*800", "+867172907443 Landline 0717-290 7443 转 800"),
        ("04002000000", "+864002000000 Service 400-200-0000"),
        ("0816—8125973", "+868168125973 Landline 0816-812 5973"),
        ("400-820-1234", "+864008201234 Service 400-820-1234"),
        ("4008201234转6", "+864008201234 Service 400-820-1234 转 6"),
        ("800 820 1234", "+868008201234 Service 800-820-1234"),
        ("+1 (202) 555-0123", "+12025550123 International +1 2025550123"),
        ("0044 20 7946 0018", "+442079460018 International +44 2079460018"),
        ("+852 2345 6718", "+85223456718 International +852 23456718"),
        ("1.38E+10", "LostDigits"),
        ("1.39123E+10", "LostDigits"),
        ("13800138000", "Placeholder"),
        ("11111111", "Placeholder"),
        ("11111111111", "Placeholder"),
        ("0000000", "Placeholder"),
        ("0571-88888888", "Placeholder"),
        ("12345678900", "Placeholder"),
        ("88881234", "NoAreaCode"),
        ("1391234567", "BadShape"),
        ("139123456701", "BadShape"),
        ("1391234567012", "TooLong"),
        ("12346", "TooShort"),
        ("123456", "Placeholder"),
        ("0571-123", "TooShort"),
        ("无", "NotANumber"),
        ("abc@example.com", "NotANumber"),
        ("139a1234567", "NotANumber"),
        ("", "Empty"),
        ("  ", "Empty"),
        ("+999 12345", "UnknownCountry"),
        ("+8612345", "TooShort"),
    ] {
        let found = shown(text);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_cell_may_hold_several_numbers() {
    let numbers = |text: &str| -> Vec<String> {
        parse_many(text).into_iter().map(|p| p.map_or_else(|f| format!("{f:?}"), |p| p.to_string())).collect()
    };
    assert_eq!(
        numbers("13912345670、0571-88881234/13912345671；400-820-1234"),
        ["139 1234 5670", "0571-8888 1234", "139 1234 5671", "400-820-1234"]
    );
    assert_eq!(numbers("13912345670 13912345671"), ["139 1234 5670", "139 1234 5671"]);
    assert_eq!(numbers("0571 8888 1234"), ["0571-8888 1234"]);
    assert_eq!(numbers("139 1234 5670, 13912345670"), ["139 1234 5670"]);
    assert_eq!(numbers("手机 13912345670 或 1.38E+10"), ["139 1234 5670", "LostDigits"]);
    assert_eq!(numbers("13912345670/微信"), ["139 1234 5670"]);
    assert!(numbers("").is_empty());
}

#[test]
fn masks_keep_the_beginning_and_the_last_four_digits() {
    for (number, masked) in [
        ("138 0013 8000", "138****8000"),
        ("13800138000", "138****8000"),
        ("+8613800138000", "138****8000"),
        ("0571-8888 1234", "0571-****1234"),
        ("0571-8888 1234 转 801", "0571-****1234"),
        ("400-123-4567", "400-****4567"),
        ("+12025550123", "+1 202****0123"),
        ("1234", "****"),
        ("", "****"),
    ] {
        assert_eq!(mask(number), masked, "{number}");
    }
}

#[test]
fn a_landline_is_also_looked_for_without_its_area_code() {
    assert_eq!(blocking_keys(&parse("0571-88881234").unwrap()), ["+8657188881234", "88881234"]);
    assert_eq!(blocking_keys(&parse("010-65551234").unwrap()), ["+861065551234", "65551234"]);
    assert_eq!(blocking_keys(&parse("13912345670").unwrap()), ["+8613912345670"]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_what_is_read_reads_back(
        s in "\\PC{0,30}|[+0-9() -]{0,24}|0[1-9][0-9]{8,11}(转[0-9]{1,4})?|1[0-9]{10}|\\+[0-9]{6,15}"
    ) {
        parse_many(&s);
        mask(&s);
        display(&s);
        if let Ok(phone) = parse(&s) {
            prop_assert_eq!(parse(&phone.to_string()), Ok(phone.clone()));
            prop_assert_eq!(parse(&phone.e164).map(|p| p.e164), Ok(phone.e164.clone()));
            prop_assert!(phone.e164.len() <= 16);
            blocking_keys(&phone);
        }
    }

    #[test]
    fn a_mask_never_shows_the_middle(digits in "1[3-9][0-9]{9}") {
        prop_assert_eq!(mask(&digits), format!("{}****{}", &digits[..3], &digits[7..]));
    }
}
