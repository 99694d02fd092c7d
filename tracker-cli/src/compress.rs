//! Compressed output: [`Compressed`].

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// The text of a frame of zstd, in bytes. A file is a series of frames.
const FRAME: usize = 1 << 20;

/// The way in which a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// A target that is written as it is, or compressed.
pub(crate) enum Compressed<W: Write> {
    Plain(W),
    Gzip(Box<GzEncoder<W>>),
    Zstd { target: W, frame: Vec<u8> },
}

impl<W: Write> Compressed<W> {
    pub(crate) fn new(target: W, packing: Packing) -> Self {
        match packing {
            Packing::Plain => Self::Plain(target),
            Packing::Gzip => Self::Gzip(Box::new(GzEncoder::new(target, Compression::default()))),
            Packing::Zstd => Self::Zstd {
                target,
                frame: Vec::with_capacity(FRAME),
            },
        }
    }

    /// Writes the rest, and returns the target.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(target) => Ok(target),
            Self::Gzip(packed) => packed.finish(),
            Self::Zstd { mut target, frame } => {
                target.write_all(&compress_to_vec(&*frame, CompressionLevel::Fastest))?;
                Ok(target)
            }
        }
    }
}

impl<W: Write> Write for Compressed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(target) => target.write(bytes),
            Self::Gzip(packed) => packed.write(bytes),
            Self::Zstd { target, frame } => {
                if frame.len() >= FRAME {
                    target.write_all(&compress_to_vec(&**frame, CompressionLevel::Fastest))?;
                    frame.clear();
                }
                let taken = bytes.len().min(FRAME - frame.len());
                frame.extend_from_slice(&bytes[..taken]);
                Ok(taken)
            }
        }
    }

    /// Flushes the target. What is to be compressed with what follows is kept.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(target) | Self::Zstd { target, .. } => target.flush(),
            Self::Gzip(packed) => packed.get_mut().flush(),
        }
    }
}
