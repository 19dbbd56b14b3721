import type { z } from 'zod';

/** Milliseconds. A local daemon that takes longer counts as not answering. */
export const REST_TIMEOUT = 3_000;

/** Undefined if there is no answer. */
export async function get(url: string, headers: Record<string, string> = {}): Promise<Response | undefined> {
  return fetch(url, { headers, signal: AbortSignal.timeout(REST_TIMEOUT) }).catch(() => undefined);
}

/** Undefined if there is no answer or it does not match the schema. */
export async function read<T>(url: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const answer = await get(url);
  if (!answer?.ok) return undefined;
  const value: unknown = await answer.json().catch(() => undefined);
  return schema.safeParse(value).data;
}
