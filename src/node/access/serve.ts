import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { ConvokeError } from '../../config/errors.js';
import type { CellSpec } from '../machine-spec.js';
import { PORTS } from '../ports.js';
import { TOKEN_KEY_FILE } from '../render/access.js';
import { logoPath } from '../render/web-settings.js';
import { type Admission, admit } from './admission.js';

/** nginx lets no longer request through. */
const LONGEST_BODY = 64 * 1024;

/** Answers nginx's questions on loopback, where meetings are for members. */
export async function serveAdmission({
  domain,
  meetings,
  logo,
}: Pick<CellSpec, 'domain' | 'meetings' | 'logo'>): Promise<Server> {
  const admission: Admission = {
    domain,
    key: await tokenKey(),
    page: { title: meetings.title, logo: logo && logoPath(logo.type), privacy: meetings.privacy },
  };
  const server = createServer(async (request, response) => {
    try {
      const { status, headers, body } = await admit(await question(request), admission, new Date());
      response.writeHead(status, headers).end(body);
    } catch {
      // Nothing of the request is logged: it holds a token.
      response.writeHead(400).end();
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(PORTS.admission, '127.0.0.1', () => resolve(server));
  });
}

async function question(request: IncomingMessage) {
  const { method = 'GET', headers } = request;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw new Error('too long');
    chunks.push(chunk);
  }
  return {
    method,
    url: String(headers['x-original-uri'] ?? '/'),
    authorization: headers.authorization,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

async function tokenKey(): Promise<string> {
  return readFile(TOKEN_KEY_FILE, 'utf8').catch((cause: unknown) => {
    throw new ConvokeError('NoTokenKey', {
      what: `${TOKEN_KEY_FILE} cannot be read.`,
      why: 'It holds the key of invitations, and is written at provisioning and at boot.',
      now: 'Look at its permissions; a machine that lacks it is best replaced.',
      cause,
    });
  });
}
