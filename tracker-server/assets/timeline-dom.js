/** Makes an element. Children are nodes or texts; a text is never read as HTML. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Sets a text only where it differs, so that nothing is laid out again for nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets properties of an element anew that were set before it was defined: these hide the
 * accessors.
 */
export function upgrade(node, names) {
  for (const name of names) {
    if (!Object.hasOwn(node, name)) continue;
    const value = node[name];
    delete node[name];
    node[name] = value;
  }
}

/** Calls `action` once, `delay_ms` after the last call. */
export function debounce(action, delay_ms) {
  let timer;
  const debounced = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay_ms, ...values);
  };
  debounced.cancel = () => clearTimeout(timer);
  return debounced;
}

/** Returns true for a key that is the page's: nobody types with it, and nothing has taken it. */
export function isShortcut(event) {
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
  return !event.defaultPrevented && !hasModifier && !isEditable(event.composedPath()[0]);
}

function isEditable(node) {
  return node instanceof HTMLElement && (node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName));
}
