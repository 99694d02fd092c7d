//! The documents: README.md, docs/ and docs/guide/. Each of their blocks of Rust is a doctest, and
//! the tests read the rest of their [blocks](block).

pub mod block;

#[cfg(doctest)]
mod code {
    include!(concat!(env!("OUT_DIR"), "/code.rs"));
}
