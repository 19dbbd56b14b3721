import { expect, it } from 'vitest';
import { render } from '../../src/node/render/index.js';
import { sampleFacts } from '../sample-facts.js';
import { bundled } from './bundle.js';
import { inDebian } from './debian-root.js';
import type { Networks } from './networks-program.js';
import { answersIn, file } from './shard.js';

/** Instead of a table of 100000 networks with 2000 open requests each. */
const [SIZE, LIMIT, OTHERS] = [100, 20, 400];
const SMALLER = `s/type ipv6 size 100k/type ipv6 size ${SIZE}/; s/sc0_conn_cur(networks) gt 2000/sc0_conn_cur(networks) gt ${LIMIT}/`;

it('a network is limited at the edge however many others send requests', async () => {
  const { all } = await inDebian(
    [
      ...render(sampleFacts()),
      file('/opt/test/program.mjs', await bundled(`import './test/integration/networks-program.ts';`)),
    ],
    `sed -i '${SMALLER}' /etc/haproxy/haproxy.cfg
grep -c 'size ${SIZE} \\|gt ${LIMIT} ' /etc/haproxy/haproxy.cfg
nginx; haproxy -D -f /etc/haproxy/haproxy.cfg
until curl -sf -o /dev/null http://127.0.0.1/convoke/health/edge; do sleep 0.05; done
node /opt/test/program.mjs ${LIMIT} ${OTHERS}`,
  );
  const { before, after, others } = answersIn<Networks>(all);
  expect(all).toMatch(/^2$/m);
  expect([before, after]).toEqual(['429', '429']);
  expect(new Set(others)).toEqual(new Set(['200']));
}, 120_000);
