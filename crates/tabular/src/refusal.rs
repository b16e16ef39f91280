use std::io;

/// Language of a message shown to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

/// What a file turned out to be when it is no spreadsheet this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Found {
    /// A web page; many systems export one under the name .xls.
    Html,
    /// XML Spreadsheet 2003, also often named .xls.
    SpreadsheetXml,
    /// Excel binary workbook (.xlsb).
    Xlsb,
    /// OpenDocument spreadsheet (.ods).
    OpenDocument,
    /// Excel 4 or older.
    OldExcel,
    Pdf,
    Image,
    /// A zip archive that is not an Excel workbook (Word, PowerPoint, plain archive).
    OtherArchive,
    /// An OLE file that is not an Excel workbook (old Word, PowerPoint, mail).
    OtherOle,
    /// Bytes in no text encoding this crate knows.
    Binary,
}

/// Why a file, or the rest of it, is not read. `Display` is the English message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum Refusal {
    /// The file is larger than allowed (bytes).
    TooLarge { bytes: u64, limit: u64 },
    /// A part inflates to more than the limits allow.
    ZipBomb { part: String },
    /// A value stands in a column beyond the limit.
    TooManyColumns { sheet: String, columns: usize, limit: usize },
    /// A value stands in a row beyond the limit.
    TooManyRows { sheet: String, limit: u32 },
    /// A cell holds more characters than the limit; in .csv usually a quote that is never closed.
    CellTooLong { row: u32, column: usize, limit: usize },
    /// The file is protected by a password.
    Encrypted,
    /// The content is something else, whatever the name says.
    NotASpreadsheet { found: Found },
    /// The workbook, or a formula in it, reaches out to other files, programs or the network.
    ExternalLinks { place: String },
    /// The workbook contains macros.
    Macros,
    /// The file is damaged; `part` names where, `detail` what (English).
    Corrupt { part: String, detail: String },
    /// No sheet holds any value.
    Empty,
    /// There is no sheet with this index (0-based).
    NoSuchSheet { index: usize },
    /// The operating system could not read the file.
    Unreadable { detail: String },
}

impl Refusal {
    pub(crate) fn corrupt(part: impl Into<String>, detail: impl std::fmt::Display) -> Self {
        Self::Corrupt { part: part.into(), detail: detail.to_string() }
    }

    /// Finds the refusal that a guarded reader put into an I/O error, else calls the file damaged or unreadable.
    pub(crate) fn from_io(part: &str, error: &io::Error) -> Self {
        if let Some(refusal) = error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>()) {
            return refusal.clone();
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Self::corrupt(part, error)
            }
            _ => Self::Unreadable { detail: error.to_string() },
        }
    }

    /// A stable identifier of the kind of refusal, for error tables and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "file_too_large",
            Self::ZipBomb { .. } => "file_zip_bomb",
            Self::TooManyColumns { .. } => "file_too_many_columns",
            Self::TooManyRows { .. } => "file_too_many_rows",
            Self::CellTooLong { .. } => "file_cell_too_long",
            Self::Encrypted => "file_encrypted",
            Self::NotASpreadsheet { .. } => "file_not_a_spreadsheet",
            Self::ExternalLinks { .. } => "file_external_links",
            Self::Macros => "file_macros",
            Self::Corrupt { .. } => "file_corrupt",
            Self::Empty => "file_empty",
            Self::NoSuchSheet { .. } => "file_no_such_sheet",
            Self::Unreadable { .. } => "file_unreadable",
        }
    }

    /// What was wrong, where, and what to do, for the person who uploaded the file.
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.chinese(),
            Lang::En => self.english(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::TooLarge { bytes, limit } => {
                format!("文件大小 {}，超过上限 {}。请拆分后再上传。", megabytes(*bytes), megabytes(*limit))
            }
            Self::ZipBomb { part } => {
                format!(
                    "文件解压后异常巨大（{part}），疑似压缩炸弹，已拒绝。请用 Excel 或 WPS 重新另存后再试。"
                )
            }
            Self::TooManyColumns { sheet, columns, limit } => {
                format!("工作表“{sheet}”有 {columns} 列，超过上限 {limit} 列。请删除多余的列后再上传。")
            }
            Self::TooManyRows { sheet, limit } => {
                format!("工作表“{sheet}”的数据超过 {limit} 行。请拆分成多个文件后再上传。")
            }
            Self::CellTooLong { row, column, limit } => format!(
                "第 {row} 行第 {column} 列的内容超过 {limit} 个字符。如果是 CSV 文件，请检查此处之前是否有未闭合的引号。"
            ),
            Self::Encrypted => "文件设有密码，无法读取。请去掉密码后再上传。".into(),
            Self::NotASpreadsheet { found } => found.chinese().into(),
            Self::ExternalLinks { place } => format!(
                "文件引用了外部文件、程序或网络（{place}），为安全起见已拒绝。请将公式“粘贴为数值”并断开外部链接后再上传。"
            ),
            Self::Macros => "文件包含宏，为安全起见已拒绝。请另存为不含宏的 .xlsx 文件后再上传。".into(),
            Self::Corrupt { part, detail } => {
                format!("文件已损坏（{part}：{detail}）。请用 Excel 或 WPS 打开并重新保存后再上传。")
            }
            Self::Empty => "文件中没有任何数据。".into(),
            Self::NoSuchSheet { index } => format!("文件中没有第 {} 个工作表。", index + 1),
            Self::Unreadable { detail } => format!("无法读取文件：{detail}。"),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::TooLarge { bytes, limit } => format!(
                "The file is {}, more than the limit of {}. Split it and upload the parts.",
                megabytes(*bytes),
                megabytes(*limit)
            ),
            Self::ZipBomb { part } => format!(
                "The file inflates to an abnormal size ({part}) and looks like a zip bomb. Save it again in Excel or WPS and retry."
            ),
            Self::TooManyColumns { sheet, columns, limit } => format!(
                "Sheet “{sheet}” has {columns} columns, more than the limit of {limit}. Delete the columns you do not need."
            ),
            Self::TooManyRows { sheet, limit } => {
                format!("Sheet “{sheet}” has data beyond row {limit}. Split it into several files.")
            }
            Self::CellTooLong { row, column, limit } => format!(
                "Row {row}, column {column} holds more than {limit} characters. In a CSV file, look for an unclosed quote before it."
            ),
            Self::Encrypted => {
                "The file is protected by a password. Remove the password and upload it again.".into()
            }
            Self::NotASpreadsheet { found } => found.english().into(),
            Self::ExternalLinks { place } => format!(
                "The file refers to other files, programs or the network ({place}) and is refused for safety. Paste formulas as values and break external links first."
            ),
            Self::Macros => {
                "The file contains macros and is refused for safety. Save it as .xlsx without macros.".into()
            }
            Self::Corrupt { part, detail } => format!(
                "The file is damaged ({part}: {detail}). Open it in Excel or WPS, save it again and retry."
            ),
            Self::Empty => "The file holds no data.".into(),
            Self::NoSuchSheet { index } => format!("The file has no sheet number {}.", index + 1),
            Self::Unreadable { detail } => format!("The file cannot be read: {detail}."),
        }
    }
}

