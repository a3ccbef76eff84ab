/** Variables of a host process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a command: what commands need to find their way on this machine, and nothing of what else the host
 * was started with, for that is often a secret.
 * @param passed names of further variables of the host that commands get
 * @param own variables of this command
 */
export function commandEnvironment(
  host: Environment,
  passed: readonly string[],
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = new Set([...usual, ...passed, ...Object.keys(host).filter((name) => name.startsWith('LC_'))]);
  const inherited = [...names].flatMap((name): [string, string][] => {
    const value = host[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(inherited), ...own };
}

/** Where programs and files are, whose they are, language and time zone, and the way to the network. */
const usual = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TMP', 'TEMP'],
  ...['LANG', 'LANGUAGE', 'TZ', 'TERM', 'NO_COLOR'],
  ...['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'],
];
