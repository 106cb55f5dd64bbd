// Loaded before a program (`--import`): below the folder that MERGING_DISK names, the disk is like one formatted for Windows.
// Names that differ in case or in form are one, and those that Windows forbids are refused.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join, relative, sep } from 'node:path'

const ROOT = process.env.MERGING_DISK ?? ''
const { readdirSync } = fs

const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused
  /[<>:"|?*\\\0-\x1f]|[. ]$/

type PathFunction = (path: fs.PathLike, ...rest: never[]) => unknown

function fold(name: string): string {
  return name.normalize('NFC').toUpperCase().normalize('NFC')
}

/** The path of what the disk finds by `path`. */
function onDisk(path: fs.PathLike): fs.PathLike {
  if (typeof path !== 'string' || ROOT === '' || !path.startsWith(`${ROOT}${sep}`)) return path
  let at = ROOT
  for (const name of relative(ROOT, path).split(sep)) {
    if (FORBIDDEN.test(name)) throw refused('EINVAL', path)
    if (name.length > 255) throw refused('ENAMETOOLONG', path)
    at = join(at, namesIn(at).find(there => fold(there) === fold(name)) ?? name)
  }
  return at
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function refused(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, syscall: 'open', path })
}

function patch(module: Record<string, unknown>, names: readonly string[]): void {
  for (const name of names) {
    const original = module[name] as PathFunction
    module[name] = (path: fs.PathLike, ...rest: never[]) => original(onDisk(path), ...rest)
  }
}

function patchAsync(module: Record<string, unknown>, names: readonly string[]): void {
  for (const name of names) {
    const original = module[name] as PathFunction
    module[name] = async (path: fs.PathLike, ...rest: never[]) => await original(onDisk(path), ...rest)
  }
}

patch(fs as unknown as Record<string, unknown>, [
  'openSync',
  'lstatSync',
  'statSync',
  'mkdirSync',
  'chmodSync',
  'readdirSync',
  'existsSync',
  'readlinkSync',
])
patchAsync(fs.promises as unknown as Record<string, unknown>, [
  'open',
  'lstat',
  'stat',
  'mkdir',
  'readdir',
  'rm',
])
syncBuiltinESMExports()
