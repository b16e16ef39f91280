use proptest::prelude::*;

use super::*;

fn read(text: &str) -> String {
    let c = parse(text);
    let region = c.region.as_deref().unwrap_or("-");
    let branch = c.branch.as_deref().unwrap_or("-");
    format!("{region} {}·{}·{} {branch} [{}]", c.brand, c.trade, c.legal_form, c.notes.join(";"))
}

#[test]
fn names_are_taken_apart() {
    for (text, expected) in [
        ("江苏华东科技有限公司", "320000 华东·科技·有限公司 - []"),
        ("華東科技（江蘇）有限公司", "320000 华东·科技·有限公司 - []"),
        ("华东科技", "- 华东·科技· - []"),
        ("寻野（临沂）纺织公司 ", "371300 寻野·纺织·公司 - []"),
        ("北京星野科技股份有限公司杭州办事处", "110000 星野·科技·股份有限公司 杭州办事处 []"),
        ("深圳爱视芯息技术有限公司-西南分公司", "440300 爱视芯息·技术·有限公司 西南分公司 []"),
        ("钱江水利绵阳办事处", "- 钱江水利·· 绵阳办事处 []"),
        ("海星集团华东大区", "- 海星·· 华东大区 []"),
        ("海星股份有限公司（杭州分公司）", "- 海星··股份有限公司 杭州分公司 []"),
        ("海星贸易有限公司(VIP)", "- 海星·贸易·有限公司 - [VIP]"),
        ("【重点】海星贸易有限公司", "- 海星·贸易·有限公司 - [重点]"),
        ("海星贸易有限公司（原海鑫贸易行）", "- 海星·贸易·有限公司 - [原海鑫贸易行]"),
        ("海星贸易有限公司-王总", "- 海星·贸易·有限公司 - [王总]"),
        ("海星贸易有限公司总部", "- 海星·贸易·有限公司 - [总部]"),
        ("海星贸易有限公司总公司", "- 海星·贸易·有限公司 - [总公司]"),
        ("上海市浦东新区海星商行", "310115 海星··商行 - []"),
        ("海星（中国）投资有限公司", "- 海星·投资·有限公司 - []"),
        ("Haixing Holding Group Co.,Ltd.", "- Haixing Holding Group··co.,ltd - []"),
        ("Haixing Tobacco", "- Haixing Tobacco·· - []"),
        ("ＴＣＬ科技集团股份有限公司", "- TCL·科技·股份有限公司 - []"),
        ("上海", "- 上海·· - []"),
        ("有限公司", "- 有限公司·· - []"),
        ("科技", "- 科技·· - []"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    assert!(parse("TCL科技集团股份有限公司").group);
    assert_eq!(parse("海星贸易有限公司（原海鑫贸易行）").former_name(), Some("海鑫贸易行"));
}

#[test]
fn ways_of_writing_one_company_share_a_key_and_branches_do_not() {
    let keys = [
        "江苏华东科技有限公司",
        "华东科技(江苏)有限责任公司",
        "華東科技",
        "【VIP】华东科技股份有限公司-李总",
    ]
    .map(|n| parse(n).key());
    assert!(keys.iter().all(|k| k == "华东科技"), "{keys:?}");
    assert_eq!(parse("华东科技有限公司杭州分公司").key(), "华东科技#杭州分公司");
    assert_ne!(parse("华东科技华南分部").key(), parse("华东科技华北分部").key());
}

proptest! {
    #[test]
    fn any_text_is_safe_and_keys_are_folded(
        s in "\\PC{0,40}|(上海|江苏|(华东)|【|】|（|）|集团|科技|有限公司|分公司|总部|-王总|海|星| |Co|,Ltd|\\.){0,9}"
    ) {
        let parts = parse(&s);
        let key = parts.key();
        prop_assert_eq!(fold(&key), key.clone());
        prop_assert_eq!(parse(&fold(&s)).key(), key);
        prop_assert!(parts.core.is_empty() == clean(&s).trim_matches(is_junk).is_empty());
    }
}
