import { escapeHtml } from './html.js'

/** A torrent: one swarm, or the two of a hybrid that the tracker knows of. */
export interface TrackerPageTorrent {
  /** 40 hexadecimal digits; of a hybrid the v1 hash. */
  readonly infoHash: string
  /** Of a hybrid, the first 40 digits of the v2 hash. */
  readonly infoHashV2?: string
  /** If the tracker knows it. */
  readonly name?: string
  readonly seeders: number
  readonly leechers: number
  /** The number of `completed` events the tracker has received. */
  readonly downloaded: number
}

/**
 * The contents of the page, and of `/stats.json` unchanged: programs rely on the fields, which the README names. The two swarms of
 * a hybrid, if the tracker knows both, are shown as one.
 */
export interface TrackerPageModel {
  /** The announce URL. */
  readonly url: string
  readonly uptimeSeconds: number
  readonly announces: number
  readonly scrapes: number
  /** Of all swarms. */
  readonly swarms: number
  readonly seeders: number
  readonly leechers: number
  /** The torrents with the most peers, at most 100. */
  readonly largest: readonly TrackerPageTorrent[]
}

/** Longer names say no more, and push the rest off the page. */
const MAX_NAME_CHARACTERS = 120
const COUNTS = ['Seeders', 'Leechers', 'Downloaded']

// A hash is never broken: on a phone its 40 digits, 24.1 em in all, get as small as it takes.
const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d2530, #e3e8ee); --soft: light-dark(#66707c, #94a0ad);
  --line: light-dark(#e2e6eb, #2b333d); --paper: light-dark(#f6f7f9, #14181d); --card: light-dark(#fff, #1b2027);
  --accent: light-dark(#0b6bcb, #6cb2ff) }
* { box-sizing: border-box; margin: 0 }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); padding: 2.5rem 1rem }
main { max-width: 60rem; margin: auto }
h1 { font-size: 1.4rem; font-weight: 600 }
p { color: var(--soft); margin-top: .25rem }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
p code { color: var(--accent) }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 1.75rem 0 }
dl div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem }
dt { color: var(--soft); font-size: .85rem }
dd { font-size: clamp(1rem, 4.6vw, 1.35rem); font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap }
.table { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow-x: auto }
table { width: 100%; border-collapse: collapse }
th, td { padding: .6rem 1rem; text-align: left }
th { color: var(--soft); font-size: .85rem; font-weight: 500 }
td { border-top: 1px solid var(--line) }
td code { display: block; white-space: nowrap; font-size: min(.9em, (100vw - 4.2rem) / 24.5) }
bdi ~ code { color: var(--soft) }
bdi { overflow-wrap: anywhere }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.empty { padding: 2rem 1rem; text-align: center; color: var(--soft) }
@media (max-width: 36rem) {
  thead { display: none }
  tr { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .6rem 1rem }
  tr + tr { border-top: 1px solid var(--line) }
  td { padding: 0; border: 0 }
  td:first-child { flex-basis: 100% }
  .n::before { content: attr(data-label) " "; color: var(--soft); font-size: .85rem }
}`

/** The tracker as a person sees it in a browser: one page that needs nothing else, no script either. */
export function renderTrackerPage(model: TrackerPageModel): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="30">
<title>Tracker: ${count(model.swarms)} ${model.swarms === 1 ? 'swarm' : 'swarms'}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>BitTorrent tracker</h1>
<p>Announce to <code>${escapeHtml(model.url)}</code></p>
<dl>
${tile('Swarms', count(model.swarms))}
${tile('Seeders', count(model.seeders))}
${tile('Leechers', count(model.leechers))}
${tile('Announces', count(model.announces))}
${tile('Up for', duration(model.uptimeSeconds))}
</dl>
${swarmTable(model)}
</main>
</body>
</html>
`
}

function tile(label: string, value: string): string {
  return `<div><dt>${label}</dt><dd>${value}</dd></div>`
}

function swarmTable({ swarms, largest }: TrackerPageModel): string {
  if (largest.length === 0) {
    return '<div class="table"><div class="empty">Nothing is tracked yet: the first announce brings it here.</div></div>'
  }
  const note =
    swarms > largest.length ? `<p>The ${largest.length} largest of ${count(swarms)} swarms.</p>` : ''
  return `<div class="table">
<table>
<thead><tr><th>Torrent</th>${COUNTS.map(label => `<th class="n">${label}</th>`).join('')}</tr></thead>
<tbody>
${largest.map(swarmRow).join('\n')}
</tbody>
</table>
</div>
${note}`
}

function swarmRow({ infoHash, infoHashV2, name, seeders, leechers, downloaded }: TrackerPageTorrent): string {
  const hashes = [infoHash, infoHashV2 ?? []].flat().map(hash => `<code>${escapeHtml(hash)}</code>`)
  const title =
    name === undefined ? hashes.join('') : `<bdi>${escapeHtml(shorten(name))}</bdi>${hashes.join('')}`
  const numbers = [seeders, leechers, downloaded].map(
    (number, column) => `<td class="n" data-label="${COUNTS[column]}">${count(number)}</td>`,
  )
  return `<tr><td>${title}</td>${numbers.join('')}</tr>`
}

function shorten(name: string): string {
  const characters = [...name.slice(0, 2 * MAX_NAME_CHARACTERS + 2)]
  return characters.length > MAX_NAME_CHARACTERS
    ? `${characters.slice(0, MAX_NAME_CHARACTERS).join('')}…`
    : name
}

function count(number: number): string {
  return number.toLocaleString('en')
}

function duration(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  if (days > 0) return `${days} d ${hours} h`
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min` : `${seconds} s`
}
