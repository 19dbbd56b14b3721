import { Eta } from 'eta';
import type { Deployment } from '../config/deployment.js';

/** The architecture of a deployment as an SVG document; a machine that may be in either zone is drawn across both. */
export function architecturePicture(deployment: Deployment): string {
  const eta = new Eta({ autoTrim: false });
  return eta.renderString(SOLO, {
    domain: deployment.domain,
    region: deployment.region,
    type: `${deployment.machines.cell}, Debian 13`,
    dns: deployment.dns.kind === 'route53' ? 'Route 53 alias' : 'your DNS',
    certificate: deployment.certificate ? 'your certificate' : 'ACM certificate',
    alerts: deployment.alerts,
  });
}

const SOLO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 560" font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="14" role="img" aria-label="Architecture of <%= it.domain %>">
<style>
  .page { fill: #ffffff } .ink { fill: #1c2733 } .soft { fill: #5b6b7b; font-size: 12px }
  .cloud { fill: #f6f8fb; stroke: #c4ced9 } .zone { fill: #eef3f9; stroke: #b7c6d8; stroke-dasharray: 5 4 }
  .box { fill: #ffffff; stroke: #47698f; stroke-width: 1.5 } .cell { fill: #e4f2ea; stroke: #2f7d55; stroke-width: 1.5 }
  .part { fill: #ffffff; stroke: #8dbba2 } .mail { fill: #fff6e0; stroke: #c79a2b; stroke-width: 1.5 }
  .web { stroke: #2a62a8; stroke-width: 2; fill: none } .media { stroke: #b4453a; stroke-width: 2; fill: none }
  .quiet { stroke: #7d8a97; stroke-width: 1.3; fill: none; stroke-dasharray: 4 3 } .title { font-size: 17px; font-weight: 600 }
</style>
<defs>
  <marker id="web" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#2a62a8"/></marker>
  <marker id="media" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#b4453a"/></marker>
  <marker id="quiet" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#7d8a97"/></marker>
</defs>
<rect class="page" width="920" height="560"/>
<text class="ink title" x="28" y="36">https://<%= it.domain %>/</text>
<rect class="cloud" x="236" y="60" width="656" height="472" rx="12"/>
<text class="soft" x="252" y="82">AWS, <%= it.region %>: a VPC of its own, 10.20.0.0/16</text>

<g class="ink"><circle class="box" cx="110" cy="188" r="15"/><path class="box" d="M82 240 a28 28 0 0 1 56 0 z"/>
<text x="110" y="264" text-anchor="middle">participants</text></g>

<rect class="box" x="292" y="150" width="188" height="86" rx="8"/>
<text class="ink" x="386" y="178" text-anchor="middle" font-weight="600">load balancer</text>
<text class="soft" x="386" y="198" text-anchor="middle"><%= it.certificate %>, TLS 1.2+</text>
<text class="soft" x="386" y="216" text-anchor="middle"><%= it.dns %>, 80 → 443</text>
<path class="web" d="M146 200 H286" marker-end="url(#web)"/>
<text class="soft" x="190" y="190" text-anchor="middle">HTTPS</text>

<rect class="zone" x="532" y="100" width="164" height="280" rx="10"/><text class="soft" x="546" y="120">zone a</text>
<rect class="zone" x="708" y="100" width="164" height="280" rx="10"/><text class="soft" x="858" y="120" text-anchor="end">zone b</text>
<rect class="cell" x="552" y="138" width="300" height="222" rx="10"/>
<text class="ink" x="702" y="162" text-anchor="middle" font-weight="600">cell a: a group of exactly 1</text>
<text class="soft" x="702" y="180" text-anchor="middle"><%= it.type %>, in one zone or the other</text>
<g text-anchor="middle">
<rect class="part" x="570" y="194" width="126" height="34" rx="6"/><text class="ink" x="633" y="216">HAProxy</text>
<rect class="part" x="708" y="194" width="126" height="34" rx="6"/><text class="ink" x="771" y="216">nginx</text>
<rect class="part" x="570" y="238" width="126" height="34" rx="6"/><text class="ink" x="633" y="260">Prosody</text>
<rect class="part" x="708" y="238" width="126" height="34" rx="6"/><text class="ink" x="771" y="260">Jicofo</text>
<rect class="part" x="570" y="282" width="264" height="34" rx="6"/><text class="ink" x="702" y="304">Videobridge</text>
<rect class="part" x="570" y="326" width="264" height="24" rx="6"/><text class="soft" x="702" y="343">agent</text>
</g>
<path class="web" d="M480 193 H546" marker-end="url(#web)"/>
<path class="media" d="M128 272 C 190 420, 420 440, 566 304" marker-start="url(#media)" marker-end="url(#media)"/>
<text class="soft" x="300" y="404" text-anchor="middle">media: UDP 10000</text>

<rect class="mail" x="292" y="444" width="188" height="58" rx="8"/>
<text class="ink" x="386" y="468" text-anchor="middle">mail when it breaks</text>
<text class="soft" x="386" y="488" text-anchor="middle"><%= it.alerts %></text>
<rect class="box" x="552" y="444" width="142" height="58" rx="8"/>
<text class="ink" x="623" y="468" text-anchor="middle">figures</text><text class="soft" x="623" y="488" text-anchor="middle">CloudWatch</text>
<rect class="box" x="710" y="444" width="142" height="58" rx="8"/>
<text class="ink" x="781" y="468" text-anchor="middle">secret, files</text><text class="soft" x="781" y="488" text-anchor="middle">Secrets Manager, S3</text>
<path class="quiet" d="M560 360 C 540 420, 500 420, 474 440" marker-end="url(#quiet)"/>
<path class="quiet" d="M640 360 V438" marker-end="url(#quiet)"/>
<path class="quiet" d="M781 444 V366" marker-end="url(#quiet)"/>
</svg>
`;
