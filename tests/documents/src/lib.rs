//! The code of README.md, docs/ and docs/guide/: each block of Rust is a doctest.

#[cfg(doctest)]
mod code {
    include!(concat!(env!("OUT_DIR"), "/code.rs"));
}
