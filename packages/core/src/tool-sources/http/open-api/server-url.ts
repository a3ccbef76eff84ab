import { isSchema } from '../../schema-shape.ts';
import type { JsonSchema } from '../../tool.ts';

/** The first server of the most specific list that has one; https where the same server has both. */
export function serverUrl(lists: unknown[], documentUrl: string | undefined): string | undefined {
  const servers = lists.find((list) => Array.isArray(list) && list.length > 0);
  if (!Array.isArray(servers)) return documentUrl === undefined ? undefined : absoluteUrl('/', documentUrl);
  const urls = servers.filter(isSchema).map((server) => absoluteUrl(filledIn(server), documentUrl));
  const [first] = urls;
  const secure = first?.replace(/^http:/u, 'https:');
  return urls.includes(secure) ? secure : first;
}

/** Variables have the value that the document takes for the usual one. */
function filledIn({ url, variables }: JsonSchema): string {
  return String(url).replace(/\{([^{}]+)\}/gu, (whole, name: string) => {
    const variable = isSchema(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined;
    return isSchema(variable) ? String(variable.default) : whole;
  });
}

function absoluteUrl(text: string, base: string | undefined): string | undefined {
  const url = URL.parse(text, base);
  if (url === null || !/^https?:$/u.test(url.protocol) || url.username + url.password !== '') return undefined;
  return url.href;
}
