import { readFileSync } from 'node:fs'

/** The version in package.json. */
export function ownVersion(): string {
  const facts: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  const hasVersion = typeof facts === 'object' && facts !== null && 'version' in facts
  return hasVersion && typeof facts.version === 'string' ? facts.version : 'unknown'
}
