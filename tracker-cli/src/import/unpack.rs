//! Compressed input, unpacked as it is read: [`gzip`] and [`zstd`].

use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Read},
    rc::Rc,
    sync::Arc,
};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use super::recognise::FileError;

/// The most bytes that a byte of input becomes, on the average. Each activity has an ID of its own,
/// so activities are far from it.
const RATIO_MAX: u64 = 1_000;

/// The output, in bytes, up to which any ratio is allowed.
const ALWAYS: u64 = 64 << 20;

/// The most memory that a window of zstd takes, as its own command has by default.
const WINDOW_MAX: u64 = 128 << 20;

/// Returns the unpacked text of a file of gzip, which may have several members. Zeros behind a
/// member, with which a tape is filled up, are skipped.
pub(super) fn gzip(packed: impl BufRead + 'static) -> Box<dyn BufRead> {
    bounded(packed, |packed| Members(Some(GzDecoder::new(packed))))
}

/// Returns the unpacked text of a file of zstd, which may have several frames.
pub(super) fn zstd(packed: impl BufRead + 'static) -> Box<dyn BufRead> {
    bounded(packed, |packed| Frames { packed, open: None })
}

fn bounded<R: BufRead + 'static, U: Read + 'static>(
    packed: R,
    unpacking: impl FnOnce(Counted<R>) -> U,
) -> Box<dyn BufRead> {
    let taken = Rc::<Cell<u64>>::default();
    let counted = Counted {
        packed,
        taken: Rc::clone(&taken),
    };
    Box::new(BufReader::with_capacity(
        64 << 10,
        Bounded {
            unpacked: Named(unpacking(counted)),
            taken,
            given: 0,
        },
    ))
}

/// Input that counts its bytes.
struct Counted<R> {
    packed: R,
    taken: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.packed.read(buffer)?;
        self.taken.set(self.taken.get() + read as u64);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.packed.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.taken.set(self.taken.get() + bytes as u64);
        self.packed.consume(bytes);
    }
}

/// Unpacked text that fails where it becomes too much for its input.
struct Bounded<U> {
    unpacked: U,
    taken: Rc<Cell<u64>>,
    given: u64,
}

impl<U: Read> Read for Bounded<U> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacked.read(buffer)?;
        self.given += read as u64;
        if self.given > ALWAYS && self.given / RATIO_MAX > self.taken.get() {
            return Err(FileError::Bomb.into());
        }
        Ok(read)
    }
}

/// Unpacked text whose errors say that the file is damaged.
struct Named<U>(U);

impl<U: Read> Read for Named<U> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            _ => FileError::Packing(Arc::new(error)).into(),
        })
    }
}

/// The members of a file of gzip, one after the other; `None` at the end.
struct Members<R>(Option<GzDecoder<R>>);

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let packed = self.0.take().map(GzDecoder::into_inner);
            self.0 = packed.map(next_member).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// Returns the member that begins behind any zeros.
fn next_member<R: BufRead>(mut packed: R) -> io::Result<Option<GzDecoder<R>>> {
    loop {
        let buffer = packed.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
        let is_member = zeros < buffer.len();
        packed.consume(zeros);
        if is_member {
            return Ok(Some(GzDecoder::new(packed)));
        }
    }
}

/// The frames of a file of zstd, one after the other.
struct Frames<R> {
    packed: R,
    /// The decoder of a frame that has begun.
    open: Option<Box<FrameDecoder>>,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(decoder) = &mut self.open {
                while decoder.can_collect() == 0 && !decoder.is_finished() {
                    let a_block = BlockDecodingStrategy::UptoBlocks(1);
                    decoder
                        .decode_blocks(&mut self.packed, a_block)
                        .map_err(io::Error::other)?;
                }
                let read = decoder.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
                let checksum = decoder.get_checksum_from_data();
                if checksum.is_some() && checksum != decoder.get_calculated_checksum() {
                    return Err(io::Error::other("the checksum of a frame is another"));
                }
                self.open = None;
            }
            if self.packed.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.open = self.next_frame()?;
        }
    }
}

