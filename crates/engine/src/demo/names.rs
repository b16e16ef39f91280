//! Invented names of companies and people. A company's name is region + brand + trade + legal form in the usual orders; brand, trade and
//! city come from a permutation, so that no two invented companies agree in all three.

use super::places::{PLACES, Place};
use super::prng::{Chance, permute};

/// First characters of brands with their pinyin.
#[rustfmt::skip]
const BRAND_HEADS: [(char, &str); 64] = [
    ('瀚', "han"), ('澜', "lan"), ('岚', "lan"), ('骏', "jun"), ('昊', "hao"), ('晟', "sheng"), ('铭', "ming"), ('硕', "shuo"),
    ('宸', "chen"), ('钧', "jun"), ('皓', "hao"), ('睿', "rui"), ('煜', "yu"), ('卓', "zhuo"), ('腾', "teng"), ('朗', "lang"),
    ('弘', "hong"), ('佳', "jia"), ('亿', "yi"), ('拓', "tuo"), ('捷', "jie"), ('锐', "rui"), ('启', "qi"), ('创', "chuang"),
    ('凯', "kai"), ('昌', "chang"), ('盛', "sheng"), ('恒', "heng"), ('润', "run"), ('嘉', "jia"), ('普', "pu"), ('联', "lian"),
    ('友', "you"), ('新', "xin"), ('远', "yuan"), ('东', "dong"), ('江', "jiang"), ('海', "hai"), ('金', "jin"), ('银', "yin"),
    ('万', "wan"), ('百', "bai"), ('永', "yong"), ('泰', "tai"), ('和', "he"), ('丰', "feng"), ('华', "hua"), ('明', "ming"),
    ('中', "zhong"), ('正', "zheng"), ('天', "tian"), ('宇', "yu"), ('星', "xing"), ('云', "yun"), ('林', "lin"), ('森', "sen"),
    ('鼎', "ding"), ('冠', "guan"), ('尚', "shang"), ('优', "you"), ('艾', "ai"), ('欧', "ou"), ('利', "li"), ('顺', "shun"),
];

/// Second characters of brands with their pinyin, chosen so that no household name comes out.
#[rustfmt::skip]
const BRAND_TAILS: [(char, &str); 80] = [
    ('瑾', "jin"), ('棠', "tang"), ('泽', "ze"), ('源', "yuan"), ('昇', "sheng"), ('辰', "chen"), ('驰', "chi"), ('威', "wei"),
    ('博', "bo"), ('川', "chuan"), ('岳', "yue"), ('峰', "feng"), ('帆', "fan"), ('翔', "xiang"), ('鑫', "xin"), ('隆', "long"),
    ('祥', "xiang"), ('诚', "cheng"), ('笙', "sheng"), ('德', "de"), ('淳', "chun"), ('宁', "ning"), ('安', "an"), ('平', "ping"),
    ('砺', "li"), ('朔', "shuo"), ('屹', "yi"), ('发', "fa"), ('茂', "mao"), ('荣', "rong"), ('贝', "bei"), ('钊', "zhao"),
    ('斯', "si"), ('尧', "yao"), ('克', "ke"), ('纳', "na"), ('思', "si"), ('维', "wei"), ('祺', "qi"), ('迈', "mai"),
    ('跃', "yue"), ('越', "yue"), ('沃', "wo"), ('恩', "en"), ('伦', "lun"), ('格', "ge"), ('菲', "fei"), ('凌', "ling"),
    ('霖', "lin"), ('涛', "tao"), ('洋', "yang"), ('波', "bo"), ('瑜', "yu"), ('琦', "qi"), ('彤', "tong"), ('晖', "hui"),
    ('曜', "yao"), ('晶', "jing"), ('亮', "liang"), ('佑', "you"), ('邦', "bang"), ('邺', "ye"), ('基', "ji"), ('固', "gu"),
    ('坚', "jian"), ('钛', "tai"), ('锋', "feng"), ('钰', "yu"), ('诺', "nuo"), ('语', "yu"), ('颂', "song"), ('雅', "ya"),
    ('湄', "mei"), ('佰', "bai"), ('仕', "shi"), ('伟', "wei"), ('健', "jian"), ('力', "li"), ('劲', "jin"), ('翊', "yi"),
];

