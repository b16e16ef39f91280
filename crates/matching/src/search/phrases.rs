//! What very many names end with, as one word of the index in place of some twenty.
//!
//! Four in five companies are a 有限公司: its characters, pairs, initials and sounds are a quarter of a customer's tokens and tell nobody
//! apart. A text that has all tokens of such a phrase gets one word for it instead, and a query asks for each of its tokens, or for the
//! phrases that have it. So exactly the same texts are found, also among those that were written before a phrase was known.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use super::Token;

/// 组织形式 that most names end with. As with [`ENDS`], to take one away loses texts that are in an index: only ever add.
const FORMS: [&str; 3] = ["有限公司", "有限责任公司", "股份有限公司"];

/// The last two characters of what companies do, as they stand before the first of [`FORMS`].
const ENDS: &str = "科技 技术 电子 贸易 商贸 实业 设备 机械 机电 工程 建筑 装饰 建材 材料 制品 制造 工业 器材 器械 仪器 仪表 电气 电器 电力 \
     电缆 光电 通信 通讯 软件 网络 信息 智能 数据 商务 服务 管理 咨询 投资 发展 控股 集团 置业 物业 物流 运输 供应 食品 饮料 粮油 农业 \
     生物 医药 药业 医疗 化工 塑料 塑胶 橡胶 玻璃 陶瓷 金属 钢铁 五金 工具 模具 配件 部件 轴承 阀门 泵业 汽车 汽配 纺织 服装 服饰 鞋业 \
     家具 家居 照明 灯饰 包装 印刷 纸业 环保 能源 文化 传媒 广告 教育 餐饮 酒店 旅游";

struct Phrase {
    word: String,
    /// All of them make the phrase.
    tokens: Vec<String>,
}

/// The phrases as one database's index has them.
pub(super) struct Phrases {
    /// By one token of each, which few others have.
    by_key: HashMap<String, Vec<Phrase>>,
    /// The words of those that have a token.
    having: BTreeMap<String, Vec<String>>,
}

impl Phrases {
    /// `tokens`: what the index has of a text that ends so.
    pub(super) fn new(tokens: impl Fn(&str) -> Vec<String>) -> Self {
        // The first initial is that of the text, not of its end.
        let of = |text: &str| -> Vec<String> {
            tokens(text).into_iter().filter(|token| !token.starts_with('n')).collect()
        };
        let form = FORMS[0];
        let known = of(form);
        let ends = ENDS.split_whitespace().map(|end| {
            let mut tokens = of(&format!("{end}{form}"));
            tokens.retain(|token| !known.contains(token));
            Phrase { word: format!("c{end}"), tokens }
        });
        let forms = FORMS.into_iter().map(|form| Phrase { word: format!("c{form}"), tokens: of(form) });
        let all: Vec<Phrase> = forms.chain(ends).collect();
        let mut having: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for phrase in &all {
            for token in &phrase.tokens {
                having.entry(token.clone()).or_default().push(phrase.word.clone());
            }
        }
        let mut by_key: HashMap<String, Vec<Phrase>> = HashMap::new();
        for phrase in all {
            let rarest = |token: &&String| Reverse(having.get(*token).map_or(0, Vec::len));
            let key = phrase.tokens.iter().max_by_key(rarest).cloned().unwrap_or_default();
            by_key.entry(key).or_default().push(phrase);
        }
        Self { by_key, having }
    }

    /// These tokens, each of them once, with the phrases that they make in their places.
    pub(super) fn shortened(&self, mut tokens: Vec<String>) -> Vec<String> {
        tokens.sort_unstable();
        tokens.dedup();
        let mut gone = vec![false; tokens.len()];
        let mut words = Vec::new();
        let mut places = Vec::new();
        for phrase in tokens.iter().filter_map(|token| self.by_key.get(token)).flatten() {
            places.clear();
            places.extend(phrase.tokens.iter().map_while(|token| tokens.binary_search(token).ok()));
            if places.len() == phrase.tokens.len() {
                places.iter().for_each(|place| gone[*place] = true);
                words.push(phrase.word.clone());
            }
        }
        let mut gone = gone.into_iter();
        tokens.retain(|_| !gone.next().unwrap_or_default());
        tokens.append(&mut words);
        tokens
    }

    /// The words of the phrases that have this token, or one that begins so; some of them more than once.
    pub(super) fn with<'a>(&'a self, token: &'a Token) -> impl Iterator<Item = &'a str> {
        let from = (Bound::Included(token.text.as_str()), Bound::Unbounded);
        let is = |known: &str| known == token.text || token.prefix && known.starts_with(&token.text);
        let having = self.having.range::<str, _>(from).take_while(move |(known, _)| is(known));
        having.flat_map(|(_, words)| words).map(String::as_str)
    }
}
