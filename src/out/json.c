/* --format json: one object a line with all that is known. Its schema is doc/answer.schema.json; scripts
 * rely on names, order and units. Times are what was measured, without safety. */
#include <math.h>

#include "out/out.h"

/* The three fields of a boundary. `none_us` and `none_frame` stand for "the story reaches the file's end". */
static void add_mark(text *t, const bk_mark *m, const char *name, int64_t none_us, int64_t none_frame) {
    const char *prefix = name[0] == 's' ? "start" : "end";
    if (m->found == BK_UNSURE) {
        text_addf(t, "\"%s\":null,\"%s_frame\":null,\"%s_confidence\":null,", name, name, prefix);
        return;
    }
    bool none = m->found == BK_NONE;
    text_addf(t, "\"%s\":", name);
    out_add_seconds(t, none ? none_us : m->time_us);
    text_addf(t, ",\"%s_frame\":%lld,\"%s_confidence\":", name, (long long)(none ? none_frame : m->frame), prefix);
    out_add_number(t, (double)m->confidence);
    text_add(t, ",");
}

static void add_segments(text *t, const bk_answer *a) {
    text_add(t, "\"segments\":[");
    for (int i = 0; i < a->n_segments; i++) {
        const bk_segment *s = &a->segments[i];
        text_addf(t, "%s{\"kind\":\"%s\",\"start\":", i ? "," : "", bk_kind_name(s->kind));
        out_add_seconds(t, s->begin_us);
        text_add(t, ",\"end\":");
        out_add_seconds(t, s->end_us);
        text_add(t, ",\"confidence\":");
        out_add_number(t, (double)s->confidence);
        text_add(t, "}");
    }
    text_add(t, "],");
}

/* The finder counts frames; its number stands where it gave one, since a varying rate has no other. */
static int64_t last_frame(const bk_answer *a) {
    if (a->end_main.frame > 0 || !(a->fps > 0)) return a->end_main.frame;
    int64_t frames = llround((double)a->duration_us / 1e6 * a->fps);
    return frames > 0 ? frames - 1 : 0;
}

static void add_answer(text *t, const bk_answer *a) {
    text_add(t, "\"duration\":");
    out_add_seconds(t, a->duration_us);
    text_add(t, ",\"fps\":");
    if (a->fps > 0)
        out_add_number(t, a->fps);
    else
        text_add(t, "null");
    text_add(t, ",");
    add_mark(t, &a->start_main, "start_main", 0, 0);
    add_mark(t, &a->end_main, "end_main", a->duration_us, last_frame(a));
    add_segments(t, a);
    if (a->start_main.found != BK_UNSURE && a->end_main.found != BK_UNSURE) return;
    text_add(t, "\"reason\":");
    text_add_json(t, a->reason[0] ? a->reason : "no reason was given");
    text_add(t, ",");
}

int out_json(text *t, const bk_report *r, bk_error *err) {
    text_add(t, "{\"file\":");
    text_add_json(t, r->file);
    text_add(t, ",");
    if (r->answer) {
        add_answer(t, r->answer);
        text_add(t, "\"model\":");
        text_add_json(t, r->model);
        text_add(t, ",\"elapsed\":");
        out_add_number(t, r->elapsed_s);
    } else {
        text_add(t, "\"error\":");
        text_add_json(t, r->error ? r->error : "no answer");
    }
    text_add(t, "}\n");
    return BK_OK;
}
