//! The fenced blocks of a page.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A fenced block. Its fence is a language with attributes, as in `sh,background`.
pub struct Block {
    /// The first word of the fence; empty if there is none.
    pub language: String,
    attributes: Vec<String>,
    /// The lines between the fences.
    pub text: String,
}

impl Block {
    fn new(fence: &str) -> Self {
        let mut words = fence.split(',').map(|word| word.trim().to_owned());
        Self {
            language: words.next().unwrap_or_default(),
            attributes: words.collect(),
            text: String::new(),
        }
    }

    /// Returns true if the fence has this attribute.
    #[must_use]
    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|word| word == attribute)
    }

    /// Returns the name of the file that the block is, as in `toml,file=tokens.toml`.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        let mut words = self.attributes.iter();
        words.find_map(|word| word.strip_prefix("file="))
    }
}

/// Returns the fenced blocks in their order.
#[must_use]
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(fence))) => {
                open = Some(Block::new(&fence));
            }
            Event::Text(text) => {
                if let Some(block) = &mut open {
                    block.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}
