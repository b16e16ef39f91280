use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::pinyin::readings;

fn tokens(text: &str) -> HashSet<String> {
    index_tokens(text).into_iter().collect()
}

#[track_caller]
fn assert_finds(query: &str, text: &str) {
    let parsed = Query::parse(query).strict();
    assert!(matches(&tokens(text), &parsed), "{query} should find {text}: {parsed:?}");
    assert!(rank(query, text) > 0, "{query} should rank {text}");
}

#[track_caller]
fn assert_misses(query: &str, text: &str) {
    assert!(!matches(&tokens(text), &Query::parse(query).strict()), "{query} should not find {text}");
}

const HUADONG: &str = "江苏华东科技有限公司";

#[test]
fn characters_and_pairs_find_a_name() {
    for query in ["华", "司", "华东", "东科", "江苏华东科技有限公司", "江苏 有限", "華東", "华东，科技"]
    {
        assert_finds(query, HUADONG);
    }
    for query in ["华西", "苏东", "江苏 上海"] {
        assert_misses(query, HUADONG);
    }
}

#[test]
fn initials_find_a_name_from_any_character() {
    for query in ["hdkj", "jshdkj", "dkjyx", "hdkjyxgs", "jshdkjyxgs", "hd", "HDKJ"] {
        assert_finds(query, HUADONG);
    }
    assert_misses("hdjk", HUADONG);
    assert_finds("h", "华东科技");
    assert_misses("d", "华东科技");
}

