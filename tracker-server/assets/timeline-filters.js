// The filters, under the names of the API's query parameters:
//
//     { q, action_type: [], user_id, request_id, status, environment, reference: ["name:value"],
//       created_after, created_before }
//
// A filter that is not set is absent. Times are RFC 3339 or milliseconds since the epoch, as texts.

const ONE = ["q", "user_id", "request_id", "status", "environment", "created_after", "created_before"];
const MANY = ["action_type", "reference"];

/** Only what is known and set, always in the same order, so that equal filters are equal as JSON. */
export function normalized(filters) {
  const kept = {};
  for (const name of ONE) {
    const value = filters?.[name];
    if (value !== undefined && value !== null && value !== "") kept[name] = String(value);
  }
  for (const name of MANY) {
    const values = [filters?.[name] ?? []].flat().map(String).filter(Boolean);
    if (values.length > 0) kept[name] = [...new Set(values)].sort();
  }
  return kept;
}

export function sameFilters(one, other) {
  return JSON.stringify(normalized(one)) === JSON.stringify(normalized(other));
}

/** The filters in a query string or `URLSearchParams`; other parameters are left out. */
export function filtersFromQuery(query) {
  const parameters = new URLSearchParams(query);
  const filters = {};
  for (const name of ONE) filters[name] = parameters.get(name);
  for (const name of MANY) filters[name] = parameters.getAll(name);
  return normalized(filters);
}

/** `URLSearchParams` with the filters; `others` gives parameters of the page to keep. */
export function filtersToQuery(filters, others = "") {
  const parameters = new URLSearchParams(others);
  for (const name of [...ONE, ...MANY]) parameters.delete(name);
  for (const [name, values] of Object.entries(normalized(filters))) {
    for (const value of [values].flat()) parameters.append(name, value);
  }
  return parameters;
}

/** The filters with one more value: added where there can be many, else in place of the former. */
export function withValue(filters, name, value) {
  const values = MANY.includes(name) ? [...(filters[name] ?? []), value] : value;
  return normalized({ ...filters, [name]: values });
}

export function withoutValue(filters, name, value) {
  const values = MANY.includes(name) ? (filters[name] ?? []).filter((other) => other !== value) : null;
  return normalized({ ...filters, [name]: values });
}
