/*
 * Any bytes as a trace to replay: it is followed, or it differs, or it is told that it is no trace.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/assert.h"
#include "sim/text.h"
#include "studies/replay.h"
#include "tests/support/temporary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct temporary file;
    struct study_replay_report report = {0};
    struct sim_text text = {0};
    struct sim_err err = {0};
    if (!temporary_make(&file, data, size)) {
        return 0;
    }
    if (study_replay_file(file.path, &report, &err)) {
        study_replay_format(&report, &text);
        sim_assert(NULL, text.length > 0);
    } else {
        sim_assert(NULL, err.code != SIM_ERR_NONE && err.text[0] != '\0');
    }
    study_replay_report_finish(&report);
    sim_text_finish(&text);
    temporary_remove(&file);
    return 0;
}
