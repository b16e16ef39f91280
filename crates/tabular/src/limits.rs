/// How much of a file is read before it is refused. Every limit holds while streaming, so a file that lies
/// about its size costs no more than the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of the uploaded file, bytes.
    pub max_bytes: u64,
    /// Size of an .xls file, bytes; that format is loaded whole.
    pub max_xls_bytes: u64,
    /// Highest row number that may hold a value. Excel's own limit is 1,048,576.
    pub max_rows: u32,
    /// Highest column that may hold a value, counted from 1. Excel's own limit is 16,384.
    pub max_columns: usize,
    /// Characters in one cell. Excel's own limit is 32,767.
    pub max_cell_chars: usize,
    /// Inflated size of all parts of an .xlsx file together, bytes.
    pub max_uncompressed_bytes: u64,
    /// Inflated size of a part over its compressed size; looked at only once a part has inflated beyond
    /// [`Limits::RATIO_FREE_BYTES`], since small repetitive sheets compress well.
    pub max_ratio: u64,
}

impl Limits {
    /// A part may inflate to this size whatever its ratio.
    pub const RATIO_FREE_BYTES: u64 = 32 * 1024 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 100 * 1024 * 1024,
            max_xls_bytes: 20 * 1024 * 1024,
            max_rows: 1_048_576,
            max_columns: 256,
            max_cell_chars: 32_767,
            max_uncompressed_bytes: 2 * 1024 * 1024 * 1024,
            max_ratio: 200,
        }
    }
}
