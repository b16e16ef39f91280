//! The dictionary, values, filters and access rules. Pure: no I/O.
