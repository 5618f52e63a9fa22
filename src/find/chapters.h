/* Chapters that a film has already, as evidence: a prior on the boundaries, and candidates for their exact frame.
 * Pure. What names mean is marks/names.c. */
#ifndef BK_FIND_CHAPTERS_H
#define BK_FIND_CHAPTERS_H

#include "find/refine.h"
#include "marks/marks.h"

/* Nats for each boundary, f32 [2, len + 1] as decide_map()'s posterior: that the opening ends at second s, that the
 * credits begin there. m->at[].kind is what the chapters' names say; a name that tells nothing leaves that boundaries
 * like to lie where a chapter begins. Every number is within +-CHAPTERS_MOST: names are wrong now and then, and clear
 * pictures weigh more. All zeros without chapters. */
void chapters_bonus(float *bonus, const marks *m, int len);

#define CHAPTERS_MOST 3.0f

/* The frame, of notes f[n], that a mark refined to `frame` is moved to: the chapter's edge nearest to it and within 3
 * s, where the picture is cut or leaves or enters black just there, and no titles stand between on the story's side
 * (side +1: the story lies after the mark). `frame` itself when there is no such edge. */
int chapters_frame(const frame_note *f, int n, int frame, int side, const marks *m);

#endif
