/**
 * The ids under which we take messages of extensions (BEP 10), each at home in a file of its own. They stay the same whichever of
 * them a torrent offers, so that no message is ever taken for another.
 */
export const ExtensionId = {
  /** BEP 11 */
  ut_pex: 1,
  /** BEP 9 */
  ut_metadata: 2,
  /** BEP 21 */
  upload_only: 3,
  /** BEP 55 */
  ut_holepunch: 4,
  /** BEP 54 */
  lt_donthave: 7,
} as const

export type ExtensionName = keyof typeof ExtensionId

export function isExtensionName(name: string): name is ExtensionName {
  return Object.hasOwn(ExtensionId, name)
}
