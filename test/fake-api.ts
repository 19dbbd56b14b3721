import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Account } from '../src/cloud/account.js';
import { emulatedAccount } from '../src/rehearsal/emulated-account.js';
import { type ApiCall, callOf } from './api-proxy.js';

export interface FakeRequest extends ApiCall {
  /** Region that the request was signed for. */
  readonly region: string;
  readonly body: string;
}

export interface FakeAnswer {
  /** Default: 200. */
  readonly status?: number;
  /** An object is sent as JSON, a string as XML. Default: none. */
  readonly body?: object | string;
}

/** An AWS API whose responses a test defines, for behaviour that emulators lack, such as S3's form of refusals. */
export class FakeApi {
  readonly requests: FakeRequest[] = [];

  private constructor(private readonly server: Server) {}

  static async start(answer: (request: FakeRequest) => FakeAnswer): Promise<FakeApi> {
    const server = createServer();
    const api = new FakeApi(server);
    server.on('request', async (incoming, response) => {
      const body = await buffer(incoming);
      const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
      const request = { ...callOf(incoming, body), region, body: body.toString() };
      api.requests.push(request);
      const { status = 200, body: said = '' } = answer(request);
      const isJson = typeof said === 'object';
      response.writeHead(status, { 'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml' });
      response.end(isJson ? JSON.stringify(said) : said);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get account(): Account {
    const { port } = this.server.address() as AddressInfo;
    return emulatedAccount({
      region: 'eu-central-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'AKIAXXXXXXXXXXXXXXXX', secretAccessKey: 'x' },
    });
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
