use super::desk::{Desk, id_of, mapping};
use huike_store::testing::TestDb;
use serde_json::json;

/// Titles of customer lists as people write them, with what they mean beside a company's and a person's name.
const USUAL: [(&str, &str, &str); 84] = [
    ("手机", "15430001234", "contact.mobile"),
    ("手机号", "15430001234", "contact.mobile"),
    ("手机号码", "15430001234", "contact.mobile"),
    ("移动电话", "15430001234", "contact.mobile"),
    ("联系人手机", "15430001234", "contact.mobile"),
    ("联系方式", "15430001234", "contact.mobile"),
    ("联系电话", "15430001234", "contact.mobile"),
    ("联系电话", "0571-93456781", "contact.phone"),
    ("电话", "0571-93456781", "contact.phone"),
    ("Mobile", "15430001234", "contact.mobile"),
    ("Cell Phone", "15430001234", "contact.mobile"),
    ("Phone", "15430001234", "contact.mobile"),
    ("Tel.", "0571-93456781", "contact.phone"),
    ("单位电话", "0571-93456781", "phone"),
    ("公司电话", "0571-93456781", "phone"),
    ("座机", "0571-93456781", "phone"),
    ("固定电话", "0571-93456781", "phone"),
    ("总机", "0571-93456781", "phone"),
    ("Office Phone", "0571-93456781", "phone"),
    ("邮箱", "name@example.com", "contact.email"),
    ("电子邮箱", "name@example.com", "contact.email"),
    ("电子邮件", "name@example.com", "contact.email"),
    ("E-mail", "name@example.com", "contact.email"),
    ("Email Address", "name@example.com", "contact.email"),
    ("联系人邮箱", "name@example.com", "contact.email"),
    ("公司邮箱", "name@example.com", "email"),
    ("微信", "wx_name", "contact.wechat"),
    ("微信号", "wx_name", "contact.wechat"),
    ("职务", "采购经理", "contact.title"),
    ("职位", "采购经理", "contact.title"),
    ("Job Title", "采购经理", "contact.title"),
    ("性别", "男", "contact.gender"),
    ("生日", "1985-03-05", "contact.birthday"),
    ("税号", "91330106YY00087E2Q", "credit_code"),
    ("统一社会信用代码", "91330106YY00087E2Q", "credit_code"),
    ("纳税人识别号", "91330106YY00087E2Q", "credit_code"),
    ("营业执照号", "91330106YY00087E2Q", "credit_code"),
    ("Tax ID", "91330106YY00087E2Q", "credit_code"),
    ("客户简称", "远望", "short_name"),
    ("简称", "远望", "short_name"),
    ("曾用名", "远望厂", "aliases"),
    ("客户类型", "单位", "kind"),
    ("客户阶段", "意向客户", "stage"),
    ("客户状态", "意向客户", "stage"),
    ("跟进状态", "意向客户", "stage"),
    ("Status", "Won", "stage"),
    ("客户等级", "A 类", "tier"),
    ("客户级别", "A 类", "tier"),
    ("重要程度", "A 类", "tier"),
    ("行业", "制造业", "industry"),
    ("所属行业", "制造业", "industry"),
    ("Industry", "制造业", "industry"),
    ("公司规模", "20–99 人", "size"),
    ("人员规模", "20–99 人", "size"),
    ("员工人数", "20–99 人", "size"),
    ("来源", "展会", "source"),
    ("客户来源", "展会", "source"),
    ("线索来源", "展会", "source"),
    ("Lead Source", "展会", "source"),
    ("地址", "浙江省杭州市西湖区文三路 100 号", "region_address"),
    ("详细地址", "浙江省杭州市西湖区文三路 100 号", "region_address"),
    ("公司地址", "浙江省杭州市西湖区文三路 100 号", "region_address"),
    ("省份", "浙江省", "region_address"),
    ("城市", "杭州市", "region_address"),
    ("Address", "浙江省杭州市西湖区文三路 100 号", "region_address"),
    ("网址", "www.example.com", "website"),
    ("官网", "www.example.com", "website"),
    ("Website", "www.example.com", "website"),
    ("上级单位", "远望集团", "parent"),
    ("母公司", "远望集团", "parent"),
    ("成立日期", "2005-06-01", "founded_on"),
    ("合作时间", "2020-06-01", "cooperation_since"),
    ("付款方式", "月结 30 天", "payment_terms"),
    ("信用额度（元）", "50000", "credit_limit"),
    ("银行账号", "示例银行 0000", "bank_account"),
    ("负责人", "王老板", "owner"),
    ("业务员", "王老板", "owner"),
    ("销售", "王老板", "owner"),
    ("客户经理", "王老板", "owner"),
    ("Owner", "王老板", "owner"),
    ("所属部门", "销售部", "department"),
    ("备注", "老客户", "remark"),
    ("Notes", "老客户", "remark"),
    ("其他说明", "老客户", "remark"),
];

/// Titles that name the company and the person.
const NAMES: [(&str, &str); 14] = [
    ("客户名称", "联系人"),
    ("公司名称", "姓名"),
    ("客户全称", "联系人姓名"),
    ("单位名称", "对接人"),
    ("企业名称", "经办人"),
    ("公司", "采购联系人"),
    ("客户", "主要联系人"),
    ("名称", "联系人"),
    ("*客户名称（必填）", "联系人姓名*"),
    ("Company", "Contact"),
    ("Company Name", "Contact Name"),
    ("Customer Name", "Full Name"),
    ("Account Name", "Contact Person"),
    ("聯繫單位客戶名稱", "聯繫人"),
];

