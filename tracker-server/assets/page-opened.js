// What stands open, as `open` in the address: the IDs of requests and activities.

/** The last ones that fit: servers and mail programs take addresses of some 2,000 characters. */
const OPEN_MAX = 20;
const CHARACTERS_MAX = 1_500;

export function openedFromQuery(query) {
  return new URLSearchParams(query).getAll("open").slice(-OPEN_MAX);
}

/** `URLSearchParams` with what stands open; `others` gives parameters of the page to keep. */
export function openedToQuery(opened, others) {
  const kept = [];
  let characters = 0;
  for (const key of opened.slice(-OPEN_MAX).reverse()) {
    characters += encodeURIComponent(key).length + "&open=".length;
    if (characters > CHARACTERS_MAX) break;
    kept.unshift(key);
  }
  const parameters = new URLSearchParams(others);
  parameters.delete("open");
  for (const key of kept) parameters.append("open", key);
  return parameters;
}
