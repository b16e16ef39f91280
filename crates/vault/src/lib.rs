//! Keys, sealed values, password hashes and the Merkle log. Pure: no I/O.
