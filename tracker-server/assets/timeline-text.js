// Texts by strangers, made safe to show.

import { element } from "./timeline-dom.js";

// Control characters except tab and line ends, and the embeddings and overrides that reorder the
// text around them. Isolates and marks are kept: right-to-left texts need them, and each text has
// an isolate of its own (`dir="auto"`).
const UNSAFE = /[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e]/g;

// A link ends before an invisible character, or one that can't be in a URL.
const LINK = /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>"`{}|\\^\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]+/giu;

/** The text with U+FFFD for each character that could disturb its surroundings. */
export function harmless(text) {
  return String(text).replace(UNSAFE, "\ufffd");
}

/** The text's pieces: `{ text }`, or `{ text, href }` for an http(s) address in it. */
function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = withoutPunctuation(match[0]);
    const href = safeHref(address);
    if (!href) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/** Nodes for a text of which at most `limit` characters are shown. */
export function textNodes(text, limit = Infinity) {
  const nodes = [];
  let left = limit;
  for (const piece of pieces(harmless(text))) {
    if (left <= 0) break;
    const shown = piece.text.length > left ? `${cut(piece.text, left)}…` : piece.text;
    left -= piece.text.length;
    nodes.push(piece.href ? link(piece.href, shown) : document.createTextNode(shown));
  }
  return nodes;
}

function link(href, text) {
  const attributes = { href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "ltr", title: href };
  return element("a", attributes, text);
}

/**
 * Returns the address without the punctuation that ends a sentence, and without a bracket that was
 * opened before it.
 */
function withoutPunctuation(address) {
  for (;;) {
    const last = address.at(-1);
    const opening = { ")": "(", "]": "[" }[last];
    const unbalanced = opening && address.split(opening).length < address.split(last).length;
    if (!unbalanced && !/[.,;:!?'*…»”’]/.test(last)) return address;
    address = address.slice(0, -1);
  }
}

function safeHref(address) {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  // A text before an `@` can be made to look like the host.
  const trustworthy = /^https?:$/.test(url.protocol) && !url.username && !url.password;
  return trustworthy ? url.href : null;
}

/** Not in the middle of a character, and rather between words. */
function cut(text, length) {
  const head = text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
  const space = head.lastIndexOf(" ");
  return space > length / 2 ? head.slice(0, space) : head;
}
