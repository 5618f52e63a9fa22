/* The measured evidence of picture/evidence.h as ONNX nodes. */
#ifndef BK_ONNX_EVIDENCE_GRAPH_H
#define BK_ONNX_EVIDENCE_GRAPH_H

#include "onnx/graph.h"

/* Sizes in pixels of the picture and of the lettering map (0: there is none). */
typedef struct evidence_sizes {
    int w, h, map_w, map_h;
} evidence_sizes;

/* [batch, EVIDENCE_LENGTH]  <-  pixels [batch, 3, h, w], 0 to 255, and map [batch, 1, map_h, map_w] of logits. */
value evidence_graph(graph *g, const evidence_sizes *s, value pixels, value map);

#endif