impl<R: BufRead> Frames<R> {
    /// Begins the next frame, or skips one that has no text.
    fn next_frame(&mut self) -> io::Result<Option<Box<FrameDecoder>>> {
        let mut decoder = Box::new(FrameDecoder::new());
        decoder.set_max_window_size(WINDOW_MAX);
        match decoder.init(&mut self.packed) {
            Ok(()) => Ok(Some(decoder)),
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let mut skipped = self.packed.by_ref().take(length.into());
                io::copy(&mut skipped, &mut io::sink())?;
                Ok(None)
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    type Unpack = fn(io::Cursor<Vec<u8>>) -> Box<dyn BufRead>;

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(text).unwrap();
        packed.finish().unwrap()
    }

    fn zstd_of(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    fn read(mut unpacked: Box<dyn BufRead>) -> Result<Vec<u8>, String> {
        let mut text = Vec::new();
        match unpacked.read_to_end(&mut text) {
            Ok(_) => Ok(text),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn all_members_and_frames_of_a_file_are_unpacked() {
        let long = "deployed ".repeat(100_000).into_bytes();
        let members = [gzipped(&long), gzipped(b""), gzipped(b"end")].concat();
        let unpacked = read(gzip(io::Cursor::new(members))).unwrap();
        assert!(unpacked == [&*long, b"end"].concat());
        let skipped = b"\x50\x2A\x4D\x18\x03\0\0\0xyz".to_vec();
        let frames = [skipped, zstd_of(&long), zstd_of(b""), zstd_of(b"end")].concat();
        let unpacked = read(zstd(io::Cursor::new(frames))).unwrap();
        assert!(unpacked == [&*long, b"end"].concat());
    }

    #[test]
    fn zeros_behind_a_member_are_no_damage_and_anything_else_is() {
        let padded = [gzipped(b"a"), vec![0; 200_000]].concat();
        assert_eq!(read(gzip(io::Cursor::new(padded.clone()))).unwrap(), b"a");
        let more = [padded.clone(), gzipped(b"b"), vec![0]].concat();
        assert_eq!(read(gzip(io::Cursor::new(more))).unwrap(), b"ab");
        for rest in [&b"rest of a tape"[..], b"\x1F", b"\x1F\x8B"] {
            let damaged = [&*padded, rest].concat();
            let error = read(gzip(io::Cursor::new(damaged))).unwrap_err();
            assert!(error.contains("damaged"), "{error}");
        }
    }

    #[test]
    fn a_file_that_was_cut_off_or_changed_is_damaged() {
        let numbers: Vec<_> = (0..10_000).map(|number: u32| number.to_string()).collect();
        let text = numbers.join(" ");
        let packed = [gzipped(text.as_bytes()), zstd_of(text.as_bytes())];
        let unpack: [Unpack; 2] = [|packed| gzip(packed), |packed| zstd(packed)];
        for (packed, unpack) in packed.into_iter().zip(unpack) {
            let mut changed = packed.clone();
            let middle = packed.len() / 2;
            changed[middle] ^= 0x55;
            for damaged in [packed[..packed.len() - 1].to_vec(), changed] {
                let error = read(unpack(io::Cursor::new(damaged))).unwrap_err();
                assert!(error.contains("damaged"), "{error}");
            }
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked_to_its_end() {
        let zeros = vec![0; 1 << 20];
        let mut bomb = Vec::new();
        let mut packed = GzEncoder::new(&mut bomb, Compression::best());
        for _ in 0..256 {
            packed.write_all(&zeros).unwrap();
        }
        packed.finish().unwrap();
        let mut unpacked = gzip(io::Cursor::new(bomb));
        let mut taken = 0;
        let error = loop {
            match unpacked.fill_buf() {
                Ok(text) => {
                    let bytes = text.len();
                    taken += bytes as u64;
                    unpacked.consume(bytes);
                    assert_ne!(bytes, 0, "it was unpacked to its end");
                }
                Err(error) => break error,
            }
        };
        assert!(error.to_string().contains("1,000 times"), "{error}");
        assert!(taken <= 2 * ALWAYS, "{taken}");
    }
}