impl Found {
    fn chinese(self) -> &'static str {
        match self {
            Self::Html => {
                "这是一个网页文件（很多系统导出的 .xls 实际上是网页）。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
            }
            Self::SpreadsheetXml => {
                "这是 XML 表格文件（2003 版）。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
            }
            Self::Xlsb => "暂不支持 .xlsb 二进制工作簿。请另存为 .xlsx 再上传。",
            Self::OpenDocument => "暂不支持 OpenDocument 表格（.ods）。请另存为 .xlsx 再上传。",
            Self::OldExcel => "文件的 Excel 版本过旧。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。",
            Self::Pdf => "这是 PDF 文件，不是表格。请上传 .xlsx、.xls 或 .csv 文件。",
            Self::Image => "这是图片，不是表格。请上传 .xlsx、.xls 或 .csv 文件。",
            Self::OtherArchive => {
                "这是压缩包或其他 Office 文档，不是 Excel 工作簿。请上传 .xlsx、.xls 或 .csv 文件。"
            }
            Self::OtherOle => "这是其他 Office 文档，不是 Excel 工作簿。请上传 .xlsx、.xls 或 .csv 文件。",
            Self::Binary => "无法识别文件内容，不是表格或文本文件。请上传 .xlsx、.xls 或 .csv 文件。",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Html => {
                "This is a web page (many systems export one under the name .xls). Open it in Excel or WPS and save it as .xlsx."
            }
            Self::SpreadsheetXml => {
                "This is an XML Spreadsheet 2003 file. Open it in Excel or WPS and save it as .xlsx."
            }
            Self::Xlsb => "Binary workbooks (.xlsb) are not supported. Save it as .xlsx.",
            Self::OpenDocument => "OpenDocument spreadsheets (.ods) are not supported. Save it as .xlsx.",
            Self::OldExcel => {
                "The file comes from a very old Excel. Open it in Excel or WPS and save it as .xlsx."
            }
            Self::Pdf => "This is a PDF file, not a spreadsheet. Upload an .xlsx, .xls or .csv file.",
            Self::Image => "This is a picture, not a spreadsheet. Upload an .xlsx, .xls or .csv file.",
            Self::OtherArchive => {
                "This is an archive or another Office document, not an Excel workbook. Upload an .xlsx, .xls or .csv file."
            }
            Self::OtherOle => {
                "This is another Office document, not an Excel workbook. Upload an .xlsx, .xls or .csv file."
            }
            Self::Binary => {
                "The content is neither a spreadsheet nor text. Upload an .xlsx, .xls or .csv file."
            }
        }
    }
}

fn megabytes(bytes: u64) -> String {
    if bytes < 1024 * 1024 {
        return format!("{} KB", bytes.div_ceil(1024));
    }
    let tenths = bytes * 10 / (1024 * 1024);
    if tenths.is_multiple_of(10) {
        format!("{} MB", tenths / 10)
    } else {
        format!("{}.{} MB", tenths / 10, tenths % 10)
    }
}
