//! The only SQL: pools, transactions, dialects, tables and queries.
