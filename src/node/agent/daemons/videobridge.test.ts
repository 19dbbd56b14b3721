import { expect, it } from 'vitest';
import { parseConference } from './videobridge.js';

it.each([
  ['release 10888', 'SERVER'],
  ['later releases', '"server"'],
])('reads what Videobridge of %s answers about a new endpoint', (_, role) => {
  const sctp = `{"role":${role},"port":5000}`;
  const answer = `{"endpoints":[{"id":"1a2b3c4d","transport":{"transport":{"candidates":[]},"sctp":${sctp}}}]}`;
  expect(parseConference(answer)).toMatchObject({ endpoints: [{ transport: { sctp: { port: 5000 } } }] });
});
