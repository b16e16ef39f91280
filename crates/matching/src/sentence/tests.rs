use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

/// Thursday, 5 March 2026, ten in the morning.
fn now() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 3, 5).unwrap().and_hms_opt(10, 0, 0).unwrap()
}

/// Time (with the hour where one was said), step and people in one line.
fn read(sentence: &str) -> String {
    let Understood { step, people } = understand(sentence, now());
    let step = step.map_or("–".to_owned(), |step| {
        let form = if step.timed { "%m-%d %H:%M" } else { "%m-%d" };
        format!("{} {}", step.at.format(form), step.text)
    });
    let people: Vec<String> = people.into_iter().map(|person| person.said).collect();
    if people.is_empty() { step } else { format!("{step} @{}", people.join(" @")) }
}

/// Every sentence that is read otherwise is told, not only the first.
fn holds(sentences: &[(&str, &str)]) {
    let wrong: Vec<String> = sentences
        .iter()
        .map(|(sentence, expected)| (sentence, expected, read(sentence)))
        .filter(|(_, expected, found)| found != **expected)
        .map(|(sentence, expected, found)| format!("{sentence}: {found}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn chinese_sentences_are_understood() {
    holds(&[
        ("明天下午3点回访王总报价", "03-06 15:00 回访王总报价 @王总"),
        ("明天回访", "03-06 回访"),
        ("后天上午十点半去现场看设备", "03-07 10:30 去现场看设备"),
        ("下周三下午两点到李工那里演示", "03-11 14:00 到李工那里演示 @李工"),
        ("周五发报价单", "03-06 发报价单"),
        ("周一拜访张经理", "03-09 拜访张经理 @张经理"),
        ("下周一上午9点拜访欧阳总监", "03-09 09:00 拜访欧阳总监 @欧阳总监"),
        ("3天后再联系", "03-08 再联系"),
        ("两周后催一下合同", "03-19 催一下合同"),
        ("月底前催回款", "03-31 催回款"),
        ("15号寄样品", "03-15 寄样品"),
        ("3号寄样品", "04-03 寄样品"),
        ("下个月5号签合同", "04-05 签合同"),
        ("12月1日参加展会", "12-01 参加展会"),
        ("十一月二十五号上午去验收", "11-25 09:00 去验收"),
        ("2026-04-02 下午3点开技术交流会", "04-02 15:00 开技术交流会"),
        ("4-2 开技术交流会", "04-02 开技术交流会"),
        ("1月8日年度拜访", "01-08 年度拜访"),
        ("今晚8点打电话给陈主任", "03-05 20:00 打电话给陈主任 @陈主任"),
        ("明早9点发方案", "03-06 09:00 发方案"),
        ("明晚请刘厂长吃饭", "03-06 19:00 请刘厂长吃饭 @刘厂长"),
        ("下午4点给老王回电话", "03-05 16:00 给老王回电话 @老王"),
        ("下午回电话", "03-05 14:00 回电话"),
        ("3点回电话", "03-05 15:00 回电话"),
        ("9点回电话", "03-06 09:00 回电话"),
        ("2小时后再打过去", "03-05 12:00 再打过去"),
        ("半小时后回电话", "03-05 10:30 回电话"),
        ("下周再联系", "03-09 再联系"),
        ("下个月再看", "04-01 再看"),
        ("过两天问问进展", "03-07 问问进展"),
        ("3天内给答复", "03-08 给答复"),
        ("本周内把合同发过去", "03-06 把合同发过去"),
        ("今天要把报价发出去", "03-05 要把报价发出去"),
        ("今天电话沟通，客户对价格有顾虑，下周三上门谈", "03-11 上门谈"),
        ("拜访了王总，样品认可，约好周五下午三点报价", "03-06 15:00 报价 @王总"),
        ("周一拜访了王总，对方很满意", "– @王总"),
        ("昨天发了样品，明天问反馈", "03-06 问反馈"),
        ("回访王总，明天下午3点", "03-06 15:00 回访王总 @王总"),
        ("明天上门，带样品和合同", "03-06 上门，带样品和合同"),
        ("王总说下周三再联系", "03-11 王总说再联系 @王总"),
        ("约了赵总周一见面", "03-09 约了赵总见面 @赵总"),
        ("记得明天提醒财务开票", "03-06 提醒财务开票"),
        ("下一步：周五前发方案", "03-06 发方案"),
        ("客户要求價格優惠，明天下午3點回覆", "03-06 15:00 回覆"),
        ("３月２０日　下午２：３０　去工厂", "03-20 14:30 去工厂"),
        ("客户有两点要求，价格再低一点", "–"),
        ("送到3号楼，王总部门签收", "–"),
        ("对方说年度预算已经批了", "–"),
        ("打电话没人接", "–"),
        ("", "–"),
    ]);
}

#[test]
fn english_sentences_are_understood() {
    holds(&[
        ("call Mr Wang tomorrow at 3pm about the quote", "03-06 15:00 call Mr Wang about the quote @Mr Wang"),
        ("Send the quote on Friday", "03-06 Send the quote"),
        ("visit next Monday morning", "03-09 09:00 visit"),
        ("follow up in two weeks", "03-19 follow up"),
        ("call back in 2 hours", "03-05 12:00 call back"),
        ("Met Ms. Li, she likes the samples. Send contract by next Wednesday", "03-11 Send contract @Ms. Li"),
        ("demo on Nov 25 at 10:30", "11-25 10:30 demo"),
        ("ship samples 20 March", "03-20 ship samples"),
        ("I will call tomorrow", "03-06 call"),
        ("remind me to check the payment at the end of the month", "03-31 check the payment"),
        ("meeting at 4", "03-05 16:00 meeting"),
        ("call the day after tomorrow", "03-07 call"),
        ("Met the buyer yesterday, all fine", "–"),
        ("They want version 3.5 of the manual", "–"),
    ]);
}

#[test]
fn people_are_named_by_surname_and_title() {
    let said =
        |text: &str| mentions(text).into_iter().map(|person| person.said).collect::<Vec<_>>().join(" ");
    for (text, expected) in [
        ("王总和李工都同意", "王总 李工"),
        ("李建国主任负责", "李建国主任"),
        ("老张、小刘一起来", "老张 小刘"),
        ("总部在上海，王总部门不变", ""),
        ("大小李子", ""),
        ("高工作量，方案二，小方案", ""),
        ("欧阳经理带队", "欧阳经理"),
        ("陳總來電", "陳總"),
        ("Dr. Smith and Mrs Brown", "Dr. Smith Mrs Brown"),
        ("项目经理、采购主管", ""),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
    assert_eq!(mentions("陳總來電")[0].name, "陈");
}

proptest! {
    #[test]
    fn any_text_is_safe_and_a_step_lies_ahead(
        sentence in "\\PC{0,60}|([明后今下周三五天午点半王总李工了再发3号月前,，。 ]|tomorrow |at |in |days ){0,20}"
    ) {
        if let Some(step) = understand(&sentence, now()).step {
            prop_assert!(step.at.date() >= now().date(), "{:?}", step);
            prop_assert!(!step.text.is_empty());
        }
    }
}
