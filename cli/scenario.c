#include "cli/scenario.h"

#include <stdio.h>

#include "cli/cli.h"
#include "sim/arena.h"

/* What a pasted configuration is warned of fills pages; a verb that has more to say shows its
 * beginning. */
#define MOST_WARNINGS 5

static void format_warnings(const struct scn_scenario *scenario, const char *path,
                            struct sim_text *text)
{
    const struct scn_diagnostics *list = &scenario->diagnostics;
    uint32_t shown = 0;

    for (const struct scn_diagnostic *item = list->first; item && shown < MOST_WARNINGS;
         item = item->next) {
        if (item->is_warning) {
            scn_diagnostic_format(item, text);
            shown++;
        }
    }
    if (list->warnings > shown) {
        sim_text_add(text, "%u more warning%s: 'sluice check %s' shows them\n",
                     list->warnings - shown, list->warnings - shown == 1 ? "" : "s", path);
    }
}

void cli_overrides_init(struct cli_overrides *overrides, const struct cli_value *set, size_t more,
                        struct sim_arena *arena)
{
    size_t most = set->count + more;

    *overrides = (struct cli_overrides){
        .texts = (const char **)sim_arena_alloc(arena, most, sizeof(char *)),
        .origins = (const char **)sim_arena_alloc(arena, most, sizeof(char *)),
    };
    overrides->options.overrides = overrides->texts;
    overrides->options.origins = overrides->origins;
    for (size_t i = 0; i < set->count; i++) {
        cli_overrides_add(overrides, "--set", set->texts[i]);
    }
}

void cli_overrides_add(struct cli_overrides *overrides, const char *option, const char *text)
{
    size_t index = overrides->options.override_count++;

    overrides->texts[index] = text;
    overrides->origins[index] = option;
}

int cli_scenario_read(struct scn_scenario *scenario, const char *path,
                      const struct scn_options *options, bool is_brief)
{
    bool is_good = scn_scenario_read_file(scenario, path, options);
    struct sim_text text = {0};
    if (is_brief) {
        format_warnings(scenario, path, &text);
    } else {
        scn_diagnostics_format(&scenario->diagnostics, true, &text);
    }
    scn_diagnostics_format(&scenario->diagnostics, false, &text);
    fprintf(stderr, "%s%s", scenario->code == SIM_ERR_SYSTEM ? "sluice: " : "",
            sim_text_get(&text));
    sim_text_finish(&text);
    return is_good ? CLI_DONE : cli_status_of(scenario->code);
}

int cli_thresholds_read(struct study_thresholds *thresholds, const struct net_spec *spec,
                        struct sim_arena *arena)
{
    int status = CLI_DONE;

    study_thresholds_read(thresholds, spec, arena);
    for (uint32_t i = 0; i < thresholds->mistake_count; i++) {
        status = cli_fail(&thresholds->mistakes[i]);
    }
    return status;
}
