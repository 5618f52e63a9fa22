/* Style and script of the pages: text that pages carry inside, with no address in it. */
#ifndef BK_OUT_PAGE_STYLE_H
#define BK_OUT_PAGE_STYLE_H

// clang-format off

/* Colours by role, for light and dark. Those of the charts stand in the drawing (out/chart.h) and are overruled in
 * the dark by their values. */
static const char page_style_colours[] =
    ":root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1f2937;--quiet:#566173;--line:#dde1e7;"
    "--skip:#c2410c;--skip-soft:#fff1e6;--story:#0f766e;--story-soft:#e6f6f4;--link:#1d4ed8;--focus:#1d4ed8;"
    "--good:#166534;--good-soft:#dcfce7;--fair:#854d0e;--fair-soft:#fef3c7;--poor:#991b1b;--poor-soft:#fee2e2}\n"
    "@media (prefers-color-scheme:dark){:root{--page:#0f1318;--card:#181d24;--ink:#e5e9ef;--quiet:#a3adba;"
    "--line:#303843;--skip:#fb923c;--skip-soft:#3a2314;--story:#2dd4bf;--story-soft:#10302e;--link:#8ab4ff;"
    "--focus:#8ab4ff;--good:#86efac;--good-soft:#143622;--fair:#fcd34d;--fair-soft:#3b2d0c;--poor:#fca5a5;"
    "--poor-soft:#431a1a}\n"
    ".chart [fill='#ffffff']{fill:#181d24}.chart [fill='#1f2937']{fill:#e5e9ef}.chart [stroke='#1f2937']"
    "{stroke:#e5e9ef}.chart [fill='#6b7280']{fill:#a3adba}.chart [stroke='#6b7280']{stroke:#a3adba}"
    ".chart [stroke='#e5e7eb']{stroke:#2a313b}.chart [stroke='#2563eb']{stroke:#6ea8fe}"
    ".chart [fill='#2563eb']{fill:#6ea8fe}.chart [fill='#ea580c']{fill:#fb923c}.chart [stroke='#ea580c']"
    "{stroke:#fb923c}.chart [fill='#0d9488']{fill:#2dd4bf}.chart [stroke='#0d9488']{stroke:#2dd4bf}"
    ".chart [stroke='#e11d48']{stroke:#fb7185}}\n";

static const char page_style_frame[] =
    "*{box-sizing:border-box}html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}"
    "body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,'Segoe UI',Roboto,Helvetica,Arial,"
    "sans-serif}header,main,footer{max-width:1400px;margin:0 auto;padding:0 20px}header{padding-top:22px}"
    "h1{font-size:1.6rem;line-height:1.25;margin:0;overflow-wrap:anywhere}h2{font-size:1.3rem;line-height:1.3;margin:"
    "0}"
    "h3{font-size:1rem;margin:0}p{margin:.4em "
    "0}a{color:var(--link)}.quiet,footer{color:var(--quiet);font-size:.875rem}"
    ".brand{margin:0;color:var(--quiet);font-size:.875rem}.num{font-variant-numeric:tabular-nums}"
    ".skip-link{position:absolute;left:-9999px;top:0}.skip-link:focus{left:12px;top:12px;background:var(--card);"
    "padding:8px 14px;z-index:9}:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;margin:18px 0}"
    ".chip{display:inline-block;border-radius:99px;padding:1px 10px;font-size:.8125rem;font-weight:600;white-space:"
    "nowrap;vertical-align:middle}.good{background:var(--good-soft);color:var(--good)}.fair{background:var(--fair-"
    "soft)"
    ";color:var(--fair)}.poor{background:var(--poor-soft);color:var(--poor)}"
    "footer{padding-top:4px;padding-bottom:28px}figure{margin:0}figcaption{color:var(--quiet);font-size:.875rem}"
    ".chart svg{display:block;width:100%;height:auto}.narrow{display:none}\n"
    "@media (max-width:720px){header,main,footer{padding-left:12px;padding-right:12px}.card{padding:14px 12px}"
    "h1{font-size:1.3rem}.narrow{display:block}.wide{display:none}}\n"
    "@media print{.card{break-inside:avoid}}@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}\n";

