/* The answers that the tests of src/out write, by name: for the golden files, and for out_print, with which
 * other programs' readers are tried. */
#ifndef BK_TESTS_OUT_ANSWERS_H
#define BK_TESTS_OUT_ANSWERS_H

#include "bookend/bookend.h"

#define S(seconds) ((int64_t)((seconds)*1000000.0 + 0.5))
/* The time of a frame at 24000/1001. */
#define F(frame) ((int64_t)(frame)*1001000 / 24)

static const bk_answer answer_example = {
    .start_main = { S(92.480), 2312, 0.97f, BK_FOUND },
    .end_main = { S(1350.120), 33752, 0.99f, BK_FOUND },
    .duration_us = S(1440),
    .fps = 25,
    .n_segments = 3,
    .segments = { { 0, S(92.480), BK_OPENING, 0.97f },
                  { S(92.480), S(1350.120), BK_MAIN, 0.98f },
                  { S(1350.120), S(1440), BK_CREDITS, 0.99f } },
};

/* A logo that touches the titles, both after a cold open; a recap before it; a scene after the credits. */
static const bk_answer answer_cold_open = {
    .start_main = { F(3624), 3624, 0.912f, BK_FOUND },
    .end_main = { F(60000), 59999, 0.8f, BK_FOUND },
    .duration_us = F(63312),
    .fps = 24000.0 / 1001,
    .n_segments = 8,
    .segments = { { 0, F(720), BK_RECAP, 0.75f },
                  { F(720), F(1476), BK_MAIN, 0.9f },
                  { F(1476), F(1584), BK_LOGO, 0.85f },
                  { F(1584), F(3624), BK_TITLES, 0.912f },
                  { F(3624), F(60000), BK_MAIN, 0.99f },
                  { F(60000), F(62400), BK_CREDITS, 0.8f },
                  { F(62400), F(63192), BK_POST_CREDITS, 0.7f },
                  { F(63192), F(63312), BK_LOGO, 0.6f } },
};

static const bk_answer answer_half_sure = {
    .start_main = { 0, 0, 0.3f, BK_UNSURE },
    .end_main = { S(1350.120), 33752, 0.99f, BK_FOUND },
    .duration_us = S(1440),
    .fps = 25,
    .reason = "two openings are equally likely, at 0:31 and at 1:32",
};

/* What a careless finder might hand over: segments at an end of which it is not sure. */
static const bk_answer answer_unsure = {
    .start_main = { S(92.480), 2312, 0.4f, BK_UNSURE },
    .end_main = { S(1350.120), 33752, 0.4f, BK_UNSURE },
    .duration_us = S(1440),
    .fps = 25,
    .n_segments = 4,
    .segments = { { 0, S(92.480), BK_OPENING, 0.4f },
                  { S(92.480), S(1350.120), BK_MAIN, 0.4f },
                  { S(1350.120), S(1400), BK_CREDITS, 0.4f },
                  { S(1400), S(1440), BK_POST_CREDITS, 0.4f } },
    .reason = "the picture is black throughout",
};

static const bk_answer answer_nothing = {
    .start_main = { 0, 0, 0.95f, BK_NONE },
    .end_main = { 0, 0, 0.96f, BK_NONE }, /* time and frame are for the writer to fill in */
    .duration_us = S(596.458),
    .fps = 24,
    .n_segments = 1,
    .segments = { { 0, S(596.458), BK_MAIN, 0.955f } },
};

/* These two fit a video of 12 seconds, which the tests make. */
static const bk_answer answer_short = {
    .start_main = { S(2.48), 62, 0.97f, BK_FOUND },
    .end_main = { S(9.2), 229, 0.99f, BK_FOUND },
    .duration_us = S(12),
    .fps = 25,
    .n_segments = 3,
    .segments = { { 0, S(2.48), BK_OPENING, 0.97f },
                  { S(2.48), S(9.2), BK_MAIN, 0.98f },
                  { S(9.2), S(12), BK_CREDITS, 0.99f } },
};

static const bk_answer answer_short_cold = {
    .start_main = { S(3), 75, 0.97f, BK_FOUND },
    .end_main = { S(8), 199, 0.99f, BK_FOUND },
    .duration_us = S(12),
    .fps = 25,
    .n_segments = 6,
    .segments = { { 0, S(1), BK_MAIN, 0.9f },
                  { S(1), S(1.4), BK_LOGO, 0.9f },
                  { S(1.4), S(3), BK_TITLES, 0.97f },
                  { S(3), S(8), BK_MAIN, 0.98f },
                  { S(8), S(10), BK_CREDITS, 0.99f },
                  { S(10), S(12), BK_POST_CREDITS, 0.9f } },
};

/* Everything that some format gives a meaning to, bytes that are no UTF-8, and a sequence for a terminal. */
#define ODD_NAME "shows/\"a\", 50% 'b'=;#\\<&>]]>\n\t\033[2J--\xc3\xbc\xe6\xbc\xa2\xf0\x9f\x8e\xac\xff\xc3.mkv"

static const bk_report reports[] = {
    { .file = "episode.mkv", .answer = &answer_example, .model = "bookend-small", .elapsed_s = 3.21 },
    { .file = "cold open.mkv", .answer = &answer_cold_open, .model = "bookend-small", .elapsed_s = 12 },
    { .file = "half.mkv", .answer = &answer_half_sure, .model = "bookend-small", .elapsed_s = 0.5 },
    { .file = "dark.mkv", .answer = &answer_unsure, .model = "bookend-small", .elapsed_s = 0.5 },
    { .file = "bare.mkv", .answer = &answer_nothing, .model = "bookend-small", .elapsed_s = 0.5 },
    { .file = "x.mkv", .error = "x.mkv: no video stream" },
    { .file = ODD_NAME, .answer = &answer_example, .model = "a \"model\"", .elapsed_s = 1 },
    { .file = "padded.mkv", .answer = &answer_cold_open, .model = "m", .pad_start_s = 1.5, .pad_end_s = 5.25 },
    { .file = "short.mkv", .answer = &answer_short, .model = "bookend-small", .elapsed_s = 1 },
    { .file = "short.mkv", .answer = &answer_short_cold, .model = "bookend-small", .elapsed_s = 1 },
};

static const char *const report_names[] = { "example", "cold-open", "half-sure", "unsure", "nothing",
                                            "failed",  "odd-name",  "padded",    "short",  "short-cold" };

enum { REPORTS = (int)(sizeof reports / sizeof reports[0]) };

#endif
