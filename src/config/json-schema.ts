import { z } from 'zod';
import { ConvokeFile } from './schema.js';

/** The schema of `convoke.yaml` as JSON Schema, draft 2020-12, for editors. */
export function jsonSchema(): object {
  return { title: 'convoke.yaml', ...z.toJSONSchema(ConvokeFile, { io: 'input' }) };
}
