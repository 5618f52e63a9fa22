#!/usr/bin/env python3
"""bookend report and detect --plot on a composed episode and on files that fail; the pages in a real browser: light,
dark and on a phone, by keyboard, without a network. TAP. usage: report.py BOOKEND"""
import glob
import html.parser
import json
import os
import subprocess
import sys
import tempfile

import browser
import tap
from tap import ok, same

VOID = {"meta", "img", "br", "rect", "polygon", "polyline"}
NAME = "a & <b>\"c\" 'd' é%20#1.mp4"  # of a film: nothing of it may act in a page


class Reader(html.parser.HTMLParser):
    """Elements that do not nest, ids given twice, references to ids that are not there."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.ids, self.wanted, self.jpegs = [], [], [], [], 0

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if len(a) != len(attrs):
            self.wrong.append(f"{tag}: an attribute twice")
        if "id" in a:
            self.ids.append(a["id"])
        if a.get("href", "").startswith("#"):
            self.wanted.append(a["href"][1:])
        self.wanted += a.get("aria-labelledby", "").split()
        self.jpegs += a.get("src", "").startswith("data:image/jpeg;base64,")
        if tag == "img" and "alt" not in a:
            self.wrong.append("img without alt")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def faults(self):
        twice = {i for i in self.ids if self.ids.count(i) > 1}
        return self.wrong + self.open + sorted(twice) + sorted(set(self.wanted) - set(self.ids))


def read(path):
    r = Reader()
    with open(path, encoding="utf-8") as f:
        r.feed(f.read())
    r.close()
    return r


def run(bookend, d, *args, cwd=None):
    return subprocess.run([bookend, *args], capture_output=True, text=True, cwd=cwd or d,
                          env={**os.environ, "XDG_CACHE_HOME": os.path.join(d, "cache")})


def make_films(bookend, d):
    """A folder with an episode of a wild name, a film without titles, and two that fail."""
    season = os.path.join(d, "season")
    os.makedirs(os.path.join(season, "sub"))
    subprocess.run([bookend, "compose", "--out", os.path.join(d, "made"), "--episodes", "1", "--seed", "11",
                    "--quiet", "--min-seconds", "60", "--max-seconds", "70", "--width", "448", "--height", "252",
                    "--fps", "12"],
                   check=True)
    os.rename(glob.glob(os.path.join(d, "made", "*.mp4"))[0], os.path.join(season, NAME))
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=12", "-c:v", "libx264",
                    os.path.join(season, "sub", "plain.mkv")], check=True)
    with open(os.path.join(season, "broken.mkv"), "wb") as f:
        f.write(b"no video at all")
    open(os.path.join(season, "empty.mp4"), "wb").close()
    return season


def test_files(bookend, d, season):
    pages = os.path.join(d, "pages")
    r = run(bookend, d, "report", "--out", pages, season)
    ok(r.returncode == 1 and "broken.mkv" in r.stderr and "empty.mp4" in r.stderr, "two inputs fail and are named",
       r.stderr)
    film = os.path.join(pages, NAME[:-4] + ".html")
    names = sorted(os.path.relpath(p, pages) for p in glob.glob(pages + "/**", recursive=True) if os.path.isfile(p))
    same(names, sorted([os.path.basename(film), "index.html", "sub/plain.html"]), "a page a film and the index")
    if not all(map(os.path.exists, (film, os.path.join(pages, "index.html")))):
        tap.done()
    for path in (film, os.path.join(pages, "sub", "plain.html"), os.path.join(pages, "index.html")):
        same(read(path).faults(), [], f"{os.path.basename(path)}: elements nest, ids are there and once")
        ok(os.path.getsize(path) < 1000000, f"{os.path.getsize(path)} bytes")
    ok(read(film).jpegs >= 18, f"{read(film).jpegs} pictures inside")
    text = open(os.path.join(pages, "index.html"), encoding="utf-8").read()
    ok(text.count("<b>Failed.</b>") == 2, "the index tells of both failures")
    again = run(bookend, d, "report", "--out", pages, "--quiet", os.path.join(season, NAME))
    ok(again.returncode == 0, "its own page is replaced", again.stderr)
    with open(film, "w", encoding="utf-8") as f:
        f.write("mine")
    mine = run(bookend, d, "report", "--out", pages, os.path.join(season, NAME))
    ok(mine.returncode == 1 and "--force" in mine.stderr and open(film, encoding="utf-8").read() == "mine",
       "a file of others is spared", mine.stderr)
    forced = run(bookend, d, "report", "--out", pages, "--force", os.path.join(season, NAME))
    ok(forced.returncode == 0, "--force replaces it", forced.stderr)
    return film, os.path.join(pages, "index.html")


def test_same_answer(bookend, d, season, film):
    """The page tells what detect tells."""
    r = run(bookend, d, "detect", "--format", "json", "--quiet", os.path.join(season, NAME))
    a = json.loads(r.stdout)
    text = open(film, encoding="utf-8").read()
    clock = lambda s: "%02d:%02d:%06.3f" % (s // 3600, s // 60 % 60, s % 60)
    for mark, word in (("start_main", "begins"), ("end_main", "ends")):
        if a[mark] is None or a[mark] in (0, a["duration"]):
            ok(f"story {word}" in text, f"{mark}: {a[mark]}")
        else:
            ok(clock(a[mark]) in text and f"frame {a[mark + '_frame']}" in text, f"{mark}: {a[mark]} is on the page")
    rules = run(bookend, d, "report", "--out", os.path.join(d, "rules"), "--decision", "notebook",
                os.path.join(season, NAME))
    page = glob.glob(os.path.join(d, "rules", "*.html"))
    ok(rules.returncode == 0 and len(page) == 1 and read(page[0]).faults() == [], "a page by the notebook's rules",
       rules.stderr)


def test_names(bookend, d, season):
    """Two films of one stem, a film called index: no page is lost."""
    here = os.path.join(d, "names")
    os.makedirs(here)
    for name in ("x.mkv", "x.mka.mkv", "x.webm", "index.mkv"):
        os.symlink(os.path.join(season, "sub", "plain.mkv"), os.path.join(here, name))
    r = run(bookend, d, "report", here, "x.mkv", "--quiet", cwd=here)
    same(sorted(n for n in os.listdir(here) if n.endswith(".html")),
         ["index.html", "index.mkv.html", "x.html", "x.mka.html", "x.mkv.html", "x.webm.html"],
         "each input has a page of its own")
    ok(r.returncode == 0, "and none failed", r.stderr)


def test_plot(bookend, d, season):
    film = os.path.join(season, "sub", "plain.mkv")
    for kind, magic in (("svg", b"<svg"), ("png", b"\x89PNG\r\n\x1a\n")):
        r = run(bookend, d, "detect", "--plot", kind, "--quiet", film)
        path = os.path.join(season, "sub", f"plain.bookend.{kind}")
        ok(r.returncode == 0 and os.path.exists(path) and open(path, "rb").read().startswith(magic), f"--plot {kind}",
           r.stderr)
        ok("story begins" in r.stdout, "and the answer as ever")
        with open(path, "w", encoding="utf-8") as f:
            f.write("mine")
        r = run(bookend, d, "detect", "--plot", kind, "--quiet", film)
        ok(r.returncode == 1 and open(path, encoding="utf-8").read() == "mine", "a file of others stays", r.stderr)
    r = run(bookend, d, "detect", "--plot", "gif", film)
    ok(r.returncode == 2 and "svg" in r.stderr, "another kind is wrong usage", r.stderr)
    r = run(bookend, d, "detect", "--plot", "svg", "--quiet", os.path.join(season, "broken.mkv"))
    ok(r.returncode == 1 and not os.path.exists(os.path.join(season, "broken.bookend.svg")), "no plot of what fails")


# ---- in the browser ------------------------------------------------------------------------------------

def contrast(b, foreground, background):
    """WCAG's contrast of two colours that the page has, by their CSS variables."""
    return b.js("""(()=>{const style=getComputedStyle(document.documentElement);
        const light=name=>{const d=document.createElement('div');d.style.color=style.getPropertyValue(name);
          document.body.append(d);
          const c=getComputedStyle(d).color.match(/[\\d.]+/g).slice(0,3).map(x=>x/255);d.remove();
          return [0.2126,0.7152,0.0722].reduce((s,k,i)=>s+k*(c[i]<=0.04045?c[i]/12.92:((c[i]+0.055)/1.055)**2.4),0)};
        const a=light('%s'),b=light('%s');
        return (Math.max(a,b)+0.05)/(Math.min(a,b)+0.05)})()""" % (foreground, background))


