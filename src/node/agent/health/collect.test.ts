import { describe, expect, it } from 'vitest';
import { frontendSessions, parseUnitStates } from './collect.js';

describe('frontendSessions', () => {
  it('reads the current sessions of the edge', () => {
    const csv =
      '# pxname,svname,qcur,qmax,scur,smax\nedge,FRONTEND,,,12,40\nweb,local,0,0,3,9\nweb,BACKEND,0,0,3,9\n';
    expect(frontendSessions(csv)).toBe(12);
  });

  it('is undefined if there is no frontend', () => {
    expect(frontendSessions('# pxname,svname,scur\n')).toBeUndefined();
    expect(frontendSessions('')).toBeUndefined();
  });
});

describe('parseUnitStates', () => {
  it('reads what systemctl show prints for several units', () => {
    const text =
      'Id=nginx.service\nActiveState=active\n\nId=jitsi-videobridge2.service\nActiveState=failed\n';
    expect(parseUnitStates(text)).toEqual({ nginx: 'active', 'jitsi-videobridge2': 'failed' });
  });
});
