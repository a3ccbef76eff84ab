/** Names of arguments that carry a credential, whatever it looks like. */
const NAMES =
  /^(?:pass(?:word|wd|phrase|code)|secret|client[-_]?secret|api[-_]?key|(?:access|auth|bearer|refresh)[-_]?token|(?:access|private|secret)[-_]?key|authorization|credentials?)$/i;

/** How the credentials of well-known services, private keys and signed tokens begin. */
const VALUES =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:sk-[\w-]{20}|sk_(?:live|test)_\w{16}|gh[opsur]_\w{30}|github_pat_\w{20}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10}|A(?:KI|SI)A[0-9A-Z]{16}|AIza[\w-]{35}|npm_\w{30}|hf_\w{30}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|bearer\s+[\w.~+/=-]{16})|:\/\/[^\s/:@]+:[^\s/@]+@/i;

/** Beyond this, looking costs more than it is worth. */
const MAX_TEXT = 4_000;
const MAX_VALUES = 200;

/** Where among the arguments something looks like a credential, e.g. `headers.Authorization`; never what it is. */
export function findCredential(args: Readonly<Record<string, unknown>>): string | undefined {
  return search(args, '', { left: MAX_VALUES });
}

function search(value: unknown, path: string, state: { left: number }): string | undefined {
  if (state.left-- <= 0) return undefined;
  if (typeof value === 'string') {
    if (value.length < 8) return undefined;
    return VALUES.test(value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) : value) ? path : undefined;
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  for (const key in value) {
    const item: unknown = (value as Record<string, unknown>)[key];
    const place = path === '' ? key : `${path}.${key}`;
    if (typeof item === 'string' && item !== '' && NAMES.test(key)) return place;
    const found = search(item, place, state);
    if (found !== undefined) return found;
  }
  return undefined;
}
