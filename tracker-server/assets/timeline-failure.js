// A failure, as the timeline shows it in place of rows.

import { Problem, isDenial } from "./timeline-client.js";
import { accessWanted, denied, failed, failureText, wrongFilter } from "./timeline-states.js";

/** Returns true if the server does not know the reader. */
export function isUnauthorized(error) {
  return error instanceof Problem && error.status === 401;
}

/** Returns true if the reader may see nothing of the project, or no longer. */
export function isRefusal(error) {
  return isUnauthorized(error) || isDenial(error);
}

/**
 * Makes the state for a failure of what was `asked`: `{ src, token, filters }`. `actions` has
 * `restart()`, `retry()`, `takeToken(token)` and `removeFilter(name)`.
 */
export function failureState(error, { src, token, filters }, actions) {
  if (isUnauthorized(error)) return accessWanted(error, src, token, actions.takeToken);
  if (isDenial(error)) return denied(error.message, actions.restart, token === null ? null : actions.takeToken);
  const { status, parameter } = error;
  const isWrongFilter = status === 400 && Object.hasOwn(filters, parameter);
  if (isWrongFilter) return wrongFilter(parameter, () => actions.removeFilter(parameter));
  return failed(failureText(error, src), actions.retry);
}
