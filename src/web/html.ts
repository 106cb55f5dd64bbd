/** Controls, line separators, and characters that change the direction of text or are not seen at all. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu

/** Text of strangers as HTML, for content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(UNSEEN, '\ufffd').replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
