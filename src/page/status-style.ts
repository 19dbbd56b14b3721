/** Colours follow the browser's setting, and the layout its width. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #566273; --ground: #fff; --tile: #f3f5f8; --line: #d5dbe3;
  --good: #12743c; --starting: #8a5a00; --ill: #b42318; --first: #1f6feb; --second: #b4540a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --quiet: #9aa7b8; --ground: #12161c; --tile: #1b212a;
  --line: #323c49; --good: #5fd38d; --starting: #f0b955; --ill: #ff8a80; --first: #6ea8fe; --second: #f0a35e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
main { max-width: 80rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: .95rem; margin: 0 0 .5rem; color: var(--quiet); }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; }
.good { color: var(--good); } .starting { color: var(--starting); } .ill { color: var(--ill); }
.state { font-weight: 600; } .quiet { color: var(--quiet); font-size: .9rem; } .lost { color: var(--ill); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .5rem; padding: 0; list-style: none; }
.figures li { background: var(--tile); border-radius: .5rem; padding: .5rem .75rem; }
.figures b { display: block; font-size: 1.3rem; }
.notes { margin: .5rem 0; padding: 0 0 0 1.2rem; }
.map { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: .75rem; }
.zone { border: 1px solid var(--line); border-radius: .75rem; padding: .75rem; }
.nodes { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem; }
.nodes button { font: inherit; color: inherit; text-align: left; background: var(--tile); border: 1px solid var(--line);
  border-left: .35rem solid currentColor; border-left-color: var(--mark); border-radius: .4rem; padding: .4rem .6rem; cursor: pointer; }
.nodes .good { --mark: var(--good); } .nodes .starting { --mark: var(--starting); } .nodes .ill { --mark: var(--ill); }
.nodes button { color: var(--ink); } .nodes small { display: block; color: var(--quiet); }
.nodes button[aria-pressed=true] { outline: 2px solid var(--first); }
:focus-visible { outline: 3px solid var(--first); outline-offset: 2px; }
/* In view also below a map of many machines. */
.details section { max-height: 45vh; overflow: auto; background: var(--ground); border-top: 1px solid var(--line); padding-bottom: .5rem; }
.details { position: sticky; bottom: 0; } .details h2 { margin-top: .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; overflow-wrap: anywhere; }
dt { color: var(--quiet); } dd { margin: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
.charts section { min-width: 0; } .u-legend { font-size: .85rem; }
.events { padding: 0; list-style: none; } .events li { border-left: 2px solid var(--line); padding: .1rem .75rem; }
.events time { color: var(--quiet); margin-right: .75rem; font-variant-numeric: tabular-nums; }
.timeline { margin-top: 1rem; } .timeline ol, .timeline ul { list-style: none; padding: 0; margin: 0; }
.timeline li { display: grid; grid-template-columns: 13rem 1fr; gap: 0 .75rem; align-items: center; font-size: .9rem; overflow-wrap: anywhere; }
.timeline svg { width: 100%; height: 1.1rem; } .timeline li svg { border-bottom: 1px solid var(--line); }
.timeline rect { fill: currentColor; }
.timeline .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-bottom: .5rem; color: var(--quiet); }
.timeline .legend li { display: flex; gap: .4rem; } .timeline .legend svg { width: 1.5rem; border: 0; }
.axis { display: flex; justify-content: space-between; margin-left: 13.75rem; color: var(--quiet); font-size: .85rem; }
@media (max-width: 40rem) { .timeline li { grid-template-columns: 1fr; } .axis { margin-left: 0; } }
`;