def look(b, path, name, **how):
    b.open(path, **how)
    width = how.get("width", 1280)
    ok(b.js("document.images.length===[...document.images].filter(i=>i.complete&&i.naturalWidth>0).length"),
       f"{name}: all {b.js('document.images.length')} pictures are decoded")
    ok(b.js("document.documentElement.scrollWidth") <= width, f"{name}: nothing to scroll sideways in {width} pixels")
    same(b.js("[...document.querySelectorAll('body *')].filter(e=>{const r=e.getBoundingClientRect();"
              "return r.width&&r.right>innerWidth+1&&!e.closest('thead,.skip-link')}).length"), 0,
         f"{name}: nothing is cut off")
    for pair in (("--ink", "--page"), ("--ink", "--card"), ("--quiet", "--page"), ("--quiet", "--card"),
                 ("--skip", "--skip-soft"), ("--story", "--story-soft"), ("--good", "--good-soft"),
                 ("--fair", "--fair-soft"), ("--poor", "--poor-soft"), ("--link", "--card")):
        c = contrast(b, *pair)
        ok(c >= 4.5, f"{name}: contrast of {pair[0]} on {pair[1]} {c:.1f}")
    same(b.complaints(), [], f"{name}: the console is silent")
    same([u for u in b.requests() if not u.startswith("file://") or not u.endswith(".html")], [],
         f"{name}: no request")


