// The looks of the link for viewers, on top of those of the timeline.

export const style = new CSSStyleSheet();

style.replaceSync(`
:host { background: none; }
.tool { display: inline-flex; align-items: center; gap: 6px; height: 32px; padding: 0 10px; border: 1px solid var(--border); border-radius: var(--radius); }
.tool:hover { border-color: var(--muted); }
.tool svg { color: var(--muted); }
dialog { width: min(480px, 100vw - 24px); max-height: calc(100dvh - 24px); overflow: auto; padding: 16px 20px 20px; background: var(--background); color: var(--text); border: 1px solid var(--border); border-radius: 10px; box-shadow: 0 12px 40px rgb(0 0 0 / 24%); }
dialog::backdrop { background: rgb(0 0 0 / 36%); }
.title { display: flex; align-items: center; justify-content: space-between; gap: 8px; margin-bottom: 4px; }
h2 { font-size: 16px; line-height: 24px; font-weight: 600; }
h3 { margin: 14px 0 4px; font-size: 13px; font-weight: 600; }
/* A text keeps its order on a page of the other direction. */
dialog p { color: var(--muted); unicode-bidi: plaintext; }
option { unicode-bidi: plaintext; }
.close { display: grid; place-items: center; width: 32px; height: 32px; margin-inline-end: -8px; border-radius: 4px; color: var(--muted); }
.close:hover { color: var(--text); background: var(--surface); }
ul { display: flex; flex-wrap: wrap; gap: 6px; margin: 0; padding: 0; list-style: none; }
.chip bdi { overflow: hidden; text-overflow: ellipsis; }
form { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: 8px; margin-top: 14px; }
label { display: grid; gap: 4px; font-weight: 600; }
select { appearance: auto; min-width: 160px; height: 32px; padding: 0 10px; background: var(--background); border: 1px solid var(--border); border-radius: var(--radius); font-weight: 400; }
dialog .said { margin-top: 12px; color: var(--text); font-weight: 500; }
.said:empty { display: none; }
.made { display: grid; gap: 8px; }
.made:not(:empty) { margin-top: 8px; }
`);
