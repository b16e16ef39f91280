//! The operations: every rule of the product, one transaction each.
