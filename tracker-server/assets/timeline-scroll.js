// The scroller of the timeline: the page, or an element around it, even one outside of a shadow
// root.

export function scrollerOf(node) {
  for (let around = parentOf(node); around instanceof Element; around = parentOf(around)) {
    const scrolls = /auto|scroll|overlay/.test(getComputedStyle(around).overflowY);
    if (scrolls && around.scrollHeight > around.clientHeight && around !== document.body) return around;
  }
  return document.scrollingElement;
}

/** Returns true if nothing above the node's first screen is scrolled away. */
export function isAtTop(node) {
  const scroller = scrollerOf(node);
  return scroller.scrollTop <= topFor(node, scroller) + 1;
}

export function scrollToTop(node) {
  const scroller = scrollerOf(node);
  scroller.scrollTo({ top: topFor(node, scroller), behavior: "instant" });
}

/**
 * Returns the distance of the node from the scroller's upper edge, which is negative if the node is
 * scrolled away.
 */
export function distanceFromTop(node, scroller = scrollerOf(node)) {
  const edge = scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
  return node.getBoundingClientRect().top - edge;
}

/**
 * Returns the reader's place among the rows of a feed in the node, `{ action_id, offset, rows }`;
 * `null` at the top.
 */
export function positionIn(node, feed) {
  if (isAtTop(node)) return null;
  const scroller = scrollerOf(node);
  const row = feed.topmost(scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top);
  if (!row) return null;
  return { action_id: row.id, offset: Math.round(distanceFromTop(row.element, scroller)), rows: feed.size };
}

/**
 * Scrolls until the row is `offset` below the upper edge of the host's scroller. It repeats this for
 * some frames, because a row gets its height only when it comes into sight.
 */
export function scrollRowTo(host, row, offset, frames = 12) {
  scrollerOf(host).scrollBy({ top: distanceFromTop(row) - offset, behavior: "instant" });
  if (frames > 0 && row.isConnected) requestAnimationFrame(() => scrollRowTo(host, row, offset, frames - 1));
}

/** Scrolls a row into the upper part of the window, with some of what is above it in sight. */
export function scrollRowUp(host, row) {
  scrollRowTo(host, row, Math.round(innerHeight / 4));
}

/** Scrolls a row up in the same way, unless it is in the first half of the window or above. */
export function showRow(host, row) {
  if (row.getBoundingClientRect().top > innerHeight / 2) scrollRowUp(host, row);
}

/** Returns the very top, or the node's beginning if that is more than one screen below. */
function topFor(node, scroller) {
  const start = scroller.scrollTop + distanceFromTop(node, scroller);
  return start < scroller.clientHeight ? 0 : start;
}

function parentOf(node) {
  return node.assignedSlot ?? node.parentElement ?? node.getRootNode().host;
}

/**
 * Scrolls the focused row into sight. The rows on the way get their sizes only once they are drawn,
 * and may push it out again, so it is looked after for some frames.
 */
export function keepInSight(row, frames = 3) {
  row.scrollIntoView({ block: "nearest", behavior: "instant" });
  if (frames === 0) return;
  requestAnimationFrame(() => {
    if (row.getRootNode().activeElement === row) keepInSight(row, frames - 1);
  });
}