static const char page_style_film[] =
    ".answer{display:grid;grid-template-columns:1fr 1fr;gap:14px;margin:16px 0}"
    ".answer .card{margin:0;border-left:5px solid var(--story)}"
    ".answer .end{border-left:1px solid var(--line);border-right:5px solid var(--story)}"
    ".answer a{color:inherit;text-decoration:none}.answer a:hover .when{text-decoration:underline}"
    ".when{display:block;font-size:1.9rem;font-weight:700;line-height:1.25;font-variant-numeric:tabular-nums}\n"
    ".sides{display:grid;grid-template-columns:1fr 1fr;gap:4px;margin:14px 0 6px}"
    ".sides.whole{grid-template-columns:1fr}"
    ".side{padding:10px 12px 12px;min-width:0;border-radius:0 10px 10px 0}.left{border-radius:10px 0 0 10px}"
    ".all{border-radius:10px}.left h3{text-align:right}"
    ".skip{background:var(--skip-soft);border-top:4px solid var(--skip)}.skip h3{color:var(--skip)}"
    ".story{background:var(--story-soft);border-top:4px solid var(--story)}.story h3{color:var(--story)}"
    ".none{margin:8px 0;color:var(--quiet)}\n"
    /* The boundary's own frames are large and meet in the middle. */
    ".shots{list-style:none;margin:8px 0 0;padding:0;display:grid;gap:8px}"
    ".left .shots{grid-template-columns:1fr 1fr 2.15fr}.right .shots{grid-template-columns:2.15fr 1fr 1fr}"
    ".all .shots{grid-template-columns:2.15fr repeat(4,1fr)}"
    ".all.last .shots{grid-template-columns:repeat(4,1fr) 2.15fr}"
    ".few .shots{grid-template-columns:1fr 1fr}.edge{grid-row:1/span 2;grid-column:1}.left .edge{grid-column:3}"
    ".all.last .edge{grid-column:5}.shot{min-width:0;font-size:.75rem;line-height:1.3}"
    ".shot b{display:block;font-size:.8125rem}.edge{font-size:.875rem}.edge b{font-size:.9375rem}"
    ".shot button{display:block;width:100%;padding:0;margin-bottom:3px;border:0;background:none;cursor:zoom-in;"
    "border-radius:4px}.edge button{margin-bottom:7px}"
    ".shot img{display:block;width:100%;height:auto;border-radius:4px;background:#000}"
    ".story .edge img{outline:3px solid var(--story)}.skip .edge img{outline:3px solid var(--skip)}\n"
    ".charts{display:grid;grid-template-columns:1fr 1fr;gap:18px;margin-top:14px}.charts>*{min-width:0}"
    ".why{margin:16px 0 0;padding:0;list-style:none;display:grid;gap:6px}"
    ".why li{display:grid;grid-template-columns:7.2em 6.2em 1fr;gap:10px;padding-top:6px;"
    "border-top:1px solid var(--line);font-size:.9375rem}.why .chip{justify-self:start;align-self:start}"
    ".off{background:var(--page);color:var(--quiet);font-weight:400}.used{background:var(--page);color:var(--ink)}"
    ".rival{margin-top:18px;padding-top:14px;border-top:1px solid var(--line)}.rival .sides{margin-bottom:0}\n"
    "dialog{border:0;border-radius:12px;padding:12px;background:#0b0e12;color:#e5e9ef;max-width:min(96vw,1180px)}"
    "dialog::backdrop{background:rgba(0,0,0,.72)}"
    "dialog img{display:block;width:min(92vw,1150px);max-height:78vh;object-fit:contain}dialog p{margin:8px 4px 0}"
    "dialog button{font:inherit;color:inherit;background:#26303b;border:0;border-radius:8px;padding:8px 14px;"
    "margin:8px 6px 0 0;cursor:pointer}\n"
    "@media (max-width:900px){.sides,.charts{grid-template-columns:1fr}.side{border-radius:10px}"
    ".left h3{text-align:left}.charts{gap:10px}}\n"
    "@media (max-width:560px){.answer{grid-template-columns:1fr;gap:10px}.when{font-size:1.6rem}"
    ".side .shots,.all.last .shots{grid-template-columns:1fr 1fr}"
    ".side .edge,.all.last .edge{grid-column:1/-1;grid-row:auto}"
    ".why li{grid-template-columns:1fr auto;gap:2px 8px}.why li span:last-child{grid-column:1/-1}}\n";

static const char page_style_index[] =
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:9px 12px 9px 0;"
    "border-bottom:1px solid var(--line);vertical-align:top}th{font-size:.8125rem;color:var(--quiet);font-weight:600}"
    "tbody th{font-size:1rem;color:inherit;overflow-wrap:anywhere;min-width:9em}"
    "td:last-child:not([colspan]){width:36%}.failed{color:var(--poor)}"
    ".bar{display:block;width:100%;min-width:120px;height:12px;border-radius:6px;margin-top:6px}"
    ".bar .out{fill:var(--skip)}.bar .in{fill:var(--story)}.bar .doubt{fill:var(--line)}\n"
    "@media (max-width:720px){thead{position:absolute;left:-9999px}"
    "tr,tbody th,td{display:block;border:0;padding:2px 0}"
    "tr{border-bottom:1px solid var(--line);padding:10px 0}td:last-child:not([colspan]){width:auto}"
    "td[data-name]::before{content:attr(data-name) ' ';color:var(--quiet);font-size:.8125rem}}\n";

/* Arrow keys move along a strip, which is one stop of the Tab key; Enter shows a frame large, and there the arrows
 * leaf through the frames. */
static const char page_script_film[] =
    "const box=document.querySelector('dialog');let strip=[],at=0;\n"
    "const show=i=>{at=(i+strip.length)%strip.length;const b=strip[at],m=b.querySelector('img');"
    "box.querySelector('img').src=m.src;box.querySelector('img').alt=m.alt;"
    "box.querySelector('p').textContent=m.alt+' ('+(at+1)+' of '+strip.length+')'};\n"
    "for(const s of document.querySelectorAll('.sides')){const all=[...s.querySelectorAll('button')];"
    "const main=all.find(b=>b.closest('.edge')&&b.closest('.story'))||all[0];"
    "const turn=b=>{for(const x of all)x.tabIndex=x===b?0:-1};if(main)turn(main);"
    "all.forEach((b,i)=>{b.addEventListener('click',()=>{strip=all;show(i);box.showModal()});"
    "b.addEventListener('keydown',e=>{const to={ArrowRight:i+1,ArrowLeft:i-1,ArrowDown:i+1,ArrowUp:i-1,Home:0,"
    "End:all.length-1}[e.key];if(to===undefined||!all[to])return;e.preventDefault();turn(all[to]);all[to].focus()})})"
    "}\n"
    "box.addEventListener('keydown',e=>{if(e.key==='ArrowRight')show(at+1);else if(e.key==='ArrowLeft')show(at-1);"
    "else return;e.preventDefault()});\n"
    "for(const b of box.querySelectorAll('button'))b.addEventListener('click',()=>{const d=+b.value;"
    "if(d)show(at+d);else box.close()});\n"
    "box.addEventListener('close',()=>{if(strip[at])strip[at].focus()});\n";

// clang-format on

#endif
