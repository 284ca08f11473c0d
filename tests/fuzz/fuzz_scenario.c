/*
 * Any bytes as a scenario: the reader says what is wrong or gives a specification, and what it
 * gives is written out and read again unchanged.
 *
 * The input is the text up to the first zero byte; what follows are values of --set, ended by zero
 * bytes. Built with libFuzzer by -Dfuzz=true, and with tests/fuzz/corpus.c to feed it a folder.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/reader/scenario.h"
#include "sim/assert.h"

#define MAX_OVERRIDES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void format(const struct scn_scenario *scenario)
{
    struct sim_text text = {0};
    scn_diagnostics_format(&scenario->diagnostics, true, &text);
    scn_diagnostics_format(&scenario->diagnostics, false, &text);
    /* Each is three lines; a mistake without any text would be no help. */
    uint32_t count = scenario->diagnostics.errors + scenario->diagnostics.warnings;
    sim_assert(NULL, (count > 0) == (text.length > 0));
    sim_text_finish(&text);
}

static void check_fixed_point(const struct scn_scenario *scenario)
{
    struct sim_text first = {0};
    struct sim_text second = {0};
    struct scn_scenario again;
    scn_scenario_write(&scenario->spec, &first);
    bool is_good = scn_scenario_read_text(&again, sim_text_get(&first), first.length, NULL);
    /* A short text may list more than a file may hold once all is written out. */
    if (!is_good && first.length > 1 << 20) {
        goto done;
    }
    sim_assert(NULL, is_good);
    scn_scenario_write(&again.spec, &second);
    sim_assert(NULL, strcmp(sim_text_get(&first), sim_text_get(&second)) == 0);
done:
    scn_scenario_finish(&again);
    sim_text_finish(&first);
    sim_text_finish(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy of its own size, so that reading past its end is seen. */
    char *text = malloc(size + 1);
    const char *overrides[MAX_OVERRIDES];
    struct scn_options options = {.overrides = overrides};
    struct scn_scenario scenario;
    if (!text) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    size_t length = strlen(text);
    size_t at = length + 1;
    while (at < size && options.override_count < MAX_OVERRIDES) {
        overrides[options.override_count++] = text + at;
        at += strlen(text + at) + 1;
    }
    if (scn_scenario_read_text(&scenario, text, length, &options)) {
        check_fixed_point(&scenario);
    }
    format(&scenario);
    scn_scenario_finish(&scenario);
    free(text);
    return 0;
}
