import { beginning, recorderBoxes, turnBox } from './parts.js';

/** One machine in either zone, with everything on it. */
export const SOLO = `${beginning(920, 560)}
<rect class="box" x="292" y="150" width="188" height="86" rx="8"/>
<text class="ink" x="386" y="178" text-anchor="middle" font-weight="600">load balancer</text>
<text class="soft" x="386" y="198" text-anchor="middle"><%= it.certificate %>, TLS 1.2+</text>
<text class="soft" x="386" y="216" text-anchor="middle"><%= it.dns %>, 80 → 443</text>
<path class="web" d="M146 200 H286" marker-end="url(#web)"/>
<text class="soft" x="190" y="190" text-anchor="middle">HTTPS</text>

<rect class="zone" x="532" y="100" width="164" height="280" rx="10"/><text class="soft" x="546" y="120">zone a</text>
<rect class="zone" x="708" y="100" width="164" height="280" rx="10"/><text class="soft" x="858" y="120" text-anchor="end">zone b</text>
<rect class="shard" x="552" y="138" width="300" height="222" rx="10"/>
<text class="ink" x="702" y="162" text-anchor="middle" font-weight="600">shard a: a group of exactly 1</text>
<text class="soft" x="702" y="180" text-anchor="middle"><%= it.type %>, in one zone or the other</text>
<g text-anchor="middle">
<rect class="part" x="570" y="194" width="126" height="34" rx="6"/><text class="ink" x="633" y="216">HAProxy</text>
<rect class="part" x="708" y="194" width="126" height="34" rx="6"/><text class="ink" x="771" y="216">nginx</text>
<rect class="part" x="570" y="238" width="126" height="34" rx="6"/><text class="ink" x="633" y="260">Prosody</text>
<rect class="part" x="708" y="238" width="126" height="34" rx="6"/><text class="ink" x="771" y="260">Jicofo</text>
<rect class="part" x="570" y="282" width="264" height="34" rx="6"/><text class="ink" x="702" y="304">Videobridge</text>
<rect class="part" x="570" y="326" width="264" height="24" rx="6"/><text class="soft" x="702" y="343"><%= it.turn ? 'coturn, agent' : 'agent' %></text>
</g>
<path class="web" d="M480 193 H546" marker-end="url(#web)"/>
<path class="media" d="M128 272 C 190 420, 420 440, 566 304" marker-start="url(#media)" marker-end="url(#media)"/>
<text class="soft" x="300" y="404" text-anchor="middle">media: UDP 10000</text>

${turnBox(292, 546)}<rect class="mail" x="292" y="444" width="188" height="58" rx="8"/>
<text class="ink" x="386" y="468" text-anchor="middle">mail when it breaks</text>
<text class="soft" x="386" y="488" text-anchor="middle"><%= it.alerts %></text>
<rect class="box" x="552" y="444" width="142" height="58" rx="8"/>
<text class="ink" x="623" y="468" text-anchor="middle">metrics</text><text class="soft" x="623" y="488" text-anchor="middle">CloudWatch</text>
<rect class="box" x="710" y="444" width="142" height="58" rx="8"/>
<text class="ink" x="781" y="468" text-anchor="middle">secret, files</text><text class="soft" x="781" y="488" text-anchor="middle">Secrets Manager, S3</text>
<path class="quiet" d="M560 360 C 540 420, 500 420, 474 440" marker-end="url(#quiet)"/>
<path class="quiet" d="M640 360 V438" marker-end="url(#quiet)"/>
<path class="quiet" d="M781 444 V366" marker-end="url(#quiet)"/>
${recorderBoxes(292, 526, 710, 852)}</svg>
`;
