import { loadSource, type Source } from './load-source.js'

/** Sources that are being read while one is looked at. */
const AHEAD = 8

/** Loads sources in their order, some of them ahead of whoever goes through them. Each promise rejects as `loadSource` does. */
export function* loadAhead(
  sources: readonly string[],
): Iterable<{ readonly source: string; readonly loading: Promise<Source> }> {
  const begun: Promise<Source>[] = []
  for (const [index, source] of sources.entries()) {
    for (let next = begun.length; next < Math.min(index + AHEAD, sources.length); next++) {
      const loading = loadSource(sources[next] ?? '')
      // Whoever comes to it hears of it; nobody may.
      loading.catch(() => {})
      begun.push(loading)
    }
    const loading = begun[index]
    if (loading === undefined) return
    // A .torrent that was taken is not kept.
    delete begun[index]
    yield { source, loading }
  }
}
