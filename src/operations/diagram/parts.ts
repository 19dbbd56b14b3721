/** Parts that the diagrams of all sizes share, as Eta templates. */

/** Colours and arrow heads. */
const STYLE = `<style>
  .page { fill: #ffffff } .ink { fill: #1c2733 } .soft { fill: #5b6b7b; font-size: 12px }
  .cloud { fill: #f6f8fb; stroke: #c4ced9 } .zone { fill: #eef3f9; stroke: #b7c6d8; stroke-dasharray: 5 4 }
  .box { fill: #ffffff; stroke: #47698f; stroke-width: 1.5 } .shard { fill: #e4f2ea; stroke: #2f7d55; stroke-width: 1.5 }
  .part { fill: #ffffff; stroke: #8dbba2 } .mail { fill: #fff6e0; stroke: #c79a2b; stroke-width: 1.5 }
  .web { stroke: #2a62a8; stroke-width: 2; fill: none } .media { stroke: #b4453a; stroke-width: 2; fill: none }
  .quiet { stroke: #7d8a97; stroke-width: 1.3; fill: none; stroke-dasharray: 4 3 } .title { font-size: 17px; font-weight: 600 }
</style>
<defs>
  <marker id="web" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#2a62a8"/></marker>
  <marker id="media" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#b4453a"/></marker>
  <marker id="quiet" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#7d8a97"/></marker>
</defs>`;

/** Height in pixels of the row of recorders. */
const RECORDERS = 82;
/** The height of a diagram without recorders, and what they add, as an expression of the template. */
const heightOf = (height: number): string => `<%= it.recorders ? ${height + RECORDERS} : ${height} %>`;

/** The beginning of a diagram: the page, its title, the cloud with the VPC, and the participants. Sizes in pixels, without recorders. */
export const beginning = (width: number, height: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${heightOf(height)}" font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="14" role="img" aria-label="Architecture of <%= it.domain %>">
${STYLE}
<rect class="page" width="${width}" height="${heightOf(height)}"/>
<text class="ink title" x="28" y="36">https://<%= it.domain %>/</text>
<rect class="cloud" x="236" y="60" width="${width - 264}" height="${heightOf(height - 88)}" rx="12"/>
<text class="soft" x="252" y="82">AWS, <%= it.region %>: a VPC of its own, 10.20.0.0/16</text>

<g class="ink"><circle class="box" cx="110" cy="188" r="15"/><path class="box" d="M82 240 a28 28 0 0 1 56 0 z"/>
<text x="110" y="264" text-anchor="middle">participants</text></g>
`;

/** The load balancer of TURN and the paths through it, if the deployment has one. `x`: its left edge. `to`: the left edge of the shards. */
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

/** The row of recorders and the bucket of their files, if the deployment records. `x`, `y`: its corner. `bucket`: the bucket's left edge. `end`: its right edge. */
export const recorderBoxes = (
  x: number,
  y: number,
  bucket: number,
  end: number,
): string => `<% if (it.recorders) { %><rect class="shard" x="${x}" y="${y}" width="${bucket - 40 - x}" height="58" rx="10"/>
<text class="ink" x="${(x + bucket - 40) / 2}" y="${y + 24}" text-anchor="middle" font-weight="600">recorders: <%= it.recorders.count %></text>
<text class="soft" x="${(x + bucket - 40) / 2}" y="${y + 44}" text-anchor="middle"><%= it.recorders.type %>; Jibri, one for each recorded meeting</text>
<rect class="box" x="${bucket}" y="${y}" width="${end - bucket}" height="58" rx="8"/>
<text class="ink" x="${(bucket + end) / 2}" y="${y + 24}" text-anchor="middle">recordings</text><text class="soft" x="${(bucket + end) / 2}" y="${y + 44}" text-anchor="middle"><%= it.recorders.keep %></text>
<path class="quiet" d="M${bucket - 40} ${y + 29} H${bucket - 6}" marker-end="url(#quiet)"/>
<% } %>`;
