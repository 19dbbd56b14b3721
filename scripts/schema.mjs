// Makes schema/convoke.schema.json from the built schema, for editors that complete and check convoke.yaml.
import { mkdirSync, writeFileSync } from 'node:fs';
import { jsonSchema } from '../dist/config/json-schema.js';

mkdirSync('schema', { recursive: true });
writeFileSync('schema/convoke.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`);
