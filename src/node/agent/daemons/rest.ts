import type { z } from 'zod';

/** Milliseconds. A daemon on this machine answers within that, or was not seen. */
export const PATIENCE = 3_000;

/** Undefined: no answer. */
export async function get(url: string, headers: Record<string, string> = {}): Promise<Response | undefined> {
  return fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE) }).catch(() => undefined);
}

/** Undefined: no answer, or not the one that was expected. */
export async function read<T>(url: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const answer = await get(url);
  if (!answer?.ok) return undefined;
  const value: unknown = await answer.json().catch(() => undefined);
  return schema.safeParse(value).data;
}
