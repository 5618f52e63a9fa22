/* The numbers of a CLIP that its tensors' shapes do not tell: the activation, how many attention heads, how pictures
 * are normalised. For clip.c. */
#ifndef BK_MODEL_CLIP_NUMBERS_H
#define BK_MODEL_CLIP_NUMBERS_H

#include <stdbool.h>

#include "nn/vit.h"

typedef struct clip_numbers {
    int activation; /* a vit_act; CLIP_UNKNOWN before it is found */
    int heads;      /* CLIP_UNKNOWN alike */
    float mean[3], deviation[3];
    char activation_why[96], heads_why[96]; /* who said so, as part of a sentence */
    bool guessed;                           /* the activation is nothing but a guess */
} clip_numbers;

enum { CLIP_UNKNOWN = -1 };

/* Nothing known; mean and deviation are CLIP's (Radford et al., 2021). */
clip_numbers clip_numbers_none(void);

/* Fills what is unknown: from the config.json (Hugging Face) or open_clip_config.json beside the file, when it tells
 * of a network of that width and patch; else by rule. OpenAI's archives (script) use QuickGELU, and so do most
 * weights of their names; heads are of 64 numbers but in open_clip's networks of width 1280, 1408 and 1664, which
 * have 16. */
void clip_numbers_find(clip_numbers *c, const char *path, int width, int patch, bool script);

#endif
