import { spawnSync } from 'node:child_process'

/** What interop tests and the benchmark need besides the program itself. */
export const PARTNERS = [
  'libtorrent',
  'aria2',
  'transmission',
  'opentracker',
  'mktorrent',
  'namespaces',
] as const
export type Partner = (typeof PARTNERS)[number]

/** Debian's libtorrent belongs to Debian's Python, whatever other Python stands first on the path. */
export const PYTHON = '/usr/bin/python3'

const PROBES: Readonly<Record<Partner, readonly string[]>> = {
  libtorrent: [PYTHON, '-c', 'import libtorrent; assert libtorrent.version.startswith("2.")'],
  aria2: ['aria2c', '--version'],
  transmission: ['transmission-daemon', '--version'],
  opentracker: ['opentracker', '-h'],
  mktorrent: ['mktorrent', '-h'],
  // A network and small disks of the test's own: needs Linux and root.
  namespaces: ['unshare', '--net', '--mount', 'ip', 'link', 'set', 'lo', 'up'],
}

const found = new Map<Partner, boolean>()

export function hasPartner(partner: Partner): boolean {
  let isThere = found.get(partner)
  if (isThere === undefined) {
    const [program = '', ...args] = PROBES[partner]
    isThere = spawnSync(program, args, { stdio: 'ignore', timeout: 10_000 }).status === 0
    found.set(partner, isThere)
  }
  return isThere
}

/** With `TORRENT_INTEROP=required` nothing is left out: a test whose partner is missing fails. */
export const IS_INTEROP_REQUIRED = process.env.TORRENT_INTEROP === 'required'

/** For the `skip` of a test: why it cannot run here, or false where it can. */
export function without(...partners: readonly Partner[]): string | false {
  if (IS_INTEROP_REQUIRED) return false
  const missing = partners.filter(partner => !hasPartner(partner))
  return missing.length > 0 && `needs ${missing.join(' and ')}`
}
