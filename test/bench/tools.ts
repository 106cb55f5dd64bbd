import { spawnSync } from 'node:child_process'
import { PYTHON } from '../support/partners.js'
import { PROJECT } from '../support/project.js'
import { MEASURING_PYTHON } from './measuring/measure.js'

/** What a case may need besides this project. */
export const TOOLS = ['libtorrent', 'libtorrent21', 'aria2', 'mktorrent', 'webtorrent', 'python'] as const
export type Tool = (typeof TOOLS)[number]

/** A Python that has the newest libtorrent: distributions have older ones. */
export const NEW_LIBTORRENT_PYTHON = process.env.TORRENT_BENCH_PYTHON ?? 'lt/bin/python'

interface Probe {
  readonly command: readonly string[]
  /** Finds the version in what the command prints. */
  readonly version: RegExp
  readonly install: string
}

/** Reads the version without loading WebTorrent, which looks for a native module. */
const WEBTORRENT_VERSION = `
  const { createRequire } = require('node:module')
  const path = createRequire(process.argv[1]).resolve('webtorrent')
  const folder = path.slice(0, path.lastIndexOf('webtorrent') + 'webtorrent'.length)
  console.log(JSON.parse(require('node:fs').readFileSync(folder + '/package.json', 'utf8')).version)`

const PROBES: Readonly<Record<Tool, Probe>> = {
  libtorrent: {
    command: [PYTHON, '-c', 'import libtorrent; print(libtorrent.version)'],
    version: /^(2\.[\d.]+?)(\.0)?$/m,
    install: 'apt-get install python3-libtorrent',
  },
  libtorrent21: {
    command: [NEW_LIBTORRENT_PYTHON, '-c', 'import libtorrent; print(libtorrent.version)'],
    version: /^(2\.[1-9][\d.]*?)(\.0)?$/m,
    install: 'python3 -m venv lt && lt/bin/pip install libtorrent, and TORRENT_BENCH_PYTHON=lt/bin/python',
  },
  aria2: { command: ['aria2c', '--version'], version: /version ([\d.]+)/, install: 'apt-get install aria2' },
  mktorrent: {
    command: ['mktorrent', '-h'],
    version: /mktorrent ([\d.]+)/,
    install: 'apt-get install mktorrent',
  },
  webtorrent: {
    command: [process.execPath, '-e', WEBTORRENT_VERSION, PROJECT],
    version: /^(3\.[\d.]+)/,
    install: 'npm install --no-save --ignore-scripts webtorrent@3',
  },
  python: {
    command: [MEASURING_PYTHON ?? 'python3', '--version'],
    version: /Python (3[\d.]+)/,
    install: 'apt-get install python3',
  },
}

const found = new Map<Tool, string | undefined>()

/** Undefined where it is not here. */
export function versionOf(tool: Tool): string | undefined {
  if (!found.has(tool)) found.set(tool, probe(PROBES[tool]))
  return found.get(tool)
}

/** What has to be installed first, in one line; undefined where all is here. */
export function missingFor(needs: readonly Tool[]): string | undefined {
  const missing = [...new Set(needs)].filter(tool => versionOf(tool) === undefined)
  if (missing.length === 0) return undefined
  return missing.map(tool => `needs ${tool}: ${PROBES[tool].install}`).join('; ')
}

function probe({ command, version }: Probe): string | undefined {
  const [program = '', ...args] = command
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 })
  if (error !== undefined) return undefined
  return version.exec(`${stdout}\n${stderr}`)?.[1]
}
