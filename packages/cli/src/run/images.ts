import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Display } from '@code-mode/core';
import type { Terminal } from '../terminal/terminal.ts';

export interface ImagesOptions {
  /** Where images go that the terminal cannot show. */
  folder: string;
  /** Their names: `<stem>-1.png`, with the next number that is free. */
  stem: string;
}

/** Shows images in the terminal where it can, else saves them to files that were not there before. */
export class Images {
  readonly #terminal: Terminal;
  readonly #options: ImagesOptions;
  #count = 0;

  constructor(terminal: Terminal, options: ImagesOptions) {
    this.#terminal = terminal;
    this.#options = options;
  }

  /** Says whether the display has an image. */
  async show({ data }: Display): Promise<boolean> {
    const type = Object.keys(ENDINGS).find((mimeType) => data[mimeType] !== undefined);
    if (type === undefined) return false;
    const content = data[type] ?? '';
    const inline = type === 'image/png' ? inlineImage(content, this.#terminal) : undefined;
    if (inline !== undefined) this.#terminal.stdout.write(`${inline}\n`);
    else this.#terminal.say(`Image: ${await this.#save(type, content)}`);
    return true;
  }

  async #save(type: string, content: string): Promise<string> {
    const { folder, stem } = this.#options;
    await mkdir(folder, { recursive: true });
    const bytes = type === 'image/svg+xml' ? content : Buffer.from(content, 'base64');
    for (;;) {
      const path = join(folder, `${stem}-${++this.#count}${ENDINGS[type]}`);
      try {
        await writeFile(path, bytes, { flag: 'wx' });
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }
}

const ENDINGS: Record<string, string> = {
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'image/svg+xml': '.svg',
};

/** The PNG as the terminal takes it, for those that say who they are; undefined for all others. */
function inlineImage(base64: string, { stdout, env }: Terminal): string | undefined {
  if (stdout.isTTY !== true || env.TMUX !== undefined) return undefined;
  const program = env.TERM_PROGRAM ?? '';
  if (env.KITTY_WINDOW_ID !== undefined || /kitty|ghostty/u.test(`${env.TERM} ${program}`)) return kittyImage(base64);
  if (/^(?:iTerm\.app|WezTerm)$/u.test(program)) {
    return `\u001b]1337;File=inline=1;size=${Buffer.byteLength(base64, 'base64')}:${base64}\u0007`;
  }
  return undefined;
}

/** At most 4096 characters in each piece, as the protocol has it. */
function kittyImage(base64: string): string {
  const pieces = base64.match(/.{1,4096}/gsu) ?? [];
  return pieces
    .map((piece, at) => {
      const more = at === pieces.length - 1 ? 0 : 1;
      return `\u001b_G${at === 0 ? 'a=T,f=100,' : ''}m=${more};${piece}\u001b\\`;
    })
    .join('');
}
