/* --format matroska: chapters in the XML that mkvmerge and mkvpropedit take with --chapters. Each says in
 * ChapterSkipType (Matroska v5) what it is; mkvtoolnix keeps that, checked with libmatroska 1.7.1. Without a
 * chapter nothing is written, since mkvmerge refuses a list that is empty. */
#include "out/out.h"

/* The format has nanoseconds; what is known to the microsecond is not rounded. */
static void add_time(text *t, const char *element, int64_t us) {
    int64_t s = us / 1000000;
    text_addf(t, "      <%s>%02d:%02d:%02d.%06d000</%s>\n", element, (int)(s / 3600), (int)(s / 60 % 60),
              (int)(s % 60), (int)(us % 1000000), element);
}

static void add_atom(text *t, const out_timeline *line, int i) {
    static const int skip_type[] = { [OUT_STORY] = 0, [OUT_INTRO] = 1, [OUT_OUTRO] = 2, [OUT_RECAP] = 3 };
    const bk_segment *s = &line->seg[i];
    text_add(t, "    <ChapterAtom>\n");
    add_time(t, "ChapterTimeStart", s->begin_us);
    add_time(t, "ChapterTimeEnd", s->end_us);
    text_addf(t, "      <ChapterSkipType>%d</ChapterSkipType>\n", skip_type[out_role_of(line, i)]);
    text_add(t, "      <ChapterDisplay>\n");
    text_addf(t, "        <ChapterString>%s</ChapterString>\n", out_title(line, i));
    text_add(t, "        <ChapterLanguage>eng</ChapterLanguage>\n      </ChapterDisplay>\n    </ChapterAtom>\n");
}

int out_matroska(text *t, const bk_report *r, bk_error *err) {
    out_timeline line;
    out_timeline_make(&line, r);
    if (line.n == 0) return BK_OK;
    text_add(t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Chapters>\n  <EditionEntry>\n");
    for (int i = 0; i < line.n; i++) add_atom(t, &line, i);
    text_add(t, "  </EditionEntry>\n</Chapters>\n");
    return BK_OK;
}
