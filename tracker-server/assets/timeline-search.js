// Search by bisection.

/**
 * Returns the index of the first item for which `holds`, or the list's length. `holds` is false for
 * the first items of the list and true for all others.
 */
export function firstIndexWhere(list, holds) {
  let from = 0;
  let to = list.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(list[middle])) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Returns that item, or `undefined`. */
export function firstWhere(list, holds) {
  return list[firstIndexWhere(list, holds)];
}
