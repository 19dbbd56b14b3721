import { connect } from 'node:net';
import { HAPROXY_STATS_SOCKET } from '../contract/machine-layout.js';

/** HAProxy's answer to one command. Rejects if HAProxy does not run, or does not answer within 3 s. */
export function haproxyCommand(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(HAPROXY_STATS_SOCKET, () => socket.write(`${command}\n`));
    socket.setEncoding('utf8').setTimeout(3_000, () => socket.destroy(new Error('no answer within 3 s')));
    socket.on('data', (part: string) => {
      answer += part;
    });
    socket.once('error', reject).once('end', () => resolve(answer));
  });
}
