/** Colours and arrow heads that all pictures share. */
export const STYLE = `<style>
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
