import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, it } from 'node:test'
import { PROJECT } from './support/project.js'

const SRC = join(PROJECT, 'src')

/** Which other folders a folder may import; everything may import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  protocol: ['base'],
  engine: ['protocol', 'base'],
  dht: ['protocol', 'base'],
  sim: ['engine', 'dht', 'protocol', 'base'],
  discovery: ['dht', 'protocol', 'base'],
  web: ['protocol', 'base'],
  tracker: ['web', 'protocol', 'base'],
  client: ['discovery', 'engine', 'dht', 'protocol', 'base'],
  cli: ['client', 'discovery', 'tracker', 'web', 'engine', 'protocol', 'base'],
}

/** What a pure folder has to be given by its caller instead. */
const IMPURE: readonly [what: string, pattern: RegExp][] = [
  ['the clock', /\bDate\.now\b|\bnew Date\(\)|\bperformance\./],
  ['randomness', /\bMath\.random\b|\bcrypto\./],
  ['a timer', /\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bnextTick\b/],
  ['a promise', /\bPromise\b|\basync\b|\bawait\b/],
  ['the process', /\bprocess\./],
]

interface Import {
  readonly specifier: string
  readonly isTypeOnly: boolean
}

interface SourceFile {
  /** Below `src`, with `/`. */
  readonly path: string
  readonly text: string
  /** The text without comments. */
  readonly code: string
  readonly imports: readonly Import[]
}

/**
 * Takes comments out and, unless asked to keep them, the text of strings, but not what a template inserts.
 * Enough of a scanner for code that a formatter wrote.
 */
function strip(text: string, keepStrings: boolean): string {
  const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  return text.replace(tokens, token => {
    if (token.startsWith('/')) return ' '
    if (keepStrings) return token
    return token.startsWith('`') ? (token.match(/\$\{[^}]*\}/g) ?? []).join(' ') : "''"
  })
}

