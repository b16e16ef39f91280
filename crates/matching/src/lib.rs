//! Chinese names, phones, addresses and text. Pure: no I/O.
