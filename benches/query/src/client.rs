//! A connection with successive requests, and only as much of HTTP as they need.

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub(crate) async fn connect(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Sends a request and reads the head of the response, which has to be a 200. Returns the
    /// length of the body if the head has one.
    pub(crate) async fn begin(&mut self, path: &str) -> anyhow::Result<Option<usize>> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes()).await?;
        let status = self.line().await?;
        ensure!(status.contains(" 200 "), "{path}: {status}");
        let mut length = None;
        loop {
            let line = self.line().await?.to_ascii_lowercase();
            if line.is_empty() {
                return Ok(length);
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = Some(value.parse()?);
            }
        }
    }

    /// Gets a body with a known length.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let length = self.begin(path).await?.context("no length")?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok(body)
    }

    /// Reads a chunked body to its end, and returns the number of its lines.
    pub(crate) async fn count_lines(&mut self, path: &str) -> anyhow::Result<usize> {
        self.begin(path).await?;
        let mut lines = 0;
        loop {
            let chunk = self.chunk().await?;
            if chunk.is_empty() {
                return Ok(lines);
            }
            lines += chunk.split(|byte| *byte == b'\n').count() - 1;
        }
    }

    /// Returns the next chunk of a body, which is empty at its end.
    pub(crate) async fn chunk(&mut self) -> anyhow::Result<Vec<u8>> {
        let length = usize::from_str_radix(&self.line().await?, 16)?;
        let mut chunk = vec![0; length];
        self.stream.read_exact(&mut chunk).await?;
        ensure!(self.line().await?.is_empty(), "a chunk that does not end");
        Ok(chunk)
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(line.trim_end().to_owned())
    }
}