/// What a company does: as its name says it, how colleagues shorten it, and its division of GB/T 4754-2017.
pub(super) struct Trade {
    pub name: &'static str,
    pub short: &'static str,
    pub industry: &'static str,
}

const fn trade(name: &'static str, short: &'static str, industry: &'static str) -> Trade {
    Trade { name, short, industry }
}

#[rustfmt::skip]
pub(super) const TRADES: [Trade; 64] = [
    trade("精密机械", "精机", "34"), trade("自动化设备", "自动化", "35"), trade("智能装备", "装备", "35"), trade("电子科技", "电子", "39"),
    trade("塑胶制品", "塑胶", "29"), trade("包装材料", "包装", "22"), trade("食品", "食品", "14"), trade("医疗器械", "医疗", "35"),
    trade("新能源科技", "新能源", "38"), trade("汽车零部件", "汽配", "36"), trade("纺织", "纺织", "17"), trade("家具", "家具", "21"),
    trade("物流", "物流", "59"), trade("建材", "建材", "30"), trade("化工", "化工", "26"), trade("印刷", "印刷", "23"),
    trade("五金制品", "五金", "33"), trade("模具", "模具", "35"), trade("照明电器", "照明", "38"), trade("环保科技", "环保", "77"),
    trade("电气", "电气", "38"), trade("仪器仪表", "仪表", "40"), trade("光学仪器", "光学", "40"), trade("轴承", "轴承", "34"),
    trade("阀门", "阀门", "34"), trade("泵业", "泵业", "34"), trade("橡塑制品", "橡塑", "29"), trade("陶瓷", "陶瓷", "30"),
    trade("玻璃制品", "玻璃", "30"), trade("涂料", "涂料", "26"), trade("生物科技", "生物", "73"), trade("制药", "制药", "27"),
    trade("冷链设备", "冷链", "34"), trade("供应链管理", "供应链", "72"), trade("软件", "软件", "65"), trade("信息技术", "信息", "65"),
    trade("通信技术", "通信", "39"), trade("半导体材料", "半导体", "39"), trade("新材料", "新材", "26"), trade("电缆", "电缆", "38"),
    trade("电机", "电机", "38"), trade("电梯", "电梯", "34"), trade("起重机械", "起重", "34"), trade("农业机械", "农机", "35"),
    trade("船舶配套", "船配", "37"), trade("航空零部件", "航空", "37"), trade("轨道交通设备", "轨道", "37"), trade("消防设备", "消防", "35"),
    trade("安防技术", "安防", "39"), trade("制冷设备", "制冷", "34"), trade("厨房设备", "厨具", "33"), trade("健身器材", "健身", "24"),
    trade("玩具", "玩具", "24"), trade("文具", "文具", "24"), trade("服饰", "服饰", "18"), trade("鞋业", "鞋业", "19"),
    trade("箱包", "箱包", "19"), trade("饮料", "饮料", "15"), trade("乳业", "乳业", "14"), trade("水产", "水产", "13"),
    trade("粮油", "粮油", "13"), trade("贸易", "贸易", "51"), trade("建设工程", "建设", "48"), trade("检测技术", "检测", "74"),
];

/// Legal forms, as often as they are met. The flag marks a sole trader, who has another class of credit code.
const FORMS: [(u64, (&str, bool)); 9] = [
    (700, ("有限公司", false)),
    (60, ("有限责任公司", false)),
    (70, ("股份有限公司", false)),
    (40, ("集团有限公司", false)),
    (50, ("实业有限公司", false)),
    (20, ("（集团）有限公司", false)),
    (30, ("厂", true)),
    (20, ("经营部", true)),
    (10, ("商行", true)),
];