#[test]
fn four_fifths_of_the_usual_titles_and_more_are_recognised() {
    let db = TestDb::sqlite();
    let desk = Desk::new(&db);
    let boss = desk.boss();
    let mut missed = Vec::new();
    let guessed =
        |rows: [&[&str]; 5]| mapping(&desk.upload(&boss, "customer", &desk.sheet("list.xlsx", &rows)));
    for (title, sample, field) in USUAL {
        let row = ["上海远望仪器有限公司", "张伟", sample];
        let found = guessed([&["公司名称", "联系人", title], &row, &row, &row, &row]);
        if found[2].1.as_deref() != Some(field) {
            missed.push(format!("{title}: {:?}, not {field}", found[2].1));
        }
    }
    for (company, person) in NAMES {
        let found = guessed([
            &[company, person],
            &["上海远望仪器有限公司", "张伟"],
            &["北京恒通电气有限公司", "李娜"],
            &["广州蓝海贸易有限公司", "王芳"],
            &["深圳新源科技有限公司", "赵敏"],
        ]);
        for (at, field) in ["name", "contact.name"].into_iter().enumerate() {
            if found[at].1.as_deref() != Some(field) {
                missed.push(format!("{}: {:?}, not {field}", found[at].0, found[at].1));
            }
        }
    }
    let all = USUAL.len() + 2 * NAMES.len();
    assert!(all >= 60);
    assert!(missed.len() * 20 <= all, "{} of {all} missed: {missed:#?}", missed.len());
}

#[test]
fn a_list_of_people_is_a_list_of_personal_customers() {
    let db = TestDb::sqlite();
    let desk = Desk::new(&db);
    let path = desk.sheet(
        "people.xlsx",
        &[
            &["姓名", "手机", "地址"],
            &["张伟", "15430001234", "杭州市西湖区文三路 1 号"],
            &["李娜", "15430001235", "杭州市西湖区文三路 2 号"],
            &["王芳", "15430001236", "杭州市西湖区文三路 3 号"],
        ],
    );
    let found: Vec<_> = mapping(&desk.upload(&desk.boss(), "customer", &path))
        .into_iter()
        .map(|(_, field)| field.unwrap())
        .collect();
    assert_eq!(found, ["name", "mobile", "region_address"]);
}

#[test]
fn cells_speak_where_the_title_does_not() {
    let db = TestDb::sqlite();
    let desk = Desk::new(&db);
    let path = desk.sheet(
        "odd.xlsx",
        &[
            &["公司名称", "乙栏", "丙栏", "丁栏"],
            &["上海远望仪器有限公司", "15430001234", "a@example.com", "红"],
            &["北京恒通电气有限公司", "15430001235", "b@example.com", "绿"],
            &["广州蓝海贸易有限公司", "15430001236", "c@example.com", "蓝"],
        ],
    );
    let import = desk.upload(&desk.boss(), "customer", &path);
    let found: Vec<_> = mapping(&import).into_iter().map(|(_, field)| field).collect();
    assert_eq!(found, [Some("name".into()), Some("mobile".into()), Some("email".into()), None]);
    assert!(import["columns"][1]["guess_confidence"].as_f64().unwrap() < 0.5);
}

#[test]
fn a_mapping_that_was_used_is_remembered_for_the_same_titles_of_the_same_person() {
    let db = TestDb::sqlite();
    let desk = Desk::new(&db);
    let boss = desk.boss();
    let rows: [&[&str]; 3] =
        [&["公司名称", "丁栏"], &["上海远望仪器有限公司", "红"], &["北京恒通电气有限公司", "绿"]];
    let first = desk.upload(&boss, "customer", &desk.sheet("a.xlsx", &rows));
    assert_eq!(mapping(&first)[1].1, None);
    desk.change(&boss, &first, json!({"mapping": [{"column": 1, "field": "remark"}]})).unwrap();
    let again = desk.upload(&boss, "customer", &desk.sheet("b.xlsx", &rows));
    assert_eq!(mapping(&again)[1].1.as_deref(), Some("remark"));
    desk.company.hire("clerk", "admin");
    let other = desk.upload(&desk.company.cx("clerk"), "customer", &desk.sheet("c.xlsx", &rows));
    assert_eq!(mapping(&other)[1].1, None);
    assert_ne!(id_of(&first), id_of(&other));
}

#[test]
fn a_template_comes_back_with_every_column_recognised() {
    let db = TestDb::sqlite();
    let desk = Desk::new(&db);
    for cx in [desk.boss(), desk.english()] {
        let template =
            desk.company.wait(desk.engine().import_template(cx.clone(), "customer".into())).unwrap();
        let (titles, rows) = desk.read(&template);
        assert!(titles.len() > 20 && rows.is_empty(), "{titles:?}");
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        let import =
            desk.upload(&cx, "customer", &desk.sheet("filled.xlsx", &[&titles, &["上海远望仪器有限公司"]]));
        let unknown: Vec<_> = mapping(&import).into_iter().filter(|(_, field)| field.is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        let path = template.path().to_owned();
        drop(template);
        assert!(!path.exists());
    }
}
