//! A name in the form that is compared: characters with their readings, or letters.

use super::latin;
use super::sound::Sounded;
use crate::text::{fold, is_han};
use crate::{company, pinyin};

/// Characters of a name that count.
const NAME_CHARS: usize = 40;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Script {
    #[default]
    Han,
    Latin,
}

/// Kinds of legal form that tell entities apart: a 商行 is not the 有限公司 of the same brand, while 有限公司 and 股份有限公司 are
/// often confused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Legal {
    #[default]
    None,
    Company,
    Stock,
    /// 商行, 经营部, 工作室: a trader's own business.
    Trader,
    /// 合作社, 事务所, 研究院.
    Other,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Name {
    pub script: Script,
    /// Brand and trade without region and legal form; folded, letters and digits only. For Latin script empty.
    pub core: Box<[Sounded]>,
    /// How many of `core` are the brand.
    pub brand: u8,
    /// Pinyin of `core`, or the letters as written, without spaces.
    pub letters: Box<str>,
    /// How many of `letters` are the brand's.
    pub brand_letters: u8,
    /// Six-digit code of the region in the name, 0 for none.
    pub region: u32,
    /// A second one, 0 for none.
    pub second_region: u32,
    pub legal: Legal,
    /// The legal form is written out (有限公司), so that the name is the registered one and not short for it.
    pub formal: bool,
    /// Letters that can be read as pinyin, so that a Chinese name should sound like them.
    pub pinyin: bool,
    pub group: bool,
}

impl Name {
    pub fn brand(&self) -> &[Sounded] {
        &self.core[..usize::from(self.brand)]
    }

    pub fn trade(&self) -> &[Sounded] {
        &self.core[usize::from(self.brand)..]
    }

    pub fn brand_letters(&self) -> &str {
        &self.letters[..usize::from(self.brand_letters)]
    }
}

/// What one name cell gives.
#[derive(Default)]
pub(crate) struct Named {
    pub names: Vec<Name>,
    /// Place and kind of the branch, 杭州 分公司.
    pub branch: Option<String>,
}

/// Reads a name cell: the name itself, and the former name that a note gives.
pub(crate) fn read(cell: &str) -> Named {
    let parts = company::parse(cell);
    let mut named = Named { names: Vec::with_capacity(1), branch: parts.branch.as_deref().map(branch) };
    named.names.extend(from_parts(&parts));
    if let Some(former) = parts.former_name() {
        let former = company::parse(former);
        named.names.extend(from_parts(&former));
    }
    named
}

fn branch(written: &str) -> String {
    let squeezed: String = fold(written).chars().filter(|c| c.is_alphanumeric()).collect();
    // 杭州市分公司 is 杭州分公司.
    squeezed.replace("市", "").replace("省", "")
}

fn from_parts(parts: &company::CompanyName) -> Option<Name> {
    let core = fold(&parts.core);
    let legal = legal(&parts.legal_form);
    let number = |code: &Option<String>| code.as_deref().and_then(|code| code.parse().ok()).unwrap_or(0);
    let (region, second_region) = (number(&parts.region), number(&parts.second_region));
    let formal = parts.legal_form.contains("有限") || parts.legal_form.contains("ltd");
    let group = parts.group;
    if core.chars().any(is_han) {
        let brand = fold(&parts.brand).chars().filter(|c| c.is_alphanumeric()).count();
        let name = han(&core, brand);
        let region = if region == 0 { latin::misspelt_region(&name.core) } else { (region, 0) };
        let name = if region.1 > 0 { han_rest(&name, region.1) } else { name };
        return (!name.core.is_empty()).then_some(Name {
            region: region.0,
            second_region,
            legal,
            formal,
            group,
            ..name
        });
    }
    let read = latin::read(&core);
    let region = if region == 0 { read.region } else { region };
    let brand_letters = clip(read.brand);
    (!read.letters.is_empty()).then(|| Name {
        script: Script::Latin,
        pinyin: pinyin::is_spelt_out(&read.letters[..read.brand]),
        letters: read.letters.into(),
        brand_letters,
        region,
        legal,
        formal,
        group,
        ..Name::default()
    })
}

fn clip(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

/// A Chinese name from its folded core; `brand` in characters.
pub(crate) fn han(core: &str, brand: usize) -> Name {
    let chars: Vec<char> = core.chars().filter(|c| c.is_alphanumeric()).take(NAME_CHARS).collect();
    let readings = pinyin::readings(&chars);
    let mut letters = String::with_capacity(chars.len() * 4);
    let mut brand_letters = 0;
    let brand = brand.min(chars.len());
    let mut sounded = Vec::with_capacity(chars.len());
    for (at, (c, reading)) in chars.iter().zip(readings).enumerate() {
        match reading.first() {
            Some(syllable) => {
                letters.push_str(syllable);
                sounded.push((*c, pinyin::syllable_number(syllable)));
            }
            None => {
                if c.is_ascii() {
                    letters.push(*c);
                }
                sounded.push((*c, 0));
            }
        }
        if at + 1 == brand {
            brand_letters = letters.len();
        }
    }
    Name {
        core: sounded.into(),
        brand: clip(brand),
        letters: letters.into(),
        brand_letters: clip(brand_letters),
        ..Name::default()
    }
}

/// The name behind its first `skipped` characters.
fn han_rest(name: &Name, skipped: usize) -> Name {
    let text: String = name.core[skipped..].iter().map(|c| c.0).collect();
    han(&text, usize::from(name.brand).saturating_sub(skipped).max(2))
}

fn legal(form: &str) -> Legal {
    match form {
        "" => Legal::None,
        "股份有限公司" | "股份公司" | "股份" => Legal::Stock,
        "经营部" | "工作室" | "商行" | "个体工商户" | "门市部" | "个体户" => Legal::Trader,
        _ if form.contains("公司") || form.contains("有限") || form.is_ascii() => Legal::Company,
        _ => Legal::Other,
    }
}
