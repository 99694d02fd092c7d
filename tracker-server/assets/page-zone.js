// The zone of the times, as `zone` in the address: its IANA name.

/** The zone, or `null` without one. */
export function zoneFromQuery(query) {
  return new URLSearchParams(query).get("zone");
}

/** `URLSearchParams` with the zone, none for `null`; `others` gives parameters to keep. */
export function zoneToQuery(zone, others) {
  const parameters = new URLSearchParams(others);
  if (zone === null) parameters.delete("zone");
  else parameters.set("zone", zone);
  return parameters;
}
