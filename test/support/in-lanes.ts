/**
 * Starts the work for every item, one after the other in each of so many lanes; answers the promises in the order of
 * the items. One that fails holds up nobody behind it.
 */
export function inLanes<T, R>(
  lanes: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R>[] {
  const ends: Promise<unknown>[] = []
  return items.map((item, index) => {
    const before = ends[index % lanes] ?? Promise.resolve()
    const done = before.then(() => work(item))
    ends[index % lanes] = done.catch(() => {}) // whoever asked is told
    return done
  })
}
