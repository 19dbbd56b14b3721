import { beginning, recorderBoxes, turnBox } from './parts.js';

/** Several shards over two zones, and the group of bridges that they share. */
export const SHARDS = `${beginning(1000, 640)}
<rect class="box" x="272" y="150" width="188" height="86" rx="8"/>
<text class="ink" x="366" y="178" text-anchor="middle" font-weight="600">load balancer</text>
<text class="soft" x="366" y="198" text-anchor="middle"><%= it.certificate %>, TLS 1.2+</text>
<text class="soft" x="366" y="216" text-anchor="middle"><%= it.dns %>, 80 → 443</text>
<path class="web" d="M146 200 H266" marker-end="url(#web)"/>
<text class="soft" x="180" y="190" text-anchor="middle">HTTPS</text>

<rect class="zone" x="512" y="96" width="214" height="420" rx="10"/><text class="soft" x="526" y="116">zone a</text>
<rect class="zone" x="738" y="96" width="214" height="420" rx="10"/><text class="soft" x="938" y="116" text-anchor="end">zone b</text>
<% for (const shard of it.shards) { %><g>
<rect class="shard" x="<%= shard.x %>" y="136" width="186" height="176" rx="10"/>
<text class="ink" x="<%= shard.x + 93 %>" y="158" text-anchor="middle" font-weight="600"><%= shard.title %></text>
<text class="soft" x="<%= shard.x + 93 %>" y="175" text-anchor="middle"><%= it.type %></text>
<g text-anchor="middle">
<rect class="part" x="<%= shard.x + 12 %>" y="186" width="162" height="28" rx="6"/><text class="ink" x="<%= shard.x + 93 %>" y="205">HAProxy: room → shard</text>
<rect class="part" x="<%= shard.x + 12 %>" y="220" width="162" height="28" rx="6"/><text class="ink" x="<%= shard.x + 93 %>" y="239">nginx</text>
<rect class="part" x="<%= shard.x + 12 %>" y="254" width="78" height="28" rx="6"/><text class="ink" x="<%= shard.x + 51 %>" y="273">Prosody</text>
<rect class="part" x="<%= shard.x + 96 %>" y="254" width="78" height="28" rx="6"/><text class="ink" x="<%= shard.x + 135 %>" y="273">Jicofo</text>
<text class="soft" x="<%= shard.x + 93 %>" y="302" text-anchor="middle"><%= it.turn ? 'coturn, agent' : 'agent' %></text>
</g></g>
<% } %><path class="web" d="M460 180 H520" marker-end="url(#web)"/>
<path class="web" d="M460 166 C 540 112, 640 112, 748 146" marker-end="url(#web)"/>
<path class="quiet" d="M712 200 H752" marker-end="url(#quiet)" marker-start="url(#quiet)"/>

<rect class="shard" x="526" y="352" width="412" height="140" rx="10"/>
<text class="ink" x="732" y="376" text-anchor="middle" font-weight="600">bridges: <%= it.bridges %>, over both zones</text>
<text class="soft" x="732" y="394" text-anchor="middle"><%= it.bridgeTypes %></text>
<g text-anchor="middle"><% for (const x of [546, 676, 806]) { %>
<rect class="part" x="<%= x %>" y="408" width="116" height="34" rx="6"/><text class="ink" x="<%= x + 58 %>" y="430">Videobridge</text><% } %>
<text class="soft" x="732" y="466">each serves every shard, and leaves only drained</text></g>
<path class="quiet" d="M619 352 V316" marker-end="url(#quiet)"/><path class="quiet" d="M845 352 V316" marker-end="url(#quiet)"/>
<text class="soft" x="732" y="336" text-anchor="middle">XMPP</text>
<path class="media" d="M128 272 C 180 420, 360 470, 520 430" marker-start="url(#media)" marker-end="url(#media)"/>
<text class="soft" x="352" y="396" text-anchor="middle">media: UDP 10000</text>

${turnBox(272, 520)}<rect class="mail" x="272" y="530" width="188" height="58" rx="8"/>
<text class="ink" x="366" y="554" text-anchor="middle">mail when it breaks</text>
<text class="soft" x="366" y="574" text-anchor="middle"><%= it.alerts %></text>
<rect class="box" x="526" y="530" width="186" height="58" rx="8"/>
<text class="ink" x="619" y="554" text-anchor="middle">metrics, alarms</text><text class="soft" x="619" y="574" text-anchor="middle">CloudWatch</text>
<rect class="box" x="752" y="530" width="186" height="58" rx="8"/>
<text class="ink" x="845" y="554" text-anchor="middle">secret, files</text><text class="soft" x="845" y="574" text-anchor="middle">Secrets Manager, S3</text>
<path class="quiet" d="M540 492 C 520 520, 500 530, 466 545" marker-end="url(#quiet)"/>
<path class="quiet" d="M619 492 V524" marker-end="url(#quiet)"/><path class="quiet" d="M845 524 V498" marker-end="url(#quiet)"/>
${recorderBoxes(272, 612, 752, 938)}</svg>
`;
