#include "cli/scenario.h"

#include <stdio.h>

#include "cli/cli.h"

int cli_scenario_read(struct scn_scenario *scenario, const char *path, const struct cli_value *set)
{
    struct scn_options options = {0};
    if (set != NULL) {
        options.overrides = set->texts;
        options.override_count = set->count;
    }
    bool is_good = scn_scenario_read_file(scenario, path, &options);
    struct sim_text text = {0};
    scn_diagnostics_format(&scenario->diagnostics, true, &text);
    scn_diagnostics_format(&scenario->diagnostics, false, &text);
    fprintf(stderr, "%s%s", scenario->code == SIM_ERR_SYSTEM ? "sluice: " : "",
            sim_text_get(&text));
    sim_text_finish(&text);
    return is_good ? CLI_DONE : cli_status_of(scenario->code);
}