def test_keys(b, film):
    b.open(film)
    b.key("Tab", 9)
    same(b.js("document.activeElement.className"), "skip-link", "the first stop is the skip link")
    ok(b.js("document.activeElement.getBoundingClientRect().left>=0"), "which shows then")
    b.key("Enter", 13)
    ok(b.js("location.hash==='#main'&&document.activeElement.id==='main'"), "and leads to the answer")
    stops = []
    for _ in range(40):
        b.key("Tab", 9)
        stop = b.js("(()=>{const e=document.activeElement;if(e===document.body)return null;"
                    "const o=getComputedStyle(e);return [e.tagName,o.outlineStyle,parseFloat(o.outlineWidth)]})()")
        if not stop:
            break
        stops.append(stop)
    ok(len(stops) >= 4 and all(s[1] == "solid" and s[2] >= 2 for s in stops), f"{len(stops)} stops, all of them seen",
       stops)
    ok(len(stops) <= 2 + b.js("document.querySelectorAll('.sides').length"), "a strip of frames is one stop")
    frame = "document.activeElement.querySelector('img').alt"
    b.js("document.querySelector('.sides button[tabindex=\"0\"]').focus()")
    first = b.js(frame)
    b.key("ArrowRight", 39)
    second = b.js(frame)
    b.key("ArrowLeft", 37)
    ok(first != second and b.js(frame) == first, f"arrows move along: {first}; {second}")
    b.key("Enter", 13)
    ok(b.js("document.querySelector('dialog').open&&document.querySelector('dialog img').alt") == first,
       "Enter shows it large")
    b.key("ArrowRight", 39)
    same(b.js("document.querySelector('dialog img').alt"), second, "where arrows leaf through the frames")
    b.key("Escape", 27)
    # The browser first gives the focus back to the frame that opened the dialog, and tells the page of the closing later.
    closed = b.js("(async()=>{const box=document.querySelector('dialog'),there=()=>!box.open&&"
                  "document.activeElement.querySelector('img')?.alt===%s;"
                  "for(let i=0;i<100&&!there();i++)await new Promise(r=>setTimeout(r,100));return there()})()"
                  % json.dumps(second))
    ok(closed, "Escape closes, and the focus is on the frame last shown", b.js("document.activeElement.outerHTML"))
    same(b.complaints(), [], "all of that in silence")


def test_browser(film, index):
    b = browser.Browser()
    try:
        look(b, film, "light")
        same(b.js("document.querySelector('h1').textContent"), NAME, "the film's name is what it is")
        ok(b.js("getComputedStyle(document.body).backgroundColor") == "rgb(246, 247, 249)", "light is light")
        look(b, film, "dark", dark=True)
        ok(b.js("getComputedStyle(document.body).backgroundColor") == "rgb(15, 19, 24)", "dark is dark")
        ok(b.js("getComputedStyle(document.querySelector('.chart polygon')).fill") == "rgb(24, 29, 36)",
           "and so are the charts")
        look(b, film, "phone", width=390, height=844)
        ok(b.js("[...document.querySelectorAll('.edge img')].every(i=>i.getBoundingClientRect().width>290)"),
           "phone: the boundary's frames are wide")
        look(b, film, "narrow", width=320, height=640)
        look(b, index, "index")
        look(b, index, "index on a phone", width=390, height=844, dark=True)
        b.open(index)
        b.events = []
        b.js("document.querySelector('tbody a').click()")
        b.wait("Page.loadEventFired")
        same(b.js("document.querySelector('h1').textContent"), NAME, "a link of the index leads to the page")
        test_keys(b, film)
    finally:
        b.close()


def main(bookend):
    with tempfile.TemporaryDirectory() as d:
        if tap.missing("films to report on", "ffmpeg"):
            tap.done()
        season = make_films(bookend, d)
        film, index = test_files(bookend, d, season)
        test_same_answer(bookend, d, season, film)
        test_names(bookend, d, season)
        test_plot(bookend, d, season)
        if browser.PROGRAM:
            test_browser(film, index)
        else:
            tap.skip("the pages in a browser", "there is no Chromium here")
    tap.done()


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