const COMBINATIONS: u64 = (BRAND_HEADS.len() * BRAND_TAILS.len() * TRADES.len() * PLACES.len()) as u64;

/// What a company's name is made of.
#[derive(Clone, Copy)]
pub(super) struct CompanyName {
    head: (char, &'static str),
    tail: (char, &'static str),
    pub trade: &'static Trade,
    pub place: &'static Place,
    form: &'static str,
    /// Registered as a sole trader (个体工商户).
    pub sole_trader: bool,
    city_in_brackets: bool,
}

impl CompanyName {
    /// The `number`-th invented company. Unique in brand, trade and city up to 31 million.
    pub fn of(seed: u64, number: u64, chance: &mut Chance) -> CompanyName {
        let mut rest = permute(seed, number % COMBINATIONS, COMBINATIONS);
        let mut digit = |size: usize| {
            let value = (rest % size as u64) as usize;
            rest /= size as u64;
            value
        };
        let (trade, place) = (&TRADES[digit(TRADES.len())], &PLACES[digit(PLACES.len())]);
        let (head, tail) = (BRAND_HEADS[digit(BRAND_HEADS.len())], BRAND_TAILS[digit(BRAND_TAILS.len())]);
        let (form, sole_trader) = chance.weighted(&FORMS);
        CompanyName {
            head,
            tail,
            trade,
            place,
            form,
            sole_trader,
            city_in_brackets: !sole_trader && chance.permille(90),
        }
    }

    pub fn brand(&self) -> String {
        [self.head.0, self.tail.0].iter().collect()
    }

    /// `瀚瑞精机`
    pub fn short(&self) -> String {
        self.brand() + self.trade.short
    }

    /// Of the brand, for mail and web addresses.
    pub fn pinyin(&self) -> String {
        [self.head.1, self.tail.1].concat()
    }

    /// As on the business licence.
    pub fn full(&self) -> String {
        if self.city_in_brackets {
            format!("{}（{}）{}{}", self.brand(), self.place.short, self.trade.name, self.form)
        } else {
            format!("{}{}{}{}", self.place.short, self.brand(), self.trade.name, self.form)
        }
    }

    /// The same company as another hand would have typed it.
    pub fn mistyped(&self, chance: &mut Chance) -> String {
        let full = self.full();
        match chance.below(7) {
            0 => format!("{}{}", self.brand(), self.trade.name),
            1 => format!("{}{}{}", self.brand(), self.trade.name, self.form),
            2 => format!("{}市{}{}{}", self.place.short, self.brand(), self.trade.name, self.form),
            3 => full.replace('（', "(").replace('）', ")").replace("有限公司", " 有限公司"),
            4 => {
                full.replace("有限责任公司", "有限公司")
                    .replace("股份有限公司", "有限公司")
                    .replace("经营部", "商行")
                    + " "
            }
            5 => format!("{}{}（{}）", self.place.short, self.short(), "旧资料"),
            _ => full.replace("有限公司", "公司"),
        }
    }
}

#[rustfmt::skip]
const SURNAMES: [(u64, (&str, &str)); 56] = [
    (72, ("王", "wang")), (71, ("李", "li")), (65, ("张", "zhang")), (52, ("刘", "liu")), (45, ("陈", "chen")), (30, ("杨", "yang")),
    (22, ("黄", "huang")), (21, ("赵", "zhao")), (20, ("吴", "wu")), (20, ("周", "zhou")), (15, ("徐", "xu")), (14, ("孙", "sun")),
    (13, ("马", "ma")), (13, ("朱", "zhu")), (13, ("胡", "hu")), (12, ("郭", "guo")), (12, ("何", "he")), (12, ("林", "lin")),
    (11, ("高", "gao")), (11, ("罗", "luo")), (10, ("郑", "zheng")), (10, ("梁", "liang")), (9, ("谢", "xie")), (8, ("宋", "song")),
    (8, ("唐", "tang")), (8, ("许", "xu")), (7, ("韩", "han")), (7, ("邓", "deng")), (7, ("冯", "feng")), (7, ("曹", "cao")),
    (6, ("彭", "peng")), (6, ("曾", "zeng")), (6, ("肖", "xiao")), (6, ("田", "tian")), (6, ("董", "dong")), (5, ("潘", "pan")),
    (5, ("袁", "yuan")), (5, ("蔡", "cai")), (5, ("蒋", "jiang")), (5, ("余", "yu")), (5, ("于", "yu")), (5, ("杜", "du")),
    (5, ("叶", "ye")), (4, ("程", "cheng")), (4, ("魏", "wei")), (4, ("苏", "su")), (4, ("吕", "lv")), (4, ("丁", "ding")),
    (3, ("沈", "shen")), (3, ("任", "ren")), (3, ("姚", "yao")), (3, ("卢", "lu")), (2, ("单", "shan")), (2, ("仇", "qiu")),
    (2, ("欧阳", "ouyang")), (1, ("诸葛", "zhuge")),
];

#[rustfmt::skip]
const MALE: [(char, &str); 44] = [
    ('伟', "wei"), ('强', "qiang"), ('磊', "lei"), ('军', "jun"), ('勇', "yong"), ('杰', "jie"), ('涛', "tao"), ('明', "ming"),
    ('超', "chao"), ('刚', "gang"), ('平', "ping"), ('辉', "hui"), ('鹏', "peng"), ('波', "bo"), ('斌', "bin"), ('峰', "feng"),
    ('建', "jian"), ('国', "guo"), ('志', "zhi"), ('海', "hai"), ('文', "wen"), ('俊', "jun"), ('浩', "hao"), ('宇', "yu"),
    ('晨', "chen"), ('博', "bo"), ('凯', "kai"), ('毅', "yi"), ('林', "lin"), ('东', "dong"), ('亮', "liang"), ('健', "jian"),
    ('华', "hua"), ('龙', "long"), ('翔', "xiang"), ('宏', "hong"), ('新', "xin"), ('永', "yong"), ('生', "sheng"), ('松', "song"),
    ('诚', "cheng"), ('泽', "ze"), ('轩', "xuan"), ('铭', "ming"),
];

#[rustfmt::skip]
const FEMALE: [(char, &str); 36] = [
    ('芳', "fang"), ('娜', "na"), ('敏', "min"), ('静', "jing"), ('丽', "li"), ('艳', "yan"), ('娟', "juan"), ('霞', "xia"),
    ('秀', "xiu"), ('燕', "yan"), ('玲', "ling"), ('桂', "gui"), ('丹', "dan"), ('萍', "ping"), ('红', "hong"), ('玉', "yu"),
    ('梅', "mei"), ('洁', "jie"), ('婷', "ting"), ('雪', "xue"), ('慧', "hui"), ('琳', "lin"), ('晶', "jing"), ('欣', "xin"),
    ('怡', "yi"), ('佳', "jia"), ('雯', "wen"), ('倩', "qian"), ('颖', "ying"), ('璐', "lu"), ('瑶', "yao"), ('莹', "ying"),
    ('蕾', "lei"), ('思', "si"), ('雨', "yu"), ('晓', "xiao"),
];

/// An invented person.
pub(super) struct PersonName {
    pub surname: &'static str,
    pub full: String,
    /// `zhang.wei`, for mail addresses.
    pub pinyin: String,
    pub female: bool,
}

impl PersonName {
    pub fn invent(chance: &mut Chance) -> PersonName {
        let (surname, surname_pinyin) = chance.weighted(&SURNAMES);
        let female = chance.permille(380);
        let given: &[(char, &str)] = if female { &FEMALE } else { &MALE };
        let (mut full, mut pinyin) = (surname.to_owned(), format!("{surname_pinyin}."));
        let first = *chance.pick(given);
        full.push(first.0);
        pinyin.push_str(first.1);
        if chance.permille(640) {
            let second = *chance.pick(given);
            full.push(second.0);
            pinyin.push_str(second.1);
        }
        PersonName { surname, full, pinyin, female }
    }
}
