import type { Display, SessionEvent } from '@code-mode/core';

/** What the page is told of Python, as it happens, in a data part of the SDK's stream. */
export type PythonPart = { runId: string } & (
  | { code: string }
  | { text: string }
  | { image: { url: string; description: string } }
);

/** Undefined for what the page does not show. */
export function pythonPart(event: SessionEvent): PythonPart | undefined {
  switch (event.type) {
    case 'run-start':
      return { runId: event.runId, code: event.code };
    case 'output':
      return { runId: event.runId, text: event.text };
    case 'display': {
      const image = imageOf(event.display);
      return image && { runId: event.runId, image };
    }
    case 'run-end': {
      const { runId, result } = event;
      if (result.status === 'failed') return { runId, text: result.error.traceback };
      if (result.status === 'interrupted') return { runId, text: result.message };
      return result.status === 'crashed' ? { runId, text: result.detail.message } : undefined;
    }
    default:
      return undefined;
  }
}

/** As a data URL for an `<img>`: a browser runs no script in there and loads nothing, so Python may draw what it likes. */
function imageOf({ data }: Display): { url: string; description: string } | undefined {
  const svg = data['image/svg+xml'];
  const png = data['image/png'] ?? (svg && Buffer.from(svg).toString('base64'));
  const type = data['image/png'] === undefined ? 'image/svg+xml' : 'image/png';
  return png === undefined
    ? undefined
    : { url: `data:${type};base64,${png}`, description: data['text/plain'] ?? 'A chart' };
}
