// Bundles the compiled program and its dependencies into a few CommonJS files, `dist/bundle/`: see "How it starts" in
// src/README.md.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { BuildOptions, Plugin } from 'rolldown'

const OUT = resolve('dist/bundle')

/** The module of a thread. It is bundled apart, as one file: a thread shares no memory with the program, and so no module. */
const WORKER = resolve('dist/src/client/disk/worker/main.js')

/**
 * Files of the program, each with what its modules import, unless a file further up in this list has that. So a command loads
 * few files, and little in them that it does not use.
 */
const FILES: readonly [name: string, modules: RegExp][] = [
  ['version', /[\\/]src[\\/]base[\\/]version\.js$/],
  ['start', /[\\/]src[\\/]cli[\\/]command-line\.js$/],
  [
    'read',
    /[\\/]src[\\/](cli[\\/](command-context|torrents[\\/](load-torrent|read-magnet|torrent-facts))|client[\\/](digests|in-turns)|protocol[\\/](magnet|metainfo[\\/]parse))\.js$/,
  ],
  ['picture', /[\\/]src[\\/]cli[\\/]view[\\/]torrent-picture\.js$/],
  [
    'common',
    /[\\/]src[\\/](base|cli[\\/](output|torrents[\\/](?!fetch-|web-source))|discovery[\\/](system-failures|http[\\/](http-address|http-error|status-reason))|protocol[\\/](bencode|metainfo))/,
  ],
  ['view', /[\\/]src[\\/]cli[\\/]view[\\/](?!bars-view|plain-view)/],
  ['disk', /[\\/]src[\\/]client[\\/](check-content|claims|create|disk)/],
  ['http', /[\\/]src[\\/]discovery[\\/]http[\\/]http-get\.js$/],
  ['swarm', /[\\/]src[\\/](engine|client|discovery|cli[\\/](session|transfer))[\\/](?!on-complete)/],
]

/** Takes the maps that the compiler wrote along, so that those of the bundle lead to `src/`. */
function compiledSources(): Plugin {
  return {
    name: 'compiled-sources',
    load: {
      filter: { id: /[\\/]dist[\\/]src[\\/].*\.js$/ },
      handler: id => ({ code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') }),
    },
  }
}

/**
 * Rewrites what a module finds by its own address (`import.meta.url`): the module of a thread lies beside it, another file is named as it lies from
 * the bundle, and a package that is required on demand is bundled as well.
 */
function ownAddress(): Plugin {
  return {
    name: 'own-address',
    transform: {
      filter: { code: 'import.meta.url' },
      handler(code, id, { magicString }) {
        if (magicString === undefined) throw new Error('experimental.nativeMagicString is off')
        magicString.replaceAll('createRequire(import.meta.url)', 'require')
        for (const [, path = ''] of code.matchAll(/new URL\('([^']+)', import\.meta\.url\)/g)) {
          const file = resolve(dirname(id), path)
          magicString.replace(
            path,
            file === WORKER ? './worker.cjs' : relative(OUT, file).replaceAll('\\', '/'),
          )
        }
        return { code: magicString }
      },
    },
  }
}

/** What is bundled of undici. Its index adds fetch, WebSocket, caches and mocks: 110 modules of 1.1 MB in place of 25 of 0.25 MB. */
const UNDICI = `
  const Dispatcher = require('undici/lib/dispatcher/dispatcher.js')
  Dispatcher.prototype.request = require('undici/lib/api/api-request.js')
  exports.Agent = require('undici/lib/dispatcher/agent.js')
  exports.errors = require('undici/lib/core/errors.js')
`

/** What undici needs for HTTP/2 and for bodies of requests, and we never ask for. */
const UNUSED = /[\\/]undici[\\/]lib[\\/](dispatcher[\\/]client-h2|web[\\/]fetch[\\/]body)\.js$/

/** Leaves out what packages load and this program does not use. */
function usedParts(): Plugin {
  const undici = resolve('src/undici.cjs')
  const spawner = resolve('src/child-process.cjs')
  return {
    name: 'used-parts',
    resolveId: {
      filter: { id: /^(undici|node:child_process)$/ },
      handler(id, importer = '') {
        if (id === 'undici') return undici
        return importer.includes('commander') ? spawner : null
      },
    },
    load: {
      filter: { id: [undici, spawner, UNUSED] },
      handler(id) {
        if (id === undici) return UNDICI
        // Only for commands that are programs of their own, which ours are not.
        if (id === spawner) return `exports.spawn = (...args) => require('node:child_process').spawn(...args)`
        return `module.exports = () => { throw new Error('not in this bundle') }`
      },
    },
  }
}

/** Writes the licences of all packages in the bundle beside it. */
function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap(file => (file.type === 'chunk' ? file.moduleIds : []))
      const folders = new Set(modules.flatMap(id => packageFolder(id) ?? []))
      const source = [...folders].sort().map(licenceOf).join('\n')
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENSES.txt', source })
    },
  }
}

/** The folder of the package that a module belongs to; undefined for our own. */
function packageFolder(id: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0]
}

function licenceOf(folder: string): string {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (license === undefined) throw new Error(`${name} is bundled, and states no licence`)
  const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
  const text =
    file === undefined
      ? `Copyright (c) ${author.name ?? author} (the package has no licence file of its own)`
      : readFileSync(join(folder, file), 'utf8').trim()
  return `${name} ${version} (${license})\n\n${text}\n\n${'-'.repeat(80)}\n`
}

const COMMON = {
  platform: 'node',
  logLevel: 'warn',
  experimental: { nativeMagicString: true },
  plugins: [compiledSources(), ownAddress(), usedParts()],
} satisfies BuildOptions

const OUTPUT = {
  dir: OUT,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  comments: { legal: true, jsdoc: false },
  sourcemap: true,
  sourcemapExcludeSources: true,
} satisfies BuildOptions['output']

const bundles: BuildOptions[] = [
  {
    ...COMMON,
    plugins: [...COMMON.plugins, licences()],
    input: { main: 'dist/src/cli/main.js', index: 'dist/src/index.js' },
    output: {
      ...OUTPUT,
      cleanDir: true,
      codeSplitting: {
        groups: FILES.map(([name, test], index) => ({ name, test, priority: FILES.length - index })),
      },
    },
  },
  { ...COMMON, input: { worker: WORKER }, output: { ...OUTPUT, codeSplitting: false } },
]
export default bundles
