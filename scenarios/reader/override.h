#ifndef SCENARIOS_OVERRIDE_H
#define SCENARIOS_OVERRIDE_H
/*
 * `--set PATH=VALUE` and the like: a value put into the tree of a scenario before it is checked.
 *
 * PATH is `flink.KEY` (all that follows is one key, dots and all), `job.vertices.NAME.rest`,
 * `job.edges[N].rest` (from 0), or keys with dots. VALUE is YAML: `32`, `3ms`, `{exponential:
 * 3ms}`.
 */
#include <stdbool.h>

#include "scenarios/reader/tree.h"

/* Apply one override, which came by `option`; false, with a mistake reported at its place in
 * `text`, when it is none. */
bool scn_override_apply(struct sim_arena *arena, struct scn_node *root, const char *option,
                        const char *text, struct scn_diagnostics *list);

#endif
