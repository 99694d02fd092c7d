// The focus among rows that are made anew or moved.

/**
 * Remembers the focus within a container, and returns a function that gives it back. `rowLike(row)`
 * returns the row that stands for a former one.
 */
export function keepFocus(container, rowLike) {
  const focused = container.getRootNode().activeElement ?? null;
  if (!focused || !container.contains(focused)) return () => {};
  const row = focused.closest(".row");
  return () => {
    if (container.getRootNode().activeElement === focused) return;
    const kept = focused.isConnected ? focused : within(rowLike(row), row, focused);
    kept?.focus({ preventScroll: true });
  };
}

/** Returns what stands in `now` where `node` stood in `before`: the row itself, or a part of it. */
function within(now, before, node) {
  if (!now || node === before) return now;
  const isAlike = (other) =>
    other.className === node.className && ["filter", "value", "copy"].every((name) => other.dataset[name] === node.dataset[name]);
  return [...now.querySelectorAll(node.localName)].find(isAlike) ?? now;
}
