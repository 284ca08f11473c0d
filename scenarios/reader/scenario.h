#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H
/*
 * Scenario files: YAML text in, a checked specification with every default filled in out.
 *
 * The reader reports all mistakes that it finds, with their places, in scenario->diagnostics; and
 * warnings for what is fine but perhaps not what was meant (a key that the chosen Flink ignores, a
 * feature that is not simulated yet). It never crashes or hangs on any input and takes no memory
 * before the limits of models/spec.h are checked.
 *
 *     struct scn_scenario scenario;
 *     if (!scn_scenario_read_file(&scenario, "pipeline.yaml", NULL)) {
 *         scn_diagnostics_format(&scenario.diagnostics, false, &text); ...
 *     }
 *     scn_scenario_finish(&scenario);
 */
#include <stdbool.h>
#include <stddef.h>

#include "models/spec.h"
#include "scenarios/reader/diagnostics.h"
#include "sim/error.h"
#include "sim/text.h"

struct scn_options {
    const char *const *overrides; /* "PATH=VALUE", later ones go before earlier ones */
    size_t override_count;
    const char *const *origins; /* the option that each came by, for messages; NULL: "--set" */
    const char *label;          /* what a text is called in messages; "scenario" when NULL */
    const char *directory;      /* where the files that a text names are; NULL: it may name none */
};

struct scn_scenario {
    struct sim_arena *arena; /* of everything here */
    struct net_spec spec;    /* only after success */
    struct scn_diagnostics diagnostics;
    enum sim_err_code
        code; /* of a failure: SIM_ERR_INPUT, or SIM_ERR_SYSTEM for an unreadable file */
};

/*
 * Read a file, or a text. `options` may be NULL. False when there was at least one mistake; then
 * scenario->diagnostics has them. Either way the caller calls scn_scenario_finish().
 */
bool scn_scenario_read_file(struct scn_scenario *scenario, const char *path,
                            const struct scn_options *options);
bool scn_scenario_read_text(struct scn_scenario *scenario, const char *text, size_t length,
                            const struct scn_options *options);

void scn_scenario_finish(struct scn_scenario *scenario);

/*
 * Append a specification as a scenario with every default written out. It reads back to the same
 * specification; values of empirical distributions stand in it, so that it needs no other file.
 */
void scn_scenario_write(const struct net_spec *spec, struct sim_text *text);

#endif
