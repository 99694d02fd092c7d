// JSON whose numbers keep their digits; JavaScript's own numbers have 53 bits.

/**
 * The value of a JSON text. A number that JavaScript would change, such as 12345678901234567890, is
 * a raw one (`isRaw`), of which `JSON.stringify` makes its digits again. A browser that does not
 * tell them (Chromium before 114, Safari before 18.4) has the nearest number.
 */
export function parseJson(text) {
  return JSON.parse(text, exact);
}

export function isRaw(value) {
  return JSON.isRawJSON?.(value) ?? false;
}

function exact(_name, value, context) {
  const isChanged = typeof value === "number" && String(value) !== (context?.source ?? String(value));
  return isChanged && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
}
