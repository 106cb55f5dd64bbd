import { readFileSync } from 'node:fs'

/** The version of this package, as package.json has it. */
export const VERSION = readVersion()

function readVersion(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  const hasVersion = typeof file === 'object' && file !== null && 'version' in file
  return hasVersion && typeof file.version === 'string' ? file.version : 'unknown'
}
