import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A call of AWS's API, parsed from its request. */
export interface ApiCall {
  /** As signatures name it: `cloudformation`, `ec2`. */
  readonly service: string;
  /** `DescribeStacks`; for REST services, method and path. */
  readonly action: string;
}

/** A fault of a call. */
export type ApiFault =
  /** AWS throttles the call. */
  | 'throttled'
  /** AWS fails with 500 or 503. */
  | 'broken'
  /** The connection closes before the response; the call was not executed. */
  | 'dropped'
  /** The call is executed, but the connection closes before its response. */
  | 'unanswered'
  /** The credentials have expired. */
  | 'expired';

const SAYS: Readonly<
  Record<Exclude<ApiFault, 'dropped' | 'unanswered'>, { status: number; code: string; message: string }>
> = {
  throttled: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  broken: { status: 503, code: 'ServiceUnavailable', message: 'Service is unable to handle request.' },
  expired: {
    status: 403,
    code: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
  },
};

/** S3 has its own status and error code for throttling. */
const SLOW_DOWN = { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };

/**
 * A proxy between a program and the API of an emulated account. It lists the calls, and lets some of them fail as AWS does.
 * Signatures stay valid, because requests are passed on unchanged.
 */
export class ApiProxy {
  readonly calls: ApiCall[] = [];

  private constructor(
    private readonly server: Server,
    private readonly upstream: URL,
    /** Chooses the fault of each call; undefined passes it on. */
    public fault: (call: ApiCall, count: number) => ApiFault | undefined,
  ) {}

  static async start(
    upstream: string,
    fault: (call: ApiCall, count: number) => ApiFault | undefined = () => undefined,
  ): Promise<ApiProxy> {
    const server = createServer();
    const proxy = new ApiProxy(server, new URL(upstream), fault);
    server.on('request', (incoming, response) => {
      proxy.answer(incoming, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const call = callOf(incoming, body);
    this.calls.push(call);
    const fault = this.fault(call, this.calls.length);
    if (fault === 'dropped') return void incoming.socket.destroy();
    if (fault && fault !== 'unanswered') return refuse(incoming, response, call, fault);
    const onward = request(
      this.upstream,
      { path: incoming.url ?? '/', method: incoming.method ?? 'GET', headers: incoming.headers },
      (answer) => {
        if (fault === 'unanswered') {
          answer.resume().once('end', () => incoming.socket.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    onward.end(body);
  }
}

export function callOf({ headers, method, url = '/' }: IncomingMessage, body: Buffer): ApiCall {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  const action =
    /\.(\w+)$/.exec(String(headers['x-amz-target'] ?? ''))?.[1] ??
    /\/operation\/(\w+)$/.exec(url)?.[1] ??
    (isForm(headers) ? new URLSearchParams(body.toString()).get('Action') : undefined) ??
    `${method} ${url.split('?')[0]}`;
  return { service, action };
}

const isForm = (headers: IncomingMessage['headers']) =>
  headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;

/** An error in the protocol of the call. */
function refuse(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { service }: ApiCall,
  fault: keyof typeof SAYS,
): void {
  const { status, code, message } = service === 's3' && fault === 'throttled' ? SLOW_DOWN : SAYS[fault];
  const type = headers['content-type'] ?? '';
  if (type.includes('cbor')) {
    response.writeHead(status, { 'content-type': type, 'smithy-protocol': 'rpc-v2-cbor' });
    response.end(Buffer.concat([Buffer.of(0xa2), ...['__type', code, 'message', message].map(cborText)]));
  } else if (type.includes('json')) {
    response.writeHead(status, { 'content-type': type });
    response.end(JSON.stringify({ __type: code, message }));
  } else {
    const error = `<Code>${code}</Code><Message>${message}</Message>`;
    response.writeHead(status, { 'content-type': 'text/xml' });
    response.end(
      service === 'ec2'
        ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>r</RequestID></Response>`
        : service === 's3'
          ? `<Error>${error}</Error>`
          : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>r</RequestId></ErrorResponse>`,
    );
  }
}

/** A text of less than 256 bytes in CBOR. */
const cborText = (text: string): Buffer =>
  Buffer.concat([Buffer.of(0x78, Buffer.byteLength(text)), Buffer.from(text)]);