#[test]
fn what_most_names_end_with_is_one_word() {
    let tokens = for_fts5(index_tokens(HUADONG));
    assert!(tokens.contains(&"c有限公司".to_owned()) && tokens.contains(&"c科技".to_owned()), "{tokens:?}");
    assert!(
        !tokens.iter().any(|token| ["公司", "igs", "科技", "pkeji"].contains(&token.as_str())),
        "{tokens:?}"
    );
    assert!(tokens.len() * 3 < index_tokens(HUADONG).len() * 2, "{tokens:?}");
    // Only what makes the whole phrase is left out.
    let tokens = for_fts5(index_tokens("华东公司"));
    assert!(
        tokens.contains(&"公司".to_owned()) && !tokens.iter().any(|token| token.starts_with('c')),
        "{tokens:?}"
    );
    assert_eq!(to_fts5(&Query::parse("限公").strict()), r#"((("限公" OR "c有限公司" OR "c股份有限公司")))"#);
    assert_eq!(to_tsquery(&Query::parse("限公").strict()), "((('限公' | 'c有限公司' | 'c股份有限公司')))");
}

#[test]
fn full_partial_and_mixed_pinyin_find_a_name() {
    for query in [
        "huadong",
        "huad",
        "jiangsuhuadongkejiyouxiangongsi",
        "huadkj",
        "hdongkj",
        "hdkeji",
        "jshuadong",
        "donk",
        "zh",
    ] {
        if query == "donk" || query == "zh" {
            assert_misses(query, HUADONG);
        } else {
            assert_finds(query, HUADONG);
        }
    }
    assert_finds("zhggs", "中国公司");
    assert_finds("xian", "西安分公司");
    assert_finds("lvse", "绿色食品");
}

#[test]
fn a_letter_before_a_syllable_is_what_stands_before_it() {
    for (query, name) in
        [("xya", "信阳贸易"), ("xyang", "河南信阳"), ("zhfa", "南京中发"), ("bzuo", "国贸B座")]
    {
        assert_finds(query, name);
    }
    assert_finds("ayan", "西安研究所");
    // Both are there, in other places.
    assert_misses("xya", "信誉牙科");
    assert_misses("xya", "亚太信用");
    assert_eq!(to_fts5(&Query::parse("xya").strict()).matches("\"pya\"*").count(), 1);
    let asked = to_tsquery(&Query::parse("xya").strict());
    assert!(asked.contains("'pxinya':*") && asked.contains("'pxya':*") && !asked.contains('&'), "{asked}");
}

#[test]
fn polyphones_are_found_by_their_right_and_their_possible_readings() {
    for (query, name) in [
        ("cqyh", "重庆银行"),
        ("chongqing", "重庆银行"),
        ("yinhang", "重庆银行"),
        ("shanxx", "单雄信"),
        ("danxx", "单雄信"),
        ("zgf", "曾国藩"),
        ("zenggf", "曾国藩"),
        ("hangzheng", "行政中心"),
        ("xingz", "行政中心"),
        ("yuefu", "乐府"),
        ("lefu", "乐府"),
    ] {
        assert_finds(query, name);
    }
    assert_misses("zqyh", "重庆银行");
}

#[test]
fn latin_words_and_codes_are_found_from_the_start_of_each_part() {
    for (query, text) in [
        ("hua", "Huawei Technologies"),
        ("tech", "Huawei Technologies"),
        ("huawei", "华为 Huawei"),
        ("tclkj", "TCL科技集团"),
        ("tclkeji", "TCL 科技集团"),
        ("HT-2024", "HT-2024-00123"),
        ("ht202400123", "HT-2024-00123"),
        ("2024-00123", "HT-2024-00123"),
        ("00123", "HT-2024-00123"),
        ("example.com", "lily@example.com"),
        ("lily@example", "lily@example.com"),
        ("3m", "3M中国"),
        ("nestle", "Nestlé 雀巢"),
        ("O'Neil", "ONeil Ltd"),
        ("мир", "Мир и труд"),
        ("トヨ", "トヨタ自動車"),
        ("华d", "华东科技"),
        ("华dong", "华东科技"),
        ("科技hd", "华东科技"),
    ] {
        assert_finds(query, text);
    }
    assert_misses("wei", "Huawei");
}

#[test]
fn codes_and_addresses_are_found_by_their_parts_and_nothing_else() {
    let found = |text: &str, query: &str| {
        let tokens: HashSet<String> = code_tokens(text).into_iter().collect();
        matches(&tokens, &Query::parse(query))
    };
    for (query, text) in [
        ("lianten", "sales@lianten.example.com"),
        ("sales@lian", "sales@lianten.example.com"),
        ("example.com", "sales@lianten.example.com"),
        ("00123", "HT-2024-00123"),
        ("合同00123", "合同-00123"),
        ("7n6051", "91150202YY1P7N6051"),
    ] {
        assert!(found(text, query), "{query} {text}");
    }
    // Neither a typing error nor the sound of it leads there.
    assert!(!found("sales@lianten.example.com", "liantne"));
    assert!(!found("合同-00123", "ht"));
    let classes = |tokens: Vec<String>| tokens.iter().filter_map(|token| token.chars().next()).collect();
    let classes: HashSet<char> = classes(address_tokens("sales@lianten.example.com"));
    assert_eq!(classes, HashSet::from(['w']));
}

#[test]
fn phone_numbers_are_found_by_tail_and_beginning() {
    let found = |query: &str, number: &str| {
        matches(&digit_tail_tokens(number).into_iter().collect(), &Query::parse(query).strict())
    };
    for query in [
        "8000",
        "38000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "13800138000",
        "1380013",
        "00138000",
    ] {
        assert!(found(query, "+8613800138000"), "{query}");
    }
    for query in ["0571-88881234", "88881234", "1234", "057188881234", "+86 571 8888 1234"] {
        assert!(found(query, "0571-8888 1234"), "{query}");
        assert!(found(query, "+8657188881234"), "{query}");
    }
    assert!(found("400-123-4567", "+864001234567"));
    assert!(!found("8001", "+8613800138000"));
    assert!(digit_tail_tokens("123").is_empty());
}

#[test]
fn one_typing_error_is_forgiven_but_not_in_the_strict_query() {
    for (query, text) in [
        ("江苏华冬科技", HUADONG),
        ("江苏华科技", HUADONG),
        ("华东科枝有限", HUADONG),
        ("华科东技", HUADONG),
        ("华东科技友限公司", HUADONG),
        ("张维", "张伟"),
        ("huawie", "Huawei Ltd"),
        ("huwei", "Huawei Ltd"),
        ("huaweii", "Huawei Ltd"),
        ("huavei", "Huawei Ltd"),
        ("sanghai", "上海电气"),
        ("huadnog", HUADONG),
    ] {
        let query = Query::parse(query);
        assert!(matches(&tokens(text), &query), "{query:?} {text}");
        assert!(!matches(&tokens(text), &query.strict()), "{query:?} {text}");
    }
}

#[test]
fn rendered_queries_quote_every_token_and_nothing_else_gets_through() {
    let query = Query::parse("华东kj").strict();
    assert_eq!(to_fts5(&query), r#"(("华东")) AND (("wkj"*) OR (("ikj"* OR "c科技")))"#);
    assert_eq!(to_tsquery(&query), "(('华东')) & (('wkj':*) | (('bkj' | 'c科技')))");
    // More initials than a beginning has are looked for among the words.
    assert_eq!(to_tsquery(&Query::parse("hdkj").strict()), "(('whdkj':*) | ('ihdkj'))");
    assert_eq!(to_fts5(&Query::parse("\"' ) OR *")), to_fts5(&Query::parse("or")));
    assert_eq!(to_fts5(&Query::parse("，。！")), "");
    assert!(!matches(&tokens("华东"), &Query::parse("")));
}

#[test]
fn better_matches_rank_higher() {
    let ordered = [
        "华东",
        "华东科技",
        "华东科技有限公司",
        "江苏（华东）科技",
        "江苏华东科技",
        "江苏省华东科技有限公司",
    ];
    let ranks: Vec<u32> = ordered.iter().map(|name| rank("华东", name)).collect();
    assert!(ranks.is_sorted_by(|a, b| a > b), "{ranks:?}");
    assert!(rank("hd", "华东科技") > rank("hd", "江苏华东科技"));
    assert!(rank("hd", "江苏华东科技") > rank("华动科技", "华东科技"));
    assert!(rank("华动科技", "华东科技") > 0);
    assert_eq!(rank("华东", "深圳"), 0);
    assert!((700..800).contains(&rank("科技 华东", "江苏华东科技")));
}

#[test]
fn hostile_input_stays_within_the_caps() {
    let long = "重庆长行单乐".repeat(10_000);
    assert!(index_tokens(&long).len() < 4 * TEXT_CHARS);
    let query = Query::parse(&"华东hd ".repeat(1_000));
    assert!(query.terms.len() <= QUERY_TERMS);
    for q in ["a".repeat(1000), "heng".repeat(100), "重".repeat(1000), "1".repeat(1000), "a1".repeat(100)] {
        assert!(
            to_fts5(&Query::parse(&q)).len() < 20_000,
            "{} {}",
            &q[..3],
            to_fts5(&Query::parse(&q)).len()
        );
    }
}

/// Characters of company names, some of them polyphones.
const NAME_CHARS: &str =
    "上海华东科技有限公司江苏重庆银行长城单曾乐安西贸易实业发展集团厦门大连阿里张伟绿女吕任解";

fn name_of(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<char>> {
    prop::collection::vec(prop::sample::select(NAME_CHARS.chars().collect::<Vec<_>>()), length)
}

fn part(chars: &[char], start: usize, len: usize) -> (usize, usize) {
    let start = start % chars.len();
    (start, (start + len).min(chars.len()))
}

proptest! {
    #[test]
    fn every_substring_of_a_name_finds_it(chars in name_of(1..16), start in 0usize..16, len in 1usize..=6) {
        let (from, to) = part(&chars, start, len);
        let text: String = chars.iter().collect();
        let query: String = chars[from..to].iter().collect();
        prop_assert!(matches(&tokens(&text), &Query::parse(&query).strict()));
        prop_assert!(rank(&query, &text) >= 700);
    }

    #[test]
    fn initials_of_every_substring_find_the_name(chars in name_of(2..16), start in 0usize..16, len in 2usize..=8) {
        let from = start % (chars.len() - 1);
        let to = (from + len).min(chars.len());
        let text: String = chars.iter().collect();
        let query: String = readings(&chars)[from..to].iter().map(|r| &r[0][..1]).collect();
        prop_assert!(matches(&tokens(&text), &Query::parse(&query).strict()), "{} {}", query, text);
        prop_assert!(rank(&query, &text) > 0);
    }

    #[test]
    fn a_beginning_is_there_when_a_word_begins_so(chars in name_of(1..16), begun in "[a-z]{2,3}") {
        let tokens = index_tokens(&chars.iter().collect::<String>());
        let beginnings: HashSet<String> = for_tsvector(tokens.clone()).into_iter().collect();
        for initials in tokens.iter().filter_map(|t| t.strip_prefix('i')).chain([begun.as_str()]) {
            for n in 2..=initials.len().min(3) {
                let word = format!("i{}", &initials[..n]);
                let there = tokens.iter().any(|token| token.starts_with(&word));
                prop_assert_eq!(there, beginnings.contains(&format!("b{}", &initials[..n])));
            }
        }
    }

    #[test]
    fn a_phrase_stands_for_its_tokens(chars in name_of(1..5), end in 0usize..8, form in 0usize..5, query in 0usize..12, len in 1usize..9) {
        let end = ["", "科技", "技", "机械设备", "商贸", "泵业", "有限", "电子"][end];
        let form = ["有限公司", "有限责任公司", "股份有限公司", "有限公司北京分公司", "公司"][form];
        let name: String = chars.into_iter().chain(end.chars()).chain(form.chars()).collect();
        let all = index_tokens(&name);
        let asked: Vec<char> = ["有限公司", "科技有限", "gongsi", "yxgs", "kejiyouxian", "kjyx", "zrgs", "ys", "y", "sheb", "贸有", "责任"][query].chars().collect();
        let query = Query::parse(&asked[..len.min(asked.len())].iter().collect::<String>());
        for (phrases, shortened, whole) in [
            (&*FTS5, for_fts5(all.clone()), all.clone()),
            (&*TSVECTOR, for_tsvector(all.clone()), with_beginnings(all.clone())),
        ] {
            let (shortened, whole) = (HashSet::<String>::from_iter(shortened), HashSet::<String>::from_iter(whole));
            prop_assert!(shortened.len() <= whole.len());
            let tsvector = std::ptr::eq(phrases, &*TSVECTOR);
            for token in query.terms.iter().flat_map(|term| &term.alternatives).flat_map(|one| &one.tokens) {
                let words = if tsvector { asked_of_tsvector(token) } else { vec![token.clone()] };
                for word in words {
                    let has = |known: &HashSet<String>| known.contains(&word.text) || (word.prefix && known.iter().any(|k| k.starts_with(&word.text)));
                    let found = has(&shortened) || phrases.with(&word).any(|word| shortened.contains(word));
                    prop_assert_eq!(found, has(&whole), "{:?} in {}", word, name);
                }
            }
        }
    }

    #[test]
    fn a_serial_number_is_found_by_its_beginning_and_its_end(text in "[0-9A-Z]{0,20}") {
        let tokens: HashSet<String> = serial_tokens(&text, &[6, 4]).into_iter().collect();
        for part in [text.get(..7), Some(text.as_str()), text.len().checked_sub(6).map(|at| &text[at..]),
            text.len().checked_sub(4).map(|at| &text[at..])].into_iter().flatten().filter(|part| part.len() > 1) {
            prop_assert!(matches(&tokens, &Query::parse(part).strict()), "{} of {}", part, text);
        }
        prop_assert!(tokens.iter().all(|token| token.len() > 1));
    }

    #[test]
    fn a_tail_is_there_when_a_number_ends_so(number in "[0-9]{3,13}", other in "[0-9]{3,13}") {
        let tokens = [digit_tail_tokens(&number), digit_tail_tokens(&other)].concat();
        let there = for_tsvector(tokens.clone());
        prop_assert!(there.iter().all(|word| !word.starts_with('t')));
        for tail in tokens.iter().filter_map(|token| token.strip_prefix('t')) {
            let asked = to_tsquery(&Query::parse(tail).strict());
            let word = format!("r{}", tail.chars().rev().collect::<String>());
            prop_assert!(asked.contains(&format!("'{word}':*")), "{}", asked);
            prop_assert!(there.iter().any(|known| known.starts_with(&word)), "{} in {:?}", word, there);
        }
    }

    #[test]
    fn a_syllable_is_there_when_full_pinyin_begins_so(chars in name_of(1..16), begun in "[a-z]{2,6}") {
        let tokens = index_tokens(&chars.iter().collect::<String>());
        let beginnings: HashSet<String> = for_tsvector(tokens.clone()).into_iter().collect();
        let words: Vec<&str> = tokens.iter().filter_map(|t| t.strip_prefix('p')).collect();
        for word in words.iter().chain([&begun.as_str()]) {
            for n in 2..=word.len().min(6) {
                let asked = crate::pinyin::begun_syllables(&word[..n]);
                let there = words.iter().any(|known| known.starts_with(&word[..n]));
                let found = asked.iter().any(|syllable| beginnings.contains(&format!("e{syllable}")));
                prop_assert!(asked.is_empty() || !there || found, "{}", &word[..n]);
            }
        }
    }

    #[test]
    fn full_pinyin_of_every_substring_finds_the_name(chars in name_of(1..16), start in 0usize..16, len in 1usize..=6) {
        let (from, to) = part(&chars, start, len);
        let text: String = chars.iter().collect();
        let query: String = readings(&chars)[from..to].iter().map(|r| r[0]).collect();
        prop_assume!(query.len() > 1);
        prop_assert!(matches(&tokens(&text), &Query::parse(&query).strict()), "{} {}", query, text);
        prop_assert!(rank(&query, &text) > 0);
    }

    #[test]
    fn one_wrong_character_still_finds_the_name(chars in name_of(4..16), start in 0usize..16, len in 4usize..=7, wrong in 0usize..7) {
        let from = start % (chars.len() - 3);
        let to = (from + len).min(chars.len());
        let text: String = chars.iter().collect();
        let mut query = chars[from..to].to_vec();
        let at = wrong % query.len();
        query[at] = '鑫';
        let query: String = query.into_iter().collect();
        prop_assert!(matches(&tokens(&text), &Query::parse(&query)), "{} {}", query, text);
        prop_assert!(rank(&query, &text) >= 100);
    }

    #[test]
    fn tokens_are_letters_digits_and_cjk_for_any_input(text in any::<String>(), query in any::<String>()) {
        let plain = |t: &str| !t.is_empty() && t.chars().all(|c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || crate::text::is_cjk(c)
        });
        for token in index_tokens(&text) {
            prop_assert!(plain(&token), "{:?}", token);
        }
        for term in Query::parse(&query).terms {
            prop_assert!(!term.alternatives.is_empty());
            for token in term.alternatives.iter().flat_map(|c| &c.tokens) {
                prop_assert!(plain(&token.text), "{:?}", token);
            }
        }
        rank(&query, &text);
    }
}
