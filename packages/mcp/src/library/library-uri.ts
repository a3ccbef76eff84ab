/** The address of a resource; the slashes of a name stay. */
export function libraryUri(kind: 'artifacts' | 'workflows', name: string): string {
  return `code-mode://${kind}/${name.split('/').map(encodeURIComponent).join('/')}`;
}

/** The name in an address. Taken from the text: a URL would resolve dots. */
export function nameIn(uri: URL): string {
  return decodeURIComponent(uri.pathname.slice(1));
}
