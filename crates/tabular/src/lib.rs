//! Reads and writes spreadsheets.