function importsOf(code: string): Import[] {
  const statement =
    /\b(?:import|export)\s+(type\b)?(?:[^'";]*?\bfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g
  return [...code.matchAll(statement)].map(([, type, from, dynamic]) => ({
    specifier: from ?? dynamic ?? '',
    isTypeOnly: type !== undefined,
  }))
}

const files: readonly SourceFile[] = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(entry => join(entry.parentPath, entry.name))
  .sort()
  .map(path => {
    const text = readFileSync(path, 'utf8')
    return {
      path: relative(SRC, path).split(sep).join('/'),
      text,
      code: strip(text, false),
      imports: importsOf(strip(text, true)),
    }
  })

/** The file in `src` that an import of `file` means; undefined for packages and the platform. */
function targetOf(file: SourceFile, { specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const absolute = resolve(SRC, dirname(file.path), specifier.replace(/\.js$/, '.ts'))
  return relative(SRC, absolute).split(sep).join('/')
}

/** The folder right below `src`; `index.ts`, the door of the package, belongs to no folder. */
function folderOf(path: string): string | undefined {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined
}

function isPure(file: SourceFile): boolean {
  const folder = folderOf(file.path)
  return folder === 'protocol' || folder === 'engine' || folder === 'dht'
}

/** A path from a file back to itself, if there is one. */
function findCycle(): string[] | undefined {
  const graph = new Map(
    files.map(file => [
      file.path,
      file.imports.flatMap(imported => targetOf(file, imported) ?? []).filter(target => target !== file.path),
    ]),
  )
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): string[] | undefined => {
    const at = trail.indexOf(path)
    if (at >= 0) return [...trail.slice(at), path]
    if (done.has(path)) return undefined
    for (const next of graph.get(path) ?? []) {
      const cycle = visit(next, [...trail, path])
      if (cycle !== undefined) return cycle
    }
    done.add(path)
    return undefined
  }
  for (const path of graph.keys()) {
    const cycle = visit(path, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

describe('the folders of src', () => {
  it('are all known', () => {
    const folders = new Set(files.flatMap(file => folderOf(file.path) ?? []))
    assert.deepEqual(
      [...folders].filter(folder => MAY_IMPORT[folder] === undefined),
      [],
    )
  })

  it('import each other in one direction only', () => {
    const wrong = files.flatMap(file => {
      const folder = folderOf(file.path)
      if (folder === undefined) return []
      return file.imports
        .map(imported => targetOf(file, imported))
        .filter(target => target !== undefined)
        .filter(target => folderOf(target) !== folder)
        .filter(target => !MAY_IMPORT[folder]?.includes(folderOf(target) ?? ''))
        .map(target => `${file.path} imports ${target}`)
    })
    assert.deepEqual(wrong, [])
  })

  for (const [module, folder] of [
    ['node:net', 'client/net/tcp/'],
    ['node:dgram', 'client/net/udp/'],
  ] as const) {
    it(`know the sockets of ${module} in one folder of the client: ${folder}`, () => {
      const wrong = files
        .filter(({ path }) => folderOf(path) === 'client' && !path.startsWith(folder))
        .filter(({ imports }) => imports.some(({ specifier }) => specifier === module))
        .map(({ path }) => path)
      assert.deepEqual(wrong, [])
    })
  }

  it('reach a session from the command line by its port alone', () => {
    const wrong = files
      .filter(({ path }) => /^cli\/(commands|transfer)\//.test(path))
      .flatMap(file =>
        file.imports
          .map(imported => targetOf(file, imported) ?? '')
          .filter(target => /^client\/(session|task\/|net\/)/.test(target))
          .map(target => `${file.path} imports ${target}`),
      )
    assert.deepEqual(wrong, [])
  })

  it('have no circle of imports between files, types included', () => {
    assert.equal(findCycle()?.join(' → '), undefined)
  })

  it('name only files that are there', () => {
    const known = new Set(files.map(file => file.path))
    const missing = files.flatMap(file =>
      file.imports
        .flatMap(imported => targetOf(file, imported) ?? [])
        .filter(target => !known.has(target))
        .map(target => `${file.path} imports ${target}`),
    )
    assert.deepEqual(missing, [])
  })
})

describe('protocol, engine and dht', () => {
  it('import nothing of the platform but types', () => {
    const wrong = files
      .filter(isPure)
      .flatMap(file =>
        file.imports
          .filter(({ specifier, isTypeOnly }) => specifier.startsWith('node:') && !isTypeOnly)
          .map(({ specifier }) => `${file.path} imports ${specifier}`),
      )
    assert.deepEqual(wrong, [])
  })

  it('have no clock, randomness, timer or promise of their own', () => {
    const wrong = files.filter(isPure).flatMap(file =>
      file.code.split('\n').flatMap(line => {
        const found = IMPURE.find(([, pattern]) => pattern.test(line))
        return found === undefined ? [] : [`${file.path} uses ${found[0]}: ${line.trim()}`]
      }),
    )
    assert.deepEqual(wrong, [])
  })
})

describe('the map of the source', () => {
  const map = readFileSync(join(SRC, 'README.md'), 'utf8')

  const PAGES: readonly [path: string, leastNames: number][] = [
    ['README.md', 50],
    ['sim/README.md', 10],
  ]
  for (const [page, leastNames] of PAGES) {
    it(`names only files and folders that are there: ${page}`, () => {
      const text = readFileSync(join(SRC, page), 'utf8')
      const named = [...text.matchAll(/`([\w./-]+(?:\.[a-z]+|\/))`/g)].map(([, path = '']) => path)
      assert.ok(named.length > leastNames)
      const isThere = (path: string) =>
        existsSync(/^(test|bin|dist)\/|^rolldown\./.test(path) ? join(PROJECT, path) : join(SRC, path))
      assert.deepEqual(
        named.filter(path => !isThere(path)),
        [],
      )
    })
  }

  it('has a line for every folder', () => {
    const folders = new Set(files.flatMap(file => folderOf(file.path) ?? []))
    assert.deepEqual(
      [...folders].filter(folder => !map.includes(`| \`${folder}/\` |`)),
      [],
    )
  })

  it('has a row for every BEP that a file begins with', () => {
    const rows = new Set([...map.matchAll(/^\| (\d+) \|/gm)].map(([, bep]) => bep))
    const lacking = files.flatMap(({ path, text }) => {
      const [first = ''] = text.split('\n', 1)
      const [, list = ''] = /^\/\/ .*?BEP ([\d, and]*\d)/.exec(first) ?? []
      return (list.match(/\d+/g) ?? []).filter(bep => !rows.has(bep)).map(bep => `${path}: BEP ${bep}`)
    })
    assert.deepEqual(lacking, [])
  })
})

describe('the scanner of imports', () => {
  it('sees each kind of import, and none in comments', () => {
    const code = `
      import a from './a.js'
      import { type b, c } from '../b.js'
      import type { d } from 'node:d'
      import './e.js'
      export { f } from './f.js'
      export type * from './g.js'
      const h = await import('./h.js')
      // import './comment.js'
      export const text = 'no import'
    `
    assert.deepEqual(importsOf(strip(code, true)), [
      { specifier: './a.js', isTypeOnly: false },
      { specifier: '../b.js', isTypeOnly: false },
      { specifier: 'node:d', isTypeOnly: true },
      { specifier: './e.js', isTypeOnly: false },
      { specifier: './f.js', isTypeOnly: false },
      { specifier: './g.js', isTypeOnly: true },
      { specifier: './h.js', isTypeOnly: false },
    ])
  })
})
