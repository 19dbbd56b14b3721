import { describe, expect, it } from 'vitest';
import { parseHocon, valueAt } from './hocon.js';
import { settings } from './settings.js';

describe('parseHocon', () => {
  it('reads the syntax of Jitsi’s packages and documentation', () => {
    const conf = parseHocon(`
      // the bridge
      videobridge {
        apis.xmpp-client.configs {
          shard {
            HOSTNAME=localhost
            DOMAIN="auth.meet.example.org"
            PORT = "5222"
            MUC_JIDS : "jvbbrewery@internal.auth.meet.example.org"
            DISABLE_CERTIFICATE_VERIFICATION = true # loopback
          }
        }
        apis { rest { enabled = true } }
        stats.interval = 1 second
      }
      ice4j { harvest { mapping { static-mappings = [
        { local-address = "10.20.0.5", public-address = "203.0.113.7", name = "ip-0" },
      ] } } }
    `);
    expect(valueAt(conf, 'videobridge.apis')).toEqual({
      'xmpp-client': {
        configs: {
          shard: {
            HOSTNAME: 'localhost',
            DOMAIN: 'auth.meet.example.org',
            PORT: '5222',
            MUC_JIDS: 'jvbbrewery@internal.auth.meet.example.org',
            DISABLE_CERTIFICATE_VERIFICATION: true,
          },
        },
      },
      rest: { enabled: true },
    });
    expect(valueAt(conf, 'videobridge.stats.interval')).toBe('1 second');
    expect(valueAt(conf, 'ice4j.harvest.mapping.static-mappings')).toEqual([
      { 'local-address': '10.20.0.5', 'public-address': '203.0.113.7', name: 'ip-0' },
    ]);
  });

  it('reads JSON, which is HOCON', () => {
    expect(
      parseHocon('{"jicofo": {"rest": {"port": 8888, "host": "a\\"b"}, "list": [1, "x", null]}}'),
    ).toEqual({
      jicofo: { rest: { port: 8888, host: 'a"b' }, list: [1, 'x', null] },
    });
  });

  it('keeps every character of a quoted secret', () => {
    expect(parseHocon('password = "a#b//c${d}=\\"e\\""')).toEqual({ password: 'a#b//c${d}="e"' });
  });

  it('lets a later line win and merges objects', () => {
    expect(parseHocon('a { b = 1, c = 2 }\na.b = 3\na { d = [1] }\na.d += 2')).toEqual({
      a: { b: 3, c: 2, d: [1, 2] },
    });
  });

  it('takes optional values from the environment', () => {
    expect(parseHocon('a = 1\na = ${?SET}\nb = 2\nb = ${?UNSET}\n', { SET: '9' })).toEqual({ a: 9, b: 2 });
  });

  it.each([
    ['a {\n b = 1\n', /line 3: a "}" is missing/],
    ['a = 1\nb c', /line 2: "=", ":" or "\{" is missing after "b"/],
    ['a =\n}', /value is missing|not expected/],
    ['a = "x', /closing quote/],
  ])('refuses %j', (text, message) => {
    expect(() => parseHocon(text)).toThrow(message);
  });
});

describe('settings', () => {
  it('converts durations to milliseconds', () => {
    const read = settings('a = 1 second\nb = 200 milliseconds\nc = 5\nd = 2 minutes');
    expect(['a', 'b', 'c', 'd', 'none'].map((path) => read.milliseconds(path, 7))).toEqual([
      1000, 200, 5, 120_000, 7,
    ]);
    expect(() => settings('a = soon').milliseconds('a', 1)).toThrow('a must be a duration');
  });
});
