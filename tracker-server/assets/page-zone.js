// The zone of the times, as `zone` in the address: its IANA name, or an offset from UTC.

import { isZone } from "./timeline-zone.js";

/** The zone, or `null` without one that the browser knows. */
export function zoneFromQuery(query) {
  // In a query a `+` stands for a space, and no zone begins with one.
  const zone = new URLSearchParams(query).get("zone")?.replace(/^ /, "+");
  return zone && isZone(zone) ? zone : null;
}

/** `URLSearchParams` with the zone, none for `null`; `others` gives parameters to keep. */
export function zoneToQuery(zone, others) {
  const parameters = new URLSearchParams(others);
  if (zone === null) parameters.delete("zone");
  else parameters.set("zone", zone);
  return parameters;
}
