import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { needsTokens } from '../../contract/access.js';
import { AGENT_HEADERS, AGENT_PATHS } from '../../contract/agent-requests.js';
import { RECORDER_PASS_FILE, TOKEN_KEY_FILE } from '../../contract/machine-layout.js';
import type { ShardSpec } from '../../contract/machine-spec.js';
import { PORTS } from '../../contract/ports.js';
import { pageSettings } from '../render/refusal-page.js';
import type { Answer } from './answer.js';
import { breakoutRooms } from './breakout-rooms.js';
import { conferenceAdmission } from './conference-admission.js';
import type { Conferences } from './conferences.js';
import { keyFrom } from './key-file.js';
import { ADMITTED, admitToPage } from './page-admission.js';
import { isRecorder } from './recorder-pass.js';
import { type Hosts, hosts, type SignInMeans } from './sign-in/serve-sign-in.js';

/** nginx rejects longer requests. */
const MAX_BODY = 8 * 1024;
/** HAProxy reads 15 KB of request line and headers; the request line arrives in a header. */
const MAX_HEADERS = 32 * 1024;

/**
 * Serves nginx on loopback: conference requests, Jicofo's health, and, if meetings need tokens, whether a page may be
 * served. `means`: for `access: hosts`.
 */
export async function serveAccess(
  spec: Pick<ShardSpec, 'domain' | 'meetings' | 'logo' | 'access' | 'login' | 'recording'>,
  conferences: Conferences,
  jicofoIsAlive: () => Promise<boolean>,
  means: SignInMeans,
): Promise<Server> {
  const { domain } = spec;
  const key = needsTokens(spec.access)
    ? await keyFrom(TOKEN_KEY_FILE, { name: 'NoTokenKey', holds: 'invitations' })
    : undefined;
  const pass = spec.recording
    ? await keyFrom(RECORDER_PASS_FILE, { name: 'NoRecorderPass', holds: 'recorders' })
    : undefined;
  const withHosts: Hosts | undefined =
    spec.access === 'hosts' && key !== undefined ? await hosts(spec, key, means) : undefined;
  const page = pageSettings(spec);
  const conference = conferenceAdmission({
    domain,
    key,
    conferences,
    isBreakoutRoom: breakoutRooms(domain),
    hasStarted: withHosts?.hasStarted,
    hostPatience: means.hostPatience,
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.split('?')[0];
    const header = (name: keyof typeof AGENT_HEADERS) => String(request.headers[AGENT_HEADERS[name]] ?? '');
    if (path === AGENT_PATHS.jicofo) {
      response.writeHead((await jicofoIsAlive()) ? 200 : 503).end();
    } else if (path === AGENT_PATHS.conference && request.method === 'POST') {
      const { authorization, 'content-type': contentType, 'user-agent': browser } = request.headers;
      const recorder = isRecorder(browser, pass);
      const body = await read(request);
      const forwarded = { url: header('url'), tenant: header('tenant'), network: header('network') };
      const reply = await conference(
        { ...forwarded, authorization, contentType, body, recorder },
        new Date(),
      );
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
      response.writeHead(reply.status, headers).end(`${JSON.stringify(reply.body)}\n`);
    } else {
      const { status, headers, body } = (await pageOrSignIn(path ?? '', request)) ?? NOT_FOUND;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.writeHead(status).end(body);
    }
  };
  const pageOrSignIn = (path: string, request: IncomingMessage): Promise<Answer> | undefined => {
    const { method = '', headers } = request;
    const url = String(headers[AGENT_HEADERS.url] ?? '');
    const { cookie = '', origin = '' } = headers;
    const network = String(headers[AGENT_HEADERS.network] ?? '');
    if (path === AGENT_PATHS.page && isRecorder(headers['user-agent'], pass))
      return Promise.resolve(ADMITTED);
    if (withHosts) return withHosts.answer(path, { url, method, cookie, origin, network }, new Date());
    if (path !== AGENT_PATHS.page || key === undefined) return undefined;
    return admitToPage(url, { domain, key, page }, new Date());
  };
  const server = createServer({ maxHeaderSize: MAX_HEADERS }, (request, response) => {
    // Requests are not logged: they may contain a token.
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(PORTS.access, '127.0.0.1', () => resolve(server));
  });
}

const NOT_FOUND: Answer = { status: 404, headers: {}, body: '' };

async function read(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) throw new Error('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
