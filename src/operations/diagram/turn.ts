/** The load balancer of TURN and the ways through it, where there is one. `x`: its left edge. `to`: where the shards begin. */
export const turnBox = (
  x: number,
  to: number,
): string => `<% if (it.turn) { %><rect class="box" x="${x}" y="256" width="188" height="56" rx="8"/>
<text class="ink" x="${x + 94}" y="280" text-anchor="middle" font-weight="600">TURN</text>
<text class="soft" x="${x + 94}" y="300" text-anchor="middle">network load balancer, TLS</text>
<path class="media" d="M146 236 C 190 262, 220 280, ${x - 6} 284" marker-start="url(#media)" marker-end="url(#media)"/>
<text class="soft" x="180" y="300" text-anchor="middle">no UDP</text>
<path class="media" d="M${x + 188} 284 H${to}" marker-end="url(#media)"/>
<% } %>`;
